//! A command line that the program does not understand is explained without repeating what was
//! typed, because any word of it may be a secret.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, Stdio};

use pinning_keys::{KeyRequest, ScopeRequest};

use crate::support::keys::{jwt, stored};
use crate::support::{PROGRAM, Run, Stand, run};

/// Not a word of the program, so that no error can contain it by chance.
const WORD: &str = "qzxwvuts";

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJlLW9mLW1pbmU";

fn program<A: Into<OsString>>(args: impl IntoIterator<Item = A>) -> Run {
    run(Command::new(PROGRAM).args(args.into_iter().map(Into::into)).env_clear())
}

#[track_caller]
fn refused(line: &str) -> String {
    let run = program(line.split_whitespace()).exits(64);
    assert_eq!(run.stdout, "");
    run.stderr
}

#[test]
fn misspelt_commands_and_flags_name_the_nearest() {
    for (line, first) in [
        ("revok x", "error: unknown command; did you mean revoke?"),
        ("help revok", "error: unknown command or topic; did you mean revoke?"),
        ("help exit-code", "error: unknown command or topic; did you mean exit-codes?"),
        ("help config chek", "error: unknown command or topic; did you mean check?"),
        ("man revok", "error: unknown command; did you mean revoke?"),
        ("plan --provder pinata", "error: argument 2 is an unknown flag; did you mean --provider?"),
        ("completions fsh", "error: unknown value for <SHELL>; did you mean fish?"),
    ] {
        assert_eq!(refused(line).lines().next(), Some(first), "{line}");
    }
}

#[test]
fn errors_say_where_and_what_to_type() {
    assert_eq!(
        refused("completions bash extra"),
        "error: argument 3 is unexpected\n  \
         usage: pinning-keys completions [OPTIONS] <SHELL>\n  \
         pinning-keys help completions\n"
    );
    assert_eq!(
        refused("completions"),
        "error: missing <SHELL>\n  \
         usage: pinning-keys completions [OPTIONS] <SHELL>\n  \
         pinning-keys help completions\n"
    );
    let flag = refused("--json --json").lines().next().map(str::to_owned);
    assert!(flag.is_some_and(|line| line.contains("--json can be given only once")));
}

#[test]
fn a_value_that_looks_like_a_flag_is_explained() {
    let name = refused("issue --qzxwvuts");
    assert!(name.contains("argument 2 is an unknown flag"), "{name}");
    assert!(name.contains("as in: pinning-keys issue … -- NAME"), "{name}");
    let value = refused("plan --needs --prefers pins:list");
    assert!(value.contains("error: --needs requires a value"), "{value}");
    assert!(value.contains("is written --needs=VALUE"), "{value}");
}

#[test]
fn without_a_command_the_commands_are_shown_on_stderr() {
    let shown = refused("");
    for command in ["plan", "issue", "revoke", "help"] {
        assert!(shown.contains(&format!("\n  {command} ")), "{shown}");
    }
    assert!(shown.contains("error: no command was given"), "{shown}");
}

/// Every place in which a word can be wrong.
#[test]
fn no_word_of_the_command_line_is_repeated() {
    for line in [
        "W",
        "W list",
        "list W W W",
        "--W list",
        "list --W",
        "list --W=W",
        "list -W",
        "issue x --preset W",
        "issue x --preset=W",
        "issue x --needs W",
        "issue x --needs pins:list,W",
        "issue x --prefers W",
        "issue x --needs pins:list --tolerates W",
        "issue x --provider W",
        "plan --provider W",
        "plan --table W",
        "plan --admin W",
        "plan --preset W",
        "--color W list",
        "--color=W list",
        "--profile W --color W list",
        "list W --json W",
        "completions W",
        "completions bash W",
        "man W",
        "man list W",
        "help W",
        "help list W",
        "help exit-codes W",
        "show W W",
        "show --W",
        "verify W W",
        "verify --file",
        "verify --W",
        "probe W W",
        "revoke --older-than W",
        "revoke --W",
        "config W",
        "config check W",
        "exec W",
        "exec --W -- W",
        "issue W --max-uses W",
        "exec x --preset reader --max-uses W --env A=jwt -- true",
        "issue W --preset reader --lease W",
        "issue W --preset reader --field W",
        "issue W --preset reader --to W",
    ] {
        for word in [WORD, JWT] {
            for json in [&[][..], &["--json"]] {
                let words = line.split(' ').map(|it| it.replace('W', word));
                let args: Vec<String> = json.iter().map(ToString::to_string).chain(words).collect();
                let run = program(&args);
                let what = format!("{line}\n{}{}", run.stdout, run.stderr);
                assert_ne!(run.code, 0, "{what}");
                assert!(!run.stdout.contains(word) && !run.stderr.contains(word), "{what}");
            }
        }
    }
}

