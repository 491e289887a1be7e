//! The emulator as a program, for clients in any language.

mod args;
mod report;

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use args::{Args, Command};
use pinning_keys_emulator::Emulator;

/// For a command line that cannot be understood, as is the custom.
const MISUSE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(args::HELP).err().unwrap_or(ExitCode::SUCCESS),
        Ok(Command::Run(args)) => run(args).await,
        Err(error) => {
            complain(&format!("{error}\n\nTry --help."));
            ExitCode::from(MISUSE)
        }
    }
}

async fn run(args: Args) -> ExitCode {
    let builder = Emulator::builder().seed(args.seed).listen(args.listen);
    let emulator = match builder.control_route(args.control).start().await {
        Ok(emulator) => emulator,
        Err(error) => {
            complain(&explain(&error, args.listen));
            let misused = error.kind() == io::ErrorKind::InvalidInput;
            return if misused { ExitCode::from(MISUSE) } else { ExitCode::FAILURE };
        }
    };
    let text = if args.json { report::json(&emulator) } else { report::text(&emulator, &args) };
    if let Err(failure) = print(&text) {
        return failure;
    }
    if let Err(error) = tokio::signal::ctrl_c().await {
        complain(&format!("cannot wait for Ctrl-C: {error}"));
        return ExitCode::FAILURE;
    }
    emulator.stop().await;
    ExitCode::SUCCESS
}

/// Prints at once: whoever started this with a pipe waits for the line, which must not stay
/// in a buffer. Unlike `print!`, it does not panic where nobody reads.
fn print(text: &str) -> Result<(), ExitCode> {
    let mut stdout = io::stdout().lock();
    let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    printed.map_err(|error| {
        complain(&format!("cannot print: {error}"));
        ExitCode::FAILURE
    })
}

/// Tells people what went wrong; where even that fails, the exit code has to do.
fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "error: {what}");
}

fn explain(error: &io::Error, listen: SocketAddr) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{listen} is in use, perhaps by another emulator; choose another port, or --listen \
             {}:0 for a free one",
            listen.ip()
        ),
        io::ErrorKind::InvalidInput => error.to_string(),
        io::ErrorKind::PermissionDenied => {
            format!("{listen} may not be listened on; ports below 1024 often need special rights")
        }
        _ => format!("cannot listen on {listen}: {error}"),
    }
}
