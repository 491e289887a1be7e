//! Results go to stdout and everything else to stderr, in a form that suits who reads them, even
//! if nobody does.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{PROGRAM, Run, Stand, run};

const RED: &str = "\u{1b}[31m";

fn program(line: &str) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(line.split_whitespace()).env_clear().stdin(Stdio::null());
    command
}

#[test]
fn colour_is_for_terminals_unless_asked_for() {
    let shown = |line: &str, vars: &[(&str, &str)]| {
        run(program(line).envs(vars.iter().copied())).exits(64).stderr
    };
    assert!(!shown("revok", &[("TERM", "xterm")]).contains('\u{1b}'));
    assert!(shown("revok --color always", &[]).contains(RED));
    assert!(shown("revok --color=always", &[("NO_COLOR", "1")]).contains(RED));
    assert!(shown("revok", &[("CLICOLOR_FORCE", "1")]).contains(RED));
    assert!(!shown("revok --color never", &[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!shown("--json revok", &[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
}

#[test]
fn the_exit_codes_are_those_that_scripts_rely_on() {
    let run = run(&mut program("help exit-codes")).exits(0);
    let codes: Vec<&str> = run
        .stdout
        .lines()
        .take_while(|line| !line.is_empty())
        .filter_map(|it| it.split(' ').next())
        .collect();
    assert_eq!(codes, ["0", "1", "2", "3", "4", "5", "6", "64", "75", "78", "130"]);
    assert!(run.stdout.contains("the first of 3, 4, 75, 1, 6, 5, 2."), "{}", run.stdout);
}

#[test]
fn help_fits_a_line_and_is_the_same_in_any_locale() {
    for line in ["help", "--help", "-h"] {
        let english = run(&mut program(line)).exits(0);
        assert_eq!(english.stderr, "");
        assert!(
            english.stdout.lines().all(|line| line.chars().count() <= 80),
            "{}",
            english.stdout
        );
        let c = run(program(line).env("LC_ALL", "C")).exits(0);
        assert_eq!(c.stdout, english.stdout);
    }
}

#[test]
fn requests_are_shown_on_stderr_if_asked_for() {
    let stand = Stand::pinata();
    let token = stand.emulator().pinata().jwt();
    let people = stand.run_with_stdin("verify - -v", token).exits(0);
    let begin = "call: pinata verify: done, status 200, ";
    assert!(
        people.stderr.starts_with(begin) && people.stderr.ends_with(" ms\n"),
        "{}",
        people.stderr
    );
    let programs = stand.run_with_stdin("verify - -v --json", token).exits(0);
    let object: Value = serde_json::from_str(&programs.stderr).expect("one object");
    assert_eq!(object["format"], 1);
    assert_eq!(object["call"]["operation"], "verify");
    assert_eq!(object["call"]["status"], 200);
    assert_eq!(stand.run_with_stdin("verify -", token).exits(0).stderr, "");
}

/// The names of all members of an object. The requests of providers are theirs, and `env` has the
/// names of variables.
fn members(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| members(item, names)),
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                if !matches!(name.as_str(), "body" | "env") {
                    members(value, names);
                }
            }
        }
        _ => {}
    }
}

#[cfg(unix)]
#[test]
fn every_member_of_the_json_is_documented() {
    let documented = include_str!("../../../../docs/cli/json.md");
    let stand = Stand::pinata();
    let mut names = BTreeSet::new();
    for ended in stand.run_every_command(&["--json", "-v"], &*stand.pinata_issuer(), "jwt") {
        if ["help", "man", "completions"].iter().any(|it| ended.line.contains(it)) {
            continue;
        }
        let run = ended.run;
        for line in run.stdout.lines().chain(run.stderr.lines()) {
            let object: Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("{}: {line}", ended.line));
            assert!(line.starts_with("{\"format\":1,"), "{line}");
            members(&object, &mut names);
        }
        let errors = run.stderr.lines().filter(|line| line.contains("\"error\":{")).count();
        assert!(errors <= 1, "{}: {}", ended.line, run.stderr);
    }
    for name in names {
        assert!(documented.contains(&format!("`{name}`")), "{name} is not documented");
    }
}

#[cfg(unix)]
mod unix {
    use std::fs::OpenOptions;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use super::*;
    use crate::support::terminal::on_terminal;

    /// A stream that nobody reads any more, as after `| head`.
    fn closed() -> Stdio {
        let (ours, _) = UnixStream::pair().expect("a pair of sockets");
        OwnedFd::from(ours).into()
    }

