use std::fmt;
use std::time::SystemTime;

use serde::Serialize;

use crate::{
    Credential, Discrepancies, Effect, Error, ErrorKind, KeyIssuer, KeyQuery, KeyRecord, KeyStream,
    Operation, Verification,
};

/// The listed key that a credential names, and whether the credential works; from
/// [`KeyIssuerExt::trace`](crate::KeyIssuerExt::trace).
///
/// ```
/// use pinning_keys_core::{CredentialState, Error, KeyIssuer, TracedKey};
///
/// /// Asks before it revokes.
/// async fn end(key: TracedKey<'_, dyn KeyIssuer>) -> Result<bool, Error> {
///     println!("revoke {:?}, which may {}?", key.record().name(), key.record().scope());
///     // …
///     Ok(key.revoke().await? == CredentialState::Dead)
/// }
/// ```
pub struct TracedKey<'a, I: KeyIssuer + ?Sized> {
    issuer: &'a I,
    /// The part that is tested: one that names the key.
    credential: Credential,
    /// When that part expires by itself.
    expiry: Option<SystemTime>,
    record: KeyRecord,
    verification: Verification,
    is_own: Option<bool>,
}

impl<'a, I: KeyIssuer + ?Sized> TracedKey<'a, I> {
    pub(crate) async fn find(issuer: &'a I, credential: &Credential) -> Result<Self, Error> {
        let facts = issuer.credential_facts(credential)?;
        // A pair does not expire with the token.
        let expiry = facts.expiry().filter(|_| credential.api_key().is_none());
        let key_ref = facts.into_key_ref(issuer.profile())?;
        let is_own = issuer.is_own_key(&key_ref).await?;
        let credential = credential.lasting_part();
        let verification = issuer.verify(&credential).await?;
        let mut keys = KeyStream::new(issuer, KeyQuery::new());
        match keys.find(&key_ref).await? {
            Some(record) => Ok(Self { issuer, credential, expiry, record, verification, is_own }),
            None if is_own == Some(true) => Err(of_provider(issuer, unlisted_own_key())),
            None => Err(of_provider(issuer, unlisted(verification, keys.discrepancies()))),
        }
    }

    /// The key, as the account's list shows it.
    pub fn record(&self) -> &KeyRecord {
        &self.record
    }

    /// What the provider said about the credential when it was traced.
    ///
    /// Only a credential that is not [`Unrecognized`](Verification::Unrecognized) proves that it
    /// belongs to the key.
    pub fn verification(&self) -> Verification {
        self.verification
    }

    /// Whether the issuer itself works with this key; `None` if its credential does not show it.
    /// Then [`revoke`](Self::revoke) does not refuse the issuer's own key, so compare the record
    /// with the key that you configured.
    pub fn is_own(&self) -> Option<bool> {
        self.is_own
    }

    /// Revokes the key, and returns whether the credential is dead. The provider's answer to the
    /// revocation does not count, because it can confirm what it did not do.
    ///
    /// [`CredentialState::StillLive`] is usual until the propagation time
    /// ([`IssuerProfile::propagation`](crate::IssuerProfile::propagation)) is over: wait, then ask
    /// [`state`](Self::state), or revoke again, which is harmless. A credential that was dead
    /// before is reported as dead, and nothing is sent.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    /// # let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// # let leaked = key.credential();
    /// use pinning_keys_core::{CredentialState, KeyIssuerExt};
    ///
    /// let key = issuer.trace(leaked).await?;
    /// assert_eq!(key.revoke().await?, CredentialState::Dead);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::InvalidInput`], and nothing is sent, if the issuer itself works with the key,
    ///   or if the provider does not recognize the credential: it may be forged so that somebody
    ///   revokes the key, its JWT may have expired, or its uses may be used up.
    /// * The errors of [`KeyIssuer::revoke`]. An error of the verification after it is
    ///   [`CredentialState::Unknown`] instead.
    pub async fn revoke(&self) -> Result<CredentialState, Error> {
        if self.is_own == Some(true) {
            return Err(of_provider(self.issuer, own_key()));
        }
        match self.verification {
            Verification::Live | Verification::Exhausted => {}
            Verification::Revoked => return Ok(CredentialState::Dead),
            Verification::Unrecognized if self.record.is_revoked() == Some(true) => {
                return Ok(CredentialState::Dead);
            }
            Verification::Unrecognized => {
                return Err(of_provider(self.issuer, self.unproven()));
            }
        }
        // Whatever it says, only the credential shows whether the key is dead.
        let _ = self.issuer.revoke(self.record.key_ref()).await?;
        Ok(self.state().await.unwrap_or(CredentialState::Unknown))
    }

