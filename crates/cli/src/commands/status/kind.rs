//! What can be wrong with keys.

use std::time::SystemTime;

use pinning_keys_lifecycle::{AccountStatus, KeyState, ManagedKey};

use crate::command_line::{command, command_in, rotate_words, with_key};

/// What can be wrong with keys of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Kind {
    Overdue,
    InDoubt,
    Missing,
    Adopted,
    Unproven,
    Different,
    Held,
    /// A rotation whose secret may have arrived, and which nobody has confirmed in time.
    Unclear,
}

impl Kind {
    /// Those that the store counts.
    pub(super) const ALL: [Self; 7] = [
        Self::Overdue,
        Self::InDoubt,
        Self::Missing,
        Self::Adopted,
        Self::Unproven,
        Self::Different,
        Self::Held,
    ];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::InDoubt => "in_doubt",
            Self::Missing => "missing",
            Self::Adopted => "stray",
            Self::Unproven => "unproven",
            Self::Different => "different",
            Self::Held => "held",
            Self::Unclear => "unclear",
        }
    }

    pub(super) fn count(self, account: &AccountStatus<'_>) -> u64 {
        match self {
            Self::Overdue => account.overdue(),
            Self::InDoubt => account.count(KeyState::InDoubt),
            Self::Missing => account.missing(),
            Self::Adopted => account.adopted(),
            Self::Unproven => account.unproven(),
            Self::Different => account.different(),
            Self::Held => account.held(),
            // Only its row shows it.
            Self::Unclear => 0,
        }
    }

    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Overdue => "should have ended and may still work",
            Self::InDoubt => "may have been issued, and nobody has the secret",
            Self::Missing => "no longer listed (revoked elsewhere, or another account)",
            Self::Adopted => "lost by the store and found again in the list",
            Self::Unproven => "ended without proof and may still work",
            Self::Different => "listed with permissions other than those recorded",
            Self::Held => "due, but locked by another program",
            Self::Unclear => {
                "may have been delivered by an unconfirmed rotation; the old key works, too"
            }
        }
    }

    /// What to do, for the key of this name in this account.
    pub(super) fn next(self, name: &str, account: &str) -> Vec<String> {
        let revoke = || command_in(account, &with_key("revoke", name));
        match self {
            Self::Overdue => vec![
                format!("{}   tries again", command("run --once")),
                format!("{}   puts it first", revoke()),
                format!(
                    "{}   if the worker reports that the time is in doubt",
                    command("status --confirm-clock")
                ),
            ],
            Self::InDoubt => {
                vec![format!("{}   settles it after reading the list twice", command("run --once"))]
            }
            Self::Missing => vec![format!(
                "{}   ends it in the store; then issue another one for its holder",
                revoke()
            )],
            Self::Adopted => {
                vec![format!("{}   shows them, and keeps or revokes them", command("strays"))]
            }
            Self::Unproven => vec![
                format!("{}   shows what was tried", command(&with_key("audit", name))),
                "look for it at the provider; the worker revokes it if a list shows it".to_owned(),
            ],
            Self::Different => vec![format!(
                "{}   replaces it with one that has the recorded permissions",
                command(&rotate_words(name))
            )],
            Self::Held => vec!["end the transaction of that program".to_owned()],
            Self::Unclear => vec![format!(
                "{}   replaces both keys and revokes them",
                command(&rotate_words(name))
            )],
        }
    }

    /// Whether a key is among those counted.
    pub(super) fn is_of(self, key: &ManagedKey) -> bool {
        match self {
            Self::Overdue => key.is_overdue(),
            Self::InDoubt => key.state() == KeyState::InDoubt,
            Self::Missing => key.is_missing(),
            Self::Adopted => key.is_adopted(),
            Self::Unproven => key.is_unproven(),
            Self::Different => key.difference().is_some(),
            // The store counts them only.
            Self::Held => false,
            Self::Unclear => {
                let is_late = key.deliver_by() <= SystemTime::now();
                key.state() == KeyState::Undelivered && key.replaces().is_some() && is_late
            }
        }
    }
}
