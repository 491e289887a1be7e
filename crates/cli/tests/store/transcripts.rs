//! What the commands with a store print, and the exit codes with which they end.
//!
//! Each file shows the ends of one command. A block begins with an empty home folder, and a line
//! like `* the provider answers 401` says what goes wrong from then on.
#![cfg(unix)]

use std::fmt::Write as _;
use std::time::SystemTime;

use http::{Method, StatusCode};
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, Stage};
use pinning_keys_testkit::golden::assert_golden;

use crate::support::Stand;

const ADVICE: &str = "Read the new text like somebody who sees it for the first time.";

/// What a block of a transcript consists of.
#[derive(Clone, Copy)]
enum Step {
    /// A command line of which only the exit code matters.
    Before(&'static str, i32),
    /// A command line, whose output is shown, and its exit code.
    Run(&'static str, i32),
    /// Every request to change something is answered with this status from now on.
    Answers(u16),
    /// The connection breaks after the next key was created.
    Breaks,
    /// The store is empty, and in a file of another program.
    NotAStore,
}

use Step::{Answers, Before, Breaks, NotAStore, Run};

const ISSUE: Step = Before("issue ci --preset reader --to file:ci.json --lease 30d", 0);
const TWO_KEYS: &str = "[[key]]\nname = \"ci\"\nprofile = \"main\"\npreset = \"reader\"\n\
    to = \"file:ci.json\"\n[[key]]\nname = \"site\"\nprofile = \"main\"\npreset = \"reader\"\n\
    to = \"file:site.json\"\n";

/// The accounts `main` and `second`, and two declared keys.
fn stand() -> Stand {
    let mut stand = Stand::start(Emulator::builder(), |_| Vec::new());
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let text = format!(
        "profile = \"main\"\n[profiles.main]\nprovider = \"pinata\"\nbase_url = {:?}\njwt = {:?}\n\
         [profiles.second]\nprovider = \"w3ipfs\"\nbase_url = {:?}\njwt = {:?}\n",
        pinata.base_url(),
        pinata.jwt(),
        w3ipfs.base_url(),
        w3ipfs.jwt()
    );
    stand.write_private("accounts.toml", &text);
    stand.write("keys.toml", TWO_KEYS);
    stand.set_variable("PINNING_KEYS_CONFIG", "accounts.toml");
    stand.emulator().set_time(SystemTime::now());
    stand
}

/// Compares the ends of a command with its file.
#[track_caller]
fn transcript(command: &str, blocks: &[&[Step]]) {
    let mut text = String::new();
    for block in blocks {
        let stand = stand();
        for step in *block {
            take(*step, &stand, &mut text);
        }
        text.push('\n');
    }
    let path = format!("crates/cli/tests/golden/store/{command}-ends.txt");
    assert_golden(&path, &format!("{}\n", text.trim_end()), ADVICE);
}

fn take(step: Step, stand: &Stand, text: &mut String) {
    let faults = stand.emulator().faults();
    match step {
        Before(line, code) => drop(stand.run(line).exits(code)),
        Run(line, code) => {
            let run = stand.run(line).exits(code);
            let shown = format!("{}{}", run.stdout, run.stderr);
            let shown = masked(&shown.replace(&stand.home().display().to_string(), "HOME"));
            let _ = write!(text, "$ pinning-keys {line}\n{shown}");
            let _ = writeln!(text, "= {code}");
        }
        Answers(code) => {
            let status = StatusCode::from_u16(code).expect("a status");
            for method in [Method::POST, Method::PUT, Method::DELETE] {
                let fault = Fault::status(status, Stage::BeforeCommit);
                faults.add(FaultRule::new(fault).method(method));
            }
            let _ = writeln!(text, "* the provider answers {code}");
        }
        Breaks => {
            let cut = Fault::CutConnection(Cut::AfterCommit);
            faults.add(FaultRule::new(cut).method(Method::POST).first(1));
            text.push_str("* the connection breaks after the next key was created\n");
        }
        NotAStore => {
            stand.write(".local/state/pinning-keys/keys.db", &"not a store. ".repeat(90));
            text.push_str("* the store is the file of another program\n");
        }
    }
}

/// The text without what differs from run to run: ids and what is beside them in the names of keys,
/// times, and numbers of seconds.
fn masked(text: &str) -> String {
    let is_inside = |c: char| c.is_ascii_alphanumeric();
    let mut masked = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(is_inside) {
        let (before, word) = rest.split_at(start);
        let (word, after) = word.split_at(word.find(|c| !is_inside(c)).unwrap_or(word.len()));
        masked.push_str(before);
        let word = mask(word, &masked, after);
        masked.push_str(&word);
        rest = after;
    }
    masked + rest
}

/// A word between these texts, or other characters: as many, if the word can be in a table.
fn mask(word: &str, before: &str, after: &str) -> String {
    let is_lower = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
    let is_number = word.bytes().all(|byte| byte.is_ascii_digit());
    let is_varying = match word.len() {
        // Of a time.
        2 if is_number => before.ends_with(['-', ':']) || after.starts_with([':', '-']),
        4 if is_number => after.starts_with('-'),
        3 => word.ends_with('Z') && before.ends_with(':'),
        5 => word.contains('T') && before.ends_with('-'),
        // In the name of a key.
        6 if is_number => before.ends_with('-'),
        8 => before.ends_with('.') && after.starts_with('-'),
        13 => word.bytes().all(is_lower),
        _ => false,
    };
    if is_varying {
        return "0".repeat(word.len());
    }
    if is_number && after.starts_with(" ms") {
        return "0".to_owned();
    }
    let seconds = word.strip_suffix('s').is_some_and(|digits| digits.parse::<u8>().is_ok());
    if seconds && !before.ends_with("than ") { "0s".to_owned() } else { word.to_owned() }
}

#[test]
fn issue() {
    const LINE: &str = "issue ci --preset reader --to file:ci.json";
    transcript(
        "issue",
        &[
            &[
                Run("issue ci --preset reader --to file:ci.json --lease 30d --max-lease 90d", 0),
                Run(LINE, 1),
            ],
            &[Run("issue ci --preset reader --to file:ci.json --lease 1s", 64)],
            &[Breaks, Run(LINE, 3), Run("run --once", 0)],
            &[Answers(401), Run(LINE, 4), Run(LINE, 75)],
            &[Answers(503), Run(LINE, 3)],
            &[Answers(429), Run(LINE, 75)],
            &[Answers(400), Run(LINE, 1)],
            &[NotAStore, Run(LINE, 78)],
        ],
    );
}

#[test]
fn renew() {
    transcript(
        "renew",
        &[
            &[
                Before("issue ci --preset reader --to file:ci.json --lease 30d --max-lease 90d", 0),
                Run("renew ci", 0),
                Run("renew ic", 1),
            ],
            &[ISSUE, Run("renew ci", 1)],
            &[Run("renew ci", 1), Run("renew", 64)],
            &[NotAStore, Run("renew ci", 78)],
        ],
    );
}

#[test]
fn rotate() {
    const LINE: &str = "rotate ci --to file:ci.json";
    transcript(
        "rotate",
        &[
            &[
                ISSUE,
                Run(LINE, 0),
                Run("rotate ci --to file:ci.json --overlap 1h", 0),
                Run("rotate ic --to file:ic.json", 1),
            ],
            &[ISSUE, Run("rotate ci --to file:ci.json --overlap soon", 64)],
            &[ISSUE, Breaks, Run(LINE, 3)],
            &[ISSUE, Answers(401), Run(LINE, 4)],
            &[ISSUE, Answers(429), Run(LINE, 75)],
            &[ISSUE, Run("rotate ci --to command:false --field jwt", 3)],
            &[NotAStore, Run(LINE, 78)],
        ],
    );
}

#[test]
fn migrate() {
    const LINE: &str = "migrate ci --into second --to file:. --without pins:list-jobs --yes";
    transcript(
        "migrate",
        &[
            &[ISSUE, Run(LINE, 0), Run(LINE, 0), Run("migrate ci --into second --to file:.", 1)],
            &[ISSUE, Run("migrate ci --into second --to file:. --yes", 1)],
            &[ISSUE, Run("migrate ci --into third --to file:. --yes", 78)],
            &[ISSUE, Run("migrate ci --into second --to file:none --yes", 1)],
            &[ISSUE, Breaks, Run(LINE, 3)],
            &[ISSUE, Answers(401), Run(LINE, 4)],
            &[ISSUE, Answers(429), Run(LINE, 75)],
        ],
    );
}

#[test]
fn revoke() {
    transcript(
        "revoke",
        &[
            &[ISSUE, Run("revoke ci", 1), Run("revoke ci --yes", 0), Run("revoke ci --yes", 0)],
            &[ISSUE, Answers(401), Run("revoke ci --yes", 75)],
            &[NotAStore, Run("revoke ci --yes", 78)],
        ],
    );
}

#[test]
fn run() {
    const LOST: Step = Before("issue ci --preset reader --to file:ci.json", 3);
    transcript(
        "run",
        &[
            &[Run("run --once", 0)],
            &[ISSUE, Run("run --once", 0)],
            &[ISSUE, Answers(401), Before("revoke ci --yes", 75), Run("run --once", 75)],
            &[Breaks, LOST, Run("run --once", 0)],
            &[NotAStore, Run("run --once", 78)],
        ],
    );
}

#[test]
fn status() {
    transcript(
        "status",
        &[
            &[Run("status", 0), Run("status --acknowledge", 1)],
            &[
                ISSUE,
                Run("status --exit-code", 2),
                Before("run --once", 0),
                Run("status --exit-code", 0),
            ],
            &[ISSUE, Answers(401), Before("revoke ci --yes", 75), Run("status", 0)],
            &[NotAStore, Run("status", 78)],
        ],
    );
}

#[test]
fn audit() {
    transcript(
        "audit",
        &[
            &[Run("audit", 0)],
            &[ISSUE, Run("audit", 0), Run("audit --since soon", 64)],
            &[NotAStore, Run("audit", 78)],
        ],
    );
}

#[test]
fn strays_and_forget() {
    transcript(
        "strays",
        &[
            &[Run("strays", 0), Run("strays --adopt", 0)],
            &[
                ISSUE,
                Run("forget ci", 1),
                Run("forget ci --yes", 0),
                Run("forget ci --yes", 1),
                Run("list", 0),
            ],
            &[NotAStore, Run("strays", 78), Run("forget ci --yes", 78)],
        ],
    );
}

#[test]
fn diff() {
    transcript(
        "diff",
        &[
            &[
                Run("diff", 0),
                Run("diff --exit-code", 2),
                Before("apply --yes", 0),
                Run("diff --exit-code", 0),
            ],
            &[Run("diff --file none.toml", 78)],
            &[NotAStore, Run("diff", 78)],
        ],
    );
}

#[test]
fn apply() {
    transcript(
        "apply",
        &[
            &[
                Run("apply", 1),
                Run("apply --yes --exit-code", 2),
                Run("apply --yes --exit-code", 0),
            ],
            &[Breaks, Run("apply --yes", 3), Run("apply --yes", 0)],
            &[Answers(401), Run("apply --yes", 4)],
            &[Answers(429), Run("apply --yes", 75)],
            &[Answers(400), Run("apply --yes", 1)],
            &[NotAStore, Run("apply --yes", 78)],
        ],
    );
}
