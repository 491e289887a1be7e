//! Rows of arbitrary content. The same seed gives the same rows.

use std::time::Duration;

use crate::store::{AccountRow, AuditRow, KeyRow};
use crate::{KeyId, KeyState, Timestamp};

/// The pieces that texts are made of: everything that might be misread on the way to a database and
/// back. Text of the store has no NUL, which PostgreSQL cannot keep.
const PIECES: &[&str] = &[
    "a",
    "Z",
    "9",
    " ",
    "\n",
    "\t",
    "\r\n",
    "'",
    "\"",
    "\\",
    "\\u0000",
    "%",
    "_",
    "$1",
    "?",
    ":a",
    "{}",
    "[",
    "null",
    "--",
    ";",
    ",",
    "é",
    "e\u{301}",
    "ß",
    "名",
    "🔑",
    "\u{202e}",
    "\u{feff}",
    "\u{10ffff}",
];

/// Times and numbers at the edges of what can be kept.
const EDGES: &[i64] =
    &[i64::MIN, -1, 0, 1, 999_999, 1 << 53, (1 << 53) + 1, 4_102_444_799_999_999, i64::MAX];

/// A small generator of numbers (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, count: usize) -> usize {
        let rolled = self.roll() % u64::try_from(count).unwrap_or(u64::MAX);
        usize::try_from(rolled).unwrap_or_default()
    }

    pub(super) fn flip(&mut self) -> bool {
        self.below(2) == 0
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(super) fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flip().then(|| make(self))
    }

    pub(super) fn text(&mut self) -> String {
        let count = self.below(8);
        (0..count).map(|_| self.one_of(PIECES)).collect()
    }

    fn number(&mut self) -> i64 {
        if self.flip() { self.one_of(EDGES) } else { self.roll().cast_signed() }
    }

    pub(super) fn time(&mut self) -> Timestamp {
        Timestamp::from_micros(self.number())
    }

    fn duration(&mut self) -> Duration {
        Duration::from_micros(self.number().unsigned_abs().min(i64::MAX.unsigned_abs()))
    }

    fn list(&mut self) -> String {
        let texts: Vec<String> = (0..self.below(3)).map(|_| self.text()).collect();
        serde_json::Value::from(texts).to_string()
    }

    fn state(&mut self) -> KeyState {
        self.one_of(KeyState::ALL)
    }

    /// A key with this number, in which everything is arbitrary but what must be unique.
    pub(super) fn key(&mut self, number: usize) -> KeyRow {
        KeyRow {
            id: id(number),
            account: self.text(),
            holder: self.text(),
            name: self.text(),
            state: self.state(),
            version: self.one_of(&[0, 1, 1 << 40]),
            request: self.text(),
            granted: self.maybe(Self::text),
            references: self.list(),
            twins: self.list(),
            lease: self.maybe(Self::duration),
            expires_at: self.maybe(Self::time),
            leased_at: self.time(),
            max_until: self.maybe(Self::time),
            send_by: self.time(),
            settle_after: self.time(),
            deliver_by: self.time(),
            deliver_began: self.maybe(Self::time),
            replaces: self.maybe(|dice| id(dice.below(100))),
            replaced_by: self.maybe(|dice| id(dice.below(100))),
            overlap: self.maybe(Self::duration),
            open_holder: self.maybe(|dice| format!("{}{number}", dice.text())),
            open_successor: self.maybe(|_| id(number)),
            created_at: self.time(),
            changed_at: self.time(),
            due_at: self.maybe(Self::time),
            claimed_until: self.maybe(Self::time),
            by_hand: self.flip(),
            attempts: self.number(),
            end_due: self.maybe(Self::time),
            seen_at: self.maybe(Self::time),
            seen_by: self.maybe(Self::text),
            uses: self.maybe(Self::number),
            first_look: self.maybe(Self::time),
            watched: self.number(),
            keep_until: self.maybe(Self::time),
            evidence: self.maybe(Self::text),
            unproven: self.flip(),
            adopted: self.flip(),
            difference: self.maybe(Self::text),
            failure: self.maybe(Self::text),
        }
    }

    /// An account of this name, in which everything else is arbitrary.
    pub(super) fn account(&mut self, name: &str) -> AccountRow {
        AccountRow {
            name: name.to_owned(),
            provider: self.text(),
            identity: self.maybe(|dice| format!("{}{name}", dice.text())),
            closed_until: self.maybe(Self::time),
            closed_because: self.maybe(Self::text),
            closures: self.number(),
            strikes: self.text(),
            slot_at: self.time(),
            low_slot_at: self.time(),
            pass_cursor: self.maybe(Self::text),
            pass_began: self.maybe(Self::time),
            pass_flawed: self.flip(),
            pass_claimed_until: self.maybe(Self::time),
            pass_due_at: self.time(),
            full_pass_began: self.maybe(Self::time),
            changes: self.number(),
        }
    }

    /// A line of the audit trail about one of ten keys.
    pub(super) fn line(&mut self) -> AuditRow {
        AuditRow {
            number: 0,
            at: self.time(),
            actor: self.text(),
            account: self.text(),
            key: id(self.below(10)),
            reference: self.maybe(Self::text),
            action: self.text(),
            from: self.maybe(Self::state),
            to: self.state(),
            effect: self.maybe(Self::text),
            text: self.maybe(Self::text),
        }
    }
}

/// The id with this number.
pub(super) fn id(number: usize) -> KeyId {
    format!("{number:013}").parse().expect("digits are an id")
}

/// A live key of the account `main` with this number, made at this time, with no end.
pub(super) fn plain(number: usize, at: Timestamp) -> KeyRow {
    KeyRow {
        id: id(number),
        account: "main".to_owned(),
        holder: format!("holder-{number}"),
        name: format!("holder-{number}.7f3k9q2m-{number:013}-000000"),
        state: KeyState::Live,
        version: 0,
        request: "{}".to_owned(),
        granted: None,
        references: "[]".to_owned(),
        twins: "[]".to_owned(),
        lease: None,
        expires_at: None,
        leased_at: at,
        max_until: None,
        send_by: at,
        settle_after: at,
        deliver_by: at,
        deliver_began: None,
        replaces: None,
        replaced_by: None,
        overlap: None,
        open_holder: None,
        open_successor: None,
        created_at: at,
        changed_at: at,
        due_at: None,
        claimed_until: None,
        by_hand: false,
        attempts: 0,
        end_due: None,
        seen_at: None,
        seen_by: None,
        uses: None,
        first_look: None,
        watched: 0,
        keep_until: None,
        evidence: None,
        unproven: false,
        adopted: false,
        difference: None,
        failure: None,
    }
}

/// The account of this name.
pub(super) fn account(name: &str) -> AccountRow {
    AccountRow { name: name.to_owned(), provider: "pinata".to_owned(), ..AccountRow::default() }
}

/// A line about the key with this number.
pub(super) fn line(number: usize, at: Timestamp) -> AuditRow {
    AuditRow {
        number: 0,
        at,
        actor: "suite".to_owned(),
        account: "main".to_owned(),
        key: id(number),
        reference: None,
        action: "issue".to_owned(),
        from: None,
        to: KeyState::Live,
        effect: None,
        text: None,
    }
}
