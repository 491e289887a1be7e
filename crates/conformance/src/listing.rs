//! Listings over all their pages, and keys in them.

use pinning_keys_core::{Discrepancies, KeyName, KeyPage, KeyQuery, KeyRecord, Operation};

use crate::bench::Bench;
use crate::verdict::Stop;

/// A listing with more pages counts as endless.
pub(crate) const MOST_PAGES: usize = 10_000;

/// All pages of a query.
#[derive(Default)]
pub(crate) struct Listing {
    pub(crate) records: Vec<KeyRecord>,
    pub(crate) discrepancies: Discrepancies,
    /// How many pages had a key on them.
    pub(crate) pages: usize,
}

impl Listing {
    fn add(&mut self, page: KeyPage) {
        self.discrepancies.merge(page.discrepancies());
        self.pages += usize::from(!page.records().is_empty());
        self.records.extend(page.into_records());
    }
}

impl Bench<'_> {
    /// Lists all pages of a query.
    pub(crate) async fn all_pages(&self, query: KeyQuery) -> Result<Listing, Stop> {
        let first = self.page(&query).await?;
        self.pages_from(query, first).await
    }

    /// The same, after the first page.
    pub(crate) async fn pages_from(
        &self,
        mut query: KeyQuery,
        first: KeyPage,
    ) -> Result<Listing, Stop> {
        let mut listing = Listing::default();
        let mut page = first;
        for _ in 0..MOST_PAGES {
            let next = page.next().cloned();
            listing.add(page);
            let Some(next) = next else { return Ok(listing) };
            if query.cursor() == Some(&next) {
                return Err(Stop::failed("the listing does not advance past a page"));
            }
            query = query.with_cursor(next);
            page = self.page(&query).await?;
        }
        Err(Stop::failed(format!("the listing does not end within {MOST_PAGES} pages")))
    }

    /// The record of the key with this name, once the provider lists it.
    pub(crate) async fn record(&self, name: &KeyName) -> Result<KeyRecord, Stop> {
        let mut patience = self.patience();
        loop {
            let listing = self.all_pages(self.query_for(name)).await?;
            let found = listing.records.iter().find(|record| record.name() == name.as_str());
            match found {
                Some(record) => return Ok(record.clone()),
                None if patience.again().await => {}
                None => {
                    // A record whose name contains the secret is not found either.
                    self.ensure_clean("the record of a key", &format!("{:?}", listing.records))?;
                    return Err(patience.over("created", "it is not listed"));
                }
            }
        }
    }

    /// The same, or `None` if the provider cannot list keys.
    pub(crate) async fn record_if_any(&self, name: &KeyName) -> Result<Option<KeyRecord>, Stop> {
        if self.harness().lacks(Operation::List) {
            return Ok(None);
        }
        self.record(name).await.map(Some)
    }

    /// A query that selects the key with this name, and as few others as possible.
    pub(crate) fn query_for(&self, name: &KeyName) -> KeyQuery {
        if self.profile().filters().name() {
            KeyQuery::new().with_name_containing(name.as_str())
        } else {
            KeyQuery::new()
        }
    }
}
