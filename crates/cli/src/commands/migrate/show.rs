//! The plan, before anything is done.

use super::args::Wishes;
use super::outcome::{Fate, Line};
use super::plan::{Move, NewKey, Planned};
use super::selection::Between;
use crate::failure::Failure;
use crate::keys::age::Age;
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

/// How many keys a question shows.
const SHOWN: usize = 50;

/// How many names a reason lists.
const NAMES: usize = 10;

/// Prints the plan as a result.
pub(super) fn print(moves: &[Move], between: Between<'_>, output: &Output) {
    if output.is_json() {
        for it in moves {
            let line = |fate| Line::of(&it.key, fate, between);
            match &it.verdict {
                Ok(Planned { new, .. }) => line(Fate::Planned).with_new(new).print(output),
                Err(failure) => line(Fate::Stays).with_error(failure).print(output),
            }
        }
        return;
    }
    output.table(&table(moves, between, usize::MAX));
    for table in reasons(moves) {
        output.line("");
        output.table(&table);
    }
}

/// Shows the plan before the question, which is returned.
pub(super) fn before_question(
    moves: &[Move],
    between: Between<'_>,
    wishes: &Wishes,
    yes: bool,
    output: &Output,
) -> String {
    let show = |table: &Table| {
        if yes { output.note_table(table) } else { output.question_table(table) }
    };
    show(&table(moves, between, SHOWN));
    reasons(moves).iter().for_each(show);
    let hidden = moves.len().saturating_sub(SHOWN);
    if hidden > 0 {
        output.note(format_args!("and {hidden} more; --dry-run shows all of them"));
    }
    question(moves, between, wishes)
}

fn question(moves: &[Move], between: Between<'_>, wishes: &Wishes) -> String {
    let count = moves.iter().filter(|it| it.verdict.is_ok()).count();
    let (what, old, new) = match moves {
        [only] => (format!("\"{}\"", escaped(base_name(&only.key))), "old key", "the new one is"),
        all if count == all.len() => (format!("{count} keys"), "old keys", "the new ones are"),
        all => (format!("{count} of {} keys", all.len()), "old keys", "the new ones are"),
    };
    let can_issue = moves.iter().filter(|it| it.verdict.as_ref().is_ok_and(Planned::can_issue));
    let power = match can_issue.count() {
        0 => String::new(),
        1 => "; one of the new keys can issue other keys".to_owned(),
        some => format!("; {some} of the new keys can issue other keys"),
    };
    let end = match wishes.overlap {
        overlap if overlap.is_zero() => "as soon as".to_owned(),
        overlap => format!("{} after", Age::of(overlap)),
    };
    let (from, into) = (between.from.shown(), between.into.shown());
    format!("move {what} from {from} to {into}, and revoke the {old} {end} {new} delivered{power}?")
}

fn table(moves: &[Move], between: Between<'_>, most: usize) -> Table {
    let granted = format!("granted at {}", between.into.shown());
    let header = ["name".to_owned(), "from".to_owned(), granted, "loses".into(), "gains".into()];
    let mut table = Table::new(header);
    let from = between.from.shown();
    for Move { key, verdict } in moves.iter().take(most) {
        let cells = match verdict {
            Ok(Planned { new: NewKey { granted, comparison, .. }, .. }) => [
                Cell::new(granted.to_string()),
                Cell::new(comparison.lost.join(" ")).with_tone(Tone::Notable),
                Cell::new(comparison.gained.join(" ")).with_tone(Tone::Bad),
            ],
            Err(_) => [Cell::new("stays").with_tone(Tone::Bad), Cell::default(), Cell::default()],
        };
        table.push([base_name(key).into(), Cell::new(&from)].into_iter().chain(cells));
    }
    table
}

/// Why keys stay and what would change that: each reason once, with the names of its keys.
fn reasons(moves: &[Move]) -> Vec<Table> {
    let mut groups: Vec<(&Failure, Vec<&str>)> = Vec::new();
    for Move { key, verdict } in moves {
        let Err(failure) = verdict else { continue };
        let is_same = |known: &&mut (&Failure, _)| {
            known.0.message() == failure.message() && known.0.next() == failure.next()
        };
        match groups.iter_mut().find(is_same) {
            Some((_, names)) => names.push(base_name(key)),
            None => groups.push((failure, vec![base_name(key)])),
        }
    }
    let table = |(failure, names): (&Failure, Vec<&str>)| {
        let mut table = Table::without_header();
        table.push([Cell::of_escaped(format!("{}: {}", listed(&names), failure.message()))]);
        for line in failure.next() {
            table.push([Cell::of_escaped(format!("  {line}"))]);
        }
        table
    };
    groups.into_iter().map(table).collect()
}

fn listed(names: &[&str]) -> String {
    let shown: Vec<_> = names.iter().take(NAMES).map(|name| escaped(name)).collect();
    match names.len().saturating_sub(NAMES) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
