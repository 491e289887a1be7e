use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinning_keys_core::{
    Credential, Effect, Error, IssuedKey, IssuerProfile, KeyIssuer, KeyIssuerExt, KeyName, KeyPage,
    KeyQuery, KeyRef, KeyRequest, Operation, Reconciliation, Revocation, ScopeRequest,
    Verification,
};

use crate::case::{Case, Stop};
use crate::cleanup::Made;
use crate::execution::Run;
use crate::secrets::Secrets;
use crate::selection::Terms;
use crate::{FaultSwitch, Harness, Ledger, Outputs, Surroundings};

/// What one case works with. It bounds every call in time, and remembers what was made, so
/// that it can be revoked whatever becomes of the case.
pub(crate) struct Bench<'a> {
    run: &'a Run<'a>,
    case: &'a Case,
    issuer: Arc<dyn KeyIssuer>,
    /// An issuer with another deadline, for calls that only the deadline may end.
    hurried: Mutex<Option<(Arc<dyn KeyIssuer>, Duration)>>,
    /// Whether requests are disturbed at the moment.
    disturbed: AtomicBool,
    pub(crate) made: Made,
    secrets: Mutex<Secrets>,
}

impl<'a> Bench<'a> {
    pub(crate) async fn new(run: &'a Run<'a>, case: &'a Case) -> Result<Self, Stop> {
        let issuer = run.harness.issuer().await?;
        let secrets = Mutex::new(Secrets::of_account(run.harness));
        let (hurried, disturbed, made) = Default::default();
        Ok(Self { run, case, issuer, hurried, disturbed, made, secrets })
    }

    /// The issuer that calls are made with at the moment.
    pub(crate) fn issuer(&self) -> Arc<dyn KeyIssuer> {
        self.hurried().as_ref().map_or_else(|| Arc::clone(&self.issuer), |(it, _)| Arc::clone(it))
    }

    /// How long it gives a call.
    pub(crate) fn deadline(&self) -> Duration {
        self.hurried().as_ref().map_or_else(|| self.harness().deadline(), |(_, deadline)| *deadline)
    }

    /// Lets calls have another deadline from now on; `false` where the harness cannot.
    pub(crate) async fn hurry(&self, deadline: Duration) -> Result<bool, Stop> {
        let issuer = self.harness().issuer_within(deadline).await?;
        *self.hurried() = issuer.map(|issuer| (issuer, deadline));
        Ok(self.hurried().is_some())
    }

    /// Lets calls have the ordinary deadline again.
    pub(crate) fn take_time(&self) {
        *self.hurried() = None;
    }

    pub(crate) fn set_disturbed(&self, disturbed: bool) {
        self.disturbed.store(disturbed, Ordering::Relaxed);
    }

    pub(crate) fn is_disturbed(&self) -> bool {
        self.disturbed.load(Ordering::Relaxed)
    }

    /// The kinds of calls of which one has not ended in this run, and none has since.
    pub(crate) fn hangs(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.run.hangs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    pub(crate) fn harness(&self) -> &'a dyn Harness {
        self.run.harness
    }

