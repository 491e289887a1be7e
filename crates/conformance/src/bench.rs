use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use pinning_keys_core::{Credential, IssuerProfile, KeyIssuer, KeyName, KeyRequest, ScopeRequest};

use crate::asked::AskedKeys;
use crate::disturbance::FaultSwitch;
use crate::facts::Facts;
use crate::harness::{Harness, Ledger, Outputs, Surroundings};
use crate::panics::lock;
use crate::patience::Patience;
use crate::scopes;
use crate::secrets::Secrets;
use crate::verdict::Stop;

/// What one case works with: the issuer under test, the keys it has asked for, so that all of them
/// are revoked whatever becomes of the case, and the secrets it has seen.
pub(crate) struct Bench<'a> {
    harness: &'a dyn Harness,
    facts: &'a Facts,
    hung: &'a Mutex<BTreeSet<String>>,
    case_id: &'static str,
    issuer: Arc<dyn KeyIssuer>,
    /// The issuer that calls use temporarily: one with a shorter deadline, for calls that only the
    /// deadline ends, or one that serves a certain account.
    substitute: Mutex<Option<(Arc<dyn KeyIssuer>, Duration)>>,
    is_disturbed: AtomicBool,
    pub(crate) asked: AskedKeys,
    secrets: Mutex<Secrets>,
}

impl<'a> Bench<'a> {
    /// A bench for one case. All benches of a run share `hung`: the kinds of calls that have hung,
    /// until one of the kind ends.
    pub(crate) async fn new(
        harness: &'a dyn Harness,
        facts: &'a Facts,
        hung: &'a Mutex<BTreeSet<String>>,
        case_id: &'static str,
    ) -> Result<Self, Stop> {
        let issuer = harness.issuer().await?;
        let secrets = Mutex::new(Secrets::of_account(harness));
        let (substitute, is_disturbed, asked) = Default::default();
        Ok(Self { harness, facts, hung, case_id, issuer, substitute, is_disturbed, asked, secrets })
    }

    /// The issuer that calls currently use.
    pub(crate) fn issuer(&self) -> Arc<dyn KeyIssuer> {
        lock(&self.substitute).as_ref().map_or(&self.issuer, |(issuer, _)| issuer).clone()
    }

    /// The deadline of the current issuer.
    pub(crate) fn deadline(&self) -> Duration {
        lock(&self.substitute).as_ref().map_or_else(|| self.harness.deadline(), |(_, time)| *time)
    }

    /// Switches to an issuer with another deadline, and returns whether the harness has one.
    pub(crate) async fn hurry(&self, deadline: Duration) -> Result<bool, Stop> {
        let issuer = self.harness.issuer_within(deadline).await?;
        let has_one = issuer.is_some();
        *lock(&self.substitute) = issuer.map(|issuer| (issuer, deadline));
        Ok(has_one)
    }

    /// Switches to an issuer that is confined to this account, and returns whether there is one.
    pub(crate) fn confine(&self, account_id: &str) -> bool {
        let issuer = self.issuer().confined_to(account_id);
        let has_one = issuer.is_some();
        *lock(&self.substitute) = issuer.map(|issuer| (issuer, self.harness.deadline()));
        has_one
    }

    /// Switches back to the ordinary issuer.
    pub(crate) fn switch_back(&self) {
        *lock(&self.substitute) = None;
    }

    pub(crate) fn set_disturbed(&self, disturbed: bool) {
        self.is_disturbed.store(disturbed, Ordering::Relaxed);
    }

    pub(crate) fn is_disturbed(&self) -> bool {
        self.is_disturbed.load(Ordering::Relaxed)
    }

    pub(crate) fn hung(&self) -> MutexGuard<'_, BTreeSet<String>> {
        lock(self.hung)
    }

    pub(crate) fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    pub(crate) fn harness(&self) -> &'a dyn Harness {
        self.harness
    }

    pub(crate) fn facts(&self) -> &'a Facts {
        self.facts
    }

    pub(crate) fn ledger(&self) -> Option<&dyn Ledger> {
        self.harness.ledger()
    }

    pub(crate) fn outputs(&self) -> Result<&dyn Outputs, Stop> {
        self.harness.outputs().ok_or_else(|| Stop::failed("the harness no longer has outputs"))
    }

    pub(crate) fn surroundings(&self) -> Result<&dyn Surroundings, Stop> {
        let surroundings = self.harness.surroundings();
        surroundings.ok_or_else(|| Stop::failed("the harness no longer has surroundings"))
    }

    pub(crate) fn faults(&self) -> Result<&dyn FaultSwitch, Stop> {
        self.harness
            .faults()
            .ok_or_else(|| Stop::failed("the harness no longer has a fault switch"))
    }

    /// How many requests have reached the provider, if the harness counts them.
    pub(crate) fn requests(&self) -> Option<u64> {
        self.ledger().map(Ledger::requests)
    }

    /// How many create requests have reached the provider, if the harness counts them.
    pub(crate) fn create_requests(&self) -> Option<u64> {
        self.ledger().and_then(Ledger::create_requests)
    }

    /// How many keys with this name the provider has created; 0 without a ledger.
    pub(crate) fn made(&self, name: &KeyName) -> usize {
        self.ledger().map_or(0, |ledger| ledger.made(name.as_str()))
    }

    /// How many keys with this name are live; 0 without a ledger.
    pub(crate) fn live(&self, name: &KeyName) -> usize {
        self.ledger().map_or(0, |ledger| ledger.live(name.as_str()))
    }

    /// A wait that lasts as long as a change may take to take effect.
    pub(crate) fn patience(&self) -> Patience {
        let propagation = self.harness.propagation();
        Patience::new(propagation.unwrap_or_else(|| self.profile().propagation()))
    }

    /// A name for a key of this case: the label, the case, and a part that makes it unique.
    pub(crate) fn name(&self) -> Result<KeyName, Stop> {
        let prefix = format!("{}-{}", self.harness.label(), self.case_id);
        let prefix: String = prefix.chars().take(self.facts.prefix_chars()).collect();
        let name = KeyName::unique(prefix.trim_end())?;
        self.asked.note_unique(name.clone());
        Ok(name)
    }

    pub(crate) fn request(&self, scope: ScopeRequest) -> Result<KeyRequest, Stop> {
        Ok(KeyRequest::new(self.name()?, scope)?)
    }

    /// A request for a key with the fewest permissions.
    pub(crate) fn plain_request(&self) -> Result<KeyRequest, Stop> {
        let plain = scopes::plain(self.profile().table());
        let admin = self.facts.may_make_admin().then(ScopeRequest::admin);
        let scope = plain.or(admin);
        self.request(scope.ok_or_else(|| Stop::failed("the table has no grant for a plain key"))?)
    }

    /// Remembers the secrets of a credential, to search outputs for them and to keep them out of
    /// the report.
    pub(crate) fn remember(&self, credential: &Credential) {
        lock(&self.secrets).add_credential(credential);
    }

    /// Fails if a text contains one of the secrets.
    pub(crate) fn ensure_clean(&self, what: &str, text: &str) -> Result<(), Stop> {
        if lock(&self.secrets).is_in(text) {
            return Err(Stop::failed(format!("{what} shows a secret")));
        }
        Ok(())
    }

    /// The secrets of the account and of the case.
    pub(crate) fn into_secrets(self) -> Secrets {
        std::mem::take(&mut lock(&self.secrets))
    }
}
