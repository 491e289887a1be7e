//! `help scopes`: what a key may do, and how to ask for it.

use pinning_keys::adapter::{Grant, PermissionTable};
use pinning_keys::{NextStep, Permission, ScopeChange, ScopeError, ScopeRequest};

use crate::next_lines::flags;
use crate::output::table::Table;
use crate::presets::{PRESETS, Preset};
use crate::tables::{TABLES, full_name};

/// The width of the text, which pagers and files show too.
const WIDTH: usize = 80;
const INDENT: &str = "  ";

const INTRODUCTION: &str = "\
A scope says what a key may do. It has a floor and a ceiling, and what the key
gets always lies between the two:

  --needs      permissions that the key must have
  --prefers    permissions that the key gets if the provider can grant them
  --tolerates  what the key may have besides, if a grant that it needs brings it
               along: permissions, or a provider's grant such as
               pinata:org:files:write
  --preset     a ready-made scope instead of --needs and --prefers
  --admin      everything, including keys with any scope; never granted unless
               asked for

Permissions are the same for every provider. Each provider groups its own
grants into tables, and each grant opens some permissions. If no grants lie
between the floor and the ceiling, the request is refused, nothing is sent, and
the refusal shows the flags that would change that. `pinning-keys plan` shows
what a scope becomes everywhere, without an account.
";

/// The text of `help scopes`.
pub(crate) fn scopes_help() -> String {
    let mut parts = vec![INTRODUCTION.to_owned(), section("Presets", &presets())];
    parts.push(section("Permissions", &permissions()));
    for table in TABLES {
        let title = format!("Grants of {table}, which open {}", table.serves());
        parts.push(section(&title, &grants(table)));
    }
    parts.join("\n")
}

fn section(title: &str, table: &Table) -> String {
    let lines = table.lines(Some(WIDTH - INDENT.len()));
    let indent = |line: &str| if line.is_empty() { "" } else { INDENT };
    let lines = lines.iter().flat_map(|line| ["\n", indent(line), line]);
    [title].into_iter().chain(lines).chain(["\n"]).collect()
}

/// What each preset asks for, and what it becomes with each table.
fn presets() -> Table {
    let mut table = Table::without_header();
    for (at, Preset { name, holder, request }) in PRESETS.iter().enumerate() {
        let request = request();
        if at > 0 {
            table.push([""]);
        }
        table.push([*name, *holder]);
        table.push(["", &request.to_string()]);
        for it in TABLES {
            table.push([format!("  {it}"), becomes(it, &request)]);
        }
    }
    table
}

/// What a request becomes with a table, in a few words.
fn becomes(table: &'static PermissionTable, request: &ScopeRequest) -> String {
    let translation = match table.translate(request) {
        Ok(translation) => translation,
        Err(refusal) => {
            let wider = wider(&refusal).map(|flags| format!(" without {flags}"));
            return format!("refused{}", wider.unwrap_or_default());
        }
    };
    let grants: Vec<_> = translation.grants().map(Grant::name).collect();
    let missing = match translation.missing() {
        missing if missing.is_empty() => String::new(),
        missing => format!("; missing {missing}"),
    };
    format!("{}{missing}", grants.join(" "))
}

/// The flags that accept the wider grant of a refusal.
fn wider(refusal: &ScopeError) -> Option<String> {
    let Some(NextStep::ChangeScope(changes)) = refusal.next_step() else { return None };
    changes.iter().find(|it| matches!(it, ScopeChange::Tolerate(_))).and_then(flags)
}

fn permissions() -> Table {
    let mut table = Table::without_header();
    for permission in Permission::ALL {
        let only = if permission.is_escalating() { "; only by name, in --needs" } else { "" };
        let description = format!("{}{only}", permission.description());
        table.push([permission.as_str().to_owned(), description]);
    }
    table
}

fn grants(of: &PermissionTable) -> Table {
    let mut table = Table::without_header();
    for grant in of.grants() {
        table.push([full_name(of, grant), grant.opens().to_string()]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_everything_and_fits_80_columns() {
        let text = scopes_help();
        let has = |word: &str| text.split([' ', '\n', ';']).any(|it| it == word);
        for name in Permission::ALL.iter().map(|it| it.as_str()).chain(PRESETS.map(|it| it.name)) {
            assert!(has(name), "{name}");
        }
        for table in TABLES {
            assert!(table.grants().iter().all(|grant| has(&full_name(table, grant))), "{table}");
        }
        let longest = text.lines().max_by_key(|line| line.chars().count()).unwrap_or_default();
        assert!(longest.chars().count() <= WIDTH, "{longest}");
        assert!(!text.contains('\u{1b}'), "it has no colours, because manual pages show it too");
    }
}
