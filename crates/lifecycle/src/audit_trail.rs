use crate::store::{AuditFilter, AuditRow};
use crate::{Error, KeyManager};

impl KeyManager {
    /// Returns a page of the audit trail, oldest first: at most `limit` lines that match the
    /// filter, after the line with this [number](AuditRow::number) (0: from the beginning).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # let manager = KeyManager::builder(MemoryStore::new(SystemClock)?).build().await?;
    /// use pinning_keys_lifecycle::AuditFilter;
    ///
    /// let (filter, mut after) = (AuditFilter::default(), 0);
    /// loop {
    ///     let page = manager.audit(&filter, after, 100).await?;
    ///     let Some(last) = page.last() else { break };
    ///     after = last.number;
    ///     for line in &page {
    ///         println!("{} {} {} {} {}", line.at, line.actor, line.action, line.key, line.to);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails.
    pub async fn audit(
        &self,
        filter: &AuditFilter,
        after: i64,
        limit: usize,
    ) -> Result<Vec<AuditRow>, Error> {
        Ok(self.inner.store.audit(filter, after, limit).await?)
    }
}
