//! One key's life: planned, issued, used, listed, revoked, dead.

use std::error::Error;
use std::time::{Duration, Instant};

use http::StatusCode;
use pinning_keys::transport::Transport;
use pinning_keys::{
    Effect, IssuedKey, KeyIssuer, KeyIssuerExt, KeyRequest, Permission, PermissionSet, Plan,
    Revocation, ScopeRequest,
};

use crate::data_api::{DataApi, Deed};

/// What is needed to lead a key through its life at one table.
pub(crate) struct Walk<'a> {
    issuer: &'a dyn KeyIssuer,
    transport: &'a dyn Transport,
    api: &'a DataApi,
    deeds: Vec<(&'static str, Deed, Option<Permission>)>,
}

/// What came of it.
pub(crate) struct Outcome {
    /// The key's name and reference, for whoever has to look for it.
    pub(crate) key: String,
    pub(crate) request: ScopeRequest,
    pub(crate) plan: Plan,
    pub(crate) missing: PermissionSet,
    pub(crate) extra: PermissionSet,
    /// What was tried, and how the provider answered.
    pub(crate) attempts: Vec<Attempt>,
    /// How the provider answers once the key is revoked.
    pub(crate) after_revoking: StatusCode,
    pub(crate) revocation: Revocation,
}

pub(crate) struct Attempt {
    pub(crate) what: &'static str,
    pub(crate) status: StatusCode,
    /// Whether the key can do it only because the request tolerated that.
    pub(crate) is_extra: bool,
}

impl Outcome {
    /// Whether the provider says that the key is gone, and refuses it.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.revocation, Revocation::Revoked | Revocation::AlreadyGone)
            && is_refused(self.after_revoking)
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

    /// A walk that also uploads a file, and tries to remove one.
    pub(crate) fn with_uploads(mut self) -> Self {
        self.deeds.insert(0, ("upload a file", Deed::Upload, Some(Permission::PinsAddFile)));
        self.deeds.insert(2, ("remove a pin", Deed::Remove, Some(Permission::PinsRemove)));
        self
    }

    pub(crate) async fn run(
        self,
        name: &str,
        scope: &ScopeRequest,
    ) -> Result<Outcome, Box<dyn Error>> {
        let request = KeyRequest::new(name, scope.clone())?;
        let plan = self.issuer.plan(&request)?;
        let key = self.issue(&request).await?;
        let used = self.use_and_find(&key).await;
        // Whatever went wrong meanwhile, the key must not stay.
        let revocation = self.issuer.revoke(key.key_ref()).await.map_err(|error| {
            format!("{error}\n  LEFT BEHIND: key {:?}, {}", key.name().as_str(), key.key_ref())
        })?;
        let after_revoking = self.attempt_until(&key, Deed::List, is_refused).await?;
        Ok(Outcome {
            key: format!("{:?}, {}", key.name().as_str(), key.key_ref()),
            request: scope.clone(),
            plan,
            missing: key.missing(),
            extra: key.extra(),
            attempts: used?,
            after_revoking,
            revocation,
        })
    }

    /// Issues the key, and settles a create of which nobody knows what became of it.
    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Box<dyn Error>> {
        match self.issuer.issue(request).await {
            Err(error) if error.effect() == Effect::Unknown => {
                let outcome = match self.issuer.reconcile(request.name().as_str()).await {
                    Ok(settled) => format!("that was done: {settled:?}"),
                    Err(failed) => format!("that was tried, and failed: {failed}"),
                };
                Err(format!("{error}\n  {outcome}").into())
            }
            issued => Ok(issued?),
        }
    }

    async fn use_and_find(&self, key: &IssuedKey) -> Result<Vec<Attempt>, Box<dyn Error>> {
        // A new key may take moments to be honoured.
        self.attempt_until(key, Deed::List, |status| !is_refused(status)).await?;
        let mut attempts = Vec::new();
        for &(what, deed, permission) in &self.deeds {
            let status = self.attempt(key, deed).await?;
            let is_extra = permission.is_some_and(|permission| key.extra().contains(permission));
            attempts.push(Attempt { what, status, is_extra });
        }
        let found = self.issuer.find(key.name().as_str()).await?.records;
        match &found[..] {
            [record] if record.scope() == key.granted() => Ok(attempts),
            _ => Err(format!("{} is not listed as it was issued", key.name()).into()),
        }
    }

    async fn attempt(&self, key: &IssuedKey, deed: Deed) -> Result<StatusCode, Box<dyn Error>> {
        self.api.attempt(deed, key.credential().headers(), self.transport).await
    }

    /// Tries until the answer is as it should be, for as long as changes take to take effect.
    async fn attempt_until(
        &self,
        key: &IssuedKey,
        deed: Deed,
        expected: fn(StatusCode) -> bool,
    ) -> Result<StatusCode, Box<dyn Error>> {
        let deadline = Instant::now() + self.issuer.profile().propagation();
        loop {
            let status = self.attempt(key, deed).await?;
            if expected(status) || Instant::now() >= deadline {
                return Ok(status);
            }
            eprintln!("waiting for the provider to notice the change …");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// Whether an answer says that the key may not do this.
pub(crate) fn is_refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}
