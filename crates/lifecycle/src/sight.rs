//! What a listing says about one row. Nothing here does I/O.

use std::time::Duration;

use pinning_keys_core::{KeyRecord, KeyRef};

use crate::difference::difference;
use crate::recognition::is_alive;
use crate::request_form::GrantedForm;
use crate::store::KeyRow;
use crate::text::scrubbed;
use crate::timing::KEEP;
use crate::{KeyState, Timestamp};

/// The evidence of a row whose key somebody else has revoked.
const SHOWN_AS_REVOKED: &str = "a listing shows it as revoked";

/// The value of `seen_by` for a key that a listing showed.
pub(crate) const LISTING: &str = "listing";

/// The maximum number of further keys of one name that are recorded.
const MOST_TWINS: usize = 20;

/// The listing that shows something.
#[derive(Clone, Copy)]
pub(crate) struct Listing<'a> {
    /// The account that was listed.
    pub(crate) account: &'a str,
    /// The store's time before the request.
    pub(crate) began: Timestamp,
    /// How long the provider needs until a change shows everywhere.
    pub(crate) propagation: Duration,
    /// When the store last noticed that it had forgotten something.
    pub(crate) rolled_back_at: Option<Timestamp>,
}

/// Changes a row according to what a listing shows of it, which are the records that
/// [`Recognition`](crate::recognition::Recognition) assigns to it.
///
/// It records facts, and concludes nothing from the absence of a key.
pub(crate) fn see(row: &mut KeyRow, records: &[KeyRecord], listing: Listing<'_>, now: Timestamp) {
    let references = row.key_refs();
    let (own, others): (Vec<_>, Vec<_>) =
        records.iter().partition(|record| references.contains(record.key_ref()));
    if row.account != listing.account {
        if !row.state.is_tombstone() && own.iter().any(|record| is_alive(record, now)) {
            row.difference = Some(format!("account {:?} lists it", listing.account));
        }
        return;
    }
    match row.state {
        // Its create may be in flight, and will report the key.
        KeyState::Intended => {}
        KeyState::InDoubt => in_doubt(row, records, listing, now),
        KeyState::Undelivered | KeyState::Live => {
            open(row, &own, listing, now);
            note_twins(row, &others, now);
        }
        KeyState::Revoking => revoking(row, &own, &others, now),
        KeyState::Closed | KeyState::Revoked => ended(row, records, listing, now),
        KeyState::Forgotten => forgotten(row, records, now),
    }
}

/// Nobody has the secret, so each key of exactly this name must end. One whose name is only similar
/// may be somebody else's.
fn in_doubt(row: &mut KeyRow, records: &[KeyRecord], listing: Listing<'_>, now: Timestamp) {
    for record in records.iter().filter(|record| is_alive(record, now)) {
        if record.name() == row.name && row.may_be_handed_over(listing.rolled_back_at) {
            let granted = GrantedForm::of_record(record).to_text().ok();
            row.found_again(now, record.key_ref(), granted);
        } else if record.name() == row.name {
            row.shown_alive(now, record.key_ref());
        } else if row.state == KeyState::InDoubt {
            row.difference = Some(scrubbed(&format!(
                "a listed key may be this one under another name: {:?} ({})",
                record.name(),
                record.key_ref(),
            )));
        }
    }
}

fn open(row: &mut KeyRow, own: &[&KeyRecord], listing: Listing<'_>, now: Timestamp) {
    for record in own {
        if record.is_revoked() == Some(true) {
            row.ended(now, SHOWN_AS_REVOKED, false);
            return;
        }
        note_presence(row, record, listing.began, now);
        if record.name() != row.name
            && row.state == KeyState::Undelivered
            && !row.may_be_in_use(listing.rolled_back_at)
        {
            row.end(now, now, false, "the provider recorded another name");
            return;
        }
        row.difference = difference(row, record).map(|text| scrubbed(&text));
    }
}

fn revoking(row: &mut KeyRow, own: &[&KeyRecord], others: &[&KeyRecord], now: Timestamp) {
    for record in own.iter().filter(|record| is_alive(record, now)) {
        row.add_reference(record.key_ref());
    }
    if row.granted.is_none() {
        // Its create was in doubt.
        for record in others {
            if record.name() == row.name && is_alive(record, now) {
                row.add_reference(record.key_ref());
            }
        }
    } else {
        note_twins(row, others, now);
    }
    let references = row.key_refs();
    let is_revoked = |key: &KeyRef| {
        own.iter().any(|record| record.key_ref() == key && record.is_revoked() == Some(true))
    };
    if !references.is_empty() && references.iter().all(is_revoked) {
        row.ended(now, SHOWN_AS_REVOKED, false);
    }
}

/// A listing that lags behind still shows a key that has just ended.
fn ended(row: &mut KeyRow, records: &[KeyRecord], listing: Listing<'_>, now: Timestamp) {
    if listing.began < row.changed_at.saturating_add(listing.propagation) {
        return;
    }
    let references = row.key_refs();
    for record in records {
        let is_its_key = references.contains(record.key_ref()) || record.name() == row.name;
        if !is_its_key {
            note_twins(row, &[record], now);
        } else if is_alive(record, now) {
            row.shown_alive(now, record.key_ref());
        }
    }
}

/// The key may live on. While it is seen, its row is kept; otherwise the key would become a stray.
fn forgotten(row: &mut KeyRow, records: &[KeyRecord], now: Timestamp) {
    let soon = now.saturating_add(KEEP / 2);
    if records.iter().any(|record| is_alive(record, now))
        && row.keep_until.is_none_or(|until| until < soon)
    {
        row.keep_until = Some(now.saturating_add(KEEP));
    }
}

/// Records that a listing shows the key, unless one did since this one began.
fn note_presence(row: &mut KeyRow, record: &KeyRecord, began: Timestamp, now: Timestamp) {
    row.add_reference(record.key_ref());
    // A listing may lag, and uses never become fewer.
    row.uses = row.uses.max(record.uses().and_then(|uses| i64::try_from(uses).ok()));
    let was_listed = row.seen_by.as_deref() == Some(LISTING);
    if !was_listed || row.seen_at.is_none_or(|at| at < began) {
        row.seen(now, LISTING);
    }
}

/// Records which keys carry the row's id in their names without being its key. They are reported
/// and left alone.
fn note_twins(row: &mut KeyRow, others: &[&KeyRecord], now: Timestamp) {
    let mut twins: Vec<KeyRef> = serde_json::from_str(&row.twins).unwrap_or_default();
    for record in others {
        let place = twins.iter().position(|twin| twin == record.key_ref());
        match (place, is_alive(record, now)) {
            (Some(place), false) => {
                twins.remove(place);
            }
            (None, true) if twins.len() < MOST_TWINS => twins.push(record.key_ref().clone()),
            _ => {}
        }
    }
    if let Ok(text) = serde_json::to_string(&twins) {
        row.twins = text;
    }
}
