//! Opening the store.

use std::path::Path;

use pinning_keys_lifecycle::store::{StatusQuery, Store};
use pinning_keys_lifecycle::{
    AccountOptions, KeyManager, MemoryStore, PostgresStore, SqliteStore, StoreError, SystemClock,
    Timestamp,
};
use secrecy::ExposeSecret as _;

use super::accounts::{Accounts, ManagedAccount};
use super::actor::actor;
use super::failure::of_store;
use super::{Managed, PATIENCE};
use crate::command_line::quoted;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::settings::{StoreChoice, StorePlace, shown};

impl Managed {
    /// Opens the store, which is created if it does not exist.
    pub(crate) async fn open(session: &Session, accounts: Accounts<'_>) -> Result<Self, Failure> {
        Self::open_at(session, session.settings.store()?, accounts).await
    }

    /// Opens the store, unless nobody named one and the default one does not exist.
    pub(crate) async fn open_existing(
        session: &Session,
        accounts: Accounts<'_>,
    ) -> Result<Option<Self>, Failure> {
        let choice = session.settings.store()?;
        match &choice.place {
            StorePlace::Sqlite(path) if !choice.is_named() && !path.exists() => Ok(None),
            _ => Self::open_at(session, choice, accounts).await.map(Some),
        }
    }

    /// Opens the store, or works as with an empty one that is not kept.
    pub(crate) async fn open_or_empty(
        session: &Session,
        accounts: Accounts<'_>,
    ) -> Result<Self, Failure> {
        if let Some(managed) = Self::open_existing(session, accounts).await? {
            return Ok(managed);
        }
        let store = MemoryStore::new(SystemClock)?;
        Self::on(store, session, accounts, "a store that is not kept".to_owned()).await
    }

    async fn open_at(
        session: &Session,
        choice: StoreChoice,
        accounts: Accounts<'_>,
    ) -> Result<Self, Failure> {
        let place = choice.place.to_string();
        let failed = |error: StoreError| of_store(&error).in_context(&place);
        match &choice.place {
            StorePlace::Sqlite(path) => {
                prepare_folder(path, choice.is_named()).map_err(|it| it.in_context(&place))?;
                let store = SqliteStore::open(path).await.map_err(failed)?;
                Self::on(store, session, accounts, place).await
            }
            StorePlace::Postgres(url) => {
                let store = PostgresStore::connect(url.expose_secret()).await.map_err(failed)?;
                Self::on(store, session, accounts, place).await
            }
        }
    }

    async fn on(
        store: impl Store + 'static,
        session: &Session,
        accounts: Accounts<'_>,
        place: String,
    ) -> Result<Self, Failure> {
        let query = StatusQuery { overdue_before: Timestamp::default() };
        let known = store.agenda(query).await.map_err(|error| of_store(&error))?.accounts;
        let known: Vec<_> = known.into_iter().map(|agenda| agenda.account).collect();
        let accounts = accounts.open(session, &known).await?;
        let builder = KeyManager::builder(store).actor(actor());
        let builder = accounts.iter().fold(builder, |builder, account| {
            let ManagedAccount { name, issuer, limit, .. } = account;
            let options = AccountOptions::new().rate_limit(*limit).patience(PATIENCE);
            builder.account_with(name, issuer.clone(), options)
        });
        Ok(Self { manager: builder.build().await?, accounts, place })
    }
}

/// Creates the folder of the default store, which only its owner can read. Another folder must
/// exist.
fn prepare_folder(path: &Path, is_named: bool) -> Result<(), Failure> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder.filter(|folder| !folder.is_dir()) else { return Ok(()) };
    if is_named {
        return Err(Failure::configuration("the folder of the store does not exist")
            .with_next(format!("mkdir -p {}", quoted(&shown(folder)))));
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| {
        let what = format!("cannot create the folder of the store: {}", error.kind());
        Failure::new(Exit::Failed, what).with_next("name another store:  --store sqlite:PATH")
    })
}
