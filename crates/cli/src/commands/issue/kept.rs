//! How long a key works, and what the store calls it.

use std::time::{Duration, SystemTime};

use pinning_keys_lifecycle::{Lease, ManagedKey};
use serde::Serialize;

use crate::keys::view::moment;
use crate::output::time::rfc3339;

#[derive(Serialize)]
pub(super) struct Kept {
    /// `None` if nothing was sent, as for the account.
    id: Option<String>,
    account: Option<String>,
    lease_seconds: Option<u64>,
    #[serde(serialize_with = "rfc3339")]
    expires_at: Option<SystemTime>,
    /// `None` if the lease cannot be renewed.
    #[serde(serialize_with = "rfc3339")]
    renewable_until: Option<SystemTime>,
}

impl Kept {
    /// The lease that a key would get if it were issued now.
    pub(super) fn planned(lease: &Lease) -> Self {
        let after = |time: Option<Duration>| SystemTime::now().checked_add(time?);
        Self {
            id: None,
            account: None,
            lease_seconds: lease.length().map(|length| length.as_secs()),
            expires_at: after(lease.length()),
            renewable_until: after(lease.max()),
        }
    }

    pub(super) fn of(key: &ManagedKey) -> Self {
        Self {
            id: Some(key.id().to_string()),
            account: Some(key.account().to_owned()),
            lease_seconds: key.lease().map(|length| length.as_secs()),
            expires_at: key.expires_at(),
            renewable_until: key.max_until().filter(|most| key.expires_at() < Some(*most)),
        }
    }

    /// For people.
    pub(super) fn lease(&self) -> String {
        let end = self.expires_at.and_then(moment);
        match (self.lease_seconds, end, self.renewable_until.and_then(moment)) {
            (Some(_), Some(end), Some(most)) => format!("until {end}, renewable until {most}"),
            (Some(_), Some(end), None) => format!("until {end}"),
            (_, Some(end), _) => format!("none; the key's token expires {end}"),
            (_, None, _) => "none; the key works until it is revoked".to_owned(),
        }
    }
}
