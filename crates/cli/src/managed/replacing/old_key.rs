//! The end of the key that was replaced.

use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::{KeyId, RevokeOutcome};

use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::view::moment;
use crate::managed::Managed;
use crate::output::escape::escaped;

/// What became of the old key.
pub(crate) enum OldKey {
    Revoked,
    /// It works until then, and a worker revokes it.
    Works {
        until: SystemTime,
    },
    /// It should have ended but still works.
    StillWorks {
        why: String,
    },
}

/// Ends a key that was replaced, unless there is an overlap.
pub(crate) async fn end(
    managed: &Managed,
    id: &KeyId,
    overlap: Duration,
    interrupt: &Interrupt,
) -> OldKey {
    let keys = managed.manager();
    let ending = async {
        let replaced = keys.get(id).await?;
        // Without an overlap it has ended, even if this machine's clock is behind the store's.
        let goes_on = |end: &SystemTime| !overlap.is_zero() && *end > SystemTime::now();
        match replaced.expires_at().filter(goes_on) {
            Some(until) => Ok(OldKey::Works { until }),
            None => Ok(match keys.revoke(id).await? {
                RevokeOutcome::Revoked => OldKey::Revoked,
                RevokeOutcome::Scheduled { why, .. } => OldKey::StillWorks { why: escaped(&why) },
                _ => OldKey::StillWorks { why: "it is being revoked".to_owned() },
            }),
        }
    };
    let ended: Result<OldKey, pinning_keys_lifecycle::Error> =
        interrupt.settle("the old key is revoked first", ending).await;
    ended.unwrap_or_else(|error| OldKey::StillWorks { why: escaped(&error.to_string()) })
}

impl OldKey {
    pub(crate) fn is_settled(&self) -> bool {
        !matches!(self, Self::StillWorks { .. })
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Revoked => "revoked".to_owned(),
            Self::Works { until } => format!("works until {}", moment(*until).unwrap_or_default()),
            Self::StillWorks { .. } => "still works".to_owned(),
        }
    }

    /// A stable word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Works { .. } => "works",
            Self::StillWorks { .. } => "still_works",
        }
    }

    /// Why it still works, although it should have ended.
    pub(super) fn why(&self) -> Option<&str> {
        match self {
            Self::StillWorks { why } => Some(why),
            Self::Revoked | Self::Works { .. } => None,
        }
    }

    pub(crate) fn works_until(&self) -> Option<SystemTime> {
        match self {
            Self::Works { until } => Some(*until),
            Self::Revoked | Self::StillWorks { .. } => None,
        }
    }

    /// How the command ends.
    pub(super) fn exit(&self) -> Result<Exit, Failure> {
        match self {
            Self::Revoked | Self::Works { .. } => Ok(Exit::Done),
            Self::StillWorks { why } => Err(Failure::new(
                Exit::Later,
                format!("the new key is delivered, but the old one still works: {why}"),
            )
            .with_next(to_try_again())),
        }
    }
}

/// What ends the keys that still work.
pub(super) fn to_try_again() -> String {
    format!("to try again:  {}", command("run --once"))
}
