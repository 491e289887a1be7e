//! An app's own tests of the keys that it gives out, with the emulator in memory.
//!
//! `invite` is the app, `check` says what its keys must and must not be able to do, and `tests`
//! holds one against the other. As a program, this shows what the tests see, and how a mistake
//! that nobody would notice in use is noticed by them.
//!
//! ```text
//! cargo run --example test_your_app
//! cargo test --test test_your_app
//! ```

mod check;
mod invite;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use pinning_keys::ScopeRequest;
use pinning_keys_emulator::Emulator;

use check::Table;
use invite::{admin_guest, editing_guest, guest, invite, tolerant_guest, uploading_guest};

const USAGE: &str = "\
Shows what guests' keys can do at each table, and which mistakes an app's tests notice.

Usage: cargo run --example test_your_app

  --help   print this";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => show().await,
        ["--help" | "-h"] => Ok(USAGE.to_owned()),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome.and_then(|text| Ok(say(&text)?)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn show() -> Result<String, Box<dyn Error>> {
    let mut lines = vec!["A guest may look at what is pinned, and change nothing.\n".to_owned()];
    for (asked, scope) in [
        ("guest             reader()", guest()),
        ("tolerant_guest    reader().tolerates(\"pinata:org:files:write\")", tolerant_guest()),
        ("uploading_guest   the same, and .prefers([PinsAddFile])", uploading_guest()),
        ("editing_guest     manager()", editing_guest()),
        ("admin_guest       admin()", admin_guest()),
    ] {
        lines.push(asked.to_owned());
        for table in Table::ALL {
            let (at, deeds, verdict) = judge(table, scope.clone()).await?;
            lines.push(format!("  {at:<20} can {deeds:<31}   {verdict}"));
        }
        lines.push(String::new());
    }
    lines.push("The same in an app's tests: cargo test --test test_your_app".to_owned());
    Ok(lines.join("\n"))
}

/// Invites a guest: at which table, what the key can do, and what a test says to it.
async fn judge(
    table: Table,
    scope: ScopeRequest,
) -> Result<(String, String, String), pinning_keys::Error> {
    let emulator = Emulator::builder().in_memory();
    let issuer = table.issuer(&emulator)?;
    let key = invite(issuer.as_ref(), "ada", scope).await?;

    let deeds = table.deeds(&emulator, key.credential()).join(", ");
    let faults = table.faults(&emulator, key.credential());
    let verdict =
        if faults.is_empty() { "ok".to_owned() } else { format!("FAILS: {}", faults.join(", ")) };
    Ok((issuer.profile().table().to_string(), deeds, verdict))
}

/// Prints a text. That nobody reads it, as behind `| head`, is no failure.
fn say(text: &str) -> io::Result<()> {
    match writeln!(io::stdout(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        said => said,
    }
}
