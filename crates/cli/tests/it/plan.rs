//! Plans without an account.

use pinning_keys_testkit::golden::assert_golden;

use crate::support::Stand;

const ADVICE: &str = "People read the text, and programs the JSON, which may only grow.";

/// A secret that was pasted where it does not belong.
const SECRET: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzY29wZWRLZXlTZWNyZXQiOiJ4In0.c2lnbmF0dXJl";

fn golden(name: &str, text: &str) {
    assert_golden(&format!("crates/cli/tests/golden/{name}"), text, ADVICE);
}

#[test]
fn a_plan_needs_no_account_and_shows_all_tables() {
    let stand = Stand::without_account();
    let run = stand.run("plan --preset uploader").exits(0);
    golden("plan-uploader.txt", &run.stdout);
    let run = stand
        .run("plan --needs pins:list,pins:add-file --prefers pins:add-json --tolerates pinata:org:files:write")
        .exits(0);
    golden("plan-tolerated.txt", &run.stdout);
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn a_program_reads_one_object_for_each_table() {
    let stand = Stand::without_account();
    let mut text = String::new();
    for request in [
        "--preset uploader",
        "--needs pins:list,swaps:write --prefers pins:list-jobs",
        "--needs pins:add-file --tolerates pinata:org:files:write,pins:list",
        "--needs keys:manage",
        "--admin",
    ] {
        let run = stand.run(&format!("plan --json {request}"));
        assert_eq!(run.stderr, "");
        assert!(run.objects().iter().all(|object| object["format"] == 1));
        text.push_str(&run.stdout);
    }
    golden("plan.json", &text);
}

#[test]
fn the_exit_code_says_whether_a_shown_table_can_express_it() {
    let stand = Stand::without_account();
    for (flags, code) in [
        ("--preset uploader", 0),
        ("--preset uploader --provider pinata", 0),
        ("--preset uploader --provider pinata --table resources", 1),
        ("--preset uploader --table endpoints", 0),
        ("--preset uploader --table resources --tolerates pinata:org:files:write", 0),
        ("--needs keys:manage", 1),
        ("--needs keys:manage --tolerates pinata:org:write", 0),
        ("--needs groups:read --provider w3ipfs", 1),
        ("--admin --provider w3ipfs", 0),
    ] {
        let run = stand.run(&format!("plan {flags}")).exits(code);
        assert_eq!(run.stderr, "", "{flags}: a refusal is a result");
    }
}

#[test]
fn a_refusal_shows_flags_that_make_it_go_away() {
    let stand = Stand::without_account();
    for request in ["--preset uploader", "--preset pinner", "--needs pins:list,signatures:write"] {
        for object in stand.run(&format!("plan --json {request}")).objects() {
            let changes = object["refusal"]["changes"].as_array().cloned().unwrap_or_default();
            for flags in changes.iter().filter_map(|change| change["flags"].as_str()) {
                let provider = object["provider"].as_str().unwrap();
                let table = match flags {
                    other if other.starts_with("--table") => String::new(),
                    _ => format!("--table {}", object["table"].as_str().unwrap()),
                };
                stand
                    .run(&format!("plan {request} --provider {provider} {table} {flags}"))
                    .exits(0);
            }
        }
    }
}

#[test]
fn each_change_is_worded_as_what_to_type() {
    let stand = Stand::without_account();
    for (request, line) in [
        ("--preset pinner --table resources", "accept that: --tolerates pinata:org:files:write"),
        ("--preset pinner --table resources", "avoid that: --table endpoints grants it exactly"),
        ("--needs pins:set-policy --table resources", "get it: --table endpoints grants it"),
        (
            "--needs pins:list,groups:write --table endpoints",
            "go without: move groups:read,groups:write from --needs to --prefers",
        ),
        (
            "--needs pins:list,keys:manage --table endpoints",
            "go without: remove keys:manage from --needs",
        ),
        (
            "--needs account:read --tolerates pinata:org:write --table resources",
            "allow it: name keys:manage in --needs",
        ),
        ("--preset uploader --table resources", "a key: a signed upload URL accepts"),
    ] {
        let run = stand.run(&format!("plan {request}"));
        // How far the texts are indented depends on the longest label.
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_there = run.stdout.lines().any(|it| {
            let (_, rest) = it.split_once(' ').unwrap_or_default();
            words(rest).starts_with(line)
        });
        assert!(is_there, "{request}: {}", run.stdout);
        assert!(!run.stdout.contains("::"), "{}", run.stdout);
    }
}

#[test]
fn help_explains_scopes_and_lists_all_words() {
    let stand = Stand::without_account();
    golden("help-scopes.txt", &stand.run("help scopes").exits(0).stdout);
}

#[test]
fn misspelt_words_name_the_nearest_one() {
    let stand = Stand::without_account();
    for (flags, meant) in [
        ("--preset raeder", "did you mean reader?"),
        ("--needs pins:addfile", "--needs; did you mean pins:add-file?"),
        ("--needs pins:list --prefers pins:lst-jobs", "--prefers; did you mean pins:list-jobs?"),
        ("--needs pins:list --tolerates pins:remve", "did you mean pins:remove?"),
        (
            "--needs pins:list --tolerates pinata:org:file:write",
            "did you mean pinata:org:files:write?",
        ),
        ("--needs pins:list --tolerates org:files:write", "did you mean pinata:org:files:write?"),
        ("--preset reader --provider pinatta", "did you mean pinata?"),
        ("--preset reader --provider aioz", "did you mean \"w3ipfs\" (AIOZ Pin)?"),
        ("--preset reader --table endpoint", "did you mean endpoints?"),
        ("--preset reader --provider w3ipfs --table nonsense", "expected one of scopes"),
    ] {
        let run = stand.run(&format!("plan {flags}")).exits(64);
        assert!(run.stderr.contains(meant), "{flags}: {}", run.stderr);
        assert_eq!(run.stdout, "");
    }
}

#[test]
fn no_wrong_value_is_repeated() {
    let stand = Stand::without_account();
    for flags in [
        "--preset SECRET",
        "--needs SECRET",
        "--needs pins:list,SECRET",
        "--needs pins:list --prefers SECRET",
        "--needs pins:list --tolerates SECRET",
        "--needs pins:list --tolerates pinata:SECRET",
        "--preset reader --provider SECRET",
        "--preset reader --table SECRET",
        "--preset reader SECRET",
        "--preset reader --SECRET",
    ] {
        let run = stand.run(&format!("plan {}", flags.replace("SECRET", SECRET))).exits(64);
        assert!(!run.stderr.contains("eyJ"), "{flags}: {}", run.stderr);
    }
}

#[test]
fn requests_that_are_wrong_everywhere_are_usage_errors() {
    let stand = Stand::without_account();
    for (flags, why) in [
        ("", "no scope was given"),
        ("--needs pins:list --preset reader", ""),
        ("--prefers pins:list", ""),
        ("--admin --tolerates pins:list", ""),
        ("--needs pins:list --prefers keys:manage", "name keys:manage in --needs"),
        ("--needs pins:list --tolerates keys:manage", "name keys:manage in --needs"),
        ("--needs pins:list,,pins:remove", "unknown permission in --needs"),
        (
            "--preset reader --provider w3ipfs --tolerates pinata:org:files:write",
            "--tolerates names a grant of pinata, and only tables of w3ipfs are shown",
        ),
    ] {
        let run = stand.run(&format!("plan {flags}")).exits(64);
        assert!(run.stderr.contains(why), "{flags}: {}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn values_that_are_not_utf_8_are_usage_errors() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let stand = Stand::without_account();
    for flag in ["--preset", "--needs", "--prefers", "--tolerates", "--provider", "--table"] {
        let words = ["plan", "--needs", "pins:list", flag].map(OsStr::new);
        let words = words.into_iter().chain([OsStr::from_bytes(b"x\xff")]);
        let run = crate::support::run(&mut stand.command(words)).exits(64);
        assert!(run.stderr.contains("UTF-8"), "{flag}: {}", run.stderr);
    }
}

#[test]
fn blanks_around_names_are_ignored() {
    let stand = Stand::without_account();
    let args = ["plan", "--needs", "pins:list, pins:add-file", "--tolerates", " pins:remove"];
    let run = crate::support::run(&mut stand.command(args)).exits(0);
    assert!(run.stdout.starts_with("needs pins:list pins:add-file · tolerates pins:remove\n"));
}

/// The lines that a person sees on a terminal of this many columns.
#[cfg(unix)]
fn on_terminal(stand: &Stand, columns: usize, line: &str) -> Vec<String> {
    let script = format!("stty cols {columns} rows 50; exec {} {line}", crate::support::PROGRAM);
    let mut shell = std::process::Command::new("sh");
    let command = stand.command([""; 0]);
    let variables = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    shell.args(["-c", &script]).current_dir(stand.home()).env_clear().envs(variables);
    shell.env("NO_COLOR", "1");
    let mut session = crate::support::terminal::on_terminal(shell);
    let text = session.exp_eof().expect("the program ends");
    text.lines().map(|line| line.trim_end().to_owned()).collect()
}

#[cfg(unix)]
#[test]
fn a_plan_fits_the_terminal() {
    let stand = Stand::without_account();
    for columns in [40, 80] {
        let lines = on_terminal(&stand, columns, "plan --preset uploader");
        let longest = lines.iter().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|longest| longest > 30 && longest <= columns), "{lines:#?}");
        let text = lines.join("\n");
        for word in ["pinning.pin_file_to_ipfs", "pinata:org:files:write", "swaps:write"] {
            assert!(text.contains(word), "{text}");
        }
    }
}
