//! Removes rows and audit lines that are no longer needed.

use std::time::Duration;

use crate::Error;
use crate::inner::Inner;
use crate::store::{Agendas, Prune};

/// How often a process prunes.
const PAUSE: Duration = Duration::from_hours(1);

/// How long the audit trail of removed rows is kept.
const AUDIT: Duration = Duration::from_hours(90 * 24);

/// The maximum number of rows that are removed at once.
const ROWS: usize = 1000;

/// Removes ended rows whose time has passed, and the audit trail of rows that were removed, 90 days
/// later. It does so at most once an hour, and only if the time is not in doubt, because removed
/// keys can no longer be recognized.
pub(crate) async fn prune(inner: &Inner, agendas: &Agendas) -> Result<(), Error> {
    let monotonic = inner.store.clock().monotonic();
    let is_certain = inner.clock_guard.check(agendas.now, &agendas.store);
    if is_certain && inner.pruning.is_due(monotonic, PAUSE) {
        let audit_before = agendas.now.saturating_sub(AUDIT);
        inner.store.prune(Prune { audit_before, limit: ROWS }).await?;
    }
    Ok(())
}
