//! Passes over an account's listing.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Cursor, Discrepancies, ErrorKind as ProviderErrorKind, KeyPage, KeyQuery};
use tracing::{debug, info};

use crate::back_off::back_off;
use crate::batch::is_about_account;
use crate::calls::{account_of, take_slots};
use crate::effort::Effort;
use crate::gap::must_begin_anew;
use crate::inner::{Account, Inner};
use crate::listing::read;
use crate::observe::observe;
use crate::progress::Progress;
use crate::sight::LISTING;
use crate::slots::Class;
use crate::store::{AccountRow, KeyFilter, KeyRow, Tx};
use crate::{Error, ErrorKind, KeyState, Timestamp};

/// The time between the starts of two passes. A pass that takes longer is followed by the next one
/// at once.
const INTERVAL: Duration = Duration::from_hours(1);

/// A page that could not be read is read again after the back-off of this many failures in a row:
/// about 40 s.
const FAILURES: i64 = 3;

/// How many live keys are tried until one shows that the account is the right one: the oldest, most of
/// which any pass lists.
const WITNESSES: usize = 100;

/// How many pages are read at once, so that other work that is due gets its turn.
const PAGES: usize = 10;

/// Reads the next pages of the account's pass, or begins a new one, and records what they show.
///
/// A pass reads the whole listing, revoked keys included, page by page. It takes at most a twentieth
/// of the account's rate limit, and one node at a time works on it. Its place is in the store, so
/// that another node continues it. Only a pass without a sign that the listing may have missed a key
/// counts as complete.
pub(crate) async fn pass(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    effort: &Effort,
) -> Result<Progress, Error> {
    let mut progress = Progress::default();
    for _ in 0..PAGES {
        if effort.is_stopped() {
            break;
        }
        match step(inner, account, Class::Pass, effort).await? {
            Step::Read(page) => progress.add(page),
            Step::NotYet(_) | Step::Stopped => break,
        }
    }
    Ok(progress)
}

/// An attempt to read a page.
pub(crate) enum Step {
    /// A page was read.
    Read(Progress),
    /// Nothing to do now, but perhaps after this time.
    NotYet(Option<Duration>),
    /// The worker was stopped.
    Stopped,
}

/// Reads the next page of the account's pass, or the first one of a new pass.
pub(crate) async fn step(
    inner: &Arc<Inner>,
    account: &Arc<Account>,
    class: Class,
    effort: &Effort,
) -> Result<Step, Error> {
    let place = match claim(inner, account, class).await? {
        Claim::Place(place) => place,
        Claim::NotYet(time) => return Ok(Step::NotYet(time)),
    };
    if place.cursor.is_none() {
        account.pages.begin();
    }
    let query = place.query();
    let page = match effort.unless_stopped(read(inner, account, &query)).await {
        Some(Ok(page)) => page,
        Some(Err(error)) => {
            interrupt(inner, account, place, &error).await?;
            return Err(error);
        }
        None => {
            // Another node may read it at once.
            change(inner, account, place, |row, now| row.pass_due_at = now).await?;
            return Ok(Step::Stopped);
        }
    };
    account.pages.count();
    let observed = observe(inner, account, page.records(), place.claimed_at).await?;
    let taken = page.records().len();
    advance(inner, account, place, &page).await?;
    Ok(Step::Read(Progress { taken, settled: observed.changed + observed.adopted }))
}

/// A place in a pass, which this node has claimed.
#[derive(Clone)]
struct Place {
    pass_began: Timestamp,
    cursor: Option<String>,
    claimed_at: Timestamp,
}

impl Place {
    fn query(&self) -> KeyQuery {
        match &self.cursor {
            Some(cursor) => KeyQuery::new().with_cursor(Cursor::new(cursor)),
            None => KeyQuery::new(),
        }
    }

    /// Whether the account's row is still at this place, claimed by this node.
    fn is_of(&self, row: &AccountRow, claim: Duration) -> bool {
        row.pass_began == Some(self.pass_began)
            && row.pass_cursor == self.cursor
            && row.pass_claimed_until == Some(self.claimed_at.saturating_add(claim))
    }
}

enum Claim {
    Place(Place),
    /// Nothing to do now, but perhaps after this time.
    NotYet(Option<Duration>),
}

