use std::fmt;
use std::time::Duration;

use crate::Verification;
use crate::next_step::Seconds;

/// Whether a key's uses may be limited, so that asking about its credential may spend one.
///
/// [`IssuedKey::use_limit`](crate::IssuedKey::use_limit) and
/// [`KeyRecord::use_limit`](crate::KeyRecord::use_limit) return it. A credential does not show it.
///
/// ```
/// use std::num::NonZeroU64;
///
/// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest, Uses};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
/// let once = request.clone().with_max_uses(NonZeroU64::MIN);
/// assert_eq!(issuer.issue(&request).await?.use_limit(), Uses::Unlimited);
/// assert_eq!(issuer.issue(&once).await?.use_limit(), Uses::MayBeLimited);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Uses {
    /// The uses are certainly not limited.
    Unlimited,
    /// The uses are limited, or it is not known.
    MayBeLimited,
}

/// The outcome of waiting until a credential works or is dead; see
/// [`Patient::wait_until_live`](crate::Patient::wait_until_live) and
/// [`Patient::wait_until_dead`](crate::Patient::wait_until_dead).
///
/// The time is the sum of the waits, without the time that the verifications took.
///
/// ```
/// use pinning_keys_core::Waited;
///
/// fn report(waited: &Waited) {
///     match waited {
///         Waited::Confirmed { waited, .. } => println!("after {waited:?}"),
///         Waited::Unasked { waited, .. } => println!("{waited:?} later it should be so"),
///         unclear => println!("try again later: {unclear}"),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "the wait may have ended without the credential in the expected state"]
#[non_exhaustive]
pub enum Waited {
    /// The provider says so.
    #[non_exhaustive]
    Confirmed {
        /// What the provider says about the credential.
        verification: Verification,
        /// How long the wait was.
        waited: Duration,
    },
    /// The provider says otherwise: still, after the propagation time, or for good, as of a revoked
    /// key that was expected to work.
    #[non_exhaustive]
    Unconfirmed {
        /// What the provider says about the credential.
        verification: Verification,
        /// How long the wait was.
        waited: Duration,
    },
    /// The provider was not asked, because a question may spend a use. The propagation time is
    /// over.
    #[non_exhaustive]
    Unasked {
        /// How long the wait was.
        waited: Duration,
    },
}

impl Waited {
    /// Whether the provider said that the credential is in the state that was waited for.
    pub fn is_confirmed(self) -> bool {
        matches!(self, Self::Confirmed { .. })
    }
}

/// One line, such as `live after 3 s`.
impl fmt::Display for Waited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Confirmed { verification, waited } => {
                format!("{verification} after {}", Seconds(*waited))
            }
            Self::Unconfirmed { verification, waited } => {
                format!("unconfirmed: {verification} after {}", Seconds(*waited))
            }
            Self::Unasked { waited } => format!("unasked after {}", Seconds(*waited)),
        })
    }
}
