//! An account at the emulated Pinata, and a shell in which its variables are set.

use std::cell::RefCell;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit};
use pinning_keys::{Credential, IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest, Verification};
use pinning_keys_emulator::Emulator;
use tokio::runtime::Runtime;

use crate::page;
use crate::shell::Shell;

/// The port that the pages show, which is the emulator's default.
const SHOWN: &str = "http://127.0.0.1:8787";

/// Lets the program send as many requests as it can.
const NO_LIMIT: (&str, &str) = ("PINNING_KEYS_REQUESTS_PER_MINUTE", "1000000");

/// The time at which the pages begin, as far as they show.
const SHOWN_NOW: &str = "2026-03-02T09:45:00";

/// The length of a time, such as `2026-03-02 08:15:00`.
const TIME_LENGTH: usize = SHOWN_NOW.len();

/// The times that pages show are multiples of this, in seconds.
const STEP: f64 = 5.0 * 60.0;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub(crate) struct Account {
    runtime: Runtime,
    emulator: Emulator,
    shell: Shell,
}

impl Account {
    pub(crate) fn new() -> Self {
        Self::with_variables(|emulator| emulator.pinata().vars().into_iter().collect())
    }

    /// Accounts at both providers, which the profiles `pinata` and `w3ipfs` name.
    pub(crate) fn of_two_profiles() -> Self {
        let account = Self::with_variables(|_| Vec::new());
        let (pinata, w3ipfs) = (account.emulator.pinata(), account.emulator.w3ipfs());
        account.write("pinata-jwt.txt", pinata.jwt());
        account.write("w3ipfs-jwt.txt", &w3ipfs.jwt());
        let profile = |id: &str, more: &str, url: &str| {
            format!(
                "[profiles.{id}]\nprovider = \"{id}\"\n{more}base_url = {url:?}\n\
                 jwt = {{ file = \"{}/{id}-jwt.txt\" }}\n\n",
                account.shell.home().display()
            )
        };
        let pinata = profile("pinata", "table = \"endpoints\"\n", pinata.base_url());
        let w3ipfs = profile("w3ipfs", "", w3ipfs.base_url());
        let folder = account.shell.home().join(".config/pinning-keys");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(folder.join("config.toml"), pinata + &w3ipfs).expect("a file");
        account
    }

    fn with_variables(variables: impl FnOnce(&Emulator) -> Vec<(&'static str, String)>) -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime starts");
        let emulator = runtime.block_on(Emulator::start()).expect("the emulator starts");
        let no_limit = (NO_LIMIT.0, NO_LIMIT.1.to_owned());
        let shell = Shell::new(variables(&emulator).into_iter().chain([no_limit]));
        let account = Self { runtime, emulator, shell };
        account.date_back(1);
        account
    }

    pub(crate) fn emulator(&self) -> &Emulator {
        &self.emulator
    }

    pub(crate) fn shell(&self) -> &Shell {
        &self.shell
    }

    /// Writes a file into the home folder.
    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.shell.home().join(name), text).expect("a file can be written");
    }

    /// Compares a page with what its commands print.
    pub(crate) fn check(&self, page: &str) {
        let origin = self.emulator.pinata().base_url().trim_end_matches('/').to_owned();
        let home = self.shell.home().display().to_string();
        let ids = RefCell::new(Vec::new());
        page::check(page, &self.shell, |output| {
            // The port is shorter, which matters only in a table.
            let output = output.replace(&format!("{origin} "), &format!("{SHOWN}  "));
            let output = output.replace(&origin, SHOWN).replace(&home, "/home/you");
            let output = if output.starts_with("setting ") { aligned(&output) } else { output };
            // A reader is held to the provider's limit.
            let output = output.replace(NO_LIMIT.1, "60     ").replace(NO_LIMIT.0, "default");
            in_order(&with_shown_ids(&with_shown_time(&output), &mut ids.borrow_mut()))
        });
    }

    /// Dates what the emulator does from now on this long ago, and half an hour more, so that no
    /// age changes while a page runs.
    pub(crate) fn date_back(&self, hours: u32) {
        self.emulator.set_time(SystemTime::now() - HOUR * hours - HOUR / 2);
    }

    /// Issues a key before the page begins.
    pub(crate) fn issue(&self, name: &str, max_uses: Option<NonZeroU64>) -> Credential {
        let mut request = KeyRequest::new(name, ScopeRequest::reader()).expect("a valid name");
        if let Some(uses) = max_uses {
            request = request.with_max_uses(uses);
        }
        let key = self.runtime.block_on(self.issuer().issue(&request));
        key.expect("the key is issued").into_credential()
    }

    /// Issues keys for a single use, and uses them.
    pub(crate) fn use_up_keys(&self, count: usize) {
        for number in 1..=count {
            let credential = self.issue(&format!("upload-{number:04}"), NonZeroU64::new(1));
            let used = self.runtime.block_on(self.issuer().verify(&credential));
            assert_eq!(used.expect("the emulator answers"), Verification::Live);
        }
    }

    fn issuer(&self) -> Arc<dyn KeyIssuer> {
        let config = IssuerConfig::from_vars(self.emulator.pinata().vars()).expect("valid");
        config.with_transport(self.emulator.transport()).build().expect("valid")
    }
}

