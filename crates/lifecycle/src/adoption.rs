//! A row for a key that the store has lost. Nothing here does I/O.

use pinning_keys_core::KeyRecord;

use crate::request_form::{GrantedForm, RequestForm};
use crate::sight::LISTING;
use crate::store::{KeyRow, StoreRow};
use crate::{KeyState, Suffix, Timestamp};

/// A row for a listed key that has the store's label but no row. The key continues to work until
/// the maximum in its name.
pub(crate) fn adopted(
    account: &str,
    suffix: &Suffix,
    record: &KeyRecord,
    now: Timestamp,
) -> KeyRow {
    // PostgreSQL keeps no character 0.
    let name = record.name().replace('\0', "\u{fffd}");
    let max_until = suffix.max_until();
    let granted = GrantedForm::of_record(record);
    let mut row = KeyRow {
        id: suffix.id().clone(),
        account: account.to_owned(),
        holder: pinning_keys_core::escaped(&name[..name.len() - Suffix::CHARS]),
        name,
        state: KeyState::Live,
        version: 0,
        request: RequestForm::of_granted(&granted, max_until).to_text().unwrap_or_default(),
        granted: granted.to_text().ok(),
        references: "[]".to_owned(),
        twins: "[]".to_owned(),
        lease: None,
        expires_at: max_until,
        leased_at: now,
        max_until,
        send_by: now,
        settle_after: now,
        deliver_by: now,
        deliver_began: None,
        replaces: None,
        replaced_by: None,
        overlap: None,
        // The holder may have another key by now. This one takes its place when it is kept.
        open_holder: None,
        open_successor: None,
        created_at: now,
        changed_at: now,
        due_at: max_until,
        claimed_until: None,
        by_hand: false,
        attempts: 0,
        end_due: None,
        seen_at: Some(now),
        seen_by: Some(LISTING.to_owned()),
        uses: record.uses().and_then(|uses| i64::try_from(uses).ok()),
        first_look: None,
        watched: 0,
        keep_until: None,
        evidence: Some("a listing shows it, and the store had no row".to_owned()),
        unproven: false,
        adopted: true,
        difference: None,
        failure: None,
    };
    row.add_reference(record.key_ref());
    row
}

/// Marks the store as one that has forgotten something.
///
/// Each stray marks it anew: what was forgotten with this one is not older than the stray.
pub(crate) fn mark_rolled_back(store: &mut StoreRow, now: Timestamp, row: &KeyRow) {
    store.rolled_back_at = Some(now);
    store.rolled_back_because = Some(format!(
        "account {:?} has key {}, of which the store had no row",
        row.account, row.id
    ));
    store.acknowledged = false;
}
