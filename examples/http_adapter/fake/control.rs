//! What tests do to the server, and ask it.

use std::time::{Duration, SystemTime};

use super::Fake;

impl Fake {
    /// Lets keys live no longer than this, however long is asked for.
    pub(crate) fn shorten_lives_to(&self, life: Duration) {
        self.account().longest_life = life;
    }

    /// Moves the server's clock ahead.
    pub(crate) fn advance(&self, time: Duration) {
        self.account().ahead += time;
    }

    /// Ends all sessions, as time would.
    pub(crate) fn expire_sessions(&self) {
        let mut account = self.account();
        let now = account.now();
        account.sessions.iter_mut().for_each(|session| session.expires = now);
    }

    /// When the key of this name expires, if it works and does.
    pub(crate) fn expires_at(&self, name: &str) -> Option<SystemTime> {
        self.account().live_keys().find(|key| key.name == name)?.expires
    }

    /// The number of keys of this name that were ever made.
    pub(crate) fn made(&self, name: &str) -> usize {
        self.account().made.iter().filter(|made| *made == name).count()
    }
}