    /// Runs the program through a shell, with these redirections.
    fn redirected(line: &str, redirections: &str) -> Run {
        let script = format!("exec \"$0\" {line} {redirections}");
        run(Command::new("sh").args(["-c", &script, PROGRAM]).env_clear())
    }

    #[test]
    fn a_reader_who_had_enough_is_no_failure() {
        let run = run(program("man").stdout(closed())).exits(0);
        assert_eq!(run.stderr, "");
        redirected("man", ">&-").exits(0);
        redirected("man", ">&- 2>&- <&-").exits(0);
    }

    #[test]
    fn errors_that_nobody_reads_keep_their_exit_code() {
        run(program("revok").stderr(closed())).exits(64);
        redirected("revok", "2>&-").exits(64);
        redirected("--json revok", "2>&-").exits(64);
    }

    #[test]
    fn a_result_that_is_lost_is_a_failure() {
        let Ok(full) = OpenOptions::new().write(true).open("/dev/full") else { return };
        let run = run(program("man").stdout(full)).exits(1);
        assert_eq!(
            run.stderr,
            "error: the result could not be written to stdout: no storage space\n"
        );
    }

    #[test]
    fn file_names_that_are_no_text_are_escaped() {
        use std::os::unix::ffi::OsStringExt as _;
        let name = std::ffi::OsString::from_vec(b"k\xff\x1b[2J\n::error::.toml".to_vec());
        let stand = Stand::without_account();
        std::fs::write(stand.home().join(&name), "nosuchsetting = 1").expect("a file");
        let list = ["list".into(), "--config".into(), name];
        let run = run(stand.command(list).env("LC_ALL", "C")).exits(78);
        let shown = "k\\xff\\u{1b}[2J\\u{a}\\u{3a}:error::.toml:1: ";
        assert!(run.stderr.contains(shown), "{}", run.stderr);
        let is_plain = |line: &str| !line.contains('\u{1b}') && !line.trim().starts_with("::");
        assert!(run.stderr.lines().all(is_plain), "{}", run.stderr);
    }

    /// What a person sees on a terminal of this many columns.
    fn on_screen(line: &str, columns: u16, vars: &[(&str, &str)]) -> String {
        let mut command = Command::new("sh");
        let script = format!("stty rows 24 cols {columns} && exec \"$0\" {line}");
        command.args(["-c", &script, PROGRAM]).env_clear().envs(vars.iter().copied());
        on_terminal(command).exp_eof().expect("the program ends")
    }

    #[test]
    fn terminals_get_colour_unless_they_cannot_show_it() {
        assert!(on_screen("revok", 80, &[("TERM", "xterm")]).contains(RED));
        for vars in [&[("TERM", "dumb")][..], &[("TERM", "xterm"), ("NO_COLOR", "1")]] {
            let screen = on_screen("revok", 80, vars);
            assert!(
                screen.contains("error: unknown command") && !screen.contains('\u{1b}'),
                "{screen}"
            );
        }
        assert!(!on_screen("--color never revok", 80, &[("TERM", "xterm")]).contains('\u{1b}'));
    }

    #[test]
    fn tables_fit_a_narrow_terminal() {
        let screen = on_screen("help exit-codes", 40, &[("TERM", "dumb")]);
        assert!(screen.lines().all(|line| line.chars().count() <= 40), "{screen}");
        assert!(screen.contains("\n130   interrupted"), "{screen}");
    }
}

/// What a script cannot tell from exit code 1.
#[test]
fn kind_tells_failures_of_one_exit_code_apart() {
    let stand = Stand::pinata();
    for name in ["ci", "twice", "twice"] {
        stand.pinata_key(name);
    }
    stand.write("taken.json", "");
    for (line, kind) in [
        ("issue --unmanaged ci --preset reader --to file:key.json", "name_exists"),
        ("issue --unmanaged new --preset reader --to file:taken.json", "not_delivered"),
        ("revoke nobody --yes", "nothing_matched"),
        ("revoke --prefix nobody --yes", "nothing_matched"),
        ("revoke twice --yes", "ambiguous_name"),
        ("revoke ci", "no_terminal"),
    ] {
        let run = stand.run(&format!("{line} --json")).exits(1);
        let last = run.stderr.lines().last().expect("an error");
        let object: serde_json::Value = serde_json::from_str(last).expect("an object");
        assert_eq!(object["error"]["kind"], kind, "{line}");
    }
    let run = Stand::without_account().run("list --json").exits(78);
    assert!(run.stderr.contains("\"kind\":\"no_account\""), "{}", run.stderr);
}
