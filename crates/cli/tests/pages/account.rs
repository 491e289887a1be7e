//! An account at the emulated Pinata, and a shell in which its variables are set.

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

/// The times that pages show are quarters of an hour, in seconds.
const QUARTER: f64 = 15.0 * 60.0;

const HOUR: Duration = Duration::from_secs(60 * 60);

pub(crate) struct Account {
    runtime: Runtime,
    emulator: Emulator,
    shell: Shell,
}

impl Account {
    pub(crate) fn new() -> Self {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().expect("a runtime starts");
        let emulator = runtime.block_on(Emulator::start()).expect("the emulator starts");
        let shell = Shell::new(
            emulator.pinata().vars().into_iter().chain([(NO_LIMIT.0, NO_LIMIT.1.to_owned())]),
        );
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
        page::check(page, &self.shell, |output| {
            // The port is shorter, which matters only in a table.
            let output = output.replace(&format!("{origin} "), &format!("{SHOWN}  "));
            let output = output.replace(&origin, SHOWN).replace(&home, "/home/you");
            // A reader is held to the provider's limit.
            let output = output.replace(NO_LIMIT.1, "60     ").replace(NO_LIMIT.0, "default");
            with_shown_time(&output)
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
        let quarters = (since.expect("a number") / QUARTER).round() * QUARTER;
        let span = SignedDuration::from_secs_f64(quarters);
        let time = began.checked_add(span).expect("a time").strftime("%Y-%m-%dT%H:%M:%S");
        shown.replace_range(start..end, &time.to_string().replace('T', separator));
    }
    shown
}
