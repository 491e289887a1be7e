//! Which keys are revoked, and which are not.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use pinning_keys::{Discrepancies, Error, KeyIssuer as _, KeyRecord};
use serde::Serialize;

use crate::account::Account;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::listing::{Listing, collect, unless_doubtful};
use crate::keys::lookup::{named, none_named, several_named};
use crate::keys::selector::Selector;
use crate::keys::state::State;
use crate::output::Output;

use super::filters::Chosen;
use super::target::Target;

/// How many of the excluded keys an error names.
const SHOWN: usize = 20;

#[derive(Default)]
pub(super) struct Choice {
    pub(super) targets: Vec<Target>,
    /// The keys that match the filters and are revoked only by name.
    pub(super) excluded: Vec<(Target, Reason)>,
    /// The keys that were named and are revoked already.
    pub(super) gone: Vec<Target>,
    /// The names that no key has.
    pub(super) missing: Vec<String>,
    /// How many keys match the filters and belong to others.
    pub(super) foreign: usize,
    /// Signs that the list is incomplete.
    pub(super) doubts: Discrepancies,
    /// Whether the only target is the key that the account works with.
    pub(super) is_own: bool,
}

/// Why no filter matches a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reason {
    OwnKey,
    MayBeOwnKey,
    Admin,
    UnknownAge,
    /// The store lost it, so somebody may be using it.
    #[cfg(feature = "store")]
    Stray,
}

impl Reason {
    /// Whose key it is, if that is the reason.
    pub(super) fn owner(self) -> Option<&'static str> {
        match self {
            #[cfg(feature = "store")]
            Self::Stray => Some("stray"),
            Self::OwnKey | Self::MayBeOwnKey | Self::Admin | Self::UnknownAge => None,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OwnKey => "the account works with it",
            Self::MayBeOwnKey => "the account may work with it",
            Self::Admin => "an admin key",
            Self::UnknownAge => "its age is unknown",
            #[cfg(feature = "store")]
            Self::Stray => "a stray",
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
        let mut choice = Self { doubts, ..Self::default() };
        for selector in selectors {
            match selector {
                Selector::Reference(key_ref) => {
                    choice.targets.push(Target::Referenced(key_ref.clone()));
                }
                Selector::Name(name) => {
                    let of_name: Vec<_> =
                        records.iter().filter(|record| record.name() == name).collect();
                    choice.add_only(name, &of_name)?;
                }
            }
        }
        if let Some(name) = choice.only_missing() {
            let none = none_named(account, output, name, "revoke").await;
            return Err(unless_doubtful(doubts, none));
        }
        choice.without_repetition().with_own(account).await
    }

    /// Adds the only live key of a name. If there is none, this is recorded.
    pub(super) fn add_only(&mut self, name: &str, records: &[&KeyRecord]) -> Result<(), Failure> {
        let is_live = |record: &&&KeyRecord| State::of(record) != State::Revoked;
        let live: Vec<_> = records.iter().filter(is_live).copied().collect();
        match (live.as_slice(), records.first()) {
            ([only], _) => self.targets.push(Target::listed((*only).clone())),
            ([], Some(revoked)) => self.gone.push(Target::listed((*revoked).clone())),
            ([], None) => self.missing.push(name.to_owned()),
            (several, _) => return Err(several_named(name, several, "revoke")),
        }
        Ok(())
    }

    /// The name that no key has, if nothing else was named.
    pub(super) fn only_missing(&self) -> Option<&str> {
        match self.missing.as_slice() {
            [name] if self.targets.is_empty() && self.gone.is_empty() => Some(name),
            _ => None,
        }
    }

    /// A key can be named in several ways.
    pub(super) fn without_repetition(mut self) -> Self {
        let mut seen = HashSet::new();
        self.targets.retain(|target| {
            let by = (target.id().map(str::to_owned), target.key_ref().map(Cow::into_owned));
            seen.insert(by)
        });
        self
    }

    /// The account's own key is revoked alone, because nothing can be revoked after it.
    pub(super) async fn with_own(mut self, account: &Account) -> Result<Self, Failure> {
        for target in &self.targets {
            let Some(key_ref) = target.key_ref() else { continue };
            self.is_own = account.issuer().is_own_key(&key_ref).await? == Some(true);
            if self.is_own && self.targets.len() > 1 {
                let message = "one of the keys is the one that the account works with, after which \
                               no other can be revoked";
                return Err(Failure::new(Exit::Failed, message).with_next(format!(
                    "revoke it alone, after the others:  {}",
                    target.command()
                )));
            }
        }
        Ok(self)
    }

    /// The keys that match the filters, and are neither revoked nor excluded.
    pub(super) async fn filtered(
        chosen: &Chosen,
        account: &Account,
        output: &Output,
    ) -> Result<Self, Failure> {
        let profile = account.issuer().profile();
        let is_wanted = |record: &KeyRecord| chosen.admits(record, record.name());
        let listing = collect(account, output, chosen.query(profile), is_wanted).await?;
        let mut choice = Self { doubts: listing.doubts, ..Self::default() };
        for record in listing.records {
            choice.add(Target::listed(record), account).await?;
        }
        choice.unless_nothing(chosen, account)
    }

    /// Adds a key that matches the filters to those that are revoked, or else to the excluded ones.
    pub(super) async fn add(&mut self, target: Target, account: &Account) -> Result<(), Error> {
        let reason = match target.record() {
            Some(record) => reason_to_exclude(record, account).await?,
            None => None,
        };
        match reason {
            Some(reason) => self.excluded.push((target, reason)),
            None => self.targets.push(target),
        }
        Ok(())
    }

    /// Fails if no key is left to revoke.
    pub(super) fn unless_nothing(
        self,
        chosen: &Chosen,
        account: &Account,
    ) -> Result<Self, Failure> {
        if !self.targets.is_empty() {
            return Ok(self);
        }
        let failure = self.nothing_matched();
        Err(match chosen.caveat(account.issuer().profile()) {
            Some(caveat) => failure.with_next(caveat),
            None => failure,
        })
    }

    fn nothing_matched(&self) -> Failure {
        let none = |message| Failure::new(Exit::Failed, message).with_kind("nothing_matched");
        if self.excluded.is_empty() && self.foreign > 0 {
            let message = "only foreign keys match; nothing was revoked";
            return none(message).with_next("to revoke such keys too:  --foreign");
        }
        if self.excluded.is_empty() {
            return unless_doubtful(self.doubts, none("no key matches; nothing was revoked"));
        }
        let message = "the keys that match can be revoked only by name; nothing was revoked";
        let mut failure = none(message);
        for (target, reason) in self.excluded.iter().take(SHOWN) {
            failure = failure.with_next(format!("{}   {reason}", target.command()));
        }
        match self.excluded.len().saturating_sub(SHOWN) {
            0 => failure,
            more => failure.with_next(format!("and {more} more")),
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
