//! Questions to the person at the terminal.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use crate::exit::Exit;
use crate::failure::Failure;

/// Asks for consent, unless `--yes` gave it. Without a terminal, this refuses instead of waiting
/// for an answer that never comes.
pub(crate) fn consent(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Failure::new(
            Exit::Failed,
            "this needs consent, and there is no terminal to ask on",
        )
        .with_next("add --yes to give it"));
    }
    let _ = write!(io::stderr(), "{question} [y/N] ");
    let _ = io::stderr().flush();
    let mut answer = String::new();
    let _ = io::stdin().lock().read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "declined; nothing was changed")),
    }
}
