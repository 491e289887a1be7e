//! The keys of the provider's list, joined with those of the store.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::ControlFlow;
use std::time::Duration;

use pinning_keys::{Discrepancies, KeyRecord};
use pinning_keys_lifecycle::{KeyId, ManagedKey};

use super::args::{Args, Owners};
use super::notes::{incomplete, note_none, note_revoked};
use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::keys::filter::Filter;
use crate::keys::listing::{doubtful, read};
use crate::managed::Managed;
use crate::managed::joined::{JoinedKey, Ownership, table};
use crate::managed::known::Known;
use crate::managed::rows::{OPEN, base_name};
use crate::output::Output;
use crate::session::Session;

pub(super) async fn run(
    args: &Args,
    filter: &Filter,
    session: &Session,
    managed: &Managed,
) -> Result<Exit, Failure> {
    let (output, account) = (&session.output, &managed.selected().account);
    let interrupt = Interrupt::listen(output);
    let known = interrupt.or_end(Known::read(managed)).await?;
    let query = filter.query(account.issuer().profile());
    let mut found = Found { args, filter, output, keys: Vec::new(), printed: 0 };
    let (mut seen, mut strays) = (HashSet::new(), Vec::new());
    let reading = read(account, output, query, |record| {
        match known.owner(&record) {
            // Printed at the end: it may have been issued after the rows were read.
            (Ownership::Stray, None) => strays.push(record),
            (ownership, key) => {
                seen.extend(key.map(ManagedKey::id));
                found.add(JoinedKey::listed(record, ownership, key.map(Cow::Borrowed)));
            }
        }
        // The rest of the list takes requests, and nobody reads it.
        if output.is_closed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let end = interrupt.or_end(reading).await;
    let rest = async {
        found.add_strays(&known, strays).await?;
        // Only a complete list proves that a key is missing.
        if end.as_ref().is_ok_and(Discrepancies::is_empty) && !output.is_closed() {
            let propagation = account.issuer().profile().propagation();
            found.add_unlisted(&known, &seen, propagation).await?;
        }
        Ok::<_, Failure>(())
    };
    let rest = interrupt.or_end(rest).await;
    found.print();
    let doubts = end.map_err(incomplete)?;
    rest.map_err(incomplete)?;
    if !doubts.is_empty() {
        return Err(doubtful(doubts));
    }
    if found.printed == 0 && found.keys.is_empty() {
        note_none(filter, account, output);
    }
    Ok(Exit::Done)
}

/// The keys that are wanted.
struct Found<'a> {
    args: &'a Args,
    filter: &'a Filter,
    output: &'a Output,
    /// For people, whose table needs all of them.
    keys: Vec<JoinedKey<'a>>,
    /// How many were printed for programs.
    printed: usize,
}

impl<'a> Found<'a> {
    fn add(&mut self, joined: JoinedKey<'a>) {
        if !self.admits(&joined) {
            return;
        }
        if self.output.is_json() {
            self.output.object(&joined.object());
            self.printed += 1;
        } else {
            self.keys.push(joined);
        }
    }

    fn admits(&self, joined: &JoinedKey<'_>) -> bool {
        let Owners { managed, foreign, strays } = &self.args.owners;
        let is_wanted = match joined.ownership {
            Ownership::Managed => *managed,
            Ownership::Stray => *strays,
            Ownership::Foreign => *foreign,
        };
        let has_state = match joined.record() {
            Some(record) => self.filter.admits_state(record),
            None => self.args.state().is_none(),
        };
        (is_wanted || !(*managed || *foreign || *strays))
            && has_state
            && self.filter.admits_name(joined.name())
    }

    async fn add_strays(
        &mut self,
        known: &'a Known,
        strays: Vec<KeyRecord>,
    ) -> Result<(), Failure> {
        for record in strays {
            self.add(known.joined(record).await?);
        }
        Ok(())
    }

    /// Adds the keys that should exist and that the list did not show.
    async fn add_unlisted(
        &mut self,
        known: &Known,
        seen: &HashSet<&KeyId>,
        propagation: Duration,
    ) -> Result<(), Failure> {
        if self.args.state().is_some() || self.args.owners.foreign {
            return Ok(());
        }
        for row in known.rows() {
            let is_open = OPEN.contains(&row.state());
            if !is_open || seen.contains(row.id()) || !self.filter.admits_name(base_name(row)) {
                continue;
            }
            // It may have ended since the rows were read.
            if let Some(key) = known.now(row.id()).await?.filter(|key| OPEN.contains(&key.state()))
            {
                self.add(JoinedKey::unlisted(Cow::Owned(key), propagation));
            }
        }
        Ok(())
    }

    /// Prints the table for people, and suggests commands.
    fn print(&self) {
        if self.keys.is_empty() {
            return;
        }
        self.output.table(&table(&self.keys));
        let revoked = self.keys.iter().filter(|joined| joined.is_revoked()).count();
        note_revoked(self.args, revoked, self.keys.len(), self.output);
        let overdue = self.keys.iter().filter_map(JoinedKey::key).filter(|key| key.is_overdue());
        let strays = self.keys.iter().filter(|joined| joined.ownership == Ownership::Stray);
        for (keys, one, several, verb) in [
            (overdue.count(), "key is overdue", "keys are overdue", "run --once"),
            (strays.count(), "key is a stray", "keys are strays", "strays"),
        ] {
            if keys > 0 {
                let what = if keys == 1 { one } else { several };
                self.output.note(format_args!("{keys} {what}:  {}", command(verb)));
            }
        }
    }
}
