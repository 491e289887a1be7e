//! A plan for people: all tables side by side, or below each other on a narrow terminal.

use pinning_keys::adapter::Grant;
use pinning_keys::{PermissionSet, Plan, ScopeRequest};

use super::answer::Answer;
use crate::next_lines::steps_for_scope;
use crate::output::Output;
use crate::output::table::{Cell, Labels, Table};
use crate::output::tone::Tone;

const ROWS: [&str; 4] = ["sent", "granted", "missing", "extra"];

/// Shown for an empty list.
const NOTHING: &str = "–";

const LEGEND: &str = "missing: preferred, but not available. extra: tolerated, because the grant \
                      includes it.";

pub(super) fn print(request: &ScopeRequest, answers: &[Answer], output: &Output) {
    paragraph(&request.to_string(), output);
    output.line("");
    let cells: Vec<_> = answers.iter().map(cells).collect();
    output.table(&table(answers, &cells));
    for answer in answers {
        print_refusal(answer, output);
    }
    if cells.iter().any(|column| column[2..].iter().any(|cell| cell != NOTHING)) {
        output.line("");
        paragraph(LEGEND, output);
    }
    for Answer { table, verdict } in answers {
        if let Ok(plan) = verdict {
            output.detail(format!("{table}: {} {} {}", plan.method(), plan.path(), plan.body()));
        }
    }
}

/// A column for each table of grants.
fn table(answers: &[Answer], cells: &[[String; ROWS.len()]]) -> Table {
    let title = |answer: &Answer| format!("{} {}", answer.table.provider(), answer.table.name());
    let mut table = Table::new([String::new()].into_iter().chain(answers.iter().map(title)));
    for (row, label) in ROWS.into_iter().enumerate() {
        let columns = answers.iter().zip(cells).map(|(answer, column)| {
            let is_bad = row == 0 && answer.verdict.is_err();
            Cell::new(&column[row]).with_tone(if is_bad { Tone::Bad } else { Tone::Plain })
        });
        table.push([Cell::new(label).with_tone(Tone::Dim)].into_iter().chain(columns));
    }
    table
}

fn cells(answer: &Answer) -> [String; ROWS.len()] {
    match &answer.verdict {
        Ok(plan) => of_plan(plan),
        Err(_) => ["refused", NOTHING, NOTHING, NOTHING].map(str::to_owned),
    }
}

fn of_plan(plan: &Plan) -> [String; ROWS.len()] {
    let translation = plan.translation();
    let grants: Vec<_> = translation.grants().map(Grant::name).collect();
    let sent = if translation.granted().is_admin() { "admin".to_owned() } else { grants.join(" ") };
    let granted = translation.granted().to_string();
    [sent, granted, list(translation.missing()), list(translation.extra())]
}

fn list(set: PermissionSet) -> String {
    if set.is_empty() { NOTHING.to_owned() } else { set.to_string() }
}

/// Why a table refuses the request, and the flags that would change that.
fn print_refusal(answer: &Answer, output: &Output) {
    let Err(refusal) = &answer.verdict else { return };
    output.line("");
    paragraph(&refusal.to_string(), output);
    let mut steps = Labels::default();
    for step in steps_for_scope(refusal) {
        steps.push(step.label, step.text);
    }
    output.labels(&steps);
}

/// Prints a text that is broken between words.
fn paragraph(text: &str, output: &Output) {
    let mut table = Table::without_header();
    table.push([text]);
    output.table(&table);
}
