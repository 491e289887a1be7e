//! What became of a key.

use std::fmt;
use std::rc::Rc;
use std::time::SystemTime;

use pinning_keys_lifecycle::ManagedKey;

use crate::declared::moment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::managed::replacing::OldKey;
use crate::output::tone::Tone;

/// What became of a key.
pub(super) enum Fate {
    UpToDate,
    Issued(Box<ManagedKey>),
    Rotated {
        key: Box<ManagedKey>,
        /// What became of the old key, unless it was gone already.
        old: Option<OldKey>,
    },
    Revoked,
    /// It still works, and is revoked later.
    Scheduled(String),
    /// Another run may still deliver it until then.
    Waiting(SystemTime),
    Failed(Rc<Failure>),
    /// Nothing was sent for it; the text says why.
    NotStarted(&'static str),
}

impl Fate {
    /// The exit code that this key alone would cause.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Rotated { old: Some(OldKey::StillWorks { .. }), .. }
            | Self::Scheduled(_)
            | Self::Waiting(_) => Exit::Later,
            Self::UpToDate | Self::Issued(_) | Self::Rotated { .. } | Self::Revoked => Exit::Done,
            // Other keys may have changed, so the failure does not concern the command line alone.
            Self::Failed(failure) => match failure.exit() {
                Exit::Usage | Exit::Configuration => Exit::Failed,
                exit => exit,
            },
            Self::NotStarted(_) => Exit::Failed,
        }
    }

    pub(super) fn key(&self) -> Option<&ManagedKey> {
        match self {
            Self::Issued(key) | Self::Rotated { key, .. } => Some(key),
            _ => None,
        }
    }

    pub(super) fn old(&self) -> Option<&OldKey> {
        match self {
            Self::Rotated { old, .. } => old.as_ref(),
            _ => None,
        }
    }

    pub(super) fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// A stable word for programs.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::UpToDate => "up_to_date",
            Self::Issued(_) => "issued",
            Self::Rotated { .. } => "rotated",
            Self::Revoked => "revoked",
            Self::Scheduled(_) => "scheduled",
            Self::Waiting(_) => "waiting",
            Self::Failed(failure) if failure.exit() == Exit::Unknown => "unknown",
            Self::Failed(_) => "failed",
            Self::NotStarted(_) => "not_started",
        }
    }

    pub(super) fn tone(&self) -> Tone {
        match self.exit() {
            Exit::Done => Tone::Good,
            Exit::Later => Tone::Notable,
            _ => Tone::Bad,
        }
    }
}

/// The details, for people.
impl fmt::Display for Fate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rotated { old: Some(OldKey::StillWorks { why }), .. } => {
                write!(f, "the old key still works: {why}")
            }
            Self::Rotated { old: Some(old), .. } => write!(f, "old key: {}", old.text()),
            Self::UpToDate | Self::Issued(_) | Self::Rotated { .. } | Self::Revoked => Ok(()),
            Self::Scheduled(why) => f.write_str(why),
            Self::Waiting(until) => {
                write!(f, "its delivery is not confirmed; given up at {}", moment(*until))
            }
            Self::Failed(failure) => f.write_str(failure.message()),
            Self::NotStarted(why) => f.write_str(why),
        }
    }
}