    /// What was known before the run.
    pub(crate) fn terms(&self) -> &'a Terms {
        &self.run.terms
    }

    pub(crate) fn ledger(&self) -> Option<&dyn Ledger> {
        self.harness().ledger()
    }

    pub(crate) fn outputs(&self) -> Result<&dyn Outputs, Stop> {
        self.harness()
            .outputs()
            .ok_or_else(|| Stop::failed("the harness tells no outputs any more"))
    }

    pub(crate) fn surroundings(&self) -> Result<&dyn Surroundings, Stop> {
        self.harness()
            .surroundings()
            .ok_or_else(|| Stop::failed("the harness has no surroundings any more"))
    }

    pub(crate) fn faults(&self) -> Result<&dyn FaultSwitch, Stop> {
        self.harness()
            .faults()
            .ok_or_else(|| Stop::failed("the harness has no fault switch any more"))
    }

    /// A name for a key of this case: the label, the case, and what makes it unique.
    pub(crate) fn name(&self) -> Result<KeyName, Stop> {
        let prefix = format!("{}-{}", self.harness().label(), self.case.id());
        let prefix: String = prefix.chars().take(self.terms().prefix_chars()).collect();
        let name = KeyName::unique(prefix.trim_end())?;
        self.made.note_unique(name.clone());
        Ok(name)
    }

    /// A request for a key of this case.
    pub(crate) fn request(&self, scope: ScopeRequest) -> Result<KeyRequest, Stop> {
        Ok(KeyRequest::new(self.name()?, scope)?)
    }

    /// A request for the least that this provider can grant.
    pub(crate) fn plain_request(&self) -> Result<KeyRequest, Stop> {
        let plain = crate::scopes::plain(self.profile().table());
        let admin = self.harness().may_make_admin_keys().then(ScopeRequest::admin);
        let lack = || Stop::failed("there is no key to ask for that is not admin");
        self.request(plain.or(admin).ok_or_else(lack)?)
    }

    /// Makes a key that may do the least.
    pub(crate) async fn plain_key(&self) -> Result<IssuedKey, Stop> {
        self.issue(&self.plain_request()?).await
    }

    /// Makes a key.
    pub(crate) async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Stop> {
        self.try_issue(request).await?.map_err(|error| issue_fails(request, &error))
    }

    /// Tries to make a key. Its name is remembered before anything is sent.
    pub(crate) async fn try_issue(
        &self,
        request: &KeyRequest,
    ) -> Result<Result<IssuedKey, Error>, Stop> {
        let entry = self.made.asked_for(request.name());
        let answer = self.bounded("issue", self.issuer().issue(request)).await?;
        self.made.answered(entry, &answer);
        if let Ok(key) = &answer {
            self.remember(key.credential());
        }
        Ok(answer)
    }

    /// Asks whether a credential works.
    pub(crate) async fn verify(&self, credential: &Credential) -> Result<Verification, Stop> {
        self.try_verify(credential).await?.map_err(|error| fails("verify", &error))
    }

    pub(crate) async fn try_verify(
        &self,
        credential: &Credential,
    ) -> Result<Result<Verification, Error>, Stop> {
        self.remember(credential);
        self.bounded("verify", self.issuer().verify(credential)).await
    }

    /// Revokes a key.
    pub(crate) async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Stop> {
        self.try_revoke(key).await?.map_err(|error| fails("revoke", &error))
    }

    pub(crate) async fn try_revoke(&self, key: &KeyRef) -> Result<Result<Revocation, Error>, Stop> {
        let answer = self.bounded("revoke", self.issuer().revoke(key)).await?;
        if matches!(answer, Ok(Revocation::Revoked)) {
            self.made.revoked(key);
        }
        Ok(answer)
    }

    /// Lists one page.
    pub(crate) async fn page(&self, query: &KeyQuery) -> Result<KeyPage, Stop> {
        self.try_page(query).await?.map_err(|error| fails("list", &error))
    }

    pub(crate) async fn try_page(&self, query: &KeyQuery) -> Result<Result<KeyPage, Error>, Stop> {
        self.bounded("list", self.issuer().list(query)).await
    }

    /// Settles a create by its name.
    pub(crate) async fn reconcile(&self, name: &KeyName) -> Result<Reconciliation, Stop> {
        let issuer = self.issuer();
        let settled = self.bounded_long("reconcile", issuer.reconcile(&name)).await?;
        settled.map_err(|error| fails("reconcile", &error))
    }

    /// Revokes a key that has served its turn, where the provider can.
    pub(crate) async fn discard(&self, key: &IssuedKey) -> Result<(), Stop> {
        if self.harness().lacks(Operation::Revoke) {
            return Ok(());
        }
        self.revoke(key.key_ref()).await.map(drop)
    }

    /// How many requests have reached the provider, where that is known.
    pub(crate) fn requests(&self) -> Option<u64> {
        self.ledger().map(Ledger::requests)
    }

    /// How many of them were to make a key, where that is known.
    pub(crate) fn create_requests(&self) -> Option<u64> {
        self.ledger().and_then(Ledger::create_requests)
    }

    /// Keeps a credential's secrets, to look for them in what is said and to keep them out of
    /// the report.
    pub(crate) fn remember(&self, credential: &Credential) {
        self.lock_secrets().add_credential(credential);
    }

    /// Fails where one of the secrets stands in a text.
    pub(crate) fn ensure_clean(&self, what: &str, text: &str) -> Result<(), Stop> {
        if self.lock_secrets().is_in(text) {
            return Err(Stop::failed(format!("{what} shows a secret")));
        }
        Ok(())
    }

    /// The secrets of the account and of the case.
    pub(crate) fn into_secrets(self) -> Secrets {
        self.secrets.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn hurried(&self) -> MutexGuard<'_, Option<(Arc<dyn KeyIssuer>, Duration)>> {
        self.hurried.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_secrets(&self) -> MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A create has failed for which there is no reason.
pub(crate) fn issue_fails(request: &KeyRequest, error: &Error) -> Stop {
    let unnamed = error.effect() == Effect::Unknown && error.key_name() != Some(request.name());
    let lack = if unnamed { ", and does not name the key that may exist" } else { "" };
    Stop::failed(format!("issue fails{lack}: {error}"))
}

/// A call has failed. Its error need not say itself which one.
fn fails(call: &str, error: &Error) -> Stop {
    Stop::failed(format!("{call} fails: {error}"))
}