    /// Verifies the credential again, and returns whether it is dead.
    ///
    /// If the uses of the key are limited, this may count as one, as may the verification of
    /// [`trace`](crate::KeyIssuerExt::trace) and that of [`revoke`](Self::revoke).
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use pinning_keys_core::{CredentialState, Error, KeyIssuer, TracedKey};
    ///
    /// async fn end(key: TracedKey<'_, dyn KeyIssuer>) -> Result<CredentialState, Error> {
    ///     let mut state = key.revoke().await?;
    ///     for _ in 0..5 {
    ///         if state == CredentialState::Dead {
    ///             break;
    ///         }
    ///         println!("the credential is {state}");
    ///         tokio::time::sleep(Duration::from_secs(2)).await;
    ///         state = key.state().await?;
    ///     }
    ///     Ok(state)
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`KeyIssuer::verify`].
    pub async fn state(&self) -> Result<CredentialState, Error> {
        let was_recognized = self.verification != Verification::Unrecognized;
        let has_expired = self.expiry.is_some_and(|expiry| expiry <= SystemTime::now());
        Ok(match self.issuer.verify(&self.credential).await? {
            Verification::Live => CredentialState::StillLive,
            Verification::Revoked | Verification::Exhausted => CredentialState::Dead,
            Verification::Unrecognized if was_recognized && !has_expired => CredentialState::Dead,
            Verification::Unrecognized => CredentialState::Unknown,
        })
    }

    /// The credential does not prove that its holder has the key.
    fn unproven(&self) -> Error {
        let past = SystemTime::UNIX_EPOCH..=SystemTime::now();
        let message = match self.expiry.filter(|expiry| past.contains(expiry)) {
            Some(expiry) => format!(
                "the credential expired at {}, so it does not prove that it belongs to the key",
                humantime::format_rfc3339_seconds(expiry)
            ),
            None => "the provider does not recognize the credential, which may be forged or \
                     expired, or its uses may be used up, so it does not prove that it belongs to \
                     the key"
                .to_owned(),
        };
        Error::new(ErrorKind::InvalidInput, message).with_operation(Operation::Revoke).with_next_step(
            "compare the listed key with what you know of the credential; if it is the one, revoke \
             it by its reference:  issuer.revoke(key.record().key_ref())",
        )
    }
}

/// Shows no part of the credential.
impl<I: KeyIssuer + ?Sized> fmt::Debug for TracedKey<'_, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TracedKey")
            .field("record", &self.record)
            .field("verification", &self.verification)
            .field("is_own", &self.is_own)
            .finish_non_exhaustive()
    }
}

/// Whether a credential still works after its key was revoked; see [`TracedKey::revoke`].
///
/// ```
/// use pinning_keys_core::CredentialState;
///
/// assert_eq!(CredentialState::StillLive.to_string(), "still live");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[must_use = "a credential that is not dead may still work"]
#[non_exhaustive]
pub enum CredentialState {
    /// The provider no longer accepts it: it recognized it before, or lists its key as revoked.
    Dead,
    /// The provider accepts it.
    StillLive,
    /// It could not be verified, or its verification proves nothing: it never worked, or expired
    /// by itself. The key may work with another credential, such as its pair.
    Unknown,
}

impl fmt::Display for CredentialState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Dead => "dead",
            Self::StillLive => "still live",
            Self::Unknown => "unknown",
        })
    }
}

fn own_key() -> Error {
    let message = "the issuer itself works with this key, and could not revoke any key afterwards";
    Error::new(ErrorKind::InvalidInput, message)
        .with_operation(Operation::Revoke)
        .with_next_step("configure the issuer with another credential of the account, then revoke")
}

fn unlisted_own_key() -> Error {
    let message = "the issuer itself works with this key, and the account does not list it";
    // Only the list was read.
    Error::new(ErrorKind::InvalidInput, message)
        .with_effect(Effect::Rejected)
        .with_next_step("configure the issuer with another credential of the account, then trace")
}

fn unlisted(verification: Verification, discrepancies: Discrepancies) -> Error {
    let mut message = match verification {
        Verification::Live => "the credential works, but the account does not list its key",
        _ => "the credential does not work, and the account does not list the key that it names",
    }
    .to_owned();
    if !discrepancies.is_empty() {
        message = format!("{message}, as far as its list could be read ({discrepancies})");
    }
    let step = match verification {
        Verification::Live => {
            "trace it with an issuer of the account that it belongs to; if the key is new, trace \
             it again after the propagation time"
        }
        _ => "nothing is left to revoke if it was a key of this account",
    };
    // Only the list was read.
    Error::new(ErrorKind::NotFound, message).with_effect(Effect::Rejected).with_next_step(step)
}

fn of_provider<I: KeyIssuer + ?Sized>(issuer: &I, error: Error) -> Error {
    error.with_provider(issuer.profile().provider())
}
