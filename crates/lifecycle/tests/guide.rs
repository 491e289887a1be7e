//! `docs/lifecycle.md` shows the table that the code follows.

use std::fmt::Write as _;

use pinning_keys_lifecycle::{Cell, KeyState, Verb};
use pinning_keys_testkit::{golden::assert_golden, page};

const PAGE: &str = "docs/lifecycle.md";

fn text(cell: Cell) -> String {
    match cell {
        Cell::To(states, when) => {
            let states: Vec<String> = states.iter().map(|it| format!("**{it}**")).collect();
            format!("{}: {when}", states.join(", then "))
        }
        Cell::Same(what) => format!("stays: {what}"),
        Cell::Refused(why) => format!("*refused:* {why}"),
        cell => unreachable!("{cell:?}"),
    }
}

/// One list for each verb: eight states with a sentence each do not fit into columns.
fn lists() -> String {
    let mut lists = String::new();
    for verb in Verb::ALL {
        writeln!(lists, "\n**`{verb}`**\n\n| state | what happens |\n|---|---|").unwrap();
        for state in KeyState::ALL {
            writeln!(lists, "| {state} | {} |", text(verb.on(*state))).unwrap();
        }
    }
    lists.split_off(1)
}

#[test]
fn page_shows_the_table() {
    let page = page::with_named_part(&page::read(PAGE), "table", &lists());
    assert_golden(PAGE, &page, "The page differs from the table in src/table.rs.");
}

#[test]
fn page_explains_every_state() {
    let states = page::section(&page::read(PAGE), "## States");
    for state in KeyState::ALL {
        assert!(states.contains(&format!("\n| {state} | ")), "{state}");
    }
}
