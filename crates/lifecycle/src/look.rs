//! Looks for the keys of rows in an account's listing.

use std::collections::HashSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use pinning_keys_core::{KeyPage, KeyQuery, KeyRecord};

use crate::inner::{Account, Inner};
use crate::listing::{page, read};
use crate::recognition::Recognition;
use crate::slots::Class;
use crate::store::{KeyFilter, KeyRow};
use crate::{Error, KeyId, KeyState, Suffix, Timestamp};

/// How many searches are in flight at once.
const SEARCHES: usize = 8;

/// How many live keys are searched for until one shows that the account is the right one.
const WITNESSES: usize = 3;

/// The number of rows that are searched for one by one, whatever the listing's size, after a look
/// that was disturbed.
pub(crate) const FEW: usize = 20;

/// What a look found.
#[derive(Debug)]
pub(crate) struct Look {
    /// The store's time before the first request.
    pub(crate) began: Timestamp,
    /// Whether absence from the look proves that a key does not exist: nothing suggests that the
    /// listing missed a key, and it is a listing of the right account.
    pub(crate) complete: bool,
    /// Whether nothing suggests that the listing missed a key.
    pub(crate) is_flawless: bool,
    /// Whether it is a listing of the right account.
    pub(crate) is_recognized: bool,
    /// The records that concern the rows: keys whose name carries a row's id, keys of known
    /// references, and keys whose name is the beginning of the name of a row in doubt. Revoked ones
    /// are included.
    pub(crate) records: Vec<(KeyId, KeyRecord)>,
}

impl Look {
    /// What it found about a row.
    pub(crate) fn records_of<'a>(&'a self, id: &'a KeyId) -> impl Iterator<Item = &'a KeyRecord> {
        self.records.iter().filter(move |(of, _)| of == id).map(|(_, record)| record)
    }
}

/// Looks for the keys of these rows of the account.
///
/// A look searches for the suffix of each name if the provider filters names and the listing is known
/// to have more pages than there are rows. Otherwise it reads the whole listing, revoked keys
/// included, and gives that up for searches as soon as they cost less.
pub(crate) async fn look(
    inner: &Inner,
    account: &Account,
    rows: &[KeyRow],
    class: Class,
) -> Result<Look, Error> {
    let (began, changes_before) = changes(inner, account).await?;
    let known = Recognition::of(rows);
    let mut found = Found { account, known, records: Vec::new(), is_recognized: false };
    found.is_recognized = account.identity.is_some();
    // A search by suffix does not show a name that was truncated.
    let can_search = account.issuer.profile().filters().name() && !rows.iter().any(may_be_similar);
    let search_first = account.pages.get().is_some_and(|pages| rows.len() < pages);
    let mut is_flawless = false;
    if !(can_search && search_first) {
        let most = can_search.then_some(rows.len());
        is_flawless = found.read(inner, class, most, changes_before).await?;
    }
    let affordable = account.pages.get().unwrap_or_default().max(FEW);
    if can_search && !is_flawless && rows.len() <= affordable {
        found.records.clear();
        is_flawless = found.search(inner, class, rows).await?;
    }
    Ok(found.into_look(began, is_flawless))
}

/// Looks at the first page of the listing, without waiting for room in the rate limit. If there are
/// more pages, it proves the absence of nothing.
pub(crate) async fn glance(
    inner: &Inner,
    account: &Account,
    rows: &[KeyRow],
    class: Class,
) -> Result<Look, Error> {
    let (began, _) = changes(inner, account).await?;
    inner.slot(account, class, 1, false).await?;
    let page = read(inner, account, &KeyQuery::new()).await?;
    let is_whole = page.next().is_none();
    if is_whole {
        account.pages.set(1);
    } else {
        account.pages.exceeds(1);
    }
    let is_flawless = is_whole && page.discrepancies().is_empty();
    let known = Recognition::of(rows);
    let is_recognized = account.identity.is_some();
    let mut found = Found { account, known, records: Vec::new(), is_recognized };
    found.take(inner, page).await?;
    Ok(found.into_look(began, is_flawless))
}

/// Whether a listing has shown a key of a similar name, which may be the one in doubt.
fn may_be_similar(row: &KeyRow) -> bool {
    row.state == KeyState::InDoubt && row.difference.is_some()
}

/// The store's time, and how often this store has changed the account's keys.
async fn changes(inner: &Inner, account: &Account) -> Result<(Timestamp, i64), Error> {
    inner
        .transact(account.scope(), |tx| {
            Ok((tx.now, tx.account.as_ref().map_or(0, |row| row.changes)))
        })
        .await
}

/// What was found so far.
struct Found<'a> {
    account: &'a Account,
    known: Recognition<'a>,
    records: Vec<(KeyId, KeyRecord)>,
    /// Whether the listing is certainly that of the account.
    is_recognized: bool,
}

