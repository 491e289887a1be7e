//! The printed table: a row for each question, a column for each table.

use console::Style;
use http::StatusCode;
use pinning_keys::adapter::Grant;
use pinning_keys::{Permission, PermissionSet};

use crate::walk::{Attempt, Outcome, is_refused};

/// The table and what became of the keys; `is_complete` if no walk failed.
pub(crate) fn text(walks: &[Outcome], is_complete: bool) -> String {
    let header = walks.iter().map(|walk| {
        let table = walk.plan.translation().table();
        format!("{} {}", table.provider(), table.name())
    });
    let mut rows = vec![("", header.collect())];
    let mut row = |label, cell: &dyn Fn(&Outcome) -> String| {
        rows.push((label, walks.iter().map(cell).collect::<Vec<_>>()));
    };
    row("sent", &sent);
    row("granted", &granted);
    row("missing", &|walk| shortened(walk.missing, usize::MAX));
    row("extra", &|walk| extra(walk.extra));
    for (i, attempt) in walks.first().map_or(&[][..], |walk| &walk.attempts).iter().enumerate() {
        row(attempt.what, &move |walk| answer(&walk.attempts[i]));
    }
    row("after revoking", &|walk| refusal(walk.after_revoking));

    let revoked = walks.iter().filter(|walk| walk.is_over()).count();
    let is_clean = is_complete && revoked == walks.len();
    let end = if is_clean { "none left" } else { "check the account for the rest" };
    format!(
        "{}\nmissing: preferred, but not available. extra: tolerated, because the grant includes \
         it.\n{} issued, {revoked} revoked, {end}.",
        aligned(&rows),
        keys(walks.len())
    )
}

pub(crate) fn keys(count: usize) -> String {
    if count == 1 { "1 key".to_owned() } else { format!("{count} keys") }
}

/// The first native grant, and how many more there are.
fn sent(walk: &Outcome) -> String {
    let names: Vec<_> = walk.plan.translation().grants().map(Grant::name).collect();
    joined(&names, 1)
}

fn granted(walk: &Outcome) -> String {
    match walk.plan.translation().granted().permissions() {
        Some(set) if set.len() == 1 => "1 permission".to_owned(),
        Some(set) => format!("{} permissions", set.len()),
        None => "everything (admin)".to_owned(),
    }
}

/// The extra permissions, the most harmful one first.
fn extra(set: PermissionSet) -> String {
    if set.contains(Permission::PinsRemove) {
        return format!("{} +{}", Permission::PinsRemove, set.len() - 1);
    }
    shortened(set, 1)
}

fn shortened(set: PermissionSet, most: usize) -> String {
    joined(&set.iter().map(Permission::as_str).collect::<Vec<_>>(), most)
}

fn joined(names: &[&str], most: usize) -> String {
    match names.len() {
        0 => "–".to_owned(),
        all if all <= most => names.join(" "),
        all => format!("{} +{}", names[..most].join(" "), all - most),
    }
}

/// The answer to something that the key may be able to do.
fn answer(attempt: &Attempt) -> String {
    match attempt.status {
        status if is_refused(status) => refusal(status),
        // A request that is let through may still find nothing to work on.
        status if !status.is_success() && status != StatusCode::NOT_FOUND => refusal(status),
        _ if attempt.is_extra => "allowed  (extra)".to_owned(),
        _ => "allowed".to_owned(),
    }
}

/// The answer to something that the key should not be able to do.
fn refusal(status: StatusCode) -> String {
    match status {
        _ if is_refused(status) => format!("refused  {}", status.as_u16()),
        _ if status.is_success() => "STILL ALLOWED".to_owned(),
        // Says nothing about the key: a rate limit, for instance.
        _ => format!("answered {}", status.as_u16()),
    }
}

/// The colour of a cell, on a terminal only.
fn style_of(cell: &str) -> Style {
    match cell {
        "allowed" => Style::new().green(),
        "STILL ALLOWED" => Style::new().red().bold(),
        _ if cell.starts_with("refused") => Style::new().green(),
        _ if cell.ends_with("(extra)") || cell.starts_with("answered") => Style::new().yellow(),
        _ => Style::new(),
    }
}

fn aligned(rows: &[(&str, Vec<String>)]) -> String {
    let width = |text: &str| text.chars().count();
    let label_width = rows.iter().map(|(label, _)| width(label)).max().unwrap_or(0);
    let cells = rows.iter().flat_map(|(_, cells)| cells);
    let cell_width = cells.map(|cell| width(cell)).max().unwrap_or(0);
    let mut text = String::new();
    for (label, cells) in rows {
        let last = cells.len().saturating_sub(1);
        let cells = cells.iter().enumerate().map(|(i, cell)| {
            let width = if i < last { cell_width } else { 0 };
            format!("   {}", style_of(cell).apply_to(format!("{cell:width$}")))
        });
        text.extend([format!("{label:label_width$}"), cells.collect(), "\n".to_owned()]);
    }
    text
}
