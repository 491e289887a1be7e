//! Waiting until a credential works, or has stopped working.

use std::time::Duration;

use crate::patient::affordable_wait;
use crate::{Credential, Error, KeyIssuer, Patient, Uses, Verification, Waited};

/// The time between two questions about a credential. Propagation times are a few of these, which
/// rate limits allow, because they count in minutes.
const POLL: Duration = Duration::from_secs(1);

impl<I: KeyIssuer> Patient<I> {
    /// Waits until a new key's credential works, and asks once a second.
    ///
    /// It waits for at most the [propagation time] of the issuer's profile, unless a rate limit
    /// takes longer. A question may count as a use, so if the uses may be limited, it asks nothing
    /// and waits that time out: [`Waited::Unasked`].
    ///
    /// [propagation time]: crate::IssuerProfile::propagation
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::{KeyIssuer, KeyRequest, Patient, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # use pinning_keys_emulator::{Emulator, PinataAssumptions};
    /// # let late = PinataAssumptions::default().new_key_refusals(5);
    /// # let emulator = Emulator::builder().pinata_assumptions(late).in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let issuer = Patient::new(issuer, Duration::from_secs(120), tokio::time::sleep);
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let waited = issuer.wait_until_live(key.credential(), key.use_limit()).await?;
    /// assert_eq!(waited.to_string(), "live after 5 s");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::verify`]. An error ends the wait, except that a rate limit is waited out as
    /// in every call, which counts as part of the wait.
    pub async fn wait_until_live(
        &self,
        credential: &Credential,
        uses: Uses,
    ) -> Result<Waited, Error> {
        self.wait_until(credential, uses, |now| match now {
            Verification::Live => Answer::Yes,
            Verification::Unrecognized => Answer::NotYet,
            // No key comes back from either.
            Verification::Revoked | Verification::Exhausted => Answer::Never,
        })
        .await
    }

    /// Waits until a revoked key's credential has stopped working, and asks once a second.
    ///
    /// It waits for at most the [propagation time] of the issuer's profile, unless a rate limit
    /// takes longer. If the uses may be limited, it asks nothing and waits that time out
    /// ([`Waited::Unasked`]): a question could spend the last use, after which a key that nobody
    /// revoked looks dead.
    ///
    /// The credential can be one of which nothing else is known, such as a leaked token. Pass
    /// [`Uses::MayBeLimited`] if you do not know. A token that has expired looks dead too, while
    /// its key may be live.
    ///
    /// [propagation time]: crate::IssuerProfile::propagation
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::{KeyIssuer, KeyRequest, Patient, ScopeRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # use pinning_keys_emulator::{Emulator, PinataAssumptions};
    /// # let lingering = PinataAssumptions::default().honour_revoked(2);
    /// # let emulator = Emulator::builder().pinata_assumptions(lingering).in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let issuer = Patient::new(issuer, Duration::from_secs(120), tokio::time::sleep);
    /// println!("{}", issuer.revoke(key.key_ref()).await?);
    /// let waited = issuer.wait_until_dead(key.credential(), key.use_limit()).await?;
    /// assert!(waited.is_confirmed(), "{waited}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`wait_until_live`](Self::wait_until_live).
    pub async fn wait_until_dead(
        &self,
        credential: &Credential,
        uses: Uses,
    ) -> Result<Waited, Error> {
        self.wait_until(credential, uses, |now| match now {
            Verification::Live => Answer::NotYet,
            Verification::Unrecognized | Verification::Revoked | Verification::Exhausted => {
                Answer::Yes
            }
        })
        .await
    }

    async fn wait_until(
        &self,
        credential: &Credential,
        uses: Uses,
        judge: impl Fn(Verification) -> Answer + Send,
    ) -> Result<Waited, Error> {
        let profile = self.issuer.profile();
        let longest = profile.propagation();
        if uses == Uses::MayBeLimited && profile.supports_max_uses() {
            profile.check_credential(credential)?;
            (self.sleep)(longest).await;
            return Ok(Waited::Unasked { waited: longest });
        }
        let (mut waited, mut patience) = (Duration::ZERO, self.longest);
        loop {
            let wait = match self.issuer.verify(credential).await {
                Ok(verification) => match judge(verification) {
                    Answer::Yes => return Ok(Waited::Confirmed { verification, waited }),
                    Answer::NotYet if waited < longest => POLL.min(longest.saturating_sub(waited)),
                    Answer::NotYet | Answer::Never => {
                        return Ok(Waited::Unconfirmed { verification, waited });
                    }
                },
                Err(error) => affordable_wait(&error, &mut patience).ok_or(error)?,
            };
            (self.sleep)(wait).await;
            waited = waited.saturating_add(wait);
        }
    }
}

/// Whether a credential is in the state that is waited for.
enum Answer {
    Yes,
    NotYet,
    Never,
}