impl Found<'_> {
    fn into_look(self, began: Timestamp, is_flawless: bool) -> Look {
        let Self { records, is_recognized, .. } = self;
        let complete = is_flawless && is_recognized;
        Look { began, complete, is_flawless, is_recognized, records }
    }

    /// Reads the whole listing, or `most` pages of it. Returns whether it was read to its end
    /// without a sign that it may have missed a key.
    async fn read(
        &mut self,
        inner: &Inner,
        class: Class,
        most: Option<usize>,
        changes_before: i64,
    ) -> Result<bool, Error> {
        let (mut query, mut pages, mut is_flawless) = (KeyQuery::new(), 0, true);
        loop {
            let page = page(inner, self.account, &query, class).await?;
            pages += 1;
            is_flawless &= page.discrepancies().is_empty();
            let next = page.next().cloned();
            self.take(inner, page).await?;
            match next {
                None => break,
                // It would be requested forever.
                Some(next) if query.cursor() == Some(&next) => return Ok(false),
                Some(_) if most.is_some_and(|most| pages >= most) => {
                    self.account.pages.exceeds(pages);
                    return Ok(false);
                }
                Some(next) => query = query.with_cursor(next),
            }
        }
        self.account.pages.set(pages);
        // A single page is one response, in which nothing moves.
        let (_, changes_after) = changes(inner, self.account).await?;
        Ok(is_flawless && (pages == 1 || changes_before == changes_after))
    }

    /// Searches for the key of each row. Returns whether there was no sign that a key was missed.
    async fn search(
        &mut self,
        inner: &Inner,
        class: Class,
        rows: &[KeyRow],
    ) -> Result<bool, Error> {
        let account = self.account;
        let mut is_flawless = true;
        // With a closure that borrows, the future would not be `Send`.
        let mut searches = Vec::new();
        for row in rows {
            searches.push(search(inner, account, class, row));
        }
        let answers: Vec<_> = stream::iter(searches).buffered(SEARCHES).try_collect().await?;
        for pages in answers {
            is_flawless &= pages.last().is_none_or(|page| page.next().is_none());
            for page in pages {
                is_flawless &= page.discrepancies().is_empty();
                self.take(inner, page).await?;
            }
        }
        if !self.is_recognized {
            self.find_witness(inner, class).await?;
        }
        Ok(is_flawless)
    }

    /// Keeps what concerns the rows.
    async fn take(&mut self, inner: &Inner, page: KeyPage) -> Result<(), Error> {
        if !self.is_recognized {
            self.is_recognized = is_witness(inner, self.account, page.records()).await?;
        }
        for record in page.into_records() {
            let rows = self.known.rows_of(&record);
            self.records.extend(rows.into_iter().map(|row| (row.id.clone(), record.clone())));
        }
        Ok(())
    }

    /// Searches for keys that the store knows as live in the account.
    async fn find_witness(&mut self, inner: &Inner, class: Class) -> Result<(), Error> {
        let live = KeyFilter {
            account: Some(self.account.name.clone()),
            states: vec![KeyState::Live],
            ..KeyFilter::default()
        };
        for row in inner.store.keys(&live, None, WITNESSES).await? {
            for page in search(inner, self.account, class, &row).await? {
                self.is_recognized |= is_witness(inner, self.account, page.records()).await?;
            }
            if self.is_recognized {
                break;
            }
        }
        Ok(())
    }
}

/// The maximum number of pages of one search: only one key, or a few, have the suffix.
const MOST_PAGES: usize = 5;

/// Searches for the key of a row. If there are too many pages, the last one shows that there are
/// more.
async fn search(
    inner: &Inner,
    account: &Account,
    class: Class,
    row: &KeyRow,
) -> Result<Vec<KeyPage>, Error> {
    let suffix = Suffix::of_name(&row.name);
    let text = suffix.map_or_else(|| row.name.clone(), |suffix| suffix.to_string());
    let mut query = KeyQuery::new().with_name_containing(text);
    let mut pages: Vec<KeyPage> = Vec::new();
    while pages.len() < MOST_PAGES {
        let page = page(inner, account, &query, class).await?;
        let next = page.next().cloned();
        pages.push(page);
        match next {
            Some(next) => query = query.with_cursor(next),
            None => break,
        }
    }
    Ok(pages)
}

/// Whether the store knows one of these keys as live in this account. If the credential does not
/// show its account, nothing else proves that the listing is the account's.
async fn is_witness(
    inner: &Inner,
    account: &Account,
    records: &[KeyRecord],
) -> Result<bool, Error> {
    let alive = records.iter().filter(|record| record.is_revoked() != Some(true));
    let named: Vec<_> = alive
        .filter_map(|record| Some((Suffix::of_name(record.name())?.id().clone(), record)))
        .collect();
    if named.is_empty() {
        return Ok(false);
    }
    let ids: HashSet<KeyId> = named.iter().map(|(id, _)| id.clone()).collect();
    let rows = inner.store.find(&ids.into_iter().collect::<Vec<_>>()).await?;
    Ok(rows.iter().any(|row| {
        let exists =
            matches!(row.state, KeyState::Undelivered | KeyState::Live | KeyState::Revoking);
        let references = row.key_refs();
        exists
            && row.account == account.name
            && named.iter().any(|(id, record)| {
                *id == row.id && record.name() == row.name && references.contains(record.key_ref())
            })
    }))
}
