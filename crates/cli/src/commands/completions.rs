//! `completions`: the completions of a shell.

use clap::Command;
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output::Output;

/// Print completions for a shell
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The shell that reads them
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

pub(crate) fn run(args: &Args, mut program: Command, output: &Output) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut program, "pinning-keys", &mut script);
    let script = String::from_utf8_lossy(&script);
    // In bash, clap_complete 4.6 forgets the flags of all commands if the program's name has a
    // hyphen: it gives each command two different names (clap-rs/clap#6421).
    let script = script.replace("pinning__subcmd__keys__", "pinning__keys__");
    output.line(script.trim_end());
    Exit::Done
}
