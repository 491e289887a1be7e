//! `renew`: Extend the lease of a key

use std::ffi::OsString;
use std::time::SystemTime;

use pinning_keys_lifecycle::{ErrorKind, KeyState, ManagedKey};
use serde::Serialize;

use crate::command_line::{command, rotate_words, with_key};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::view::moment;
use crate::managed::key_view::ManagedObject;
use crate::managed::keyed::open_store_of;
use crate::managed::rows::base_name;
use crate::managed::undelivered::ways_out;
use crate::output::Output;
use crate::output::table::Labels;
use crate::output::time::rfc3339;
use crate::session::Session;

/// Extend the lease of a key
///
/// The lease then lasts its full length from now, but never beyond the maximum that was set when the
/// key was issued, such as with `issue --lease 30d --max-lease 180d`. The key itself does not change,
/// and nothing is sent to the provider.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key, by its name, reference or id
    #[arg(value_name = "NAME")]
    key: OsString,
    /// Show when the lease would end, and change nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let (managed, key) = open_store_of(session, &args.key, "renew").await?;
    let renewed = if args.dry_run {
        key.renewed(SystemTime::now())
    } else {
        managed.manager().renew(key.id()).await
    };
    let renewed = renewed.map_err(|error| {
        let is_refused = error.kind() == ErrorKind::WrongState;
        let failure = Failure::from(error);
        if is_refused { with_ways_out(failure, &key) } else { failure }
    })?;
    print(&renewed, &key, args.dry_run, output);
    Ok(Exit::Done)
}

/// What to do about a key whose lease cannot be extended.
fn with_ways_out(failure: Failure, key: &ManagedKey) -> Failure {
    if key.state() == KeyState::Undelivered {
        return failure.with_only_next(ways_out(key));
    }
    if key.lease().is_none() || key.replaced_by().is_some() {
        return failure;
    }
    let name = base_name(key);
    let rotate = command(&rotate_words(name));
    let renewable = with_key("rotate --lease 30d --max-lease 180d --to SINK", name);
    failure
        .with_next(format!("to replace the key:  {rotate}"))
        .with_next(format!("for a lease that can be renewed:  {}", command(&renewable)))
}

#[derive(Serialize)]
struct Renewed<'a> {
    dry_run: bool,
    #[serde(serialize_with = "rfc3339")]
    previous_expires_at: Option<SystemTime>,
    #[serde(flatten)]
    key: ManagedObject<'a>,
}

fn print(key: &ManagedKey, before: &ManagedKey, dry_run: bool, output: &Output) {
    if output.is_json() {
        let previous_expires_at = before.expires_at();
        let key = ManagedObject::of(key);
        return output.object(&Renewed { dry_run, previous_expires_at, key });
    }
    let mut lines = Labels::default();
    lines.push(if dry_run { "renew" } else { "renewed" }, base_name(key));
    let end = |at: Option<SystemTime>| at.and_then(moment).unwrap_or_default();
    lines.push("ends", end(key.expires_at()));
    lines.push("maximum", end(key.max_until()));
    output.labels(&lines);
    if dry_run {
        output.note("nothing was changed");
    }
}
