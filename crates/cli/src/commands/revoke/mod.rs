//! `revoke`: Revoke keys

mod batch;
mod choice;
mod filters;
#[cfg(feature = "store")]
mod joined;
mod leaked;
#[cfg(feature = "store")]
mod managed_batch;
mod outcome;
mod place;
mod plan;
mod target;

use std::ffi::OsString;

use crate::account::Account;
use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::selector::Selector;
use crate::session::Session;

use filters::{Filters, Wanted};
use place::Place;

/// Revoke keys by name or filters, or the key of a leaked secret
///
/// If there is a store, its keys are revoked through it. A name, without the suffix that the store
/// adds, selects all of its keys with this name, such as the old and the new key of a rotation. If
/// the provider cannot revoke a key now, the worker does it later, and the exit code is 75. Filters
/// match only keys that the store manages, unless --foreign is given.
///
/// A filter never matches the key that the account works with, an admin key, a key of unknown age,
/// or a stray: each of these is revoked only by its reference or name. All keys are listed before
/// the first is revoked. A list that breaks off revokes nothing. If a list was read to its end but
/// a key may be missing, the listed ones are revoked, and the exit code is not 0.
///
/// With --json, each key is a line with key_ref, name (null if a reference was given), id (if it is
/// revoked through the store) and result: revoked, already_gone, not_found, scheduled (with error;
/// it still works), failed (with error), unknown (with error; it may be revoked), not_started,
/// excluded (with reason: own_key, may_be_own_key, admin, unknown_age or stray) or, with --dry-run,
/// planned. With --token, credential is dead, still_live or unknown.
#[derive(clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(crate) struct Args {
    /// The keys, each by its reference, such as v1:pinata:0d2a, its exact name, or its id in the
    /// store
    #[arg(value_name = "REF|NAME|ID", conflicts_with_all = ["filters", "foreign"])]
    keys: Vec<OsString>,
    #[command(flatten)]
    filters: Filters,
    /// Let filters also match keys that the store does not manage
    #[arg(long)]
    foreign: bool,
    /// Revoke the key of a leaked secret, which is read from stdin: a JWT, or what `file:` wrote
    #[arg(long, value_name = "-", conflicts_with_all = ["keys", "filters", "foreign"])]
    token: Option<OsString>,
    /// Ignore the store, such as one that cannot be used, and revoke at the provider alone
    #[arg(long)]
    unmanaged: bool,
    /// Show what would be revoked, and revoke nothing
    #[arg(long)]
    dry_run: bool,
    /// Skip the confirmation
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    match &args.token {
        Some(token) if token != "-" => return Err(leaked::secret_as_argument()),
        Some(_) => {
            let place = Place::open(session, args.unmanaged).await?;
            return leaked::run(&place, args.dry_run, args.yes, &session.output).await;
        }
        None => {}
    }
    let place = Place::open(session, args.unmanaged).await?;
    let wanted = args.wanted(place.account())?;
    if !args.dry_run {
        ask::check(args.yes)?;
    }
    let output = &session.output;
    let interrupt = Interrupt::listen(output);
    let choosing = interrupt.or_end(place.choose(&wanted, output)).await;
    let choice = choosing.map_err(|failure| match failure.exit() {
        Exit::Interrupted => failure.with_outcome("nothing was revoked"),
        _ => failure,
    })?;
    if args.dry_run {
        plan::print(&choice, output);
        return outcome::without_revoking(&choice);
    }
    if !choice.targets.is_empty() {
        interrupt.while_asking(|| plan::ask(&choice, place.account(), args.yes, output))?;
    }
    plan::print_kept(&choice, args.yes, output);
    let done = place.revoke(&choice, &interrupt, output).await;
    outcome::after(&choice, &done, output)
}

impl Args {
    fn wanted(&self, account: &Account) -> Result<Wanted, Failure> {
        // Without a store, all keys are foreign.
        let Self { keys, filters, foreign: _, .. } = self;
        if let Some(chosen) = filters.chosen()? {
            return Ok(Wanted::Filtered {
                chosen,
                #[cfg(feature = "store")]
                with_foreign: self.foreign,
            });
        }
        if keys.is_empty() {
            return Err(Failure::usage("name the keys to revoke, or filter them")
                .with_next("by name:      pinning-keys revoke NAME")
                .with_next("by filters:   pinning-keys revoke --prefix ci- --older-than 30d")
                .with_next("by secret:    pinning-keys revoke --token -"));
        }
        let profile = account.issuer().profile();
        let mut selectors = Vec::with_capacity(keys.len());
        for key in keys {
            let selector = Selector::parse(key, profile)?;
            if !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
        Ok(Wanted::Named(selectors))
    }
}
