//! `show`: Show one key of the account

use std::ffi::OsString;

use pinning_keys::{KeyIssuer as _, KeyRecord};
use serde::Serialize;

use crate::account::Account;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::age::Age;
use crate::keys::listing::{Listing, unless_doubtful};
use crate::keys::lookup::{named, none_named, referenced, several_named};
use crate::keys::selector::Selector;
use crate::keys::view::{KeyObject, moment, scope, state, uses};
use crate::output::Output;
use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;
use crate::scope_args::TargetArgs;
use crate::session::Session;

/// Show one key of the account
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The reference of the key, such as v1:pinata:0d2a, or its exact name
    #[arg(value_name = "REF|NAME")]
    key: OsString,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let account = session.account(&TargetArgs::default())?;
    let selector = Selector::parse(&args.key, account.issuer().profile())?;
    let interrupt = Interrupt::listen(&session.output);
    let record = interrupt.or_end(find(&selector, &account, &session.output)).await?;
    let own = account.issuer().is_own_key(record.key_ref()).await?;
    if session.output.is_json() {
        session.output.object(&Shown { key: KeyObject::of(&record), own });
    } else {
        session.output.labels(&labels(&record, own));
    }
    Ok(Exit::Done)
}

async fn find(
    selector: &Selector,
    account: &Account,
    output: &Output,
) -> Result<KeyRecord, Failure> {
    match selector {
        Selector::Reference(key_ref) => {
            let (found, doubts) = referenced(account, output, key_ref).await?;
            let message = "the account does not list a key of this reference";
            found.ok_or_else(|| unless_doubtful(doubts, Failure::new(Exit::Failed, message)))
        }
        Selector::Name(name) => {
            let Listing { mut records, doubts } = named(account, output, &[name]).await?;
            match (records.pop(), records.len()) {
                (Some(record), 0) => Ok(record),
                (Some(record), _) => {
                    records.push(record);
                    Err(several_named(name, &records.iter().collect::<Vec<_>>(), "show"))
                }
                (None, _) => {
                    Err(unless_doubtful(doubts, none_named(account, output, name, "show").await))
                }
            }
        }
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    key: KeyObject<'a>,
    /// Whether the account works with this key; null if its credential does not show it.
    own: Option<bool>,
}

fn labels(record: &KeyRecord, own: Option<bool>) -> Labels {
    let mut labels = Labels::default();
    labels.push("name", record.name());
    labels.push("key", record.key_ref().to_string());
    labels.push("state", state(record));
    labels.push("scope", scope(record));
    if !record.native_grants().is_empty() {
        let table = record.table().map_or_else(String::new, |table| format!(" ({})", table.name()));
        labels.push("grants", format!("{}{table}", record.native_grants().join(" ")));
    }
    if record.reading().is_lower_bound() {
        let reading = record.reading();
        let unknown: Vec<_> = reading.unknown().iter().chain(reading.partial()).collect();
        let unknown = unknown.iter().map(|grant| grant.as_str()).collect::<Vec<_>>().join(" ");
        labels.push("unknown", Cell::new(unknown).with_tone(Tone::Notable));
        labels.push("", "the key may be able to do more than its scope says");
    }
    labels.push("uses", used(record));
    labels.push("created", created(record));
    if let Some(end) = record.expires_at().and_then(moment) {
        labels.push("expires", end);
    }
    labels.push(
        "own key",
        match own {
            Some(true) => "yes, the account works with this key",
            Some(false) => "no",
            None => "unknown, because the account's credential does not show its key",
        },
    );
    labels
}

fn used(record: &KeyRecord) -> String {
    match (uses(record), record.is_unlimited()) {
        (uses, _) if uses.is_empty() => "not counted".to_owned(),
        (uses, true) => format!("{uses}, unlimited"),
        (uses, false) => uses,
    }
}

fn created(record: &KeyRecord) -> String {
    let time = record.created_at().and_then(|time| Some((moment(time)?, Age::since(time))));
    time.map_or_else(|| "unknown".to_owned(), |(moment, age)| format!("{moment}, {age} ago"))
}
