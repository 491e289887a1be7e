//! `revoke`: Revoke keys

mod batch;
mod choice;
mod leaked;
mod outcome;
mod plan;

use std::ffi::OsString;

use crate::account::Account;
use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::age::Age;
use crate::keys::filter::Filter;
use crate::keys::selector::Selector;
use crate::keys::state::State;
use crate::output::Output;
use crate::scope_args::TargetArgs;
use crate::session::Session;

use choice::Choice;

/// Revoke keys by name or filters, or the key of a leaked secret
///
/// A filter never matches the key that the account works with, an admin key, or a key of unknown
/// age: each of these is revoked only by its reference or name. All keys are listed before the
/// first is revoked. A list that breaks off revokes nothing. If a list was read to its end but a
/// key may be missing, the listed ones are revoked, and the exit code is not 0.
///
/// With --json, each key is a line with key_ref, name (null if a reference was given) and result:
/// revoked, already_gone, not_found, failed (with error), unknown (with error; it may be revoked),
/// not_started, excluded (with reason: own_key, may_be_own_key, admin or unknown_age) or, with
/// --dry-run, planned. With --token, credential is dead, still_live or unknown.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The keys, each by its reference, such as v1:pinata:0d2a, or its exact name
    #[arg(value_name = "REF|NAME", conflicts_with = "filters")]
    keys: Vec<OsString>,
    #[command(flatten)]
    filters: Filters,
    /// Revoke the key of a leaked secret, which is read from stdin: a JWT, or what `file:` wrote
    #[arg(long, value_name = "-", conflicts_with_all = ["keys", "filters"])]
    token: Option<OsString>,
    /// Show what would be revoked, and revoke nothing
    #[arg(long)]
    dry_run: bool,
    /// Skip the confirmation
    #[arg(long)]
    yes: bool,
}

/// Filters, all of which a key has to match.
#[derive(clap::Args)]
#[group(id = "filters", multiple = true)]
struct Filters {
    /// Keys whose name begins with this
    #[arg(long, value_name = "TEXT")]
    prefix: Option<String>,
    /// Keys with no uses left
    #[arg(long)]
    used_up: bool,
    /// Keys that are older than this many hours, days or weeks, such as 30d
    #[arg(long, value_name = "AGE")]
    older_than: Option<String>,
}

/// What is to be revoked.
enum Wanted {
    Named(Vec<Selector>),
    Filtered { filter: Filter, older_than: Option<Age> },
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    match &args.token {
        Some(token) if token != "-" => return Err(leaked::secret_as_argument()),
        Some(_) => return leaked::run(args.dry_run, args.yes, session).await,
        None => {}
    }
    let account = session.account(&TargetArgs::default())?;
    let wanted = args.wanted(&account)?;
    if !args.dry_run {
        ask::check(args.yes)?;
    }
    let output = &session.output;
    let interrupt = Interrupt::listen(output);
    let choosing = interrupt.or_end(wanted.choose(&account, output)).await;
    let choice = choosing.map_err(|failure| match failure.exit() {
        Exit::Interrupted => failure.with_outcome("nothing was revoked"),
        _ => failure,
    })?;
    if args.dry_run {
        plan::print(&choice, output);
        return outcome::without_revoking(&choice);
    }
    if !choice.targets.is_empty() {
        interrupt.while_asking(|| plan::ask(&choice, &account, args.yes, output))?;
    }
    plan::print_kept(&choice, args.yes, output);
    let done = batch::run(&choice, &account, &interrupt, output).await;
    outcome::after(&choice, &done, output)
}

impl Wanted {
    async fn choose(&self, account: &Account, output: &Output) -> Result<Choice, Failure> {
        match self {
            Self::Named(selectors) => Choice::named(selectors, account, output).await,
            Self::Filtered { filter, older_than } => {
                Choice::filtered(filter, *older_than, account, output).await
            }
        }
    }
}

impl Args {
    fn wanted(&self, account: &Account) -> Result<Wanted, Failure> {
        let Filters { prefix, used_up, older_than } = &self.filters;
        let older_than = older_than.as_deref().map(Age::parse).transpose()?;
        if self.keys.is_empty() && prefix.is_none() && !used_up && older_than.is_none() {
            return Err(Failure::usage("name the keys to revoke, or filter them")
                .with_next("by name:      pinning-keys revoke NAME")
                .with_next("by filters:   pinning-keys revoke --prefix ci- --older-than 30d")
                .with_next("by secret:    pinning-keys revoke --token -"));
        }
        if self.keys.is_empty() {
            let state = used_up.then_some(State::UsedUp);
            return Ok(Wanted::Filtered {
                filter: Filter::new(prefix.as_deref(), state)?,
                older_than,
            });
        }
        let profile = account.issuer().profile();
        let mut selectors = Vec::with_capacity(self.keys.len());
        for key in &self.keys {
            let selector = Selector::parse(key, profile)?;
            if !selectors.contains(&selector) {
                selectors.push(selector);
            }
        }
        Ok(Wanted::Named(selectors))
    }
}
