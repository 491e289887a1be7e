//! The keys and the sessions of the account.

use std::time::{Duration, SystemTime};

/// The address at which clients log in (documented).
pub(crate) const LOGIN_URL: &str = "https://api.backblazeb2.com";

/// The address that a login gives for all other calls, as in the documented sample.
pub(crate) const API_URL: &str = "https://api001.backblazeb2.com";

/// The account's id, in the form of the documented sample.
pub(crate) const ACCOUNT_ID: &str = "12f95cf4dcf0";

/// How long a session lasts: at most 24 hours (documented).
const SESSION_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// The 26 capabilities (documented for `b2_create_key` and `b2_authorize_account`).
pub(crate) const CAPABILITIES: [&str; 26] = [
    "listKeys",
    "writeKeys",
    "deleteKeys",
    "listAllBucketNames",
    "listBuckets",
    "readBuckets",
    "writeBuckets",
    "deleteBuckets",
    "readBucketRetentions",
    "writeBucketRetentions",
    "readBucketEncryption",
    "writeBucketEncryption",
    "readBucketReplications",
    "writeBucketReplications",
    "readBucketNotifications",
    "writeBucketNotifications",
    "listFiles",
    "readFiles",
    "shareFiles",
    "writeFiles",
    "deleteFiles",
    "readFileLegalHolds",
    "writeFileLegalHolds",
    "readFileRetentions",
    "writeFileRetentions",
    "bypassGovernance",
];

pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) name: String,
    pub(crate) capabilities: Vec<String>,
    pub(crate) expires: Option<SystemTime>,
    /// A bucket and a prefix of file names.
    pub(crate) confined_to: Option<(String, String)>,
}

pub(crate) struct Session {
    token: String,
    key_id: String,
    pub(crate) expires: SystemTime,
}

pub(crate) struct Account {
    /// The master key first, then the others by their ids.
    keys: Vec<Key>,
    pub(crate) sessions: Vec<Session>,
    /// The names of all keys that were ever made.
    pub(crate) made: Vec<String>,
    /// The address that a login gives for all other calls.
    pub(crate) api_url: String,
    pub(crate) longest_life: Duration,
    pub(crate) ahead: Duration,
}

impl Account {
    pub(crate) fn new() -> Self {
        let mut account = Self {
            keys: Vec::new(),
            sessions: Vec::new(),
            made: Vec::new(),
            api_url: API_URL.to_owned(),
            longest_life: Duration::MAX,
            ahead: Duration::ZERO,
        };
        let all = CAPABILITIES.iter().map(|&name| name.to_owned()).collect();
        account.make_key("master".to_owned(), all, None);
        account
    }

    pub(crate) fn now(&self) -> SystemTime {
        SystemTime::now() + self.ahead
    }

    pub(crate) fn master(&self) -> &Key {
        &self.keys[0]
    }

    /// The keys that work, apart from the master key, which no listing shows.
    pub(crate) fn live_keys(&self) -> impl Iterator<Item = &Key> {
        let now = self.now();
        self.keys.iter().skip(1).filter(move |key| is_live(key, now))
    }

    pub(crate) fn make_key(
        &mut self,
        name: String,
        capabilities: Vec<String>,
        life: Option<Duration>,
    ) -> &mut Key {
        self.made.push(name.clone());
        let number = self.made.len();
        let expires = life.map(|life| self.now() + life.min(self.longest_life));
        self.keys.push(Key {
            id: format!("001{ACCOUNT_ID}{number:010}"),
            secret: format!("K001sampleSecret{number:015}"),
            name,
            capabilities,
            expires,
            confined_to: None,
        });
        self.keys.last_mut().expect("a key was added")
    }

    /// Deletes a key that works.
    pub(crate) fn delete_key(&mut self, id: &str) -> Option<Key> {
        let now = self.now();
        let at = self.keys.iter().position(|key| key.id == id && is_live(key, now))?;
        // Nothing can delete the master key.
        (at > 0).then(|| self.keys.remove(at))
    }

    /// Begins a session for a key that works, and returns its token.
    pub(crate) fn log_in(&mut self, id: &str, secret: &str) -> Option<(String, &Key)> {
        let now = self.now();
        let key = self.keys.iter().find(|key| key.id == id && is_live(key, now))?;
        if key.secret != secret {
            return None;
        }
        let token = format!("4_{id}_sampleSession{:010}_acct", self.sessions.len());
        let expires = now + SESSION_LIFE;
        self.sessions.push(Session { token: token.clone(), key_id: key.id.clone(), expires });
        Some((token, key))
    }

    /// The key of a session, and whether the session has expired. A session ends with its key.
    pub(crate) fn session(&self, token: &str) -> Option<(&Key, bool)> {
        let now = self.now();
        let session = self.sessions.iter().find(|session| session.token == token)?;
        let key = self.keys.iter().find(|key| key.id == session.key_id && is_live(key, now))?;
        Some((key, session.expires <= now))
    }
}

fn is_live(key: &Key, now: SystemTime) -> bool {
    key.expires.is_none_or(|expires| expires > now)
}
