//! `show`: Show one key of the account

#[cfg(feature = "store")]
mod joined;
mod record;
#[cfg(feature = "store")]
mod text;

use std::ffi::OsString;

use pinning_keys::{KeyIssuer as _, KeyRecord};

use crate::account::Account;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::listing::{Listing, unless_doubtful};
use crate::keys::lookup::{named, none_named, referenced, several_named};
use crate::keys::selector::Selector;
use crate::keys::view::{KeyObject, state};
#[cfg(feature = "store")]
use crate::managed::{Accounts, Managed};
use crate::output::Output;
use crate::output::table::Labels;
use crate::scope_args::TargetArgs;
use crate::session::Session;

use record::{Shown, push_record};

/// Show one key of the account
///
/// If the store manages the key, the output includes what the store knows about it and, if something
/// is wrong, what to do. If the store has several keys with a name, the newest one that works is
/// shown.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The key, by its reference, such as v1:pinata:0d2a, its exact name, or its id in the store
    #[arg(value_name = "REF|NAME|ID")]
    key: OsString,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    #[cfg(feature = "store")]
    {
        let target = TargetArgs::default();
        if let Some(managed) = Managed::open_existing(session, Accounts::Selected(&target)).await? {
            return joined::run(&args.key, session, &managed).await;
        }
    }
    let account = session.account(&TargetArgs::default())?;
    let selector = Selector::parse(&args.key, account.issuer().profile())?;
    let interrupt = Interrupt::listen(&session.output);
    let record = interrupt.or_end(find(&selector, &account, &session.output)).await?;
    let own = account.issuer().is_own_key(record.key_ref()).await?;
    if session.output.is_json() {
        session.output.object(&Shown { key: KeyObject::of(&record), own });
    } else {
        let mut labels = Labels::default();
        labels.push("name", record.name());
        labels.push("key", record.key_ref().to_string());
        labels.push("state", state(&record));
        push_record(&mut labels, &record, own);
        session.output.labels(&labels);
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
            let message = "the account lists no key with this reference";
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
