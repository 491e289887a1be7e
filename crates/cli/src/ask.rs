//! Questions to the person at the terminal.

use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal as _, Write};

use crate::exit::Exit;
use crate::failure::Failure;

/// The terminal of this program, whatever its stdin and stdout are.
#[cfg(unix)]
const DEVICES: [&str; 2] = ["/dev/tty", "/dev/tty"];
#[cfg(windows)]
const DEVICES: [&str; 2] = ["CONIN$", "CONOUT$"];

/// Fails if [`consent`] could not ask, so that no work is done in vain.
pub(crate) fn check(yes: bool) -> Result<(), Failure> {
    if yes || io::stdin().is_terminal() && io::stderr().is_terminal() {
        Ok(())
    } else {
        Err(no_terminal())
    }
}

/// Asks for consent, unless `--yes` gave it. Without a terminal, this refuses instead of waiting
/// for an answer that never comes.
pub(crate) fn consent(question: &str, yes: bool) -> Result<(), Failure> {
    check(yes)?;
    if yes { Ok(()) } else { ask(question, &mut io::stderr(), &mut io::stdin().lock()) }
}

/// Fails if [`consent_on_device`] could not ask.
pub(crate) fn check_device(yes: bool) -> Result<(), Failure> {
    if yes { Ok(()) } else { device().map(drop) }
}

/// Asks for consent on the terminal itself, because stdin is taken.
pub(crate) fn consent_on_device(question: &str, yes: bool) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    let (input, mut output) = device()?;
    ask(question, &mut output, &mut BufReader::new(input))
}

fn device() -> Result<(File, File), Failure> {
    let [input, output] = DEVICES;
    let output = File::options().write(true).open(output);
    File::open(input).and_then(|input| Ok((input, output?))).map_err(|_| no_terminal())
}

fn ask(question: &str, output: &mut impl Write, input: &mut impl BufRead) -> Result<(), Failure> {
    let _ = write!(output, "{question} [y/N] ");
    let _ = output.flush();
    let mut answer = String::new();
    let _ = input.read_line(&mut answer);
    match answer.trim().to_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "declined; nothing was changed").with_kind("declined")),
    }
}

fn no_terminal() -> Failure {
    Failure::new(Exit::Failed, "confirmation required, but no terminal is available")
        .with_kind("no_terminal")
        .with_next("pass --yes to confirm")
}
