//! What the help and the documentation say about the commands on the store.
#![cfg(unix)]

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::listed::every_secret;
use crate::support::{PROGRAM, Stand, run};

/// The lines to type in the help of a command.
fn examples(stand: &Stand, command: &str) -> Vec<String> {
    let help = stand.run(&format!("help {command}")).exits(0).stdout;
    let (_, examples) = help.split_once("\nExample").expect("there is an example");
    examples.lines().filter_map(|line| line.strip_prefix("    ")).map(str::to_owned).collect()
}

#[test]
fn the_examples_of_the_help_work() {
    let stand = Stand::pinata();
    stand.with_stray("ci-deploy");
    let commands = ["run", "status", "audit", "forget", "strays"];
    for line in commands.iter().flat_map(|command| examples(&stand, command)) {
        if line == "pinning-keys run" {
            continue; // It does not end by itself.
        }
        let mut bash = Command::new("bash");
        bash.args(["-c", &line.replacen("pinning-keys", PROGRAM, 1)]);
        bash.current_dir(stand.home()).stdin(Stdio::null()).env_clear();
        let program = stand.command::<&str>([]);
        bash.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        // The stray needs attention.
        let code = if line.contains("--exit-code") { 2 } else { 0 };
        run(&mut bash).exits(code);
    }
}

#[test]
fn every_member_of_the_json_is_documented() {
    let documented = include_str!("../../../../docs/cli/json.md");
    let stand = Stand::pinata();
    assert_eq!(stand.run("status --json").exits(0).objects()[0]["store"], Value::Null);
    stand.with_stray("lost");
    let mut names = BTreeSet::new();
    for line in ["run --once", "status", "audit"] {
        let run = stand.run(&format!("{line} --json -v")).exits(0);
        for secret in every_secret(&stand) {
            assert!(!run.stdout.contains(&secret) && !run.stderr.contains(&secret), "{line}");
        }
        run.objects().iter().for_each(|object| members(object, &mut names));
    }
    for name in names {
        assert!(documented.contains(&format!("`{name}`")), "{name} is not documented");
    }
}

fn members(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                members(value, names);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| members(value, names)),
        _ => {}
    }
}
