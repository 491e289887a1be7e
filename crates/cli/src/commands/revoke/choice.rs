//! Which keys are revoked, and which are not.

use std::collections::HashSet;
use std::fmt;

use pinning_keys::{Discrepancies, Error, KeyIssuer as _, KeyRecord, KeyRef};
use serde::Serialize;

use crate::account::Account;
use crate::command_line;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::age::Age;
use crate::keys::filter::Filter;
use crate::keys::listing::{Listing, collect, unless_doubtful};
use crate::keys::lookup::{named, none_named, several_named, typed};
use crate::keys::selector::Selector;
use crate::keys::state::State;
use crate::output::Output;

/// How many of the excluded keys an error names.
const SHOWN: usize = 20;

#[derive(Default)]
pub(super) struct Choice {
    pub(super) targets: Vec<Target>,
    /// The keys that match the filters and are revoked only by name.
    pub(super) excluded: Vec<(KeyRecord, Reason)>,
    /// The keys that were named and are revoked already.
    pub(super) gone: Vec<KeyRecord>,
    /// The names that no key has.
    pub(super) missing: Vec<String>,
    /// Signs that the list is incomplete.
    pub(super) doubts: Discrepancies,
    /// Whether the only target is the key that the account works with.
    pub(super) is_own: bool,
}

/// A key to revoke; its record, unless it was named by its reference.
pub(super) struct Target {
    pub(super) key_ref: KeyRef,
    pub(super) record: Option<KeyRecord>,
}

/// Why no filter matches a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    OwnKey,
    MayBeOwnKey,
    Admin,
    UnknownAge,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OwnKey => "the account works with it",
            Self::MayBeOwnKey => "the account may work with it",
            Self::Admin => "an admin key",
            Self::UnknownAge => "its age is unknown",
        })
    }
}

impl Choice {
    /// The keys that were named. References are not looked up, so that a key can be revoked even if
    /// the list cannot be read.
    pub(super) async fn named(
        selectors: &[Selector],
        account: &Account,
        output: &Output,
    ) -> Result<Self, Failure> {
        let names: Vec<_> = selectors.iter().filter_map(Selector::name).collect();
        let Listing { records, doubts } = named(account, output, &names).await?;
        let (mut choice, mut seen) = (Self { doubts, ..Self::default() }, HashSet::new());
        for selector in selectors {
            let target = match selector {
                Selector::Reference(key_ref) => Target { key_ref: key_ref.clone(), record: None },
                Selector::Name(name) => {
                    let of_name: Vec<_> =
                        records.iter().filter(|record| record.name() == name).collect();
                    match choice.one_of(name, &of_name)? {
                        Some(record) => Target::of(record.clone()),
                        None => continue,
                    }
                }
            };
            if seen.insert(target.key_ref.clone()) {
                choice.targets.push(target);
            }
        }
        if let ([name], true) = (choice.missing.as_slice(), choice.is_empty()) {
            let none = none_named(account, output, name, "revoke").await;
            return Err(unless_doubtful(doubts, none));
        }
        choice.check_own(account).await?;
        Ok(choice)
    }

    /// The only live key of a name. If there is none, this takes note of it.
    fn one_of<'a>(
        &mut self,
        name: &str,
        records: &[&'a KeyRecord],
    ) -> Result<Option<&'a KeyRecord>, Failure> {
        let is_live = |record: &&&KeyRecord| State::of(record) != State::Revoked;
        let live: Vec<_> = records.iter().filter(is_live).copied().collect();
        match (live.as_slice(), records.first()) {
            ([only], _) => return Ok(Some(only)),
            ([], Some(revoked)) => self.gone.push((*revoked).clone()),
            ([], None) => self.missing.push(name.to_owned()),
            (several, _) => return Err(several_named(name, several, "revoke")),
        }
        Ok(None)
    }

    /// The account's own key is revoked alone, because nothing can be revoked after it.
    async fn check_own(&mut self, account: &Account) -> Result<(), Failure> {
        for target in &self.targets {
            self.is_own = account.issuer().is_own_key(&target.key_ref).await? == Some(true);
            if self.is_own && self.targets.len() > 1 {
                let message = "one of the keys is the one that the account works with, after which \
                               no other can be revoked";
                return Err(Failure::new(Exit::Failed, message).with_next(format!(
                    "revoke it alone, after the others:  {}",
                    target.command()
                )));
            }
        }
        Ok(())
    }

    /// The keys that match the filters, and are neither revoked nor excluded.
    pub(super) async fn filtered(
        filter: &Filter,
        older_than: Option<Age>,
        account: &Account,
        output: &Output,
    ) -> Result<Self, Failure> {
        let profile = account.issuer().profile();
        let mut query = filter.query(profile);
        if profile.filters().revoked() {
            query = query.with_revoked(false);
        }
        let is_young = |record: &KeyRecord| {
            let age = record.created_at().map(Age::since);
            older_than.zip(age).is_some_and(|(least, age)| age <= least)
        };
        let is_wanted = |record: &KeyRecord| {
            filter.admits(record) && State::of(record) != State::Revoked && !is_young(record)
        };
        let Listing { records, doubts } = collect(account, output, query, is_wanted).await?;
        let mut choice = Self { doubts, ..Self::default() };
        for record in records {
            match reason_to_exclude(&record, account).await? {
                Some(reason) => choice.excluded.push((record, reason)),
                None => choice.targets.push(Target::of(record)),
            }
        }
        if !choice.targets.is_empty() {
            return Ok(choice);
        }
        let failure = choice.nothing_matched();
        Err(match filter.caveat(profile) {
            Some(caveat) => failure.with_next(caveat),
            None => failure,
        })
    }

    fn nothing_matched(&self) -> Failure {
        if self.excluded.is_empty() {
            let none = Failure::new(Exit::Failed, "no key matches; nothing was revoked")
                .with_kind("nothing_matched");
            return unless_doubtful(self.doubts, none);
        }
        let message = "the keys that match can be revoked only by name; nothing was revoked";
        let mut failure = Failure::new(Exit::Failed, message).with_kind("nothing_matched");
        for (record, reason) in self.excluded.iter().take(SHOWN) {
            failure = failure.with_next(format!("{}   {reason}", typed("revoke", record)));
        }
        match self.excluded.len().saturating_sub(SHOWN) {
            0 => failure,
            more => failure.with_next(format!("and {more} more")),
        }
    }

    /// Whether nothing is to be done and nothing has been.
    fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.gone.is_empty()
    }
}

impl Target {
    fn of(record: KeyRecord) -> Self {
        Self { key_ref: record.key_ref().clone(), record: Some(record) }
    }

    /// The command that revokes this key alone.
    fn command(&self) -> String {
        match &self.record {
            Some(record) => typed("revoke", record),
            None => command_line::revoke_command(&self.key_ref.to_string()),
        }
    }
}

/// Why this key must not be revoked by a filter, if it must not.
async fn reason_to_exclude(record: &KeyRecord, account: &Account) -> Result<Option<Reason>, Error> {
    let is_own = account.issuer().is_own_key(record.key_ref()).await?;
    // The account works with a key that can manage keys.
    let may_manage = record.reading().may_escalate();
    Ok(match is_own {
        Some(true) => Some(Reason::OwnKey),
        _ if record.scope().is_admin() => Some(Reason::Admin),
        None if may_manage => Some(Reason::MayBeOwnKey),
        _ if record.created_at().is_none() => Some(Reason::UnknownAge),
        _ => None,
    })
}
