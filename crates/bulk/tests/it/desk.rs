//! An issuer that follows a script and records its calls.

use std::collections::{HashMap, VecDeque};
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, StatusCode};
use pinning_keys_bulk::RateLimit;
use pinning_keys_core::{
    Credential, CredentialForm, DataRoute, Effect, Error, ErrorKind, Grant, IssuedKey,
    IssuerProfile, KeyIssuer, KeyName, KeyPage, KeyQuery, KeyRef, KeyRequest, Permission,
    PermissionTable, Plan, ProbeAnswer, ProbeConsent, ProbePlan, ProbeReport, ProbeRequest,
    ProbeVerdict, Revocation, ScopeRequest, Verification,
};
use tokio::time::{Instant, sleep};

static GRANTS: [Grant; 1] = [Grant::new("look", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("desk", "rights", &GRANTS);
static ROUTES: [DataRoute; 2] = [
    DataRoute::new(Permission::PinsList, Method::GET, "/pins", CredentialForm::Bearer),
    DataRoute::new(Permission::UsageRead, Method::GET, "/figures", CredentialForm::Bearer),
];
static PROBES: [ProbeRequest; 2] = [
    ProbeRequest::reading(&ROUTES, Permission::PinsList),
    ProbeRequest::reading(&ROUTES, Permission::UsageRead),
];

/// How one call for an item ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    Done,
    /// 429, with the time to wait.
    TooMany(Option<Duration>),
    NotSent,
    /// The call takes effect, and its answer is lost.
    Lost,
    /// A conflict.
    Refused,
    /// A failure of this kind; nothing was sent.
    Fails(ErrorKind),
}

/// Clones share their state.
#[derive(Clone)]
pub(crate) struct Desk {
    latency: Duration,
    profile: Arc<IssuerProfile>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    scripts: HashMap<String, VecDeque<Step>>,
    calls: Vec<(String, Instant)>,
    made: HashMap<String, usize>,
    plans: usize,
    in_flight: usize,
    most_in_flight: usize,
}

impl Desk {
    /// A desk at which each call takes this long, half of it before it takes effect.
    pub(crate) fn new(latency: Duration) -> Self {
        let profile = Arc::new(IssuerProfile::new(&TABLE).with_probe_plan(ProbePlan::new(&PROBES)));
        Self { latency, profile, state: Arc::default() }
    }

    /// The desk, whose keys cannot be probed.
    pub(crate) fn without_probes(mut self) -> Self {
        self.profile = Arc::new(IssuerProfile::new(&TABLE));
        self
    }

    /// The outcomes of the calls for this item; all further calls succeed.
    pub(crate) fn script(self, name: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        self.state().scripts.insert(name.to_owned(), steps.into_iter().collect());
        self
    }

    /// The same script for each of [`requests`].
    pub(crate) fn script_all<const N: usize>(self, count: usize, steps: [Step; N]) -> Self {
        (0..count).fold(self, |desk, n| desk.script(&n.to_string(), steps))
    }

    /// The items of all calls, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.state().calls.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The number of calls for this item.
    pub(crate) fn calls_for(&self, name: &str) -> usize {
        self.state().calls.iter().filter(|(called, _)| called == name).count()
    }

    /// The times of the calls.
    pub(crate) fn times_since(&self, beginning: Instant) -> Vec<Duration> {
        let since = |(_, time): &(String, Instant)| time.duration_since(beginning);
        self.state().calls.iter().map(since).collect()
    }

    /// The same in whole seconds.
    pub(crate) fn seconds_since(&self, beginning: Instant) -> Vec<u64> {
        self.times_since(beginning).iter().map(Duration::as_secs).collect()
    }

    /// How often this item took effect.
    pub(crate) fn made(&self, name: &str) -> usize {
        self.state().made.get(name).copied().unwrap_or_default()
    }

    /// How often a request was planned.
    pub(crate) fn plans(&self) -> usize {
        self.state().plans
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.state().most_in_flight
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn next_step(&self, name: &str) -> Step {
        let mut state = self.state();
        state.calls.push((name.to_owned(), Instant::now()));
        state.in_flight += 1;
        state.most_in_flight = state.most_in_flight.max(state.in_flight);
        state.scripts.get_mut(name).and_then(VecDeque::pop_front).unwrap_or(Step::Done)
    }

    /// Carries out the next step of an item's script.
    async fn serve(&self, name: &str) -> Result<(), Error> {
        let step = self.next_step(name);
        sleep(self.latency / 2).await;
        if matches!(step, Step::Done | Step::Lost) {
            *self.state().made.entry(name.to_owned()).or_default() += 1;
        }
        sleep(self.latency / 2).await;
        self.state().in_flight -= 1;
        // Without an operation, as from a careless adapter: the effect has to be enough.
        let error = |kind, effect| Error::new(kind, "scripted").with_effect(effect);
        let too_many = || {
            error(ErrorKind::RateLimited, Effect::Rejected)
                .with_status(StatusCode::TOO_MANY_REQUESTS)
        };
        match step {
            Step::Done => Ok(()),
            Step::TooMany(None) => Err(too_many()),
            Step::TooMany(Some(wait)) => Err(too_many().with_retry_after(wait)),
            Step::NotSent => Err(error(ErrorKind::Connection, Effect::NotSent)),
            Step::Lost => Err(error(ErrorKind::Connection, Effect::Unknown)),
            Step::Refused => Err(error(ErrorKind::Conflict, Effect::Rejected)),
            Step::Fails(kind) => Err(error(kind, Effect::NotSent)),
        }
    }
}

#[async_trait]
impl KeyIssuer for Desk {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        self.state().plans += 1;
        Ok(Plan::new(self.profile.check_request(request)?, Method::POST, "/keys", "{}".to_owned()))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let translation = *self.plan(request)?.translation();
        self.serve(request.name().as_str()).await?;
        let key_ref = KeyRef::new("desk", request.name().as_str())?;
        let credential = Credential::bearer("desk", "sample-token")?;
        Ok(IssuedKey::new(key_ref, request, translation, credential))
    }

    async fn list(&self, _query: &KeyQuery) -> Result<KeyPage, Error> {
        self.serve("list").await?;
        Ok(KeyPage::new(Vec::new(), None))
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile.check_key_ref(key)?;
        self.serve(key.api_key()).await?;
        Ok(Revocation::Revoked)
    }

    async fn verify(&self, _credential: &Credential) -> Result<Verification, Error> {
        self.serve("verify").await?;
        Ok(Verification::Live)
    }

    fn confined_to(&self, _account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        Some(Arc::new(self.clone()))
    }

    async fn probe(&self, _: &Credential, _: ProbeConsent) -> Result<ProbeReport, Error> {
        if self.profile.probe_plan().is_none() {
            return Err(Error::new(ErrorKind::Unsupported, "no probes"));
        }
        // What goes wrong after the verification is part of the report.
        let refused = self.serve("probe").await.err();
        let answer = ProbeAnswer::new(Permission::PinsList, ProbeVerdict::Unknown, refused);
        Ok(ProbeReport::new(Verification::Live, vec![answer]))
    }
}

/// A request that the desk can grant.
pub(crate) fn request(name: impl Into<String>) -> KeyRequest {
    let name = KeyName::new(name.into()).unwrap();
    KeyRequest::new(name, ScopeRequest::needs([Permission::PinsList])).unwrap()
}

/// Requests named `0`, `1` and so on.
pub(crate) fn requests(count: usize) -> impl Iterator<Item = KeyRequest> + Send + 'static {
    (0..count).map(|n| request(n.to_string()))
}

pub(crate) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn at_once(calls: usize) -> NonZeroUsize {
    NonZeroUsize::new(calls).unwrap()
}

pub(crate) const fn per_second(requests: u32) -> RateLimit {
    RateLimit::per_second(NonZeroU32::new(requests).unwrap())
}
