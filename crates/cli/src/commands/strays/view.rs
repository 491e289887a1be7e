//! How strays are shown.

use pinning_keys_lifecycle::ManagedKey;

use crate::command_line::command;
use crate::managed::key_view::{lease, seen};
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};

use super::fate::{Decision, Fate, StrayObject};

/// How many keys a question shows.
const SHOWN: usize = 50;

/// Prints strays, and what would become of them, if that is decided.
pub(super) fn print(strays: &[ManagedKey], decision: Option<Decision>, output: &Output) {
    if output.is_json() {
        let result = decision.map(|_| Fate::Planned);
        for key in strays {
            output.object(&StrayObject::of(key, result));
        }
        return;
    }
    output.table(&table(strays, decision));
    if decision.is_none() {
        output.note(format_args!("to keep them:    {}", command("strays --adopt")));
        output.note(format_args!("to revoke them:  {}", command("strays --revoke")));
    }
}

/// The question before strays are revoked, which are shown first.
pub(super) fn question(strays: &[ManagedKey], yes: bool, output: &Output) -> String {
    if !yes {
        let shown = strays.get(..SHOWN).unwrap_or(strays);
        output.question_table(&table(shown, Some(Decision::Revoke)));
        let hidden = strays.len() - shown.len();
        if hidden > 0 {
            output.note(format_args!("and {hidden} more; --dry-run shows all of them"));
        }
    }
    match strays {
        [only] => format!("Revoke \"{}\", which somebody may be using?", escaped(base_name(only))),
        several => format!("Revoke {} keys, which somebody may be using?", several.len()),
    }
}

fn table(strays: &[ManagedKey], decision: Option<Decision>) -> Table {
    let action = decision.map(|decision| match decision {
        Decision::Keep => "keep",
        Decision::Revoke => "revoke",
    });
    let cells = |first: Option<Cell>, rest: [Cell; 5]| first.into_iter().chain(rest);
    let header = ["name", "account", "lease", "seen", "key"].map(Cell::new);
    let mut table = Table::new(cells(action.map(|_| Cell::default()), header));
    for key in strays {
        let key_ref = key.key_refs().into_iter().next();
        let row = [
            Cell::new(base_name(key)),
            Cell::new(key.account()),
            lease(key),
            Cell::new(seen(key)),
            Cell::new(key_ref.map_or_else(|| key.id().to_string(), |key_ref| key_ref.to_string())),
        ];
        table.push(cells(action.map(Cell::new), row));
    }
    table
}
