//! The life of one key: planned, issued, used, listed, revoked, and useless.

use std::error::Error;
use std::time::Duration;

use http::StatusCode;
use pinning_keys::transport::Transport;
use pinning_keys::{
    Effect, IssuedKey, KeyIssuer, KeyIssuerExt, KeyName, KeyRequest, Permission, PermissionSet,
    Plan, Reconciliation, Recorded, Revocation, ScopeRequest,
};
use tokio::time::Instant;

use crate::data_api::{DataApi, Deed};

/// Leads a key through its life with one table.
pub(crate) struct Walk<'a> {
    issuer: &'a dyn KeyIssuer,
    transport: &'a dyn Transport,
    api: &'a DataApi,
    deeds: Vec<(&'static str, Deed, Option<Permission>)>,
}

/// The result of a walk.
pub(crate) struct Outcome {
    /// The key's name and reference, so that it can be found.
    pub(crate) key: String,
    pub(crate) plan: Plan,
    pub(crate) missing: PermissionSet,
    pub(crate) extra: PermissionSet,
    /// What the key was used for.
    pub(crate) attempts: Vec<Attempt>,
    /// The answer to the revoked key.
    pub(crate) after_revoking: StatusCode,
    pub(crate) revocation: Revocation,
}

pub(crate) struct Attempt {
    pub(crate) what: &'static str,
    pub(crate) status: StatusCode,
    /// Whether the request only tolerated this.
    pub(crate) is_extra: bool,
}

impl Outcome {
    /// Whether the provider reports the key as gone and refuses it.
    pub(crate) fn is_over(&self) -> bool {
        is_gone(self.revocation) && is_refused(self.after_revoking)
    }
}

impl<'a> Walk<'a> {
    /// A walk that only reads.
    pub(crate) fn new(
        issuer: &'a dyn KeyIssuer,
        transport: &'a dyn Transport,
        api: &'a DataApi,
    ) -> Self {
        let deeds = vec![
            ("list pins", Deed::List, Some(Permission::PinsList)),
            ("read the account's keys", Deed::ReadKeys, None),
        ];
        Self { issuer, transport, api, deeds }
    }

    /// Also uploads a file and tries to remove one.
    pub(crate) fn with_uploads(mut self) -> Self {
        self.deeds.insert(0, ("upload a file", Deed::Upload, Some(Permission::PinsAddFile)));
        self.deeds.insert(2, ("remove a pin", Deed::Remove, Some(Permission::PinsRemove)));
        self
    }

    /// Leads a key through its life. Whatever fails once the key exists, it is revoked; the error
    /// names it if that may have failed.
    pub(crate) async fn run(self, scope: &ScopeRequest) -> Result<Outcome, Box<dyn Error>> {
        let request = KeyRequest::new(KeyName::unique("switch-providers")?, scope.clone())?;
        let plan = self.issuer.plan(&request)?;
        let key = self.issue(&request).await?;
        let used = self.use_and_find(&key).await;
        let revoked = self.revoke(&key).await;
        let left_behind = match &revoked {
            Ok(revocation) if is_gone(*revocation) => None,
            Ok(revocation) => Some(format!("LEFT BEHIND: key {}: {revocation:?}", label(&key))),
            Err(error) => Some(format!("LEFT BEHIND: key {}: {error}", label(&key))),
        };
        self.outcome(plan, &key, used, revoked).await.map_err(|error| match left_behind {
            Some(left_behind) => format!("{error}\n  {left_behind}").into(),
            None => error,
        })
    }

    async fn outcome(
        &self,
        plan: Plan,
        key: &IssuedKey,
        used: Result<Vec<Attempt>, Box<dyn Error>>,
        revoked: Result<Revocation, pinning_keys::Error>,
    ) -> Result<Outcome, Box<dyn Error>> {
        let attempts = used?;
        let revocation = revoked.map_err(|_| "the key could not be revoked")?;
        Ok(Outcome {
            key: label(key),
            plan,
            missing: key.missing(),
            extra: key.extra(),
            attempts,
            after_revoking: self.attempt_until(key, Deed::List, is_refused).await?,
            revocation,
        })
    }

    /// Issues the key, and settles a create whose outcome is unknown.
    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Box<dyn Error>> {
        match self.issuer.issue(request).await {
            Err(error) if error.effect() == Effect::Unknown => {
                let settled =
                    self.until(async || self.issuer.reconcile(request.name()).await, is_settled);
                let name = request.name().as_str();
                let outcome = match settled.await {
                    Ok(settled) if is_settled(&settled) => {
                        "settled: the key was created and is revoked".to_owned()
                    }
                    Ok(other) => format!("LEFT BEHIND, if it was created: key {name:?}: {other:?}"),
                    Err(failed) => {
                        format!("LEFT BEHIND, if it was created: key {name:?}: {failed}")
                    }
                };
                Err(format!("{error}\n  {outcome}").into())
            }
            issued => Ok(issued?),
        }
    }

    /// Revokes the key. A provider that looks it up in a list may find it only later.
    async fn revoke(&self, key: &IssuedKey) -> Result<Revocation, pinning_keys::Error> {
        let revoke = async || self.issuer.revoke(key.key_ref()).await;
        self.until(revoke, |revocation| *revocation != Revocation::NotFound).await
    }

    async fn use_and_find(&self, key: &IssuedKey) -> Result<Vec<Attempt>, Box<dyn Error>> {
        // A new key may not work at once.
        self.attempt_until(key, Deed::List, |status| !is_refused(status)).await?;
        let mut attempts = Vec::new();
        for &(what, deed, permission) in &self.deeds {
            let status = self.attempt(key, deed).await?;
            let is_extra = permission.is_some_and(|permission| key.extra().contains(permission));
            attempts.push(Attempt { what, status, is_extra });
        }
        // A list may show a new key only after a while.
        let check = async || self.issuer.check(key).await;
        let recorded = self.until(check, Recorded::is_as_issued).await?;
        if recorded.is_as_issued() {
            return Ok(attempts);
        }
        Err(format!("{} is not recorded as issued: {recorded}", key.name()).into())
    }

    async fn attempt(&self, key: &IssuedKey, deed: Deed) -> Result<StatusCode, Box<dyn Error>> {
        self.api.attempt(deed, key.credential().headers(), self.transport).await
    }

    async fn attempt_until(
        &self,
        key: &IssuedKey,
        deed: Deed,
        expected: fn(StatusCode) -> bool,
    ) -> Result<StatusCode, Box<dyn Error>> {
        self.until(async || self.attempt(key, deed).await, |status| expected(*status)).await
    }

    /// Repeats a question until the answer is as expected, or changes should have taken effect.
    async fn until<T, E>(
        &self,
        ask: impl AsyncFn() -> Result<T, E>,
        is_expected: impl Fn(&T) -> bool,
    ) -> Result<T, E> {
        let deadline = Instant::now() + self.issuer.profile().propagation();
        loop {
            let answer = ask().await?;
            if is_expected(&answer) || Instant::now() >= deadline {
                return Ok(answer);
            }
            eprintln!("waiting for the change to take effect …");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// A key as its owner finds it.
fn label(key: &IssuedKey) -> String {
    format!("{:?}, {}", key.name().as_str(), key.key_ref())
}

fn is_gone(revocation: Revocation) -> bool {
    matches!(revocation, Revocation::Revoked | Revocation::AlreadyGone)
}

fn is_settled(settled: &Reconciliation) -> bool {
    matches!(settled, Reconciliation::Settled { revocation, .. } if is_gone(*revocation))
}

/// Whether the provider denies this to the key.
pub(crate) fn is_refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}
