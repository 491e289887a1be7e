//! `forget`: Stop managing a key, which keeps working

use std::ffi::OsString;

use pinning_keys_lifecycle::{KeyState, ManagedKey};
use serde::Serialize;

use crate::ask;
use crate::command_line::{command_in, with_key};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::managed::key_view::{ManagedObject, lease, state};
use crate::managed::open_key::open_key;
use crate::managed::rows::{base_name, checked, none_named};
use crate::managed::{Accounts, Managed};
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;
use crate::session::Session;

/// Stop managing a key, which keeps working
///
/// Afterwards, neither the worker nor a lease ends the key. Use this for a key that the store can no
/// longer end, for example because its account is gone, or that somebody else manages from now on.
/// The command needs no credential and sends nothing.
///
/// With --json, one object has the members of a managed key, and result: forgotten or, with
/// --dry-run, planned.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key, by its name, its id in the store, or its reference
    #[arg(value_name = "REF|NAME")]
    key: OsString,
    /// Show what would be forgotten, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Skip the confirmation
    #[arg(long)]
    yes: bool,
}

#[derive(Serialize)]
struct Forgotten<'a> {
    #[serde(flatten)]
    key: ManagedObject<'a>,
    result: &'static str,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    if !args.dry_run {
        ask::check(args.yes)?;
    }
    let output = &session.output;
    let Some(managed) = Managed::open_existing(session, Accounts::None).await? else {
        return Err(none_named(&[], checked(&args.key)?, "forget"));
    };
    let key = open_key(&managed, &args.key, "forget").await?;
    if args.dry_run {
        print(&key, "planned", output);
        return Ok(Exit::Done);
    }
    let interrupt = Interrupt::listen(output);
    if !args.yes {
        output.note(consequence(&key));
    }
    let question = format!("Forget \"{}\"?", escaped(base_name(&key)));
    interrupt.while_asking(|| ask::consent(&question, args.yes))?;
    let key = managed.manager().forget(key.id()).await?;
    print(&key, "forgotten", output);
    let known = key.key_refs().into_iter().next().map(|key_ref| key_ref.to_string());
    let known = known.unwrap_or_else(|| key.name().to_owned());
    let revoke = command_in(key.account(), &with_key("revoke", &known));
    output.note(format_args!("to revoke it after all:  {revoke}"));
    Ok(Exit::Done)
}

fn print(key: &ManagedKey, result: &'static str, output: &Output) {
    if output.is_json() {
        return output.object(&Forgotten { key: ManagedObject::of(key), result });
    }
    let mut labels = Labels::default();
    let is_planned = result == "planned";
    labels.push(if is_planned { "forget" } else { "forgotten" }, base_name(key));
    labels.push("account", key.account());
    if is_planned {
        labels.push("state", state(key));
        labels.push("lease", lease(key));
    }
    labels.push("", Cell::new(consequence(key)).with_tone(Tone::Notable));
    output.labels(&labels);
}

/// The consequence, which is printed prominently.
fn consequence(key: &ManagedKey) -> &'static str {
    if key.state() == KeyState::InDoubt {
        "if the key was issued, it keeps working, and nothing ends it"
    } else {
        "the key keeps working, and nothing ends it"
    }
}
