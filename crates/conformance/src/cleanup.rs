//! What a case has asked for, and the clean-up that leaves nothing of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinning_keys_core::{
    Credential, Effect, Error, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRef, Operation,
    Revocation, Verification,
};
use tokio::time::timeout;

use crate::bench::Bench;
use crate::panics::caught;
use crate::patience::Patience;

/// The keys that a case has asked for, whatever became of them.
#[derive(Default)]
pub(crate) struct Made {
    /// The names that were made unique here, which nobody else's key can have.
    unique: Mutex<Vec<KeyName>>,
    asked: Mutex<Vec<Asked>>,
}

/// A key that was asked for.
#[derive(Clone)]
struct Asked {
    name: KeyName,
    /// Whether no other key can have this name. Keys of other names, such as a reserved one, may
    /// be the account's own.
    unique: bool,
    key_ref: Option<KeyRef>,
    credential: Option<Credential>,
    /// Whether the provider may have made a key that was not handed out.
    maybe_made: bool,
    state: State,
}

/// What became of a key that was asked for, as far as the adapter says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    NotSent,
    Revoked,
}

/// What a clean-up came to.
#[derive(Default)]
pub(crate) struct Cleaned {
    /// The names of keys that are not proved dead.
    pub(crate) left: Vec<String>,
    /// Why it could not be done as it should, where it could not.
    pub(crate) broken_off: Option<String>,
}

impl Made {
    /// Remembers a name that nobody else's key can have.
    pub(crate) fn note_unique(&self, name: KeyName) {
        self.unique.lock().unwrap_or_else(PoisonError::into_inner).push(name);
    }

    /// Remembers that a key of this name is asked for, before it is.
    pub(crate) fn asked_for(&self, name: &KeyName) -> usize {
        let mut asked = self.asked();
        asked.push(Asked {
            name: name.clone(),
            unique: self.is_unique(name),
            key_ref: None,
            credential: None,
            maybe_made: true,
            state: State::Open,
        });
        asked.len() - 1
    }

    /// Remembers what became of it.
    pub(crate) fn answered(&self, entry: usize, answer: &Result<IssuedKey, Error>) {
        let mut asked = self.asked();
        let entry = &mut asked[entry];
        match answer {
            Ok(key) => {
                entry.key_ref = Some(key.key_ref().clone());
                entry.credential = Some(key.credential().clone());
                entry.maybe_made = false;
            }
            Err(error) => {
                entry.maybe_made = error.effect() == Effect::Unknown;
                if error.effect() == Effect::NotSent {
                    entry.state = State::NotSent;
                }
            }
        }
    }

    /// Remembers that a key was revoked, as the adapter says.
    pub(crate) fn revoked(&self, key: &KeyRef) {
        for asked in self.asked().iter_mut().filter(|asked| asked.key_ref.as_ref() == Some(key)) {
            asked.state = State::Revoked;
        }
    }

    /// Whether a name was made unique here, or is a longer one made of such a name.
    fn is_unique(&self, name: &KeyName) -> bool {
        let unique = self.unique.lock().unwrap_or_else(PoisonError::into_inner);
        unique.iter().any(|unique| name.as_str().starts_with(unique.as_str()))
    }

    fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Bench<'_> {
    /// Revokes what the case made. It comes to an end whatever the adapter does.
    pub(crate) async fn clean_up(&self, limit: Duration) -> Cleaned {
        let broken_off = match timeout(limit, caught(self.sweep())).await {
            Ok(Ok(cleaned)) => return cleaned,
            Ok(Err(panic)) => panic,
            Err(_) => format!("it has not ended after {limit:?}"),
        };
        let asked = self.made.asked();
        let not_dead = asked.iter().filter(|asked| self.is_live(asked) != Some(false));
        let left = not_dead.map(|asked| asked.name.to_string()).collect();
        Cleaned { left, broken_off: Some(broken_off) }
    }

    /// One key after the other: that the adapter panics at one says nothing about the others.
    async fn sweep(&self) -> Cleaned {
        self.calm();
        self.take_time();
        let asked = self.made.asked().clone();
        let mut cleaned = Cleaned::default();
        if asked.is_empty() {
            return cleaned;
        }
        // The issuer of the case may have been broken by what was done to it.
        let issuer = self.harness().issuer().await.unwrap_or_else(|_| self.issuer());
        let mut patience = self.patience();
        for asked in asked {
            let swept = caught(self.is_swept(&issuer, &asked, &mut patience)).await;
            if !matches!(swept, Ok(true)) {
                cleaned.left.push(asked.name.to_string());
            }
            cleaned.broken_off = cleaned.broken_off.or(swept.err());
        }
        cleaned
    }

    /// Revokes a key unless that was done; whether it is dead now.
    async fn is_swept(
        &self,
        issuer: &Arc<dyn KeyIssuer>,
        asked: &Asked,
        patience: &mut Patience,
    ) -> bool {
        let is_done = asked.state != State::Open && self.is_live(asked) != Some(true);
        let swept = if is_done {
            true
        } else if self.harness().lacks(Operation::Revoke) {
            false
        } else {
            let sweeping = sweep_one(issuer, asked, !self.harness().lacks(Operation::List));
            matches!(self.bounded_long("clean-up", sweeping).await, Ok(Ok(true)))
        };
        match self.is_live(asked) {
            Some(live) => !live,
            None => swept && self.works_no_more(issuer, asked, patience).await,
        }
    }

    /// Whether the provider still has a live key that was asked for, where a ledger can tell.
    fn is_live(&self, asked: &Asked) -> Option<bool> {
        let ledger = self.ledger().filter(|_| asked.unique)?;
        Some(ledger.live(asked.name.as_str()) > 0)
    }

    /// Whether the credential of a key, where one was handed out, stops working in time.
    async fn works_no_more(
        &self,
        issuer: &Arc<dyn KeyIssuer>,
        asked: &Asked,
        patience: &mut Patience,
    ) -> bool {
        let Some(credential) = &asked.credential else { return true };
        loop {
            let verifying = issuer.verify(credential);
            match self.bounded("verify", verifying).await {
                Ok(Ok(Verification::Live)) if patience.again().await => {}
                Ok(Ok(Verification::Live)) => return false,
                // That it cannot be asked does not make the revocation undone.
                _ => return true,
            }
        }
    }
}

/// Revokes a key, and every other one of its name where the name is unique, so that all are ours.
/// Of other names only what was handed out is. Tells whether nothing can be left, as far as the
/// adapter says.
async fn sweep_one(issuer: &Arc<dyn KeyIssuer>, asked: &Asked, lists: bool) -> Result<bool, Error> {
    let mut all_gone = match &asked.key_ref {
        Some(key_ref) => is_gone(issuer.revoke(key_ref).await?),
        None => !asked.maybe_made || asked.unique && lists,
    };
    if !asked.unique || !lists {
        return Ok(all_gone);
    }
    let name = asked.name.as_str();
    let found = issuer.find(name).await?;
    for record in found.records().iter().filter(|record| record.name() == name) {
        if record.is_revoked() != Some(true) {
            all_gone &= is_gone(issuer.revoke(record.key_ref()).await?);
        }
    }
    Ok(all_gone)
}

fn is_gone(revocation: Revocation) -> bool {
    matches!(revocation, Revocation::Revoked | Revocation::AlreadyGone)
}
