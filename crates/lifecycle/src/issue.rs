use std::sync::Arc;

use pinning_keys_core::{KeyName, KeyRequest};
use pinning_keys_sinks::Sink;

use crate::create::create;
use crate::inner::{Account, Inner};
use crate::intent::{Order, Terms};
use crate::issue_to::issue_to;
use crate::run_due::bounded;
use crate::store::{Select, Tx};
use crate::{Delivery, Error, ErrorKind, Lease, ManagedKey, Verb};

/// A key that is about to be issued; see [`AccountKeys::prepare`](crate::AccountKeys::prepare).
///
/// ```
/// # use pinning_keys_core::KeyRequest;
/// use pinning_keys_lifecycle::{AccountKeys, IssueBuilder, Lease};
///
/// fn for_alice(keys: &AccountKeys, request: &KeyRequest) -> IssueBuilder {
///     keys.prepare(request, Lease::none()).holder("alice")
/// }
/// ```
#[must_use = "call issue()"]
pub struct IssueBuilder {
    inner: Arc<Inner>,
    account: Arc<Account>,
    request: KeyRequest,
    lease: Lease,
    holder: Option<String>,
    escalating: bool,
}

impl IssueBuilder {
    pub(crate) fn new(
        inner: Arc<Inner>,
        account: Arc<Account>,
        request: KeyRequest,
        lease: Lease,
    ) -> Self {
        Self { inner, account, request, lease, holder: None, escalating: false }
    }

    /// Sets the holder of the key (default: the name in the request). In a store, each holder has
    /// one open key, or two during a rotation.
    ///
    /// ```
    /// use pinning_keys_lifecycle::IssueBuilder;
    ///
    /// fn for_alice(prepared: IssueBuilder) -> IssueBuilder {
    ///     prepared.holder("alice")
    /// }
    /// ```
    pub fn holder(mut self, holder: impl Into<String>) -> Self {
        self.holder = Some(holder.into());
        self
    }

    /// Permits a lease on an admin or escalating scope. The lease ends the key, but not the keys
    /// that its holder has made with it.
    pub fn allow_escalating(mut self) -> Self {
        self.escalating = true;
        self
    }

    /// Issues the key.
    ///
    /// It waits for room in the account's rate limit as long as the account's
    /// [patience](crate::AccountOptions::patience) allows. Dropping the future does not interrupt a
    /// create that was sent: its outcome is recorded, and any key that it made is revoked.
    ///
    /// # Errors
    ///
    /// * [`ErrorKind::InvalidInput`] if the name with its suffix, the lease, or the scope does not
    ///   fit the provider.
    /// * [`ErrorKind::AlreadyOpen`] if the holder has an open key.
    /// * [`ErrorKind::QuotaReached`], [`ErrorKind::RateLimited`] or [`ErrorKind::AccountClosed`] if
    ///   the account has no room now.
    /// * [`ErrorKind::NotSent`] or [`ErrorKind::Provider`] if no key was created.
    /// * [`ErrorKind::WrongAccount`] if the credential has become another account's, which creates
    ///   none.
    /// * [`ErrorKind::InDoubt`] if one may have been created; the store settles it.
    /// * [`ErrorKind::Store`] if the store fails.
    pub async fn issue(self) -> Result<Delivery, Error> {
        let inner = Arc::clone(&self.inner);
        let order = self.order(1)?;
        bounded(&inner).await;
        Ok(Delivery::new(Arc::clone(&inner), create(&inner, order).await?))
    }

    /// Issues the key and delivers it to a sink: checks the sink, issues the key, verifies that the
    /// provider recognizes it, delivers it, and confirms it. A key with limited uses is not
    /// verified.
    ///
    /// If the sink definitely did not store the secret, the key is revoked at once. If it may have
    /// stored it, the key stays unconfirmed and is revoked at its deadline.
    ///
    /// ```
    /// # use pinning_keys_sinks::Sink;
    /// use pinning_keys_lifecycle::{Error, IssueBuilder, ManagedKey};
    ///
    /// async fn deliver(prepared: IssueBuilder, sink: &dyn Sink) -> Result<ManagedKey, Error> {
    ///     prepared.issue_to(sink).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`issue`](Self::issue), and [`ErrorKind::Sink`] if the sink fails.
    pub async fn issue_to(self, sink: &dyn Sink) -> Result<ManagedKey, Error> {
        let (inner, name) = (Arc::clone(&self.inner), self.request.name().clone());
        let requests = if self.request.max_uses().is_some() { 1 } else { 2 };
        let order = self.order(requests)?;
        bounded(&inner).await;
        issue_to(&inner, order, &name, sink).await
    }

    /// What to create, with this many requests.
    fn order(self, requests: u32) -> Result<Order, Error> {
        let holder = match self.holder {
            Some(holder) => checked_holder(holder)?,
            None => self.request.name().to_string(),
        };
        let keys = Select::Holder(holder.clone());
        let (request, lease, escalating) = (self.request, self.lease, self.escalating);
        let terms = move |tx: &Tx| {
            if let Some(open) = tx.rows.first() {
                return Err(already_open(open));
            }
            let ends = lease.ends(tx.now)?;
            Ok(Terms {
                request: request.clone(),
                holder: holder.clone(),
                lease: lease.length(),
                ends,
                max_until: ends.map(|ends| ends.max_until).filter(|_| lease.is_renewable()),
                replaces: None,
                escalating,
            })
        };
        Ok(Order { account: self.account, keys, requests, terms: Arc::new(terms) })
    }
}

/// A holder is shown as names are, so the same texts are valid.
pub(crate) fn checked_holder(holder: String) -> Result<String, Error> {
    match KeyName::new(holder) {
        Ok(holder) => Ok(holder.to_string()),
        Err(error) => Err(Error::new(ErrorKind::InvalidInput, "the holder is not valid")
            .with_next_step("use one line of plain text, as for the name of a key")
            .with_source(error)),
    }
}

/// The error of a holder who has an open key.
fn already_open(open: &crate::store::KeyRow) -> Error {
    match Verb::Issue.check(&open.id, open.state) {
        Err(error) => error.with_next_step(format!(
            "{:?} has the key {}: rotate or revoke it, or set another holder",
            open.holder, open.id
        )),
        Ok(()) => Error::new(ErrorKind::AlreadyOpen, "cannot issue: the holder has an open key")
            .with_key(&open.id),
    }
}
