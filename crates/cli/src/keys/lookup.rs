//! Finding keys in the account's list.

use std::ops::ControlFlow;

use pinning_keys::{Discrepancies, KeyQuery, KeyRecord, KeyRef};

use crate::account::Account;
use crate::command_line::{self, quoted};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::listing::{Broken, Listing, collect, read};
use crate::keys::selector::is_reference;
use crate::keys::state::State;
use crate::keys::view::{age, short_reference};
use crate::nearest::nearest;
use crate::output::Output;
use crate::output::escape::escaped;

/// How many keys are compared with a name that does not exist. The list may be long, and its
/// newest keys come first.
const COMPARED: usize = 50;

/// How many keys of one name are shown.
const SHOWN: usize = 20;

/// The keys of these names. If the provider cannot filter by name, one reading serves all of them.
pub(crate) async fn named(
    account: &Account,
    output: &Output,
    names: &[&str],
) -> Result<Listing, Broken> {
    let mut found = Listing { records: Vec::new(), doubts: Discrepancies::default() };
    if names.is_empty() {
        return Ok(found);
    }
    if !account.issuer().profile().filters().name() {
        let is_named = |record: &KeyRecord| names.contains(&record.name());
        return collect(account, output, KeyQuery::new(), is_named).await;
    }
    for name in names {
        let query = KeyQuery::new().with_name_containing(*name);
        let of_name = collect(account, output, query, |record| record.name() == *name).await?;
        found.records.extend(of_name.records);
        found.doubts.merge(of_name.doubts);
    }
    Ok(found)
}

/// The key of this reference, and signs that the list may have missed it.
pub(crate) async fn referenced(
    account: &Account,
    output: &Output,
    key_ref: &KeyRef,
) -> Result<(Option<KeyRecord>, Discrepancies), Broken> {
    let mut found = None;
    let doubts = read(account, output, KeyQuery::new(), |record| {
        if record.key_ref() != key_ref {
            return ControlFlow::Continue(());
        }
        found = Some(record);
        ControlFlow::Break(())
    })
    .await?;
    Ok((found, doubts))
}

/// The failure if no key has this name. It suggests the most similar name of a recent key that is
/// not revoked, for the same command.
pub(crate) async fn none_named(
    account: &Account,
    output: &Output,
    name: &str,
    command: &str,
) -> Failure {
    let mut recent = Vec::new();
    // If the list cannot be read, there is no suggestion.
    let _ = read(account, output, KeyQuery::new(), |record| {
        recent.push(record);
        if recent.len() < COMPARED { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
    .await;
    let failure = Failure::new(Exit::Failed, format!("no key is named \"{}\"", escaped(name)))
        .with_kind("nothing_matched");
    recent.retain(|record| State::of(record) != State::Revoked);
    let similar = nearest(name, recent.iter().map(KeyRecord::name));
    let similar = similar.and_then(|name| recent.iter().find(|record| record.name() == name));
    let failure = match similar {
        Some(record) => failure.with_next(format!("did you mean:  {}", typed(command, record))),
        None => failure,
    };
    let propagation = account.issuer().profile().propagation().as_secs();
    failure.with_next(format!(
        "a newly created key can take up to {propagation} s to appear in the list"
    ))
}

/// The failure if several keys have this name: each can be named by its reference.
pub(crate) fn several_named(name: &str, records: &[&KeyRecord], command: &str) -> Failure {
    let message = format!("{} keys are named \"{}\"", records.len(), escaped(name));
    let mut failure = Failure::new(Exit::Failed, message).with_kind("ambiguous_name");
    for record in records.iter().take(SHOWN) {
        let command = by_reference(command, record);
        failure =
            failure.with_next(format!("{command}   {}, age {}", State::of(record), age(record)));
    }
    match records.len().saturating_sub(SHOWN) {
        0 => failure,
        more => failure.with_next(format!("and {more} more")),
    }
}

/// The command that names a key by its name, or by its reference if the name cannot be typed or
/// would be taken for a reference.
pub(crate) fn typed(command: &str, record: &KeyRecord) -> String {
    let name = record.name();
    if escaped(name) == name && !name.starts_with('-') && !is_reference(name) {
        command_line::command(&format!("{command} {}", quoted(name)))
    } else {
        by_reference(command, record)
    }
}

/// The command that names a key by its reference.
pub(crate) fn by_reference(command: &str, record: &KeyRecord) -> String {
    command_line::command(&format!("{command} {}", short_reference(record.key_ref())))
}
