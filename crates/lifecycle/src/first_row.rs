use std::time::Duration;

use crate::lease::Ends;
use crate::store::KeyRow;
use crate::timing::Timing;
use crate::{KeyId, KeyState, Timestamp};

/// What an intent is made of.
pub(crate) struct Intent {
    pub(crate) id: KeyId,
    pub(crate) account: String,
    pub(crate) holder: String,
    pub(crate) name: String,
    pub(crate) request: String,
    pub(crate) lease: Option<Duration>,
    pub(crate) ends: Option<Ends>,
    /// The key to replace, and the overlap.
    pub(crate) replaces: Option<(KeyId, Duration)>,
}

impl Intent {
    /// The row to commit before the create is sent.
    pub(crate) fn into_row(self, now: Timestamp, timing: &Timing) -> KeyRow {
        let send_by = now.saturating_add(timing.send);
        let settle_after = send_by.saturating_add(timing.call).saturating_add(timing.propagation);
        let (replaces, overlap) = self.replaces.unzip();
        KeyRow {
            open_holder: replaces.is_none().then(|| self.holder.clone()),
            open_successor: replaces.clone(),
            id: self.id,
            account: self.account,
            holder: self.holder,
            name: self.name,
            state: KeyState::Intended,
            version: 0,
            request: self.request,
            granted: None,
            references: "[]".to_owned(),
            twins: "[]".to_owned(),
            lease: self.lease,
            expires_at: self.ends.map(|ends| ends.expires_at),
            leased_at: now,
            max_until: self.ends.map(|ends| ends.max_until),
            send_by,
            settle_after,
            deliver_by: now.saturating_add(timing.delivery).max(settle_after),
            deliver_began: None,
            replaces,
            replaced_by: None,
            overlap,
            created_at: now,
            changed_at: now,
            due_at: Some(settle_after),
            claimed_until: None,
            by_hand: false,
            attempts: 0,
            end_due: None,
            seen_at: None,
            seen_by: None,
            uses: None,
            first_look: None,
            watched: 0,
            keep_until: None,
            evidence: None,
            unproven: false,
            adopted: false,
            difference: None,
            failure: None,
        }
    }
}
