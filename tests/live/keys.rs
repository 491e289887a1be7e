//! The keys that a run creates: few, with a label, and revoked at the end.

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinning_keys::{
    Effect, Error, ErrorKind, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRef, KeyRequest,
    Reconciliation, Revocation, ScopeRequest,
};

use crate::mask::LABEL;

/// The most keys that a run creates.
pub(crate) const MOST_KEYS: usize = 16;

/// Recorded before a key is created, until it is certainly gone.
#[derive(Clone)]
struct Entry {
    name: KeyName,
    key_ref: Option<KeyRef>,
}

/// How often to look for a late change, and the pause in between.
pub(crate) type Patience = (u32, Duration);

/// The keys that may exist because of the run.
#[derive(Default)]
pub(crate) struct Keys {
    made: AtomicUsize,
    there: Mutex<Vec<Entry>>,
}

impl Keys {
    /// The name of the next key, by which it is found if the answer is lost.
    pub(crate) fn next_name(&self) -> Result<KeyName, Error> {
        if self.made.fetch_add(1, Ordering::Relaxed) >= MOST_KEYS {
            return Err(Error::new(ErrorKind::TooManyKeys, "the run has created all its keys"));
        }
        let name = KeyName::unique(LABEL)?;
        self.there().push(Entry { name: name.clone(), key_ref: None });
        Ok(name)
    }

    /// Issues a key.
    pub(crate) async fn make(
        &self,
        issuer: &dyn KeyIssuer,
        scope: ScopeRequest,
        max_uses: Option<NonZeroU64>,
    ) -> Result<IssuedKey, Error> {
        let name = self.next_name()?;
        let mut request = KeyRequest::new(name.clone(), scope)?;
        if let Some(uses) = max_uses {
            request = request.with_max_uses(uses);
        }
        let result = issuer.issue(&request).await;
        match &result {
            Ok(key) => self.set_ref(&name, key.key_ref()),
            Err(error) if error.effect() == Effect::Unknown => {}
            Err(_) => self.is_gone(&name),
        }
        result
    }

    /// Records that no key of this name exists.
    pub(crate) fn is_gone(&self, name: &KeyName) {
        self.there().retain(|entry| entry.name != *name);
    }

    fn set_ref(&self, name: &KeyName, key_ref: &KeyRef) {
        let mut there = self.there();
        let entry = there.iter_mut().find(|entry| entry.name == *name).expect("it was noted");
        entry.key_ref = Some(key_ref.clone());
    }

    /// Revokes the keys, and returns the names of those that are or may be left.
    pub(crate) async fn revoke_all(
        &self,
        issuer: &dyn KeyIssuer,
        (tries, pause): Patience,
    ) -> Vec<String> {
        for attempt in 0..tries {
            if attempt > 0 {
                tokio::time::sleep(pause).await;
            }
            let there = self.there().clone();
            for entry in there {
                if revoke(issuer, &entry).await {
                    self.is_gone(&entry.name);
                }
            }
            if self.there().is_empty() {
                break;
            }
        }
        self.there().iter().map(|entry| entry.name.to_string()).collect()
    }

    /// Works after a step panicked, too.
    fn there(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.there.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the provider confirms that a key is gone. Its absence from a list may only be a delay.
async fn revoke(issuer: &dyn KeyIssuer, entry: &Entry) -> bool {
    let revocation = match &entry.key_ref {
        Some(key_ref) => issuer.revoke(key_ref).await.ok(),
        None => match issuer.reconcile(&entry.name).await {
            Ok(Reconciliation::Settled { revocation, .. }) => Some(revocation),
            _ => None,
        },
    };
    matches!(revocation, Some(Revocation::Revoked | Revocation::AlreadyGone))
}
