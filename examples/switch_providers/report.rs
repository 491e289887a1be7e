//! The table that is printed: a row a question, a column a vocabulary.

use std::io::IsTerminal;

use http::StatusCode;
use pinning_keys::adapter::Grant;
use pinning_keys::{Permission, PermissionSet};

use crate::walk::{Attempt, Outcome, is_refused};

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

/// A cell: what it says, and the colour that helps to see it.
struct Cell {
    text: String,
    colour: Option<&'static str>,
}

/// The table, and what became of the keys; `is_whole` where no walk failed half way.
pub(crate) fn text(walks: &[Outcome], is_whole: bool) -> String {
    let header = walks.iter().map(|walk| {
        let table = walk.plan.translation().table();
        plain(format!("{} {}", table.provider(), table.name()))
    });
    let mut rows = vec![("", header.collect())];
    let mut row = |label, cell: &dyn Fn(&Outcome) -> Cell| {
        rows.push((label, walks.iter().map(cell).collect::<Vec<_>>()));
    };
    row("sent", &|walk| plain(sent(walk)));
    row("granted", &|walk| plain(count(walk)));
    row("missing", &|walk| plain(some(walk.missing, usize::MAX)));
    row("extra", &|walk| plain(extra(walk.extra)));
    for (i, attempt) in walks.first().map_or(&[][..], |walk| &walk.attempts).iter().enumerate() {
        row(attempt.what, &move |walk| answer(&walk.attempts[i]));
    }
    row("after revoking", &|walk| refusal(walk.after_revoking));

    let revoked = walks.iter().filter(|walk| walk.is_over()).count();
    let is_clean = is_whole && revoked == walks.len();
    let end = if is_clean { "none left" } else { "look at the account for the rest" };
    format!(
        "{}\nmissing: preferred, and not to be had there. extra: tolerated, since it cannot be left \
         out.\n{} issued, {revoked} revoked, {end}.",
        aligned(&rows),
        keys(walks.len())
    )
}

pub(crate) fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// The native grants: the first, and how many more there are.
fn sent(walk: &Outcome) -> String {
    let names: Vec<_> = walk.plan.translation().grants().map(Grant::name).collect();
    shortened(&names, 1)
}

fn count(walk: &Outcome) -> String {
    match walk.plan.translation().granted().permissions() {
        Some(set) if set.len() == 1 => "1 permission".to_owned(),
        Some(set) => format!("{} permissions", set.len()),
        None => "everything (admin)".to_owned(),
    }
}

/// The extra permissions, beginning with the one that does most harm.
fn extra(set: PermissionSet) -> String {
    if set.contains(Permission::PinsRemove) {
        let rest = set.len() - 1;
        return format!("{} +{rest}", Permission::PinsRemove);
    }
    some(set, 1)
}

fn some(set: PermissionSet, most: usize) -> String {
    shortened(&set.iter().map(Permission::as_str).collect::<Vec<_>>(), most)
}

fn shortened(names: &[&str], most: usize) -> String {
    match names.len() {
        0 => "–".to_owned(),
        all if all <= most => names.join(" "),
        all => format!("{} +{}", names[..most].join(" "), all - most),
    }
}

/// What the provider answered, where the key may be able to do it.
fn answer(attempt: &Attempt) -> Cell {
    match attempt.status {
        status if is_refused(status) => refusal(status),
        // What is let through can still find nothing to work on.
        status if !status.is_success() && status != StatusCode::NOT_FOUND => neither(status),
        _ if attempt.is_extra => Cell { text: "allowed  (extra)".to_owned(), colour: Some(YELLOW) },
        _ => Cell { text: "allowed".to_owned(), colour: Some(GREEN) },
    }
}

/// What the provider answered, where it should refuse.
fn refusal(status: StatusCode) -> Cell {
    match status {
        _ if is_refused(status) => {
            Cell { text: format!("refused  {}", status.as_u16()), colour: Some(RED) }
        }
        _ if status.is_success() => Cell { text: "STILL ALLOWED".to_owned(), colour: Some(YELLOW) },
        _ => neither(status),
    }
}

/// An answer that says nothing about what the key may do, such as 429 or 503.
fn neither(status: StatusCode) -> Cell {
    Cell { text: format!("answered {}", status.as_u16()), colour: Some(YELLOW) }
}

fn plain(text: String) -> Cell {
    Cell { text, colour: None }
}

fn aligned(rows: &[(&str, Vec<Cell>)]) -> String {
    let is_terminal = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let width = |text: &str| text.chars().count();
    let label_width = rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let cells = rows.iter().flat_map(|(_, cells)| cells);
    let cell_width = cells.map(|cell| width(&cell.text)).max().unwrap_or(0);
    let mut text = String::new();
    for (label, cells) in rows {
        let mut line = format!("{label:label_width$}");
        for Cell { text, colour } in cells {
            let padded = format!("{text:cell_width$}");
            line.push_str("   ");
            let shown = match colour.filter(|_| is_terminal) {
                Some(colour) => format!("\x1b[{colour}m{padded}\x1b[0m"),
                None => padded,
            };
            line.push_str(&shown);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
