//! How long the suite waits: for calls to end, and for changes to take effect.

use std::time::Duration;

use pinning_keys_core::{Credential, IssuedKey, Verification};
use tokio::time::{Instant, sleep, timeout};

use crate::Harness;
use crate::bench::Bench;
use crate::case::Stop;

/// What a call may take beyond its deadline where the clock stands still, so that nothing but the
/// adapter takes time.
const STILL: Duration = Duration::from_millis(50);

/// The least that it may take beyond its deadline where the machine can be busy.
const BUSY: Duration = Duration::from_secs(5);

/// How long a call is waited for after one of its kind has not ended: the run is red already.
const SHORTLY: Duration = Duration::from_secs(5);

/// When a call counts as one that does not end.
pub(crate) fn end_of(harness: &dyn Harness, deadline: Duration) -> Duration {
    let grace = if harness.pauses_clock() { STILL } else { deadline.max(BUSY) };
    deadline.saturating_add(grace)
}

/// Tries again until a change has had its time.
pub(crate) struct Patience {
    began: Instant,
    limit: Duration,
}

impl Patience {
    /// Waits a little; `false` where the time is over.
    pub(crate) async fn again(&mut self) -> bool {
        let left = self.limit.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        let step = (self.limit / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        sleep(step.min(left)).await;
        true
    }

    /// Why it is a failure that something is so still, after its time is over.
    pub(crate) fn over(&self, since: &str, state: &str) -> Stop {
        Stop::failed(if self.limit.is_zero() {
            format!(
                "right after {since} {state}; neither profile nor harness gives changes time to \
                 take effect"
            )
        } else {
            format!("{:?} after {since} {state}", self.limit)
        })
    }
}

impl Bench<'_> {
    /// How long a change may take to take effect.
    pub(crate) fn patience(&self) -> Patience {
        let told = self.harness().propagation();
        let limit = told.unwrap_or_else(|| self.profile().propagation());
        Patience { began: Instant::now(), limit }
    }

    /// Waits until whatever was changed has taken effect.
    pub(crate) async fn settle(&self) {
        let mut patience = self.patience();
        while patience.again().await {}
    }

    /// Waits until the provider says that the credential works.
    pub(crate) async fn wait_until_live(&self, credential: &Credential) -> Result<(), Stop> {
        let mut patience = self.patience();
        loop {
            let said = self.verify(credential).await?;
            if said == Verification::Live {
                return Ok(());
            }
            if !patience.again().await {
                return Err(patience.over("it was made", &format!("it is {said:?}")));
            }
        }
    }

    /// Waits until the provider says that the credential does not work, and what it says then.
    pub(crate) async fn wait_until_dead(
        &self,
        credential: &Credential,
    ) -> Result<Verification, Stop> {
        let mut patience = self.patience();
        loop {
            let said = self.verify(credential).await?;
            if said != Verification::Live {
                return Ok(said);
            }
            if !patience.again().await {
                return Err(patience.over("it was revoked", "it is still live"));
            }
        }
    }

    /// Revokes a key, and waits until its credential works no more.
    pub(crate) async fn end(&self, key: &IssuedKey) -> Result<(), Stop> {
        let _ = self.revoke(key.key_ref()).await?;
        self.wait_until_dead(key.credential()).await.map(drop)
    }

    /// A call of the issuer's, which must end.
    pub(crate) async fn bounded<T>(
        &self,
        what: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        self.within(self.deadline(), what, call).await
    }

    /// A convenience that makes several calls.
    pub(crate) async fn bounded_long<T>(
        &self,
        what: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        self.within(self.deadline() * 4, what, call).await
    }

    async fn within<T>(
        &self,
        deadline: Duration,
        what: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        let end = end_of(self.harness(), deadline);
        let shortly = end.min(SHORTLY);
        let hung_before = self.hangs().contains(what);
        let Ok(ended) = timeout(if hung_before { shortly } else { end }, call).await else {
            // What is disturbed says nothing about other calls.
            if !self.is_disturbed() {
                self.hangs().insert(what.to_owned());
            }
            return Err(Stop::failed(if hung_before {
                format!("{what} has not ended in {shortly:?}, nor in all of its time before")
            } else {
                format!("{what} has a deadline of {deadline:?}, and has not ended in {end:?}")
            }));
        };
        self.hangs().remove(what);
        Ok(ended)
    }
}
