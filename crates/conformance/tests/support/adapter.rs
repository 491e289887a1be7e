//! An adapter for the provider in memory, which keeps every clause except the one that it is set to
//! break.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pinning_keys_core::http::Method;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Effect, Error, ErrorKind, Filters, IssuedKey,
    IssuerProfile, KeyIssuer, KeyPage, KeyQuery, KeyRef, KeyRequest, NameChars, Operation, Plan,
    ProbeAnswer, ProbeConsent, ProbeReport, ProbeVerdict, Revocation, ScopeRequest, Verification,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::line::Line;
use super::mutation::Mutation::{self, *};
use super::mutation::Trouble;
use super::provider::{
    ACCOUNT, LONGEST, MOST_CHARS, PAGE_SIZE, PLAN, RIGHTS, Reply, Request, SECRET_SHAPE, api_key,
    number_in,
};
use super::twist::Twist;

pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
const RESERVED: &[&str] = &["Default"];

pub(crate) struct Adapter {
    pub(super) line: Arc<Line>,
    pub(super) shared: Arc<Shared>,
    pub(super) wrong: Option<Mutation>,
    pub(super) proxy: bool,
    pub(super) deadline: Duration,
    pub(super) profile: IssuerProfile,
    /// The profile that a wrong adapter has later.
    pub(super) later: IssuerProfile,
    pub(super) has_issued: AtomicBool,
    pub(super) lacks: &'static [Operation],
    /// The secret of the account's session, once logged in.
    pub(super) session: Mutex<Option<String>>,
    /// The only account that it serves.
    pub(super) confined_to: Option<String>,
}

/// The state that all adapters of a harness share.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) log: Mutex<String>,
    made: AtomicUsize,
    /// The names of keys that a wrong adapter leaves out of lists.
    hidden: Mutex<Vec<String>>,
    /// The secrets of keys that a wrong adapter treats as revoked.
    dead: Mutex<Vec<String>>,
}

impl Adapter {
    pub(crate) fn new(line: Arc<Line>, shared: Arc<Shared>, wrong: Option<Mutation>) -> Self {
        let number = shared.made.fetch_add(1, Ordering::Relaxed);
        let less = if wrong == Some(DiffersByIssuer) { number } else { 0 };
        let filters = Filters::NONE
            .with_name(wrong != Some(SendsNameFilter))
            .with_revoked(wrong != Some(SendsRevokedFilter))
            .with_uses(wrong == Some(IgnoresUsesFilter));
        let has_all_kinds = line.twist != Twist::FewKinds;
        let profile = IssuerProfile::new(&RIGHTS)
            .with_max_uses_supported(wrong != Some(AcceptsMaxUses))
            .with_max_expiry(LONGEST)
            .with_expiry_supported(has_all_kinds && wrong != Some(AcceptsExpiry))
            .with_admin_keys_supported(has_all_kinds && wrong != Some(AcceptsAdmin))
            .with_name_chars(NameChars::new("ASCII characters", |c| c.is_ascii()))
            .with_filters(filters)
            .with_max_name_chars(NonZeroUsize::new(MOST_CHARS - less).unwrap())
            .with_reserved_names(RESERVED)
            .with_page_size(NonZeroUsize::new(PAGE_SIZE).unwrap())
            .with_propagation(Duration::from_secs(1))
            .with_secret_shape(SECRET_SHAPE)
            .with_probe_plan(PLAN);
        let later = profile.clone().with_max_uses_supported(false);
        let (has_issued, session, lacks) = (AtomicBool::default(), Mutex::default(), [].as_slice());
        let (proxy, deadline, confined_to) = (false, DEADLINE, None);
        Self {
            line,
            shared,
            wrong,
            proxy,
            deadline,
            profile,
            later,
            has_issued,
            lacks,
            session,
            confined_to,
        }
    }

    /// For a provider at this origin.
    pub(crate) fn at(self, origin: &str) -> Result<Self, Error> {
        let is_safe = origin.starts_with("https://") || origin.starts_with("http://127.0.0.1");
        if is_safe || self.is(AcceptsPlainHttp) {
            return Ok(self);
        }
        Err(Error::new(ErrorKind::Configuration, "plain http is allowed only to loopback"))
    }

    fn refuse_lacking(&self, operation: Operation) -> Result<(), Error> {
        let unsupported = || Error::new(ErrorKind::Unsupported, "no such route");
        let asks = self.is(AsksForLacking(operation));
        if self.lacks.contains(&operation) && !asks { Err(unsupported()) } else { Ok(()) }
    }

