//! Completions and manual pages are valid for the programs that read them, and complete.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{PROGRAM, run};

const COMMANDS: [&str; 12] = [
    "plan",
    "issue",
    "list",
    "show",
    "verify",
    "probe",
    "revoke",
    "exec",
    "config",
    "completions",
    "man",
    "help",
];

fn printed(args: &[&str]) -> String {
    let run = run(Command::new(PROGRAM).args(args).env_clear()).exits(0);
    assert_eq!(run.stderr, "");
    run.stdout
}

/// What a program says about a text on its stdin, if the program is installed.
fn checked_by(program: &str, args: &[&str], text: &str) -> Option<(bool, String)> {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    child.stdin.take().expect("stdin is piped").write_all(text.as_bytes()).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    Some((output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[test]
fn every_shell_gets_a_script_that_it_can_read() {
    for (shell, program, args) in [
        ("bash", "bash", &["-n"][..]),
        ("zsh", "zsh", &["-n"]),
        ("fish", "fish", &["--no-execute"]),
        (
            "powershell",
            "pwsh",
            &["-NoProfile", "-Command", "[scriptblock]::Create($input) > $null"],
        ),
        ("elvish", "elvish", &["-compileonly", "/dev/stdin"]),
    ] {
        let script = printed(&["completions", shell]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell} completes {command}");
        }
        for flag in ["--json", "--needs", "--provider"] {
            let flag = if shell == "fish" { &flag[2..] } else { flag };
            assert!(script.contains(flag), "{shell} completes {flag}");
        }
        let completes_values = !matches!(shell, "powershell" | "elvish");
        for value in ["reader", "uploader", "pinner", "manager"] {
            assert!(!completes_values || script.contains(value), "{shell} completes {value}");
        }
        if let Some((is_valid, says)) = checked_by(program, args, &script) {
            assert!(is_valid && says.is_empty(), "{program} says: {says}");
        }
    }
}

#[test]
fn bash_completes_commands_flags_and_values() {
    let script = printed(&["completions", "bash"]);
    let complete = |words: &str| {
        let last = words.split(' ').count() - 1;
        let line = format!(
            "{script}\nCOMP_WORDS=({words}); COMP_CWORD={last}; \
             _pinning__keys pinning-keys \"${{COMP_WORDS[{last}]}}\" \"${{COMP_WORDS[{last}-1]}}\"; \
             printf '%s\\n' \"${{COMPREPLY[@]}}\""
        );
        let run = run(Command::new("bash").args(["--norc", "-c", &line])).exits(0);
        run.stdout.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(complete("pinning-keys rev"), ["revoke"]);
    assert_eq!(complete("pinning-keys plan --prov"), ["--provider"]);
    assert_eq!(complete("pinning-keys plan --preset re"), ["reader"]);
}

#[test]
fn manual_pages_render_without_warnings() {
    let pages =
        COMMANDS.iter().map(|command| printed(&["man", command])).chain([printed(&["man"])]);
    for page in pages {
        assert!(page.contains(".SH EXAMPLES") || page.contains(".SH \"EXIT STATUS\""), "{page}");
        // Without -ww, groff renders everything in silence.
        if let Some((is_valid, says)) = checked_by("groff", &["-ww", "-man", "-Tutf8"], &page) {
            assert!(is_valid && says.is_empty(), "groff says: {says}\n{page}");
        }
        if let Some((is_valid, says)) = checked_by("mandoc", &["-Tlint", "-Wwarning"], &page) {
            assert!(is_valid && says.is_empty(), "mandoc says: {says}\n{page}");
        }
    }
}

#[test]
fn the_manual_names_exit_codes_variables_and_files() {
    let page = printed(&["man"]).replace("\\-", "-");
    let codes = printed(&["help", "exit-codes"]);
    for line in codes.lines().take_while(|line| !line.is_empty()) {
        let (code, meaning) = line.split_once(' ').expect("a code and its meaning");
        let meaning = meaning.trim().replace('\'', "\\*(Aq");
        assert!(page.contains(&format!("\\fB{code}\\fR\n{meaning}")), "{line}\n{page}");
    }
    for name in
        ["PINNING_KEYS_PROVIDER", "PINATA_JWT", "NO_COLOR", "config.toml", ".pinning-keys.toml"]
    {
        assert!(page.contains(name), "{name}\n{page}");
    }
}
