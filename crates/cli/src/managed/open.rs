//! Opening the store.

use std::path::Path;
use std::time::Duration;

use pinning_keys_lifecycle::store::{StatusQuery, Store};
use pinning_keys_lifecycle::{
    AccountOptions, KeyManager, MemoryStore, PostgresStore, SqliteOptions, SqliteStore, StoreError,
    SystemClock, Timestamp,
};
use secrecy::ExposeSecret as _;

use super::accounts::{Accounts, ManagedAccount};
use super::actor::actor;
use super::elsewhere::Elsewhere;
use super::failure::of_store;
use super::{Managed, PATIENCE};
use crate::command_line::quoted;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::session::Session;
use crate::settings::{StoreChoice, StorePlace, shown};

/// The time limit for connecting to a server. It also limits the wait for the lock of a file.
const CONNECT: Duration = Duration::from_secs(5);

impl Managed {
    /// Opens the store, which is created if it does not exist.
    pub(crate) async fn open(session: &Session, accounts: Accounts<'_>) -> Result<Self, Failure> {
        let choice = session.settings.store()?;
        Self::open_at(session, choice, accounts, SqliteStore::options()).await
    }

    /// Opens the store; `None` if it is the default one and does not exist. A named store must
    /// exist. Otherwise, a mistyped address would select an empty store, in which nothing is due.
    pub(crate) async fn open_existing(
        session: &Session,
        accounts: Accounts<'_>,
    ) -> Result<Option<Self>, Failure> {
        let choice = session.settings.store()?;
        match (choice.place.is_absent(), choice.is_named()) {
            (true, true) => Err(no_such_store(&choice)),
            (true, false) => Ok(None),
            _ => Self::open_at(session, choice, accounts, SqliteStore::options()).await.map(Some),
        }
    }

    /// Opens the store, or an empty one in memory if there is none.
    pub(crate) async fn open_or_empty(
        session: &Session,
        accounts: Accounts<'_>,
    ) -> Result<Self, Failure> {
        let choice = session.settings.store()?;
        if !choice.place.is_absent() {
            return Self::open_at(session, choice, accounts, SqliteStore::options()).await;
        }
        let store = MemoryStore::new(SystemClock)?;
        Self::on(store, session, accounts, "memory".to_owned()).await
    }

    /// Opens the store in a file that is not at the recorded path, for the reason that a person gave.
    /// `None` if there is no such file.
    pub(crate) async fn open_elsewhere(
        session: &Session,
        elsewhere: Elsewhere,
    ) -> Result<Option<Self>, Failure> {
        let choice = session.settings.store()?;
        let StorePlace::Sqlite(path) = &choice.place else {
            return Err(Failure::usage("only the file of a store can be moved or copied")
                .with_next("name the file:  --store sqlite:PATH"));
        };
        if !path.exists() {
            return Ok(None);
        }
        let options = match elsewhere {
            Elsewhere::Moved => SqliteStore::options().moved(),
            Elsewhere::Copied => SqliteStore::options().copied(),
        };
        Self::open_at(session, choice, Accounts::None, options).await.map(Some)
    }

    async fn open_at(
        session: &Session,
        choice: StoreChoice,
        accounts: Accounts<'_>,
        options: SqliteOptions,
    ) -> Result<Self, Failure> {
        let place = choice.place.to_string();
        let failed = |error: StoreError| of_store(&error).in_context(&place);
        match &choice.place {
            StorePlace::Sqlite(path) => {
                prepare(path, choice.is_named()).map_err(|it| it.in_context(&place))?;
                let store = options.open(path).await.map_err(failed)?;
                Self::on(store, session, accounts, place).await
            }
            StorePlace::Postgres(url) => {
                let options = PostgresStore::options().connect_timeout(CONNECT);
                let store = options.connect(url.expose_secret()).await.map_err(failed)?;
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

fn no_such_store(choice: &StoreChoice) -> Failure {
    Failure::configuration(format!("{}: the store does not exist", choice.place))
        .with_kind("store")
        .with_next(format!("{} names it, and `issue` creates it with the first key", choice.origin))
}

/// Creates the folder of the default store, readable only by its owner. The folder of any other
/// store must exist.
fn prepare(path: &Path, is_named: bool) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(Failure::configuration("the store is a folder")
            .with_kind("store")
            .with_next("name a file in it:  --store sqlite:PATH"));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Some(folder) = folder.filter(|folder| !folder.is_dir()) else { return Ok(()) };
    if is_named {
        return Err(Failure::configuration("the folder of the store does not exist")
            .with_kind("store")
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
