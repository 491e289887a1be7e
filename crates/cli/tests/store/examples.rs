//! The examples in the help of the commands that work with a store.
#![cfg(unix)]

use std::path::Path;
use std::process::Command;

use crate::accounts::both;
use crate::support::{PROGRAM, run};

const COMMANDS: [&str; 3] = ["renew", "rotate", "migrate"];

#[test]
fn examples_of_the_help_work() {
    for command in COMMANDS {
        let help = both().run(&format!("help {command}")).exits(0).stdout;
        let (_, examples) = help.split_once("\nExample").expect("there is an example");
        for line in examples.lines().filter_map(|line| line.strip_prefix("    ")) {
            works(line);
        }
    }
}

fn works(line: &str) {
    let stand = both();
    let key = "issue ci-deploy --preset reader --lease 30d --max-lease 180d";
    stand.run(&format!("{key} --to file:ci-deploy.json")).exits(0);
    let folder = Path::new(PROGRAM).parent().expect("the program is in a folder").display();
    let mut bash = Command::new("bash");
    bash.args(["-c", &format!("PATH={folder}:$PATH; {line}")]).current_dir(stand.home());
    let environment = stand.command::<&str>([]);
    bash.env_clear().envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let run = run(bash.stdin(std::process::Stdio::null()));
    // Without a terminal, nothing that asks first is done.
    let asks = line.contains(" migrate ") && !line.contains("--dry-run");
    assert_eq!(run.code, i32::from(asks), "{line}\n{}{}", run.stdout, run.stderr);
    assert_eq!(asks, run.stderr.contains("no terminal"), "{line}\n{}", run.stderr);
}
