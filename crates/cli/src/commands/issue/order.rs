//! What is to be issued.

use pinning_keys::KeyRequest;
use pinning_keys_sinks::Incoming;

use super::report::Report;
use crate::account::Account;
use crate::destination::Destination;
use crate::failure::Failure;
use crate::session::Session;

/// What is to be issued, after every check that needs no request.
pub(super) struct Order<'a> {
    pub(super) request: KeyRequest,
    pub(super) destination: Destination,
    pub(super) session: &'a Session,
    pub(super) yes: bool,
}

impl Order<'_> {
    /// What the account would grant, after the destination was checked.
    pub(super) async fn report(&self, account: &Account, dry_run: bool) -> Result<Report, Failure> {
        let plan = account.issuer().plan(&self.request)?;
        let incoming = Incoming::new(self.request.name(), account.issuer().profile());
        self.destination.check(&incoming).await?;
        Ok(Report::of_plan(&self.request, plan.translation(), &self.destination, dry_run))
    }
}
