//! The recipes for the worker: units that systemd accepts, a container that Kubernetes can read,
//! and commands that the program knows.

use std::process::Command;

use pinning_keys_testkit::page;
use yaml_rust2::{Yaml, YamlLoader};

const PAGE: &str = "docs/cli/worker.md";

/// The program as the recipes install it.
const INSTALLED: &str = "/usr/local/bin/pinning-keys";

const PROGRAM: &str = env!("CARGO_BIN_EXE_pinning-keys");

fn blocks(language: &str) -> Vec<String> {
    page::blocks(&page::read(PAGE), language)
}

/// Checks that the program understands the words, without running the command.
#[track_caller]
fn assert_known<'a>(words: impl IntoIterator<Item = &'a str>) {
    let words: Vec<&str> = words.into_iter().collect();
    let output = Command::new(PROGRAM).args(&words).arg("--help").env_clear().output();
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A text of a JSON array as its words.
fn words(yaml: &Yaml) -> Vec<&str> {
    yaml.as_vec().expect("an array").iter().map(|it| it.as_str().expect("a word")).collect()
}

fn parsed(text: &str) -> Yaml {
    YamlLoader::load_from_str(text).expect("valid YAML").remove(0)
}

#[test]
fn systemd_accepts_the_units() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut units = Vec::new();
    for block in blocks("ini") {
        let (path, _) = block.split_once('\n').expect("a line with the path");
        let name = path.strip_prefix("# /etc/systemd/system/").expect("a path of systemd");
        let unit = folder.path().join(name);
        std::fs::write(&unit, block.replace(INSTALLED, PROGRAM)).expect("a file");
        units.push(unit);
    }
    assert_eq!(units.len(), 3);
    let mut verify = Command::new("systemd-analyze");
    let Ok(output) = verify.args(["verify", "--man=no"]).args(&units).output() else {
        eprintln!("skipped: systemd is not installed");
        return;
    };
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && problems.is_empty(), "{problems}");
}

#[test]
fn commands_of_the_recipes_are_known() {
    let units = blocks("ini").concat();
    let in_units = units.lines().filter_map(|line| line.strip_prefix("ExecStart="));
    let cron = blocks("crontab").concat();
    let in_cron = cron.lines().filter_map(|line| line.strip_prefix("* * * * * "));
    let mut known = 0;
    for line in in_units.chain(in_cron) {
        let mut line = line.split(" > ").next().unwrap_or_default().split(' ');
        assert!(line.next().is_some_and(|program| program.ends_with("pinning-keys")));
        assert_known(line);
        known += 1;
    }
    let image = blocks("dockerfile").concat();
    let command = image.lines().find_map(|line| line.strip_prefix("CMD ")).expect("a command");
    assert_known(words(&parsed(command)));
    assert_eq!(known, 3);
}

#[test]
fn cron_job_of_kubernetes_runs_the_worker_once() {
    let job = parsed(&blocks("yaml").concat());
    assert_eq!(job["kind"].as_str(), Some("CronJob"));
    assert_eq!(job["spec"]["concurrencyPolicy"].as_str(), Some("Forbid"));
    let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
    let container = &pod["containers"][0];
    assert_eq!(words(&container["args"]), ["run", "--once"]);
    assert_known(words(&container["args"]));
    let mounted = container["volumeMounts"][0]["name"].as_str();
    assert!(mounted.is_some() && mounted == pod["volumes"][0]["name"].as_str());
}
