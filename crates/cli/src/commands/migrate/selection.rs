//! Which keys are to be moved, and between which accounts.

use std::collections::HashSet;

use pinning_keys_lifecycle::{KeyFilter, KeyState, ManagedKey};

use super::args::Args;
use crate::command_line::command;
use crate::failure::Failure;
use crate::managed::keyed::{account_of, no_store};
use crate::managed::open_key::open_key;
use crate::managed::rows::all;
use crate::managed::{Accounts, Managed, ManagedAccount};
use crate::output::Output;
use crate::scope_args::TargetArgs;
use crate::session::Session;

/// The account of the keys, and the one that gets them.
#[derive(Clone, Copy)]
pub(super) struct Between<'a> {
    pub(super) from: &'a ManagedAccount,
    pub(super) into: &'a ManagedAccount,
}

/// The keys that are named.
#[derive(Default)]
pub(super) struct Selection {
    pub(super) keys: Vec<ManagedKey>,
    /// Those that are in the other account already.
    pub(super) moved: Vec<ManagedKey>,
}

/// Opens the store with both accounts, which must be described as profiles.
pub(super) async fn open(args: &Args, session: &Session) -> Result<Managed, Failure> {
    let selected = session.settings.effective(&TargetArgs::default())?;
    let Some((from, _)) = selected.profile else {
        return Err(Failure::configuration(
            "the environment describes only one account, and migrate needs two",
        )
        .with_next("describe both accounts as profiles of a configuration file")
        .with_next(
            "then unset the variables, and select the account of the keys:  --profile NAME",
        ));
    };
    let into = args.into()?;
    if into == from.as_str() {
        return Err(Failure::usage("--into names the account that the keys are already in"));
    }
    session.settings.check_profile(into, "--into")?;
    let accounts = [from.as_str(), into];
    let managed = Managed::open_existing(session, Accounts::Profiles(&accounts)).await?;
    managed.ok_or_else(no_store)
}

impl<'a> Between<'a> {
    pub(super) fn of(managed: &'a Managed) -> Self {
        let [from, into] = managed.accounts() else { unreachable!("two profiles were opened") };
        Self { from, into }
    }

    /// The keys that the arguments name.
    pub(super) async fn select(
        &self,
        args: &Args,
        managed: &Managed,
        output: &Output,
    ) -> Result<Selection, Failure> {
        if args.all {
            return self.all(managed, output).await;
        }
        let (mut selection, mut known) = (Selection::default(), HashSet::new());
        for argument in &args.keys {
            let key = open_key(managed, argument, "migrate").await?;
            if !known.insert(key.id().clone()) {
                continue;
            }
            if account_of(managed, &key)?.name == self.into.name {
                selection.moved.push(key);
            } else {
                selection.keys.push(key);
            }
        }
        Ok(selection)
    }

    /// All live keys of the account except adopted ones, which somebody must decide on first.
    async fn all(&self, managed: &Managed, output: &Output) -> Result<Selection, Failure> {
        let account = Some(self.from.name.clone());
        let filter = KeyFilter { account, states: vec![KeyState::Live], ..KeyFilter::default() };
        let mut keys = all(managed, &filter).await?;
        keys.retain(|key| key.replaced_by().is_none());
        let found = keys.len();
        keys.retain(|key| !key.is_adopted());
        if keys.len() < found {
            output.warn(format_args!(
                "{} adopted keys are left out; decide on them first:  {}",
                found - keys.len(),
                command("strays")
            ));
        }
        Ok(Selection { keys, moved: Vec::new() })
    }
}
