//! The issuer's methods, each call bounded in time.

use std::time::Duration;

use pinning_keys_core::{
    Account, Credential, Effect, Error, IssuedKey, KeyIssuerExt, KeyName, KeyPage, KeyQuery,
    KeyRef, KeyRequest, Operation, ProbeConsent, ProbeReport, Reconciliation, Revocation,
    Verification,
};
use tokio::time::timeout;

use crate::bench::Bench;
use crate::patience::hung_after;
use crate::verdict::Stop;

/// The limit for a call after one of its kind has hung: the run has failed already.
const SHORT: Duration = Duration::from_secs(5);

impl Bench<'_> {
    pub(crate) async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Stop> {
        self.try_issue(request).await?.map_err(|error| issue_failed(request, &error))
    }

    /// Records the name before anything is sent.
    pub(crate) async fn try_issue(
        &self,
        request: &KeyRequest,
    ) -> Result<Result<IssuedKey, Error>, Stop> {
        let at = self.asked.ask_for(request.name());
        let answer = self.bounded("issue", self.issuer().issue(request)).await?;
        self.asked.answered(at, &answer);
        if let Ok(key) = &answer {
            self.remember(key.credential());
        }
        Ok(answer)
    }

    /// Issues a key with the fewest permissions.
    pub(crate) async fn plain_key(&self) -> Result<IssuedKey, Stop> {
        self.issue(&self.plain_request()?).await
    }

    pub(crate) async fn verify(&self, credential: &Credential) -> Result<Verification, Stop> {
        self.try_verify(credential).await?.map_err(|error| failed("verify", &error))
    }

    pub(crate) async fn try_verify(
        &self,
        credential: &Credential,
    ) -> Result<Result<Verification, Error>, Stop> {
        self.remember(credential);
        self.bounded("verify", self.issuer().verify(credential)).await
    }

    pub(crate) async fn probe(&self, credential: &Credential) -> Result<ProbeReport, Stop> {
        self.try_probe(credential).await?.map_err(|error| failed("probe", &error))
    }

    pub(crate) async fn try_probe(
        &self,
        credential: &Credential,
    ) -> Result<Result<ProbeReport, Error>, Stop> {
        self.remember(credential);
        let consent = ProbeConsent::to_spend_uses();
        self.bounded("probe", self.issuer().probe(credential, consent)).await
    }

    pub(crate) async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Stop> {
        self.try_revoke(key).await?.map_err(|error| failed("revoke", &error))
    }

    pub(crate) async fn try_revoke(&self, key: &KeyRef) -> Result<Result<Revocation, Error>, Stop> {
        let answer = self.bounded("revoke", self.issuer().revoke(key)).await?;
        if matches!(answer, Ok(Revocation::Revoked)) {
            self.asked.revoked(key);
        }
        Ok(answer)
    }

    /// Revokes a key that is no longer needed, if the provider can revoke.
    pub(crate) async fn discard(&self, key: &IssuedKey) -> Result<(), Stop> {
        if self.harness().lacks(Operation::Revoke) {
            return Ok(());
        }
        self.revoke(key.key_ref()).await.map(drop)
    }

    pub(crate) async fn page(&self, query: &KeyQuery) -> Result<KeyPage, Stop> {
        self.try_page(query).await?.map_err(|error| failed("list", &error))
    }

    pub(crate) async fn try_page(&self, query: &KeyQuery) -> Result<Result<KeyPage, Error>, Stop> {
        self.bounded("list", self.issuer().list(query)).await
    }

    pub(crate) async fn reconcile(&self, name: &KeyName) -> Result<Reconciliation, Stop> {
        let issuer = self.issuer();
        let settled = self.bounded_long("reconcile", issuer.reconcile(name)).await?;
        settled.map_err(|error| failed("reconcile", &error))
    }

    pub(crate) async fn account(&self) -> Result<Option<Account>, Stop> {
        let account = self.bounded("account", self.issuer().account()).await?;
        account.map_err(|error| failed("account", &error))
    }

    /// Waits for a call, and fails if it hangs.
    pub(crate) async fn bounded<T>(
        &self,
        what: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        self.within(self.deadline(), what, call).await
    }

    /// Waits for a convenience that makes several calls.
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
        let limit = hung_after(self.harness(), deadline);
        let short = limit.min(SHORT);
        let hung_before = self.hung().contains(what);
        let Ok(ended) = timeout(if hung_before { short } else { limit }, call).await else {
            // A disturbed call says nothing about the others.
            if !self.is_disturbed() {
                self.hung().insert(what.to_owned());
            }
            return Err(Stop::failed(if hung_before {
                format!("{what} did not end within {short:?}, after an earlier {what} had hung")
            } else {
                format!("{what} has a deadline of {deadline:?} but did not end within {limit:?}")
            }));
        };
        self.hung().remove(what);
        Ok(ended)
    }
}

/// A create failed without a reason to.
pub(crate) fn issue_failed(request: &KeyRequest, error: &Error) -> Stop {
    let unnamed = error.effect() == Effect::Unknown && error.key_name() != Some(request.name());
    let gap = if unnamed { " without naming the key that may exist" } else { "" };
    Stop::failed(format!("issue failed{gap}: {error}"))
}

/// The error itself need not name the call.
fn failed(call: &str, error: &Error) -> Stop {
    Stop::failed(format!("{call} failed: {error}"))
}