    pub(super) fn is(&self, wrong: Mutation) -> bool {
        self.wrong == Some(wrong)
    }

    /// Whether a wrong adapter leaves the key of this name out of lists.
    pub(super) fn hides(&self, name: &str) -> bool {
        self.shared.hidden.lock().unwrap().iter().any(|hidden| hidden == name)
    }

    fn until(&self) -> Instant {
        Instant::now() + self.deadline
    }

    /// A request with the secret of the session, which begins with the first request.
    pub(super) fn as_account(&self, method: &'static str, path: String, body: String) -> Request {
        let mut session = self.session.lock().unwrap();
        let secret = session.get_or_insert_with(|| self.line.provider.session()).clone();
        Request { method, path, secret, body }
    }

    /// Logs in again, and returns the request with the new secret.
    pub(super) fn renewed(&self, request: &Request) -> Request {
        *self.session.lock().unwrap() = None;
        self.as_account(request.method, request.path.clone(), request.body.clone())
    }

    fn say(&self, what: &str) {
        let mut log = self.shared.log.lock().unwrap();
        log.push_str(what);
        log.push('\n');
    }

    async fn create(&self, request: &KeyRequest, body: &str) -> Result<Created, Error> {
        let until = self.until();
        let body = if self.is(PlansAnotherBody) {
            body.replace('}', ",\"note\":1}")
        } else {
            body.to_owned()
        };
        let create = self.as_account("POST", "/keys".to_owned(), body);
        let mut outcome = self.exchange(Operation::Issue, &create, until).await;
        if self.is(CreatesTwice) {
            outcome = self.exchange(Operation::Issue, &create, until).await;
        }
        let trouble = outcome.trouble();
        match self.wrong {
            Some(Repeats(on)) if trouble == Some(on) => {
                outcome = self.exchange(Operation::Issue, &create, self.until()).await;
            }
            Some(Hides(on)) if trouble == Some(on) => {
                self.shared.hidden.lock().unwrap().push(request.name().to_string());
            }
            _ => {}
        }
        let reply = self.conclude(Operation::Issue, outcome);
        if let (true, Ok(reply)) = (self.is(LeaksInLog), &reply) {
            self.say(&String::from_utf8_lossy(&reply.body));
        }
        let created = reply.and_then(|reply| {
            read_created(&reply).ok_or_else(|| self.unreadable(Operation::Issue, &reply))
        });
        created.map_err(|error| match (self.wrong, trouble) {
            (Some(CallsRejected(on)), Some(trouble)) if on == trouble => {
                error.with_effect(Effect::Rejected)
            }
            _ => error,
        })
    }

    fn read_revocation(&self, reply: &Reply) -> Result<Revocation, Error> {
        let read = serde_json::from_slice::<Value>(&reply.body);
        let is_json = self.is(AnyJsonIsRevoked) && read.is_ok();
        let is_taken = is_json || self.is(AnyAnswerIsRevoked);
        let body = read.unwrap_or_default();
        let is_gone = body["error"] == json!("no such key") && !self.is(SecondRevokeFails);
        match reply.status {
            200 if is_taken || body["revoked"] == json!(true) => Ok(Revocation::Revoked),
            404 if is_gone || self.is(AnyNotFoundIsGone) => Ok(Revocation::AlreadyGone),
            _ => Err(self.unreadable(Operation::Revoke, reply)),
        }
    }

    fn read_verification(&self, reply: &Reply) -> Result<Verification, Error> {
        let read = serde_json::from_slice::<Value>(&reply.body);
        let is_taken = match self.wrong {
            Some(AnyAnswerIsLive) => true,
            Some(AnyJsonIsLive) => read.is_ok(),
            Some(EmptyIsLive) => reply.body.is_empty(),
            _ => false,
        };
        let body = if self.is(PanicsOnHtml) { read.unwrap() } else { read.unwrap_or_default() };
        let said = match (reply.status, body["error"].as_str()) {
            (200, _) if is_taken || body["live"] == json!(true) => Verification::Live,
            (401, Some("unknown")) => Verification::Unrecognized,
            (401, _) if self.is(AnyRefusalIsUnknown) => Verification::Unrecognized,
            (403, Some("revoked")) => Verification::Revoked,
            (403, Some("exhausted")) => Verification::Exhausted,
            _ => return Err(self.unreadable(Operation::Verify, reply)),
        };
        Ok(match (self.wrong, said) {
            (Some(UnknownIsLive), Verification::Unrecognized)
            | (Some(RevokedIsLive), Verification::Revoked)
            | (Some(ExhaustedIsLive), Verification::Exhausted) => Verification::Live,
            (Some(LiveIsUnknown), Verification::Live) => Verification::Unrecognized,
            (_, said) => said,
        })
    }
}

