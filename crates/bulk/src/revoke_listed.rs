use std::sync::Arc;

use pinning_keys_core::{
    Discrepancies, Error, KeyIssuer, KeyIssuerExt as _, KeyQuery, KeyRecord, Operation, Patient,
};
use tokio::time::sleep;

use crate::batch::PATIENCE;
use crate::{RevokeMany, revoke_many, runtime};

/// Lists keys, and returns a batch that revokes those that are selected.
///
/// The whole list is read before anything is revoked, because revoking while a list is read moves
/// its rows. When the rate limit is exceeded, the listing waits as the batch does. Keys that are
/// listed as revoked are left out.
///
/// The [`Discrepancies`] are those of the listing. If there are any, a key may have been missed:
/// run it again.
///
/// `select` decides by the record, because the filters of a query are wide: a name filter also
/// matches longer names. A list can contain the key that the issuer itself uses: do not select it,
/// or the calls after it are refused.
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_bulk::revoke_listed;
/// use pinning_keys_core::{KeyIssuer, KeyQuery, KeyRecord, KeyRequest, ScopeRequest};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
/// #     .with_transport(emulator.transport())
/// #     .build()?;
/// for name in ["ci-1", "ci-2", "dashboard"] {
///     issuer.issue(&KeyRequest::new(name, ScopeRequest::reader())?).await?;
/// }
/// let query = KeyQuery::new().with_name_containing("ci-").with_revoked(false);
/// let is_ours = |record: &KeyRecord| record.name().starts_with("ci-");
/// let (mut keys, discrepancies) = revoke_listed(Arc::clone(&issuer), query, is_ours).await?;
/// while let Some((key, result)) = keys.next().await {
///     println!("{key}: {}", result?);
/// }
/// assert!(discrepancies.is_empty());
/// assert_eq!(emulator.keys_live(), 1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`KeyIssuer::list`], and [`ErrorKind::Configuration`](pinning_keys_core::ErrorKind) without a
/// tokio runtime; nothing was revoked.
pub async fn revoke_listed(
    issuer: impl KeyIssuer + 'static,
    query: KeyQuery,
    select: impl Fn(&KeyRecord) -> bool + Send,
) -> Result<(RevokeMany, Discrepancies), Error> {
    let issuer: Arc<dyn KeyIssuer> = Arc::new(issuer);
    runtime::require_for(&issuer, Operation::List)?;
    let patient = Patient::new(Arc::clone(&issuer), PATIENCE, sleep);
    let listing = patient.keys(query).into_listing().await?;
    let discrepancies = listing.discrepancies();
    let is_live = |record: &KeyRecord| record.is_revoked() != Some(true);
    let records = listing.into_iter().filter(|record| is_live(record) && select(record));
    let keys: Vec<_> = records.map(|record| record.key_ref().clone()).collect();
    Ok((revoke_many(issuer, keys), discrepancies))
}
