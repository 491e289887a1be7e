//! Where the keys to revoke are known: at the provider alone, or in a store too.

use pinning_keys::KeyRecord;

use crate::account::Account;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
#[cfg(feature = "store")]
use crate::managed::{Accounts, Managed, known::Known};
use crate::output::Output;
use crate::scope_args::TargetArgs;
use crate::session::Session;

use super::batch;
use super::choice::Choice;
use super::filters::Wanted;
#[cfg(feature = "store")]
use super::joined::{self, Joined};
#[cfg(feature = "store")]
use super::managed_batch;
use super::outcome::Done;
use super::target::Target;

pub(super) enum Place {
    Provider(Account),
    #[cfg(feature = "store")]
    Store(Box<Managed>),
}

impl Place {
    #[cfg_attr(
        not(feature = "store"),
        expect(clippy::unused_async, reason = "only a store is waited for")
    )]
    pub(super) async fn open(session: &Session, unmanaged: bool) -> Result<Self, Failure> {
        let target = TargetArgs::default();
        #[cfg(feature = "store")]
        if !unmanaged {
            let opened = Managed::open_existing(session, Accounts::Selected(&target)).await;
            if let Some(managed) = opened.map_err(managed_batch::without_store)? {
                return Ok(Self::Store(Box::new(managed)));
            }
        }
        #[cfg(not(feature = "store"))]
        let _ = unmanaged;
        session.account(&target).map(Self::Provider)
    }

    pub(super) fn account(&self) -> &Account {
        match self {
            Self::Provider(account) => account,
            #[cfg(feature = "store")]
            Self::Store(managed) => &managed.selected().account,
        }
    }

    pub(super) async fn choose(&self, wanted: &Wanted, output: &Output) -> Result<Choice, Failure> {
        match (self, wanted) {
            #[cfg(feature = "store")]
            (Self::Store(managed), _) => {
                let (known, account) = (&Known::read(managed).await?, self.account());
                Joined { known, account, output }.choose(wanted).await
            }
            (Self::Provider(account), Wanted::Named(selectors)) => {
                Choice::named(selectors, account, output).await
            }
            (Self::Provider(account), Wanted::Filtered { chosen, .. }) => {
                Choice::filtered(chosen, account, output).await
            }
        }
    }

    /// How a listed key is revoked.
    #[cfg_attr(
        not(feature = "store"),
        expect(clippy::unused_async, reason = "only a store is waited for")
    )]
    pub(super) async fn target(&self, record: &KeyRecord) -> Result<Target, Failure> {
        match self {
            Self::Provider(_) => Ok(Target::listed(record.clone())),
            #[cfg(feature = "store")]
            Self::Store(managed) => {
                let known = Known::read(managed).await?;
                Ok(joined::target(&known, record.clone()).await?.0)
            }
        }
    }

    /// Revokes a key through the store; `None` if it is revoked without one.
    #[cfg_attr(
        not(feature = "store"),
        expect(clippy::unused_async, reason = "only a store is waited for")
    )]
    pub(super) async fn revoke_row(&self, target: &Target) -> Option<Result<(), Failure>> {
        match (self, target) {
            #[cfg(feature = "store")]
            (Self::Store(managed), Target::Managed { row, .. }) => {
                let outcome = managed.manager().revoke(row.id()).await;
                Some(managed_batch::result(outcome).map(drop))
            }
            _ => None,
        }
    }

    /// Revokes the keys, and prints each result as it arrives.
    pub(super) async fn revoke(
        &self,
        choice: &Choice,
        interrupt: &Interrupt,
        output: &Output,
    ) -> Done {
        let mut done = Done::default();
        #[cfg(feature = "store")]
        if let Self::Store(managed) = self {
            managed_batch::run(choice, managed.manager(), interrupt, output, &mut done).await;
        }
        batch::run(choice, self.account(), interrupt, output, &mut done).await;
        done
    }
}