#[async_trait]
impl KeyIssuer for Adapter {
    fn profile(&self) -> &IssuerProfile {
        let changed = self.is(ChangesProfile) && self.has_issued.load(Ordering::Relaxed);
        if changed { &self.later } else { &self.profile }
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        if self.is(PlanSends) {
            let request = self.as_account("GET", "/keys?offset=0".to_owned(), String::new());
            self.line.deliver(&request);
        }
        let translation = match self.wrong {
            Some(PlansTooMuch) => RIGHTS.translate(request.scope()).map_err(Error::from),
            _ => self.translate(request),
        };
        let translation = translation.map_err(|error| named(request, error))?;
        if self.is(PlansTooLittle) && !translation.extra().is_empty() {
            return Err(Error::new(ErrorKind::Inexpressible, "the table grants more"));
        }
        let body = self.body(request, &translation);
        Ok(Plan::new(translation, Method::POST, "/keys", body))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let translation = self.translate(request).map_err(|error| named(request, error))?;
        self.check_account(Operation::Issue).map_err(|error| named(request, error))?;
        let created = self.create(request, &self.body(request, &translation)).await;
        let Created { mut public, mut secret, mut expires_at } =
            created.map_err(|error| match self.wrong {
                Some(ForgetsName) => error,
                _ => named(request, error),
            })?;
        self.has_issued.store(true, Ordering::Relaxed);
        self.say("issued a key");
        if self.is(SpoilsCredential) {
            secret.pop();
        }
        if self.is(LeaksInDebug) {
            public.clone_from(&secret);
        }
        if self.is(AssumesExpiry) {
            expires_at = request.expiry().and_then(|expiry| expiry.instant(SystemTime::now()));
        }
        if self.is(HidesExpiry) {
            expires_at = None;
        }
        let credential = if self.is(NamesWrongHeader) {
            Credential::header(RIGHTS.provider(), "x-api-key", secret)
        } else {
            Credential::bearer(RIGHTS.provider(), secret)
        }?;
        let key_ref = KeyRef::new(RIGHTS.provider(), public)?;
        let reported = if self.is(HidesNative) && translation.granted().native().count() > 0 {
            RIGHTS.translate(&ScopeRequest::reader())?
        } else {
            translation
        };
        let key = IssuedKey::new(key_ref, request, reported, credential);
        Ok(key.with_expires_at(expires_at))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.refuse_lacking(Operation::List)?;
        if !matches!(self.wrong, Some(SendsUsesFilter | SendsNameFilter | SendsRevokedFilter)) {
            self.profile.check_query(query)?;
        }
        if self.is(RefusesRevokedFilter) && query.revoked().is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no revoked filter"));
        }
        self.check_account(Operation::List)?;
        Ok(self.page(query, self.until()).await?.1)
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.refuse_lacking(Operation::Revoke)?;
        match self.wrong {
            Some(RevokesForeign) => {}
            Some(RevokesSecret) if key.provider() == RIGHTS.provider() => {}
            _ => self.profile.check_key_ref(key)?,
        }
        self.check_account(Operation::Revoke)?;
        match self.wrong {
            Some(RevokesNothing) => return Ok(Revocation::Revoked),
            Some(RevokesInItsBook) => {
                let secret = self.line.provider.secret_of(key.api_key());
                self.shared.dead.lock().unwrap().extend(secret);
                return Ok(Revocation::Revoked);
            }
            _ => {}
        }
        let until = self.until();
        let id = match key.id() {
            Some(id) => Some(id.to_owned()),
            None => self.find_id(key, until).await?,
        };
        let Some(id) = id else {
            let gone = self.is(UnlistedIsGone);
            return Ok(if gone { Revocation::AlreadyGone } else { Revocation::NotFound });
        };
        if self.is(RevokesNewestToo) {
            if let Some(id) = self.newest_id(until).await {
                let request = self.as_account("DELETE", format!("/keys/{id}"), String::new());
                self.exchange(Operation::Revoke, &request, until).await;
            }
        }
        let id = if self.is(DoesNotEscape) { id } else { escaped(&id) };
        let request = self.as_account("DELETE", format!("/keys/{id}"), String::new());
        let outcome = self.exchange(Operation::Revoke, &request, until).await;
        let is_postponed = outcome.trouble() == Some(Trouble::Status(503));
        match self.conclude(Operation::Revoke, outcome) {
            Ok(reply) => self.read_revocation(&reply),
            Err(_) if self.is(FailedRevokeIsDone) => Ok(Revocation::Revoked),
            Err(_) if self.is(FailedRevokeIsGone) => Ok(Revocation::AlreadyGone),
            Err(_) if self.is(PostponedRevokeIsDone) && is_postponed => Ok(Revocation::Revoked),
            Err(error) if self.is(AnyBadRequestIsGone) && error.kind() == ErrorKind::Refused => {
                Ok(Revocation::AlreadyGone)
            }
            Err(error) => Err(error),
        }
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        if !self.is(VerifiesForeign) {
            self.profile.check_credential(credential)?;
        }
        let secret = secret_in(credential).to_owned();
        if self.shared.dead.lock().unwrap().contains(&secret) {
            return Ok(Verification::Revoked);
        }
        let request =
            Request { method: "GET", path: "/me".to_owned(), secret, body: String::new() };
        match self.answer(Operation::Verify, &request, self.until()).await {
            Ok(reply) => self.read_verification(&reply),
            Err(error) if error.kind() == ErrorKind::Unavailable && self.is(ServerErrorIsLive) => {
                Ok(Verification::Live)
            }
            Err(error) => Err(error),
        }
    }

    async fn probe(
        &self,
        credential: &Credential,
        _consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        let verification = if self.is(ProbesForeign) {
            Verification::Live
        } else {
            self.verify(credential).await?
        };
        if verification != Verification::Live && !self.is(ProbesDead) {
            return Ok(ProbeReport::new(verification, Vec::new()));
        }
        let secret = secret_in(credential);
        let mut answers = Vec::new();
        for request in PLAN.requests() {
            let permission = request.permission();
            let (path, secret) = (request.path().into_owned(), secret.to_owned());
            let request = Request { method: "GET", path, secret, body: String::new() };
            if self.is(ProbesTwice) {
                self.read(Operation::Probe, &request).await;
            }
            let reply =
                self.conclude(Operation::Probe, self.read(Operation::Probe, &request).await);
            let verdict = match reply.map(|reply| reply.status) {
                Ok(200) => ProbeVerdict::Yes,
                Ok(_) if self.is(AnyAnswerIsYes) => ProbeVerdict::Yes,
                Ok(403) => ProbeVerdict::No,
                _ => ProbeVerdict::Unknown,
            };
            answers.push(ProbeAnswer::new(permission, verdict, None));
        }
        Ok(ProbeReport::new(verification, answers))
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        if !self.is(ReadsForeign) {
            self.profile.check_credential(credential)?;
        }
        if self.is(ReadingSends) {
            let path = "/keys?offset=0".to_owned();
            self.line.deliver(&self.as_account("GET", path, String::new()));
        }
        let number = number_in(secret_in(credential));
        let number = number.map(|number| number + usize::from(self.is(NamesAnotherKey)));
        let named = number.map(|number| KeyRef::new(RIGHTS.provider(), api_key(number)));
        Ok(CredentialFacts::new().with_key_ref(named.transpose()?))
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        Ok(Some(self.own_account()))
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        (!self.is(NeverConfined)).then(|| Arc::new(self.for_account(account_id)) as _)
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = if self.is(LeaksInIssuer) { ACCOUNT } else { "[secret]" };
        f.debug_struct("Adapter").field("account", &account).finish_non_exhaustive()
    }
}

/// A new key as the provider answers it.
struct Created {
    public: String,
    secret: String,
    expires_at: Option<SystemTime>,
}

fn read_created(reply: &Reply) -> Option<Created> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let text = |member: &str| body[member].as_str().map(str::to_owned);
    let (public, secret, expires_at) = (text("key")?, text("secret")?, read_end(&body));
    Some(Created { public, secret, expires_at }).filter(|_| reply.status == 200)
}

/// When a key expires, from seconds since 1970.
pub(super) fn read_end(key: &Value) -> Option<SystemTime> {
    let since_epoch = Duration::from_secs(key["expires_at"].as_u64()?);
    SystemTime::UNIX_EPOCH.checked_add(since_epoch)
}

/// The secret of a credential, however its holder sends it.
pub(super) fn secret_in(credential: &Credential) -> &str {
    credential.expose().secrets().next().unwrap_or_default()
}

fn named(request: &KeyRequest, error: Error) -> Error {
    error.with_operation(Operation::Issue).with_key_name(request.name().clone())
}

pub(super) fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}
