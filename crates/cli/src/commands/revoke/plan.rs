//! The keys to revoke, shown before the question.

use pinning_keys::{KeyRecord, KeyRef};

use crate::account::Account;
use crate::ask;
use crate::failure::Failure;
use crate::keys::view;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

use super::choice::{Choice, Target};
use super::outcome::{Fate, Line};

/// How many keys a question shows.
const SHOWN: usize = 50;

/// Prints what would be revoked.
pub(super) fn print(choice: &Choice, output: &Output) {
    if output.is_json() {
        for target in &choice.targets {
            Line::of(target, Fate::Planned).print(output);
        }
        for (record, reason) in &choice.excluded {
            Line::excluded(record, *reason).print(output);
        }
    } else if !choice.targets.is_empty() {
        output.table(&table(choice, usize::MAX));
    }
    print_gone(choice, output);
}

fn print_gone(choice: &Choice, output: &Output) {
    for record in &choice.gone {
        Line::of_record(record, Fate::AlreadyGone).print(output);
    }
}

/// Prints the keys that stay as they are. A question has just shown those that are excluded.
pub(super) fn print_kept(choice: &Choice, yes: bool, output: &Output) {
    if yes || output.is_json() {
        for (record, reason) in &choice.excluded {
            Line::excluded(record, *reason).print(output);
        }
    }
    print_gone(choice, output);
}

/// Asks whether to go on, unless `--yes` said so.
pub(super) fn ask(
    choice: &Choice,
    account: &Account,
    yes: bool,
    output: &Output,
) -> Result<(), Failure> {
    if choice.is_own {
        output.warn("the account works with this key, and can revoke no other afterwards");
    }
    if !yes {
        output.question_table(&table(choice, SHOWN));
        let hidden = choice.targets.len().saturating_sub(SHOWN);
        if hidden > 0 {
            output.note(format_args!("and {hidden} more; --dry-run shows all of them"));
        }
    }
    let what = match choice.targets.as_slice() {
        [Target { record: Some(record), .. }] => format!("\"{}\"", escaped(record.name())),
        [Target { key_ref, .. }] => key_ref.to_string(),
        several => format!("{} keys", several.len()),
    };
    let provider = account.issuer().profile().provider();
    ask::consent(&format!("revoke {what} at {provider}?"), yes)
}

fn table(choice: &Choice, most: usize) -> Table {
    let mut table = Table::new(["", "name", "state", "scope", "age", "key"]);
    for Target { key_ref, record } in choice.targets.iter().take(most) {
        table.push(row(Cell::new("revoke"), key_ref, record.as_ref()));
    }
    for (record, reason) in &choice.excluded {
        let keep = Cell::new(format!("keep: {reason}")).with_tone(Tone::Notable);
        table.push(row(keep, record.key_ref(), Some(record)));
    }
    table
}

/// A key that was named by its reference shows nothing else.
fn row(action: Cell, key_ref: &KeyRef, record: Option<&KeyRecord>) -> [Cell; 6] {
    let [name, state, scope, age] = record.map_or_else(Default::default, |record| {
        let (scope, age) = (view::scope(record), view::age(record));
        [Cell::new(record.name()), view::state(record), Cell::new(scope), Cell::new(age)]
    });
    [action, name, state, scope, age, Cell::new(view::short_reference(key_ref))]
}
