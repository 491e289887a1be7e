//! Whether a key works.

use std::fmt;

use pinning_keys::KeyRecord;
use serde::Serialize;

use crate::output::tone::Tone;

/// The state of a key, as the account's list shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    Live,
    UsedUp,
    Revoked,
    /// The provider does not say whether the key is revoked.
    Unknown,
}

impl State {
    pub(crate) fn of(record: &KeyRecord) -> Self {
        let limit = record.uses().zip(record.max_uses());
        match record.is_revoked() {
            Some(true) => Self::Revoked,
            _ if limit.is_some_and(|(uses, most)| uses >= most.get()) => Self::UsedUp,
            Some(false) => Self::Live,
            None => Self::Unknown,
        }
    }

    pub(crate) fn tone(self) -> Tone {
        match self {
            Self::Live => Tone::Good,
            Self::UsedUp | Self::Unknown => Tone::Notable,
            Self::Revoked => Tone::Dim,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Live => "live",
            Self::UsedUp => "used up",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
        })
    }
}
