use crate::{Discrepancies, KeyRecord};

/// All keys that a listing showed, and signs that it may have missed one.
///
/// Returned by [`KeyStream::into_listing`](crate::KeyStream::into_listing) and
/// [`KeyIssuerExt::find`](crate::KeyIssuerExt::find).
///
/// ```
/// use pinning_keys_core::{Error, KeyIssuer, KeyIssuerExt, KeyQuery};
///
/// async fn count_keys(issuer: &dyn KeyIssuer) -> Result<usize, Error> {
///     let listing = issuer.keys(KeyQuery::new()).into_listing().await?;
///     if !listing.discrepancies().is_empty() {
///         eprintln!("the listing may be incomplete: {}", listing.discrepancies());
///     }
///     Ok(listing.records().len())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyListing {
    records: Vec<KeyRecord>,
    discrepancies: Discrepancies,
}

impl KeyListing {
    pub(crate) fn new(records: Vec<KeyRecord>, discrepancies: Discrepancies) -> Self {
        Self { records, discrepancies }
    }

    /// The keys, in the provider's order.
    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }

    /// The keys, in the provider's order, without a copy.
    #[must_use]
    pub fn into_records(self) -> Vec<KeyRecord> {
        self.records
    }

    /// Signs that the listing may have missed a key, or shown one twice.
    pub fn discrepancies(&self) -> Discrepancies {
        self.discrepancies
    }
}

impl IntoIterator for KeyListing {
    type Item = KeyRecord;
    type IntoIter = std::vec::IntoIter<KeyRecord>;

    fn into_iter(self) -> Self::IntoIter {
        self.records.into_iter()
    }
}
