//! The emulator as a program, for clients in any language.

mod args;
mod report;

use std::future::pending;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;

use args::{Args, Command};
use pinning_keys_emulator::Emulator;

/// The customary exit code for an invalid command line.
const MISUSE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print(args::HELP).err().unwrap_or(ExitCode::SUCCESS),
        Ok(Command::Run(args)) => run(args).await,
        Err(error) => {
            complain(&format!("{error}; see --help"));
            ExitCode::from(MISUSE)
        }
    }
}

async fn run(args: Args) -> ExitCode {
    let builder = Emulator::builder().seed(args.seed).listen(args.listen);
    let emulator = match builder.start().await {
        Ok(emulator) => emulator,
        Err(error) => {
            complain(&explain(&error, args.listen));
            let misused = error.kind() == io::ErrorKind::InvalidInput;
            return if misused { ExitCode::from(MISUSE) } else { ExitCode::FAILURE };
        }
    };
    let report =
        if args.json { report::json(&emulator) } else { report::text(&emulator, args.seed) };
    let failed_print = async {
        match print(&report) {
            Ok(()) => pending().await,
            Err(failure) => failure,
        }
    };
    tokio::select! {
        // Ctrl-C first: a user who has read the report may press it.
        biased;
        interrupted = tokio::signal::ctrl_c() => {
            if let Err(error) = interrupted {
                complain(&format!("cannot wait for Ctrl-C: {error}"));
                return ExitCode::FAILURE;
            }
        }
        failure = failed_print => return failure,
    }
    emulator.stop().await;
    ExitCode::SUCCESS
}

/// Prints and flushes: a program that started this one with a pipe waits for the line. Unlike
/// `print!`, it does not panic if nobody reads.
fn print(text: &str) -> Result<(), ExitCode> {
    let mut stdout = io::stdout().lock();
    let printed = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    printed.map_err(|error| {
        complain(&format!("cannot print: {error}"));
        ExitCode::FAILURE
    })
}

/// Reports an error; if even that fails, the exit code has to suffice.
fn complain(what: &str) {
    let _ = writeln!(io::stderr(), "error: {what}");
}

fn explain(error: &io::Error, listen: SocketAddr) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{listen} is in use, perhaps by another emulator; choose another port, or a free one \
             with --listen {}:0",
            listen.ip()
        ),
        io::ErrorKind::InvalidInput => error.to_string(),
        io::ErrorKind::PermissionDenied => {
            format!("no permission to listen on {listen}; ports below 1024 often need privileges")
        }
        _ => format!("cannot listen on {listen}: {error}"),
    }
}