/// Claims the next page of the pass and takes its slot, if it is due and no other node works on it.
async fn claim(inner: &Inner, account: &Account, class: Class) -> Result<Claim, Error> {
    let (length, limit) = (account.timing.claim, account.limit);
    let claim = inner.transact(account.scope(), move |tx| {
        let now = tx.now;
        let row = account_of(tx)?;
        let is_claimed = row.pass_claimed_until.is_some_and(|until| until > now);
        if is_claimed || row.pass_due_at > now {
            return Ok(Claim::NotYet(None));
        }
        take_slots(tx, limit.as_ref(), class, 1)?;
        let begins_anew = must_begin_anew(tx);
        let row = account_of(tx)?;
        if row.pass_began.is_none() || begins_anew {
            row.pass_began = None;
            row.pass_cursor = None;
            row.pass_flawed = false;
        }
        let until = now.saturating_add(length);
        row.pass_claimed_until = Some(until);
        row.pass_due_at = until;
        let pass_began = *row.pass_began.get_or_insert(now);
        let cursor = row.pass_cursor.clone();
        Ok(Claim::Place(Place { pass_began, cursor, claimed_at: now }))
    });
    match claim.await {
        Err(error) if matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::AccountClosed) => {
            Ok(Claim::NotYet(error.wait()))
        }
        claim => claim,
    }
}

/// Records that a page was noted, unless another node has done so.
async fn advance(
    inner: &Inner,
    account: &Account,
    place: Place,
    page: &KeyPage,
) -> Result<(), Error> {
    let next = page.next().map(|next| next.as_str().to_owned());
    let is_stuck = next.is_some() && next == place.cursor;
    let is_last = next.is_none() || is_stuck;
    let mut is_flawed = may_hide_a_key(page.discrepancies()) || is_stuck;
    if is_last {
        account.pages.end();
        is_flawed |= !is_recognized(inner, account, place.pass_began).await?;
    }
    if is_flawed {
        debug!(
            account = account.name,
            "the listing may have missed a key: {}",
            page.discrepancies()
        );
    }
    change(inner, account, place, move |row, _| {
        row.pass_flawed |= is_flawed;
        if is_last {
            end(row);
        } else {
            row.pass_cursor.clone_from(&next);
            row.pass_due_at = row.low_slot_at;
        }
    })
    .await
}

/// Whether these discrepancies could hide a key that was there throughout.
///
/// A pass over a large account takes a long time, and keys are issued in the meantime: rows move to
/// later pages and are listed twice, and the total grows by the keys that are too new for the pass.
/// That alone hides no key.
fn may_hide_a_key(found: Discrepancies) -> bool {
    let grown = match found.changed_total() {
        None => Some(0),
        Some((first, last)) => last.checked_sub(first),
    };
    let unlisted = match found.wrong_total() {
        None => Some(0),
        Some((total, received)) => total.checked_sub(received),
    };
    let is_explained = grown.zip(unlisted).is_some_and(|(grown, unlisted)| unlisted <= grown);
    found.moved_rows() || found.repeated_page() || found.unreadable_rows() > 0 || !is_explained
}

/// Changes the account's row and releases the claim, if the pass is still at this place.
async fn change(
    inner: &Inner,
    account: &Account,
    place: Place,
    change: impl Fn(&mut AccountRow, Timestamp) + Send + Sync + 'static,
) -> Result<(), Error> {
    let length = account.timing.claim;
    let decide = move |tx: &mut Tx| {
        let now = tx.now;
        if let Some(row) = tx.account.as_mut().filter(|row| place.is_of(row, length)) {
            row.pass_claimed_until = None;
            change(row, now);
        }
        Ok(())
    };
    inner.transact(account.scope(), decide).await
}

/// Whether the pass has certainly listed this account. If the credential does not show its account,
/// only a live key that was listed proves it.
async fn is_recognized(
    inner: &Inner,
    account: &Account,
    pass_began: Timestamp,
) -> Result<bool, Error> {
    if account.identity.is_some() {
        return Ok(true);
    }
    let live = KeyFilter {
        account: Some(account.name.clone()),
        states: vec![KeyState::Live],
        ..KeyFilter::default()
    };
    let rows = inner.store.keys(&live, None, WITNESSES).await?;
    let was_listed = |row: &KeyRow| {
        row.seen_by.as_deref() == Some(LISTING) && row.seen_at.is_some_and(|at| at >= pass_began)
    };
    Ok(rows.iter().any(was_listed))
}

/// Ends a pass.
fn end(row: &mut AccountRow) {
    let Some(began) = row.pass_began.take() else { return };
    if !row.pass_flawed {
        row.full_pass_began = Some(began);
    }
    info!(account = row.name, complete = !row.pass_flawed, "ended a pass over the listing");
    row.pass_cursor = None;
    row.pass_due_at = began.saturating_add(INTERVAL);
}

/// Lets a pass wait after a page that could not be read. If the provider no longer accepts the
/// place, the pass ends.
async fn interrupt(
    inner: &Inner,
    account: &Account,
    place: Place,
    error: &Error,
) -> Result<(), Error> {
    let kind = error.provider_error().map(pinning_keys_core::Error::kind);
    let is_refused = kind == Some(ProviderErrorKind::InvalidInput);
    let wait =
        if is_about_account(error) { Duration::ZERO } else { back_off(&account.name, FAILURES) };
    change(inner, account, place, move |row, now| {
        if is_refused {
            row.pass_flawed = true;
            end(row);
        }
        row.pass_due_at = now.saturating_add(wait);
    })
    .await
}
