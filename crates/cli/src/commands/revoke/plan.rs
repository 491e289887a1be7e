//! The keys to revoke, shown before the question.

use crate::account::Account;
use crate::ask;
use crate::failure::Failure;
use crate::keys::view;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

use super::choice::Choice;
use super::outcome::{Fate, Line};
use super::target::Target;

/// How many keys a question shows.
const SHOWN: usize = 50;

/// Prints what would be revoked.
pub(super) fn print(choice: &Choice, output: &Output) {
    if output.is_json() {
        for target in &choice.targets {
            Line::of(target, Fate::Planned).print(output);
        }
        for (target, reason) in &choice.excluded {
            Line::excluded(target, *reason).print(output);
        }
    } else if !choice.targets.is_empty() {
        output.table(&table(choice, usize::MAX));
    }
    print_rest(choice, output);
}

/// Prints the keys that need no revocation.
fn print_rest(choice: &Choice, output: &Output) {
    for target in &choice.gone {
        Line::of(target, Fate::AlreadyGone).print(output);
    }
    if choice.foreign > 0 {
        let keys = if choice.foreign == 1 { "foreign key matches" } else { "foreign keys match" };
        output
            .note(format_args!("{} {keys}, too; to revoke such keys:  --foreign", choice.foreign));
    }
}

/// Prints the keys that stay as they are. A question has just shown those that are excluded.
pub(super) fn print_kept(choice: &Choice, yes: bool, output: &Output) {
    if yes || output.is_json() {
        for (target, reason) in &choice.excluded {
            Line::excluded(target, *reason).print(output);
        }
    }
    print_rest(choice, output);
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
        [only] => match (only.base_name(), only.key_ref()) {
            (Some(name), _) => format!("\"{}\"", escaped(name)),
            (None, Some(key_ref)) => key_ref.to_string(),
            (None, None) => "the key".to_owned(),
        },
        several => format!("{} keys", several.len()),
    };
    let provider = account.issuer().profile().provider();
    ask::consent(&format!("revoke {what} at {provider}?"), yes)
}

/// Whose keys they are is shown if there is a difference.
fn table(choice: &Choice, most: usize) -> Table {
    let excluded = choice.excluded.iter().map(|(target, _)| target);
    let has_managed = choice.targets.iter().chain(excluded).any(Target::is_managed);
    let columns = |[action, name, owner, rest @ ..]: [Cell; 7]| {
        let owner = Some(owner).filter(|_| has_managed);
        [action, name].into_iter().chain(owner).chain(rest)
    };
    let header = ["", "name", "owner", "state", "scope", "age", "key"].map(Cell::new);
    let mut table = Table::new(columns(header));
    for target in choice.targets.iter().take(most) {
        table.push(columns(row(Cell::new("revoke"), owner(target), target)));
    }
    for (target, reason) in &choice.excluded {
        let keep = Cell::new(format!("keep: {reason}")).with_tone(Tone::Notable);
        let owner = reason.owner().unwrap_or_else(|| owner(target));
        table.push(columns(row(keep, owner, target)));
    }
    table
}

fn owner(target: &Target) -> &'static str {
    if target.is_managed() { "managed" } else { "foreign" }
}

/// A key that was named by its reference shows nothing else.
fn row(action: Cell, owner: &str, target: &Target) -> [Cell; 7] {
    let [scope, age] = target.record().map_or_else(Default::default, |record| {
        [Cell::new(view::scope(record)), Cell::new(view::age(record))]
    });
    let key = target.key_ref().map(|key_ref| view::short_reference(&key_ref));
    [
        action,
        Cell::new(target.base_name().unwrap_or_default()),
        Cell::new(owner),
        target.state(),
        scope,
        age,
        Cell::new(key.unwrap_or_default()),
    ]
}