/// The text with each time of this century moved, so that the page always shows the same ones. What
/// happens while a page runs is shown at its beginning. Tokens expire in the next century.
fn with_shown_time(text: &str) -> String {
    let now = TimeZone::UTC.to_datetime(Timestamp::now());
    let began: DateTime = SHOWN_NOW.parse().expect("a time");
    let mut shown = text.to_owned();
    for start in 0..text.len().saturating_sub(TIME_LENGTH) {
        let end = start + TIME_LENGTH;
        let Some(part) = text.get(start..end).filter(|part| part.starts_with("20")) else {
            continue;
        };
        let separator = &part["2026-03-02".len()..][..1];
        let Ok(time) = part.replace(' ', "T").parse::<DateTime>() else { continue };
        let since = now.until((Unit::Second, time)).expect("a span").total(Unit::Second);
        let rounded = (since.expect("a number") / STEP).round() * STEP;
        let span = SignedDuration::from_secs_f64(rounded);
        let time = began.checked_add(span).expect("a time").strftime("%Y-%m-%dT%H:%M:%S");
        shown.replace_range(start..end, &time.to_string().replace('T', separator));
    }
    shown
}

/// The letters and digits of the ids by which a store knows its keys, which are random.
const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";

/// The ids that the pages show, in the order in which they appear.
const SHOWN_IDS: [&str; 6] = [
    "4h9vd2xqk7m3p",
    "7tq0c6wz1n8rj",
    "b3x5k9fjy2g6e",
    "d8m1s4pv0h7ta",
    "f6r2zn5c9w3kq",
    "h0j8y4e7b1xdg",
];

/// The text with each id replaced by the same one wherever it appears, and with the store's label
/// and the day in names replaced too.
fn with_shown_ids(text: &str, known: &mut Vec<String>) -> String {
    let is_part = |c: char| ALPHABET.contains(c);
    let is_word = |word: &str, length: usize| word.len() == length && word.chars().all(is_part);
    let mut shown = String::new();
    let mut words = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).peekable();
    while let Some(part) = words.next() {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let end = &part[word.len()..];
        let next = words.peek().map_or("", |next| next.trim_end_matches('-'));
        let is_label = is_word(word, 8) && end == "-" && is_word(next, 13);
        let is_id = is_word(word, 13) && word.chars().any(|c| c.is_ascii_digit());
        if is_label {
            shown.push_str("k2m7x9qz");
        } else if is_id {
            let at = known.iter().position(|id| id == word).unwrap_or_else(|| {
                known.push(word.to_owned());
                known.len() - 1
            });
            shown.push_str(SHOWN_IDS[at]);
        } else {
            shown.push_str(word);
        }
        shown.push_str(end);
    }
    shown
}

/// The lines whose order differs from run to run, in a fixed order: keys that are revoked at the same
/// time, and the two keys of a rotation that is confirmed.
fn in_order(text: &str) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let is_any = |line: &str| line.starts_with("revoked   ") || line.contains("   confirm   ");
    for together in lines.chunk_by_mut(|a, b| is_any(a) && is_any(b)) {
        together.sort_unstable();
    }
    lines.concat()
}

/// A table whose cells got shorter, up to the first empty line.
fn aligned(text: &str) -> String {
    let (table, rest) = text.split_once("\n\n").unwrap_or((text, ""));
    let cells = |line: &str| {
        let cells = line.split("   ").map(str::trim).filter(|cell| !cell.is_empty());
        cells.map(str::to_owned).collect::<Vec<_>>()
    };
    let rows: Vec<_> = table.lines().map(cells).collect();
    let width = |at: usize| rows.iter().map(|row| row[at].len()).max().unwrap_or_default();
    let (first, second) = (width(0), width(1));
    let line = |row: &Vec<String>| format!("{:first$}   {:second$}   {}", row[0], row[1], row[2]);
    let lines: Vec<_> = rows.iter().map(line).collect();
    format!("{}\n\n{rest}", lines.join("\n"))
}
