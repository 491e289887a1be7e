//! The changes that the verbs make to the rows of keys; see [`Verb`]. Nothing here does I/O.
//!
//! Each function checks the state itself, under the lock of the transaction that calls it. Facts
//! (what a create made, what a listing shows) are accepted in every state; decisions, only in
//! states in which the table allows them.

use std::time::Duration;

use pinning_keys_core::KeyRef;

use crate::request_form::RequestForm;
use crate::sight::LISTING;
use crate::store::{KeyRow, StoreRow};
use crate::timing::{KEEP, WATCH};
use crate::{Error, ErrorKind, KeyState, Timestamp, Verb};

/// Why a delivery stays open after its deadline.
const FORGOTTEN: &str = "the store has forgotten something, perhaps that the delivery was confirmed: confirm it, or \
     revoke the key";

/// The result of a create.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) reference: KeyRef,
    pub(crate) granted: String,
    /// When the key's own token expires.
    pub(crate) token_expiry: Option<Timestamp>,
}

/// Who gets the key that a create has made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MadeFor {
    /// The caller, who must deliver it in time.
    Caller,
    /// Nobody: the intent was given up in the meantime, and the key is revoked or left alone.
    Nobody,
}

impl KeyRow {
    /// The key's references; one that cannot be parsed is left out.
    pub(crate) fn key_refs(&self) -> Vec<KeyRef> {
        let texts: Vec<String> = serde_json::from_str(&self.references).unwrap_or_default();
        texts.iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// Adds a reference, or the id of a known one.
    pub(crate) fn add_reference(&mut self, key: &KeyRef) {
        let mut known = self.key_refs();
        match known.iter_mut().find(|it| *it == key) {
            Some(it) if it.id().is_none() => *it = key.clone(),
            Some(_) => {}
            None => known.push(key.clone()),
        }
        self.references = texts(&known);
    }

    pub(crate) fn enter(&mut self, state: KeyState, now: Timestamp) {
        self.state = state;
        self.changed_at = now;
        self.claimed_until = None;
        self.first_look = None;
        self.attempts = 0;
        if !state.is_open() {
            self.open_holder = None;
            self.open_successor = None;
        }
    }

    /// Records what the create has made.
    pub(crate) fn issued(&mut self, now: Timestamp, made: &Made) -> MadeFor {
        self.add_reference(&made.reference);
        self.granted.get_or_insert_with(|| made.granted.clone());
        self.seen(now, "create");
        if let Some(expiry) = made.token_expiry {
            // No lease outlives the key's own token.
            self.max_until = Some(self.max_until.map_or(expiry, |max| max.min(expiry)));
            self.expires_at = Some(self.expires_at.map_or(expiry, |at| at.min(expiry)));
        }
        match self.state {
            KeyState::Intended => {
                self.enter(KeyState::Undelivered, now);
                self.due_at = Some(self.deliver_by);
                return MadeFor::Caller;
            }
            KeyState::InDoubt | KeyState::Closed | KeyState::Revoked => {
                let by_hand = self.by_hand;
                self.end(now, now, by_hand, "its create was carried out late");
            }
            // One create is sent for each row, so this repeats a commit whose result was lost.
            KeyState::Undelivered => return MadeFor::Caller,
            KeyState::Revoking | KeyState::Forgotten | KeyState::Live => {}
        }
        MadeFor::Nobody
    }

    /// Records that the create certainly made nothing.
    pub(crate) fn not_made(&mut self, now: Timestamp, why: String) {
        if matches!(self.state, KeyState::Intended | KeyState::InDoubt) {
            self.enter(KeyState::Closed, now);
            self.evidence = Some("the create was not carried out".to_owned());
            self.failure = Some(why);
            self.bury(now);
        }
    }

    /// Records that the outcome of the create is unknown.
    pub(crate) fn doubted(&mut self, now: Timestamp, why: Option<String>) {
        if self.state == KeyState::Intended {
            self.enter(KeyState::InDoubt, now);
            self.due_at = Some(self.settle_after.max(now));
            self.failure = why;
        }
    }

    /// Records that two looks did not find the key of an intent in doubt, or that there were no two
    /// looks in time.
    pub(crate) fn settled_as_nothing(&mut self, now: Timestamp, unproven: bool) {
        if self.state == KeyState::InDoubt {
            self.enter(KeyState::Closed, now);
            self.unproven = unproven;
            self.evidence = Some(if unproven {
                "no complete listing was available within a day".to_owned()
            } else {
                "two listings do not show the key".to_owned()
            });
            self.bury(now);
        }
    }

    /// Ends the key: it has been due since `end_due`, and the worker revokes it from `now` on.
    pub(crate) fn end(&mut self, now: Timestamp, end_due: Timestamp, by_hand: bool, why: &str) {
        self.enter(KeyState::Revoking, now);
        self.end_due = Some(end_due);
        self.due_at = Some(now);
        self.by_hand = by_hand;
        self.unproven = false;
        self.evidence = Some(why.to_owned());
        self.keep_until = None;
    }

    /// Records that the key has ended.
    pub(crate) fn ended(&mut self, now: Timestamp, evidence: &str, unproven: bool) {
        if matches!(self.state, KeyState::Forgotten | KeyState::Closed | KeyState::Revoked) {
            return;
        }
        self.enter(KeyState::Revoked, now);
        self.evidence = Some(evidence.to_owned());
        self.unproven = unproven;
        self.bury(now);
    }

    /// Records that a key exists although its row says that it has ended or was never created.
    pub(crate) fn shown_alive(&mut self, now: Timestamp, key: &KeyRef) {
        self.add_reference(key);
        self.seen(now, LISTING);
        match self.state {
            KeyState::InDoubt | KeyState::Closed | KeyState::Revoked => {
                let by_hand = self.by_hand;
                self.end(now, now, by_hand, "a listing shows the key");
            }
            _ => {}
        }
    }

    /// Records that the key was seen alive.
    pub(crate) fn seen(&mut self, now: Timestamp, by: &str) {
        self.seen_at = Some(now);
        self.seen_by = Some(by.to_owned());
    }

    /// Keeps the row for a while, to recognize the key if it shows up after all.
    pub(crate) fn bury(&mut self, now: Timestamp) {
        const DAY: Duration = Duration::from_hours(24);
        let keep = now.saturating_add(KEEP);
        // The name shows the day after the maximum.
        let named = self.max_until.map_or(keep, |max| max.saturating_add(DAY));
        self.keep_until = Some(keep.max(named));
        self.end_due = None;
        self.watched = 0;
        self.due_at = Some(now.saturating_add(WATCH[0]));
    }

    /// Records that an ended row was looked at again, and when the next look is due.
    pub(crate) fn watched_again(&mut self, now: Timestamp) {
        self.watched += 1;
        let next = usize::try_from(self.watched).ok().and_then(|step| WATCH.get(step));
        self.due_at = next.map(|after| self.changed_at.saturating_add(*after).max(now));
        self.claimed_until = None;
    }

    /// Whether the secret may have reached its place, in a rotation, or the store may have forgotten
    /// that it did: then the key is kept until a later attempt is confirmed, or its lease ends.
    pub(crate) fn may_be_in_use(&self, rolled_back_at: Option<Timestamp>) -> bool {
        let may_be_delivered = self.replaces.is_some() && self.deliver_began.is_some();
        self.state == KeyState::Undelivered
            && (may_be_delivered || self.is_from_before(rolled_back_at))
    }

    /// Whether the store has forgotten something since the row was made.
    fn is_from_before(&self, rolled_back_at: Option<Timestamp>) -> bool {
        rolled_back_at.is_some_and(|at| self.created_at <= at)
    }

    /// Whether its create may have succeeded, and its delivery have been confirmed, before the store
    /// forgot it. A create that was in doubt before never hands anything over.
    pub(crate) fn may_be_handed_over(&self, rolled_back_at: Option<Timestamp>) -> bool {
        self.state == KeyState::InDoubt
            && !self.by_hand
            && self.is_from_before(rolled_back_at)
            && rolled_back_at.is_some_and(|at| at <= self.changed_at)
    }

    /// Records that a key exists whose secret somebody may have.
    pub(crate) fn found_again(&mut self, now: Timestamp, key: &KeyRef, granted: Option<String>) {
        self.add_reference(key);
        self.seen(now, LISTING);
        self.enter(KeyState::Undelivered, now);
        self.granted = granted;
        self.due_at = Some(self.deliver_by.max(now));
        self.evidence = Some("a listing shows the key".to_owned());
        self.failure = Some(FORGOTTEN.to_owned());
    }

    /// Whether the lease was issued as renewable up to a maximum, which successors inherit.
    fn passes_on_maximum(&self) -> bool {
        RequestForm::read(&self.request).is_ok_and(|form| form.max_until().is_some())
    }

    /// Renews the lease.
    pub(crate) fn renew(&mut self, now: Timestamp) -> Result<(), Error> {
        Verb::Renew.check(&self.id, self.state)?;
        let refused = |why: &str| {
            Err(Error::new(ErrorKind::WrongState, format!("cannot renew: {why}"))
                .with_key(&self.id))
        };
        let (Some(length), Some(expires_at), Some(max)) =
            (self.lease, self.expires_at, self.max_until)
        else {
            return refused("the key has no lease");
        };
        if let Some(next) = &self.replaced_by {
            return refused(&format!("the key was replaced by {next}"));
        }
        if expires_at <= now {
            return refused("its lease is over");
        }
        if expires_at >= max {
            return refused(if self.passes_on_maximum() {
                "its lease has reached its maximum"
            } else {
                "its lease is not renewable"
            });
        }
        let renewed = now.saturating_add(length).min(max);
        self.expires_at = Some(renewed.max(expires_at));
        self.leased_at = now;
        self.due_at = self.expires_at;
        Ok(())
    }

    /// Ends a due row if it must end. Returns whether it is now being revoked.
    pub(crate) fn end_if_due(&mut self, now: Timestamp, store: &StoreRow) -> bool {
        match self.state {
            KeyState::Revoking => true,
            KeyState::Undelivered
                if !self.may_be_in_use(store.rolled_back_at) && self.deliver_by <= now =>
            {
                let due = self.deliver_by;
                self.end(now, due, false, "its delivery was not confirmed in time");
                true
            }
            KeyState::Undelivered | KeyState::Live => {
                let Some(expires_at) = self.expires_at.filter(|at| *at <= now) else {
                    if self.may_be_in_use(store.rolled_back_at) {
                        // A later attempt may be made now.
                        self.open_successor = None;
                        if self.is_from_before(store.rolled_back_at) {
                            self.failure = Some(FORGOTTEN.to_owned());
                        }
                    }
                    self.due_at = self.expires_at;
                    return false;
                };
                // The store has forgotten renewals, perhaps of this lease.
                let forgotten = store.rolled_back_at.is_some_and(|at| self.leased_at <= at);
                let max = self.max_until.filter(|max| forgotten && *max > now);
                if let (Some(max), None) = (max, &self.replaced_by) {
                    self.expires_at = Some(max);
                    self.leased_at = now;
                    self.due_at = Some(max);
                    return false;
                }
                self.end(now, expires_at, false, "its lease is over");
                true
            }
            _ => false,
        }
    }
}

fn texts(keys: &[KeyRef]) -> String {
    let texts: Vec<String> = keys.iter().map(KeyRef::to_string).collect();
    serde_json::to_string(&texts).unwrap_or_else(|_| "[]".to_owned())
}
