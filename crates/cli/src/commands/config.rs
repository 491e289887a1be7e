//! `config`: Show the effective settings and where each came from

use clap::Subcommand;
use serde::Serialize;

#[cfg(feature = "store")]
use crate::declared::keys_schema;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::table::{Labels, Table};
use crate::scope_args::TargetArgs;
use crate::settings::{Overview, Settings, check, first_of, json_schema};

/// Show the effective settings and where each came from
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    action: Option<Action>,
    #[command(flatten)]
    target: TargetArgs,
}

#[derive(Subcommand)]
enum Action {
    /// Check everything that can be checked without sending anything
    Check(TargetArgs),
    /// Print the JSON Schema of the configuration file, for editors
    Schema(SchemaArgs),
}

#[derive(clap::Args)]
struct SchemaArgs {
    /// Print the schema of the file of declared keys instead
    #[cfg(feature = "store")]
    #[arg(long)]
    keys: bool,
}

impl SchemaArgs {
    #[cfg_attr(
        not(feature = "store"),
        expect(clippy::unused_self, reason = "there is one schema then")
    )]
    fn schema(&self) -> String {
        #[cfg(feature = "store")]
        if self.keys {
            return keys_schema();
        }
        json_schema()
    }
}

pub(crate) fn run(args: &Args, settings: Settings, output: &Output) -> Result<Exit, Failure> {
    if let Some(Action::Schema(args)) = &args.action {
        output.line(args.schema());
        return Ok(Exit::Done);
    }
    for warning in settings.warnings() {
        output.warn(warning);
    }
    match &args.action {
        Some(Action::Check(target)) => Ok(print_problems(&check(settings, target), output)),
        _ => print_overview(Overview::of(settings, &args.target), output),
    }
}

/// The result of `config check`.
#[derive(Serialize)]
struct Checked<'a> {
    valid: bool,
    problems: &'a [Failure],
}

fn print_problems(problems: &[Failure], output: &Output) -> Exit {
    let valid = problems.is_empty();
    if output.is_json() {
        output.object(&Checked { valid, problems });
    } else if valid {
        output.line("the configuration is valid");
    } else {
        for problem in problems {
            print_problem(problem, output);
        }
    }
    if valid { Exit::Done } else { Exit::Configuration }
}

fn print_problem(problem: &Failure, output: &Output) {
    output.line(problem.message());
    for line in problem.next() {
        output.line(format!("  {line}"));
    }
}

fn print_overview(overview: Overview, output: &Output) -> Result<Exit, Failure> {
    if output.is_json() {
        output.object(&overview);
    } else {
        if let Some(advice) = &overview.without_account {
            print_problem(advice, output);
            output.line("");
        }
        output.table(&settings_table(&overview));
        output.line("");
        output.labels(&file_labels(&overview));
    }
    if overview.problems.is_empty() { Ok(Exit::Done) } else { Err(first_of(overview.problems)) }
}

fn settings_table(overview: &Overview) -> Table {
    let mut table = Table::new(["setting", "value", "source"]);
    for row in &overview.settings {
        table.push([row.name.to_owned(), row.shown(), row.source.to_string()]);
    }
    table
}

fn file_labels(overview: &Overview) -> Labels {
    let mut labels = Labels::default();
    for file in &overview.files {
        let missing = if file.exists { "" } else { " (does not exist)" };
        labels.push(file.kind.name(), format!("{}{missing}", file.path));
    }
    labels
}
