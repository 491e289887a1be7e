//! What a node can be asked to do, as it is written on the wire between the test and the node.

use std::fmt;
use std::time::Duration;

use pinning_keys_lifecycle::KeyId;

/// The length of each lease.
pub(crate) const LEASE: Duration = Duration::from_hours(2);
/// When a lease is almost over.
pub(crate) const ALMOST_OVER: Duration = Duration::from_mins(110);
/// The maximum of the leases.
pub(crate) const MAX: Duration = Duration::from_hours(72);
/// How long a replaced key continues to work.
pub(crate) const OVERLAP: Duration = Duration::from_mins(20);

/// The names of the accounts, which are those of their providers.
pub(crate) const ACCOUNTS: [&str; 2] = ["pinata", "w3ipfs"];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Issue a key for a holder, store its secret, and confirm.
    Issue {
        account: &'static str,
        holder: String,
    },
    /// The same, but the app ends before it confirms.
    Deliver {
        account: &'static str,
        holder: String,
    },
    /// The same through a file of this name.
    IssueTo {
        account: &'static str,
        holder: String,
        file: String,
    },
    Confirm(KeyId),
    Renew(KeyId),
    /// Issue a successor, in this account, store its secret, and confirm.
    Rotate(KeyId, &'static str),
    RotateTo(KeyId, String),
    Revoke(KeyId),
    Forget(KeyId),
    RunDue,
    /// Run the worker's loop, beside whatever else is asked for.
    Run,
    /// Say that the store was restored from a backup.
    MarkRestored,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Issue { account, holder } => write!(f, "issue {account} {holder}"),
            Self::Deliver { account, holder } => write!(f, "deliver {account} {holder}"),
            Self::IssueTo { account, holder, file } => {
                write!(f, "issue_to {account} {holder} {file}")
            }
            Self::Confirm(key) => write!(f, "confirm {key}"),
            Self::Renew(key) => write!(f, "renew {key}"),
            Self::Rotate(key, account) => write!(f, "rotate {key} {account}"),
            Self::RotateTo(key, file) => write!(f, "rotate_to {key} {file}"),
            Self::Revoke(key) => write!(f, "revoke {key}"),
            Self::Forget(key) => write!(f, "forget {key}"),
            Self::RunDue => f.write_str("run_due"),
            Self::Run => f.write_str("run"),
            Self::MarkRestored => f.write_str("mark_restored"),
        }
    }
}
