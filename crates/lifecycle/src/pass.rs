//! Passes over an account's listing.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Cursor, KeyPage, KeyQuery};
use tracing::{debug, info};

use crate::back_off::back_off;
use crate::batch::is_about_account;
use crate::inner::{Account, Inner};
use crate::listing::page;
use crate::observe::observe;
use crate::progress::Progress;
use crate::slots::Class;
use crate::store::{AccountRow, Scope};
use crate::{Error, ErrorKind, Timestamp};

/// How long after the beginning of a pass the next one begins. One that takes longer is followed by
/// the next at once.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// How many pages are read at once, so that other work that is due gets its turn.
const PAGES: usize = 10;

/// Reads the next pages of the account's pass, or begins a new one, and takes note of what they show.
///
/// A pass reads the whole listing, revoked keys included, page by page. It takes at most a twentieth
/// of the account's rate limit, and one node at a time works on it. Its place is in the store, so
/// that another node continues it. Only a pass without any sign that the listing missed a key counts
/// as complete.
pub(crate) async fn pass(inner: &Arc<Inner>, account: &Arc<Account>) -> Result<Progress, Error> {
    let mut progress = Progress::default();
    for _ in 0..PAGES {
        let place = match claim(inner, account).await? {
            Claim::Place(place) => place,
            Claim::NotBefore(at) => {
                progress.retry_at = Some(at);
                return Ok(progress);
            }
        };
        let began = place.claimed_at;
        let page = match read(inner, account, &place).await {
            Ok(page) => page,
            Err(error) => {
                interrupt(inner, account, &place, &error).await?;
                return Err(error);
            }
        };
        let observed = observe(inner, account, page.records(), began).await?;
        progress.taken += page.records().len();
        progress.settled += observed.changed + observed.adopted;
        advance(inner, account, place, &page).await?;
    }
    Ok(progress)
}

/// A place in a pass, which this node has claimed.
#[derive(Clone)]
struct Place {
    pass_began: Timestamp,
    cursor: Option<String>,
    claimed_at: Timestamp,
}

impl Place {
    /// Whether the account's row is still at this place, claimed by this node.
    fn is_of(&self, row: &AccountRow, claim: Duration) -> bool {
        row.pass_began == Some(self.pass_began)
            && row.pass_cursor == self.cursor
            && row.pass_claimed_until == Some(self.claimed_at.saturating_add(claim))
    }
}

enum Claim {
    Place(Place),
    /// Nothing to do until then.
    NotBefore(Timestamp),
}

/// Claims the next page of the pass, if it is due and no other node works on it.
async fn claim(inner: &Inner, account: &Account) -> Result<Claim, Error> {
    let scope = Scope { account: Some(account.name.clone()), ..Scope::default() };
    let length = account.timing.claim;
    let claim = inner.transact(scope, move |tx| {
        let now = tx.now;
        let Some(row) = &mut tx.account else { return Ok(None) };
        let claimed = row.pass_claimed_until.filter(|until| *until > now);
        if let Some(at) = claimed.or((row.pass_due_at > now).then_some(row.pass_due_at)) {
            return Ok(Some(Claim::NotBefore(at)));
        }
        if row.pass_began.is_none() {
            row.pass_began = Some(now);
            row.pass_cursor = None;
            row.pass_flawed = false;
        }
        row.pass_claimed_until = Some(now.saturating_add(length));
        let pass_began = row.pass_began.unwrap_or(now);
        let cursor = row.pass_cursor.clone();
        Ok(Some(Claim::Place(Place { pass_began, cursor, claimed_at: now })))
    });
    claim.await?.ok_or_else(|| {
        let message = format!("the store has no account {:?}", account.name);
        Error::new(ErrorKind::NotFound, message)
    })
}

async fn read(inner: &Inner, account: &Account, place: &Place) -> Result<KeyPage, Error> {
    let query = match &place.cursor {
        Some(cursor) => KeyQuery::new().with_cursor(Cursor::new(cursor)),
        None => KeyQuery::new(),
    };
    page(inner, account, &query, Class::Pass).await
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
    let is_flawed = !page.discrepancies().is_empty() || is_stuck;
    if is_flawed {
        debug!(account = account.name, "the listing may have missed a key: {}", page.discrepancies());
    }
    let scope = Scope { account: Some(account.name.clone()), ..Scope::default() };
    let length = account.timing.claim;
    let decide = move |tx: &mut crate::store::Tx| {
        let Some(row) = tx.account.as_mut().filter(|row| place.is_of(row, length)) else {
            return Ok(());
        };
        row.pass_claimed_until = None;
        row.pass_flawed |= is_flawed;
        match next.clone().filter(|_| !is_stuck) {
            Some(next) => row.pass_cursor = Some(next),
            None => end(row),
        }
        Ok(())
    };
    inner.transact(scope, decide).await
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

/// Lets a pass wait after a page that could not be read. If the provider does not accept the place any
/// more, the pass ends.
async fn interrupt(
    inner: &Inner,
    account: &Account,
    place: &Place,
    error: &Error,
) -> Result<(), Error> {
    let scope = Scope { account: Some(account.name.clone()), ..Scope::default() };
    let (place, length) = (place.clone(), account.timing.claim);
    let is_about_account = is_about_account(error);
    let decide = move |tx: &mut crate::store::Tx| {
        let now = tx.now;
        let Some(row) = tx.account.as_mut().filter(|row| place.is_of(row, length)) else {
            return Ok(());
        };
        row.pass_claimed_until = None;
        if !is_about_account {
            row.pass_due_at = back_off(now, 3);
            row.pass_flawed = true;
        }
        Ok(())
    };
    inner.transact(scope, decide).await
}
