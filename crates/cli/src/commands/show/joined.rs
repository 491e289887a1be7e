//! A key as the provider and the store know it.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::ffi::OsString;

use pinning_keys::{KeyIssuer as _, KeyQuery, KeyRecord, KeyRef};
use pinning_keys_lifecycle::{KeyState, ManagedKey};

use super::record::Shown;
use super::text::print;
use crate::account::Account;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::listing::{Listing, collect, doubtful, unless_doubtful};
use crate::keys::lookup::{self, named, none_named, referenced};
use crate::keys::selector::Selector;
use crate::keys::state::State;
use crate::managed::Managed;
use crate::managed::joined::JoinedKey;
use crate::managed::known::{Known, several_named};
use crate::output::Output;
use crate::session::Session;

pub(super) async fn run(
    argument: &OsString,
    session: &Session,
    managed: &Managed,
) -> Result<Exit, Failure> {
    let (output, account) = (&session.output, &managed.selected().account);
    let selector = Selector::parse(argument, account.issuer().profile())?;
    let interrupt = Interrupt::listen(output);
    let known = interrupt.or_end(Known::read(managed)).await?;
    let lookup = Lookup { known: &known, account, output };
    let joined = interrupt.or_end(lookup.find(&selector)).await?;
    let own = match joined.key_ref() {
        Some(key_ref) => account.issuer().is_own_key(&key_ref).await?,
        None => None,
    };
    if output.is_json() {
        output.object(&Shown { key: joined.object(), own });
    } else {
        print(&joined, own, output);
    }
    Ok(Exit::Done)
}

/// Where keys are looked for.
struct Lookup<'a> {
    known: &'a Known,
    account: &'a Account,
    output: &'a Output,
}

impl<'a> Lookup<'a> {
    async fn find(&self, selector: &Selector) -> Result<JoinedKey<'a>, Failure> {
        match selector {
            Selector::Reference(key_ref) => self.of_reference(key_ref).await,
            Selector::Name(name) => match self.known.named(name).as_slice() {
                [] => self.without_row(name).await,
                rows => self.of_row(current(name, rows)?, name).await,
            },
        }
    }

    async fn of_reference(&self, key_ref: &KeyRef) -> Result<JoinedKey<'a>, Failure> {
        let (found, doubts) = referenced(self.account, self.output, key_ref).await?;
        match (found, self.known.referenced(key_ref)) {
            (Some(record), _) => self.joined(record).await,
            (None, Some(row)) if doubts.is_empty() => Ok(self.unlisted(row)),
            (None, _) => {
                let message = "the account lists no key with this reference";
                Err(unless_doubtful(doubts, Failure::new(Exit::Failed, message)))
            }
        }
    }

    /// The key of a row. If another key has the same name, it is ambiguous, unless that key is revoked.
    async fn of_row(&self, row: &'a ManagedKey, name: &str) -> Result<JoinedKey<'a>, Failure> {
        let mut query = KeyQuery::new();
        if self.account.issuer().profile().filters().name() {
            // The full name contains the id, too.
            query = query.with_name_containing(name);
        }
        let is_its =
            |record: &KeyRecord| self.known.owner(record).1.map(ManagedKey::id) == Some(row.id());
        let is_wanted = |record: &KeyRecord| {
            is_its(record) || record.name() == name && State::of(record) != State::Revoked
        };
        let Listing { records, doubts } =
            collect(self.account, self.output, query, is_wanted).await?;
        let (mut its, others): (Vec<_>, Vec<_>) = records.into_iter().partition(is_its);
        if !others.is_empty() {
            let others: Vec<_> = others.iter().collect();
            return Err(several_named(name, &[row], &others, "show"));
        }
        // If the create was in doubt, there can be several.
        its.sort_by_key(|record| State::of(record) == State::Revoked);
        match its.into_iter().next() {
            Some(record) => self.joined(record).await,
            None if doubts.is_empty() => Ok(self.unlisted(row)),
            None => Err(doubtful(doubts)),
        }
    }

    /// A key whose name no row has.
    async fn without_row(&self, name: &str) -> Result<JoinedKey<'a>, Failure> {
        let Listing { mut records, doubts } = named(self.account, self.output, &[name]).await?;
        match (records.pop(), records.len()) {
            (Some(record), 0) => self.joined(record).await,
            (Some(record), _) => {
                records.push(record);
                Err(lookup::several_named(name, &records.iter().collect::<Vec<_>>(), "show"))
            }
            (None, _) => {
                let none = none_named(self.account, self.output, name, "show").await;
                Err(unless_doubtful(doubts, self.known.suggest(none, name, "show").await))
            }
        }
    }

    async fn joined(&self, record: KeyRecord) -> Result<JoinedKey<'a>, Failure> {
        self.known.joined(record).await
    }

    fn unlisted(&self, row: &'a ManagedKey) -> JoinedKey<'a> {
        JoinedKey::unlisted(Cow::Borrowed(row), self.account.issuer().profile().propagation())
    }
}

/// Of the rows with a name, the one that works, or else the newest.
fn current<'a>(name: &str, rows: &[&'a ManagedKey]) -> Result<&'a ManagedKey, Failure> {
    let is_in_use =
        |row: &&ManagedKey| row.state() == KeyState::Live && row.replaced_by().is_none();
    let in_use: Vec<_> = rows.iter().copied().filter(is_in_use).collect();
    if in_use.len() > 1 {
        return Err(several_named(name, &in_use, &[], "show"));
    }
    let rank = |row: &&&ManagedKey| {
        (row.state().is_tombstone(), !row.state().is_open(), Reverse(row.created_at()))
    };
    let best = in_use.first().or_else(|| rows.iter().min_by_key(rank));
    best.copied().ok_or_else(|| Failure::new(Exit::Failed, "no key has this name"))
}
