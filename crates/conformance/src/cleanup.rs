//! The clean-up after a case, which leaves none of its keys behind.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Error, KeyIssuer, KeyIssuerExt, Operation, Revocation, Verification};
use tokio::time::timeout;

use crate::asked::{AskedKey, State};
use crate::bench::Bench;
use crate::panics::caught;
use crate::patience::Patience;

/// The result of a clean-up.
#[derive(Default)]
pub(crate) struct Cleaned {
    /// The names of keys that are not proved dead.
    pub(crate) left: Vec<String>,
    /// Why the clean-up panicked or did not end, if so.
    pub(crate) failure: Option<String>,
}

impl Bench<'_> {
    /// Revokes what the case created. It ends whatever the adapter does.
    pub(crate) async fn clean_up(&self, limit: Duration) -> Cleaned {
        let failure = match timeout(limit, caught(self.sweep())).await {
            Ok(Ok(cleaned)) => return cleaned,
            Ok(Err(panic)) => panic,
            Err(_) => format!("did not end within {limit:?}"),
        };
        let asked = self.asked.all();
        let not_dead = asked.iter().filter(|asked| self.has_live(asked) != Some(false));
        let left = not_dead.map(|asked| asked.name.to_string()).collect();
        Cleaned { left, failure: Some(failure) }
    }

    /// One key after the other: a panic at one says nothing about the others.
    async fn sweep(&self) -> Cleaned {
        self.calm();
        self.switch_back();
        let asked = self.asked.all().clone();
        let mut cleaned = Cleaned::default();
        if asked.is_empty() {
            return cleaned;
        }
        // The case may have broken its own issuer.
        let issuer = self.harness().issuer().await.unwrap_or_else(|_| self.issuer());
        let mut patience = self.patience();
        for asked in asked {
            let swept = caught(self.is_swept(&issuer, &asked, &mut patience)).await;
            if !matches!(swept, Ok(true)) {
                cleaned.left.push(asked.name.to_string());
            }
            cleaned.failure = cleaned.failure.or(swept.err());
        }
        cleaned
    }

    /// Revokes a key unless that is done, and returns whether it is dead.
    async fn is_swept(
        &self,
        issuer: &Arc<dyn KeyIssuer>,
        asked: &AskedKey,
        patience: &mut Patience,
    ) -> bool {
        let is_done = asked.state != State::Open && self.has_live(asked) != Some(true);
        let swept = if is_done {
            true
        } else if self.harness().lacks(Operation::Revoke) {
            false
        } else {
            let sweeping = sweep_one(issuer, asked, self.facts().can_list);
            matches!(self.bounded_long("clean-up", sweeping).await, Ok(Ok(true)))
        };
        match self.has_live(asked) {
            Some(live) => !live,
            None => swept && self.stops_working(issuer, asked, patience).await,
        }
    }

    /// Whether the provider has a live key with this name, if a ledger shows it.
    fn has_live(&self, asked: &AskedKey) -> Option<bool> {
        let ledger = self.ledger().filter(|_| asked.has_unique_name)?;
        Some(ledger.live(asked.name.as_str()) > 0)
    }

    /// Whether the key's credential stops working in time. True if none was returned.
    async fn stops_working(
        &self,
        issuer: &Arc<dyn KeyIssuer>,
        asked: &AskedKey,
        patience: &mut Patience,
    ) -> bool {
        let Some(credential) = &asked.credential else { return true };
        loop {
            let verifying = issuer.verify(credential);
            match self.bounded("verify", verifying).await {
                Ok(Ok(Verification::Live)) if patience.again().await => {}
                Ok(Ok(Verification::Live)) => return false,
                // A failed check does not undo the revocation.
                _ => return true,
            }
        }
    }
}

/// Revokes a key, and if its name is unique every other key with the name, since all of them are
/// ours. Under other names, only the returned key is. Returns whether nothing can be left,
/// according to the adapter.
async fn sweep_one(
    issuer: &Arc<dyn KeyIssuer>,
    asked: &AskedKey,
    can_list: bool,
) -> Result<bool, Error> {
    let searches = asked.has_unique_name && can_list;
    let mut all_gone = match &asked.key_ref {
        Some(key_ref) => is_gone(issuer.revoke(key_ref).await?),
        None => !asked.maybe_made || searches,
    };
    if !searches {
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