#[test]
fn a_secret_in_the_wrong_place_is_recognised() {
    for line in [JWT.to_owned(), format!("list {JWT}"), format!("plan --nosuchflag={JWT}")] {
        let error = refused(&line);
        assert!(error.contains("contains a JWT; secrets are not taken as arguments"), "{error}");
        assert!(error.contains("pinning-keys revoke --token -"), "{error}");
    }
}

#[test]
fn in_json_mode_an_error_is_one_object_on_stderr() {
    for line in [
        "--json revok",
        "revok --json",
        "--json",
        "completions --json nosuchshell",
        "--color --json",
    ] {
        let error: serde_json::Value = serde_json::from_str(&refused(line)).expect("one object");
        assert_eq!(error["format"], 1, "{line}");
        assert_eq!(error["error"]["exit_code"], 64, "{line}");
    }
    // Behind the dashes, it is an argument of another program.
    assert!(refused("exec x --nosuchflag -- other --json").starts_with("error: "));
}

#[cfg(unix)]
#[test]
fn arguments_that_are_not_utf8_are_an_error() {
    use std::os::unix::ffi::OsStringExt as _;
    let broken = || OsString::from_vec(b"k\xff\x1b[2Jy".to_vec());
    let lines: [&[OsString]; 4] = [
        &["completions".into(), broken()],
        &[broken()],
        &["help".into(), broken()],
        &["plan".into(), "--needs".into(), broken()],
    ];
    for args in lines {
        let run = program(args.iter().cloned()).exits(64);
        assert!(
            !run.stderr.contains('\u{1b}') && run.stderr.starts_with("error: "),
            "{}",
            run.stderr
        );
    }
}

/// The lines to type in the help of a command.
fn examples(command: &str) -> Vec<String> {
    let help = program(["help", command]).exits(0).stdout;
    let (_, examples) = help.split_once("\nExample").expect("there is an example");
    examples.lines().filter_map(|line| line.strip_prefix("    ")).map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn the_examples_of_the_help_work() {
    let all = [
        "plan",
        "issue",
        "list",
        "show",
        "revoke",
        "exec",
        "verify",
        "probe",
        "config",
        "completions",
        "man",
        "help",
    ];
    for line in all.iter().flat_map(|command| examples(command)) {
        let is_for_another_shell = line.starts_with("source ");
        let needs_man = line.ends_with("| man -l -") && !Path::new("/usr/bin/man").exists();
        if is_for_another_shell || needs_man {
            continue;
        }
        let stand = Stand::pinata();
        let request = KeyRequest::new("ci-deploy", ScopeRequest::reader()).expect("a request");
        let key = stand.block_on(stand.pinata_issuer().issue(&request)).expect("a key");
        stand.write_private("ci-deploy.json", &stored(&key));
        stand.write_private("token.txt", jwt(key.credential()));
        stand.write_private("leaked.txt", jwt(key.credential()));
        stand.write("report.sh", "#!/bin/sh\nexit 0\n");
        let script =
            format!("set -o pipefail; chmod +x report.sh; PATH={}:$PATH; {line}", folder());
        let mut shell = stand.command::<&str>([]);
        shell.env("PINNING_KEYS_REQUESTS_PER_MINUTE", "60000");
        let mut bash = Command::new("bash");
        bash.args(["-c", &script]).current_dir(stand.home()).stdin(Stdio::null()).env_clear();
        bash.envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let run = run(&mut bash);
        // Without a terminal, nothing that asks first is done.
        let asks = line.contains(" revoke ") && !line.contains("--dry-run");
        assert_eq!(run.code, i32::from(asks), "{line}\n{}{}", run.stdout, run.stderr);
        assert_eq!(asks, run.stderr.contains("no terminal"), "{line}\n{}", run.stderr);
    }
}

fn folder() -> String {
    let folder = Path::new(PROGRAM).parent().expect("the program is in a folder");
    folder.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn exec_says_where_its_command_goes() {
    let stand = Stand::without_account();
    let run = stand.run("exec ci --preset reader --env KEY=jwt ./deploy.sh").exits(64);
    assert!(run.stderr.contains("write the command to run after --\n"), "{}", run.stderr);
    assert!(!run.stderr.contains("deploy.sh"), "{}", run.stderr);
}
