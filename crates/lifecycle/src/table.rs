//! The specification: what each verb does to a key in each state.

use std::fmt;

use crate::KeyState::{self, Closed, Forgotten, InDoubt, Live, Revoked, Revoking, Undelivered};
use crate::{Error, ErrorKind, KeyId};

/// An operation on a key.
///
/// ```
/// use pinning_keys_lifecycle::Verb;
///
/// assert_eq!(Verb::RunDue.to_string(), "run_due");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// Issue a key for a holder whose last key is in the state.
    Issue,
    /// Confirm that the secret is stored.
    Confirm,
    /// Renew the lease.
    Renew,
    /// Issue a successor.
    Rotate,
    /// End the key now.
    Revoke,
    /// Stop managing the key.
    Forget,
    /// The worker's pass over what is due.
    RunDue,
}

impl Verb {
    /// Every verb.
    pub const ALL: &'static [Self] = &[
        Self::Issue,
        Self::Confirm,
        Self::Renew,
        Self::Rotate,
        Self::Revoke,
        Self::Forget,
        Self::RunDue,
    ];

    /// The text form, such as `run_due`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Confirm => "confirm",
            Self::Renew => "renew",
            Self::Rotate => "rotate",
            Self::Revoke => "revoke",
            Self::Forget => "forget",
            Self::RunDue => "run_due",
        }
    }

    /// What the verb does to a key in this state.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{Cell, KeyState, Verb};
    ///
    /// assert!(matches!(Verb::Confirm.on(KeyState::Undelivered), Cell::To(&[KeyState::Live], _)));
    /// assert!(matches!(Verb::Renew.on(KeyState::Revoked), Cell::Refused(_)));
    /// ```
    pub const fn on(self, state: KeyState) -> Cell {
        use Cell::{Refused, Same, To};
        match self {
            Self::Issue => match state {
                KeyState::Intended => Refused("the holder's key is being issued"),
                Undelivered => Refused("the holder has an undelivered key"),
                Live => Refused("the holder has a live key"),
                InDoubt | Closed | Revoking | Revoked | Forgotten => {
                    Same("a new key is issued, with its own row")
                }
            },
            Self::Confirm => match state {
                KeyState::Intended => Refused("the key is not issued yet"),
                InDoubt => Refused(
                    "it is not known whether the key was created, and nobody has its secret",
                ),
                Closed => Refused("no key was created"),
                Undelivered => To(
                    &[Live],
                    "while its lease runs; the key that it replaces ends after the overlap",
                ),
                Live => Same("it is confirmed already"),
                Revoking => Refused("the key is being revoked"),
                Revoked => Refused("the key is revoked"),
                Forgotten => Refused("the key was forgotten"),
            },
            Self::Renew => match state {
                KeyState::Intended => Refused("the key is not issued yet"),
                InDoubt => Refused("it is not known whether the key was created"),
                Closed => Refused("no key was created"),
                Undelivered => Refused("the delivery of the key is not confirmed"),
                Live => Same("its lease ends later, at most at its maximum"),
                Revoking => Refused("the key is being revoked"),
                Revoked => Refused("the key is revoked"),
                Forgotten => Refused("the key was forgotten"),
            },
            Self::Rotate => match state {
                KeyState::Intended => Refused("the key is not issued yet"),
                InDoubt => Refused("it is not known whether the key was created"),
                Closed => Refused("no key was created"),
                Undelivered => Refused("the delivery of the key is not confirmed"),
                Live => Same("a successor is issued, with its own row"),
                Revoking => Refused("the key is being revoked"),
                Revoked => Refused("the key is revoked"),
                Forgotten => Refused("the key was forgotten"),
            },
            Self::Revoke => match state {
                KeyState::Intended => {
                    To(&[InDoubt], "any key that the create made is revoked when it is found")
                }
                InDoubt => Same("any key that the create made is revoked when it is found"),
                Closed => Refused("no key was created"),
                Undelivered | Live | Revoking => {
                    To(&[Revoking, Revoked], "now, together with its open successors")
                }
                Revoked => Same("it is revoked already"),
                Forgotten => Refused("the key was forgotten"),
            },
            Self::Forget => match state {
                KeyState::Intended => Refused("the key is being issued"),
                InDoubt | Undelivered | Live | Revoking => {
                    To(&[Forgotten], "it is left alone from now on")
                }
                Closed => Refused("no key was created"),
                Revoked => Refused("the key is revoked"),
                Forgotten => Same("it is forgotten already"),
            },
            Self::RunDue => match state {
                KeyState::Intended => {
                    To(&[InDoubt], "if the outcome of its create was not recorded in time")
                }
                InDoubt => To(
                    &[Closed, Revoking, Undelivered],
                    "after two looks that found nothing, or one that found a key; undelivered if the \
                     store may have forgotten that it was handed over",
                ),
                Closed => To(&[Revoking], "if a key of its name shows up"),
                Undelivered => To(
                    &[Revoking, Revoked],
                    "if its delivery is not confirmed in time, unless the store may have forgotten \
                     that it was",
                ),
                Live => To(
                    &[Revoking, Revoked],
                    "when its lease is over, or if a listing shows it as revoked",
                ),
                Revoking => To(&[Revoked], "when the provider or other evidence confirms it"),
                Revoked => To(&[Revoking], "if a listing shows it alive"),
                Forgotten => Same("it is left alone"),
            },
        }
    }

    /// Refuses the verb if the table does.
    pub(crate) fn check(self, id: &KeyId, state: KeyState) -> Result<(), Error> {
        match self.on(state) {
            Cell::To(..) | Cell::Same(_) => Ok(()),
            Cell::Refused(why) => {
                let kind = match self {
                    Self::Issue => ErrorKind::AlreadyOpen,
                    _ => ErrorKind::WrongState,
                };
                Err(Error::new(kind, format!("cannot {self}: {why}")).with_key(id))
            }
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The effect of a verb on a key in one state.
///
/// ```
/// use pinning_keys_lifecycle::{Cell, KeyState, Verb};
///
/// let Cell::Refused(why) = Verb::Renew.on(KeyState::Closed) else { unreachable!() };
/// assert_eq!(why, "no key was created");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cell {
    /// The key goes to one of these states, with a remark on when.
    To(&'static [KeyState], &'static str),
    /// The state stays; what happens instead.
    Same(&'static str),
    /// The verb fails with this text.
    Refused(&'static str),
}
