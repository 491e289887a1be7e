//! An adapter for the provider in memory. It keeps every clause, unless it is told to break one.

use std::fmt;
use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_core::{
    Credential, Discrepancies, Effect, Error, ErrorKind, Filters, Grant, IssuedKey, IssuerProfile,
    KeyIssuer, KeyPage, KeyQuery, KeyRecord, KeyRef, KeyRequest, KeyScope, Operation, Permission,
    PermissionSet, Plan, Reading, Revocation, ScopeRequest, Translation, Verification,
};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use super::line::{Broken, CHUNK, Line};
use super::mutation::Mutation::{self, *};
use super::position::Position;
use super::provider::{ACCOUNT, MOST_CHARS, PAGE_SIZE, Pace, RIGHTS, Reply, Request};

pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
const MOST_ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_BODY: u64 = 1024 * 1024;
const RESERVED: &[&str] = &["Default"];

/// What an adapter is made of.
pub(crate) struct Adapter {
    line: Arc<Line>,
    log: Arc<Mutex<String>>,
    wrong: Option<Mutation>,
    proxy: bool,
    deadline: Duration,
    profile: IssuerProfile,
    /// What the profile becomes where it changes.
    later: IssuerProfile,
    has_issued: AtomicBool,
    lacks: &'static [Operation],
}

/// What one attempt came to.
enum Outcome {
    Answer(Reply),
    NotSent,
    Lost,
    Late,
    /// An answer of success that broke off, or has no end.
    Unread,
}

impl Adapter {
    pub(crate) fn new(line: Arc<Line>, log: Arc<Mutex<String>>, wrong: Option<Mutation>) -> Self {
        let mut filters = Filters::NONE;
        (filters.name, filters.revoked) = (true, true);
        let profile = IssuerProfile::new(&RIGHTS)
            .with_max_uses(wrong != Some(AcceptsMaxUses))
            .with_filters(filters)
            .with_max_name_chars(MOST_CHARS)
            .with_reserved_names(RESERVED)
            .with_page_size(PAGE_SIZE)
            .with_propagation(Duration::from_secs(1));
        let later = profile.clone().with_max_uses(false);
        let has_issued = AtomicBool::default();
        let (proxy, deadline, lacks) = (false, DEADLINE, [].as_slice());
        Self { line, log, wrong, proxy, deadline, profile, later, has_issued, lacks }
    }

    /// With another time for each call.
    pub(crate) fn within(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// For a provider at another place.
    pub(crate) fn at(self, origin: &str) -> Result<Self, Error> {
        let is_safe = origin.starts_with("https://") || origin.starts_with("http://127.0.0.1");
        if is_safe || self.is(AcceptsPlainHttp) {
            return Ok(self);
        }
        Err(Error::new(ErrorKind::Configuration, "plain http goes to this machine alone"))
    }

    pub(crate) fn behind_proxy(mut self) -> Self {
        self.proxy = true;
        self
    }

    /// For a provider that does not have these operations.
    pub(crate) fn lacking(mut self, operations: &'static [Operation]) -> Self {
        self.lacks = operations;
        self
    }

    fn refuse_lacking(&self, operation: Operation) -> Result<(), Error> {
        let unsupported = || Error::new(ErrorKind::Unsupported, "there is no such route");
        if self.lacks.contains(&operation) { Err(unsupported()) } else { Ok(()) }
    }

    fn is(&self, wrong: Mutation) -> bool {
        self.wrong == Some(wrong)
    }

    /// Whether a revoke that failed is told as one that did not.
    fn fails_softly(&self) -> bool {
        self.is(FailedRevokeIsDone) || self.is(FailedRevokeIsGone)
    }

    // ---- scopes

    fn translate(&self, request: &KeyRequest) -> Result<Translation, Error> {
        let scope = request.scope();
        let anything = PermissionSet::ALL - PermissionSet::ESCALATING;
        if self.is(RefusesMaxUses) && request.max_uses().is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no limits on uses"));
        }
        let other = match self.profile.translate(request) {
            Ok(translation) if scope.is_admin() => return Ok(translation),
            Ok(translation) if self.is(HidesDifference) => {
                let granted = translation.granted().permissions().unwrap();
                ScopeRequest::needs(granted)
            }
            Ok(_) if self.is(GrantsBeyondCeiling) => scope.clone().prefers(anything),
            Ok(translation) => return Ok(translation),
            Err(error) => match (self.wrong, error.kind()) {
                (Some(SendsInexpressible), ErrorKind::Inexpressible) => ScopeRequest::reader(),
                (Some(WidensInseparable), ErrorKind::Inexpressible) => {
                    scope.clone().tolerates(anything)
                }
                (Some(MakesAdmin), ErrorKind::Inexpressible)
                    if scope.needed().contains(Permission::KeysManage) =>
                {
                    ScopeRequest::admin()
                }
                (Some(SendsLongNames), ErrorKind::InvalidInput)
                | (Some(SendsReservedNames), ErrorKind::NameReserved)
                | (Some(AcceptsMaxUses), ErrorKind::Unsupported) => scope.clone(),
                _ => return Err(error),
            },
        };
        Ok(RIGHTS.translate(&other)?)
    }

    fn body(&self, request: &KeyRequest, translation: &Translation) -> String {
        let granted = translation.granted();
        let mut rights: Vec<_> = translation.grants().map(Grant::name).collect();
        let mut admin = granted.is_admin();
        let all = || RIGHTS.grants().iter();
        match self.wrong {
            Some(GrantsOneTooMany) if !admin => {
                rights.extend(all().find(|grant| !translation.includes(grant)).map(Grant::name));
            }
            Some(DropsOne) if rights.len() > 1 => drop(rights.pop()),
            Some(FullSetIsAdmin) => admin |= granted == KeyScope::of(RIGHTS.reach()),
            Some(AdminIsFullSet) if admin => {
                admin = false;
                rights = all().map(Grant::name).collect();
            }
            _ => {}
        }
        let most = if self.is(CutsNames) { MOST_CHARS - 10 } else { usize::MAX };
        let name: String = request.name().as_str().chars().take(most).collect();
        let max_uses = request
            .max_uses()
            .filter(|_| !matches!(self.wrong, Some(IgnoresMaxUses | AcceptsMaxUses)));
        json!({"name": name, "admin": admin, "rights": rights, "max_uses": max_uses}).to_string()
    }

    // ---- exchanges

    /// Makes a request, and repeats it where that is harmless.
    async fn exchange(
        &self,
        operation: Operation,
        request: Request,
        until: Instant,
    ) -> Result<Reply, Error> {
        let mut attempt = 1;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let repeats = operation.is_repeatable() || self.is(RetriesOnTimeout);
            let share = if repeats && attempt < MOST_ATTEMPTS { left / 2 } else { left };
            let outcome = self.attempt(operation, &request, share).await;
            if attempt == MOST_ATTEMPTS || !self.may_repeat(operation, &outcome) {
                return self.conclude(operation, outcome);
            }
            attempt += 1;
            sleep(PAUSE).await;
        }
    }

    async fn attempt(&self, operation: Operation, request: &Request, share: Duration) -> Outcome {
        if self.proxy && self.is(UsesProxy) {
            self.line.go_through_proxy();
        }
        let waits = match operation {
            Operation::Issue => self.is(WaitsForCreate),
            _ => self.is(IgnoresDeadline),
        };
        let reading = self.read(request);
        if waits {
            return reading.await;
        }
        timeout(share, reading).await.unwrap_or(Outcome::Late)
    }

    async fn read(&self, request: &Request) -> Outcome {
        match self.line.send(request).await {
            Ok(Reply { endless: Some(pace), .. }) => {
                let mut length = 0;
                while self.line.more(pace).await {
                    length += if pace == Pace::Full { CHUNK } else { 1 };
                    if length >= LONGEST_BODY && !self.is(ReadsEndlessBody) {
                        break;
                    }
                }
                Outcome::Unread
            }
            Ok(reply) if reply.location.is_some() && self.is(FollowsRedirect) => {
                Outcome::Answer(self.line.stray())
            }
            Ok(reply) => Outcome::Answer(reply),
            Err(Broken::NotSent) => Outcome::NotSent,
            Err(Broken::MaybeSent) => Outcome::Lost,
            Err(Broken::Answered) => Outcome::Unread,
        }
    }

    fn may_repeat(&self, operation: Operation, outcome: &Outcome) -> bool {
        match (operation, outcome) {
            (_, Outcome::NotSent) => true,
            (Operation::Revoke, _) if self.fails_softly() => false,
            (Operation::Verify, _) if self.is(ServerErrorIsLive) => false,
            (Operation::Issue, Outcome::Answer(reply)) => match reply.status {
                500 => self.is(RetriesOn500),
                503 => self.is(RetriesOn503),
                _ => false,
            },
            (Operation::Issue, Outcome::Lost) => self.is(RetriesOnLostAnswer),
            (Operation::Issue, Outcome::Late) => self.is(RetriesOnTimeout),
            (Operation::Issue, Outcome::Unread) => false,
            (_, Outcome::Answer(reply)) => reply.status >= 500,
            _ => true,
        }
    }

    /// Hands an answer on that the adapter reads, and makes an error of everything else.
    fn conclude(&self, operation: Operation, outcome: Outcome) -> Result<Reply, Error> {
        let (kind, effect) = match outcome {
            Outcome::Answer(reply) => match reply.status {
                200 | 401 | 403 | 404 => return Ok(reply),
                300..400 => (ErrorKind::Redirected, Effect::Rejected),
                429 => (ErrorKind::RateLimited, Effect::Rejected),
                400..500 if self.is(LeaksInError) => {
                    let body = String::from_utf8_lossy(&reply.body).into_owned();
                    return Err(failed(operation, ErrorKind::Refused, Effect::Rejected, body));
                }
                400..500 => (ErrorKind::Refused, Effect::Rejected),
                503 if self.is(ServerErrorIsRejected) => (ErrorKind::Unavailable, Effect::Rejected),
                _ => (ErrorKind::Unavailable, Effect::Unknown),
            },
            Outcome::NotSent => (ErrorKind::Connection, Effect::NotSent),
            Outcome::Lost if self.is(LostIsRejected) => (ErrorKind::Connection, Effect::Rejected),
            Outcome::Lost => (ErrorKind::Connection, Effect::Unknown),
            Outcome::Late if self.is(TimeoutIsNotSent) => (ErrorKind::Timeout, Effect::NotSent),
            Outcome::Late => (ErrorKind::Timeout, Effect::Unknown),
            Outcome::Unread => (ErrorKind::UnreadableAnswer, Effect::Unknown),
        };
        let effect = match effect {
            Effect::Rejected if self.is(RejectedIsUnknown) => Effect::Unknown,
            effect => effect,
        };
        Err(failed(operation, kind, effect, "it did not work"))
    }

    fn unreadable(&self, operation: Operation, reply: &Reply) -> Error {
        let effect = match operation {
            Operation::Issue if !self.is(UnreadableIsRejected) => Effect::Unknown,
            _ => Effect::Rejected,
        };
        let message = if self.is(QuotesAnswer) {
            format!("the answer is {}", String::from_utf8_lossy(&reply.body))
        } else {
            "the answer cannot be read".to_owned()
        };
        failed(operation, ErrorKind::UnreadableAnswer, effect, message)
    }

    // ---- the list

    async fn page(&self, query: &KeyQuery, until: Instant) -> Result<(Vec<Value>, KeyPage), Error> {
        let position = Position::parse(query.cursor());
        let mut path = format!("/keys?offset={}", position.offset);
        if let Some(name) = query.name_containing().filter(|_| !self.is(IgnoresNameFilter)) {
            path = format!("{path}&name={}", escaped(name));
        }
        if let Some(revoked) = query.revoked() {
            path = format!("{path}&revoked={revoked}");
        }
        let request = as_account("GET", path, String::new());
        let reply = self.exchange(Operation::List, request, until).await?;
        let body = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
        let Some(rows) = body["keys"].as_array().filter(|_| reply.status == 200) else {
            return Err(self.unreadable(Operation::List, &reply));
        };
        self.read_page(&position, rows, body["total"].as_u64())
    }

    fn read_page(
        &self,
        position: &Position,
        rows: &[Value],
        total: Option<u64>,
    ) -> Result<(Vec<Value>, KeyPage), Error> {
        let mut found = Discrepancies::default();
        let id = |row: &Value| row["id"].as_str().unwrap_or_default().to_owned();
        let (repeated, new): (Vec<Value>, Vec<Value>) =
            rows.iter().cloned().partition(|row| position.previous.contains(&id(row)));
        let kept = if self.is(RepeatsRow) { rows.to_vec() } else { new };
        if !self.is(CountsNoRepeats) {
            found.repeated_rows = repeated.len() as u64;
        }
        let mut records = Vec::new();
        for row in &kept {
            match self.record(row) {
                Some(record) => records.push(record),
                None if self.is(FailsOnUnreadableRow) => {
                    let kind = ErrorKind::UnreadableAnswer;
                    return Err(failed(Operation::List, kind, Effect::Rejected, "a strange row"));
                }
                None if self.is(DropsUnreadableRows) => {}
                None => found.unreadable_rows += 1,
            }
        }
        let received = position.received + kept.len() as u64;
        let first_total = position.first_total.or(total);
        let ended = rows.is_empty()
            || self.is(LosesPageTwo)
            || self.is(StopsAtShortPage) && rows.len() < PAGE_SIZE;
        if !self.is(IgnoresTotal) {
            found.changed_total = first_total.zip(total).filter(|(first, now)| first != now);
            found.wrong_total =
                total.map(|total| (total, received)).filter(|(a, b)| ended && a != b);
        }
        let next = Position {
            offset: position.offset + rows.len(),
            received,
            first_total,
            previous: rows.iter().map(id).collect(),
        };
        let next = (!ended).then(|| next.encode());
        Ok((kept, KeyPage::new(records, next).with_discrepancies(found)))
    }

    fn record(&self, row: &Value) -> Option<KeyRecord> {
        let text = |member: &str| row[member].as_str();
        let key_ref = KeyRef::new(RIGHTS.provider(), text("key")?).ok()?.with_id(text("id")?);
        let rights: Vec<String> = serde_json::from_value(row["rights"].clone()).ok()?;
        let mut read: Vec<&str> = rights.iter().map(String::as_str).collect();
        if self.is(MisreadsGrants) {
            read = vec!["figures"];
        }
        if self.is(DropsUnknownGrants) {
            read.retain(|right| RIGHTS.grant(right).is_some());
        }
        let is_admin = row["admin"].as_bool()?;
        let reading = if is_admin { Reading::admin() } else { RIGHTS.read(read) };
        let secret = text("secret").filter(|_| self.is(LeaksInRecord)).map(str::to_owned);
        Some(
            KeyRecord::new(key_ref, text("name")?, reading)
                .with_uses(row["uses"].as_u64(), row["max_uses"].as_u64())
                .with_revoked(row["revoked"].as_bool())
                .with_created_at(secret),
        )
    }

    /// The id by which a key is revoked, which the list alone tells.
    async fn find_id(&self, key: &KeyRef, until: Instant) -> Result<Option<String>, Error> {
        let mut query = KeyQuery::new();
        loop {
            let (rows, page) = self.page(&query, until).await?;
            let is_meant = |row: &&Value| {
                row["key"].as_str() == Some(key.public_key()) || self.is(RevokesNewest)
            };
            if let Some(row) = rows.iter().find(is_meant) {
                return Ok(row["id"].as_str().map(str::to_owned));
            }
            match page.next() {
                Some(next) => query = query.after(next.clone()),
                None => return Ok(None),
            }
        }
    }

    fn read_revocation(&self, reply: &Reply) -> Result<Revocation, Error> {
        let body = serde_json::from_slice::<Value>(&reply.body).unwrap_or_default();
        let is_gone = body["error"] == json!("no such key") && !self.is(SecondRevokeFails);
        match reply.status {
            200 if body["revoked"] == json!(true) => Ok(Revocation::Revoked),
            404 if is_gone || self.is(AnyNotFoundIsGone) => Ok(Revocation::AlreadyGone),
            _ => Err(self.unreadable(Operation::Revoke, reply)),
        }
    }

    fn read_verification(&self, reply: &Reply) -> Result<Verification, Error> {
        let body = serde_json::from_slice::<Value>(&reply.body);
        let body = if self.is(PanicsOnHtml) { body.unwrap() } else { body.unwrap_or_default() };
        let said = match (reply.status, body["error"].as_str()) {
            (200, _) if body["live"] == json!(true) || self.is(AnyAnswerIsLive) => {
                Verification::Live
            }
            (200, _) if reply.body.is_empty() && self.is(EmptyIsLive) => Verification::Live,
            (401, Some("unknown")) => Verification::Unrecognized,
            (401, _) if self.is(AnyRefusalIsUnknown) => Verification::Unrecognized,
            (403, Some("revoked")) => Verification::Revoked,
            (403, Some("exhausted")) => Verification::Exhausted,
            _ => return Err(self.unreadable(Operation::Verify, reply)),
        };
        let is_called_live = match said {
            Verification::Unrecognized => self.is(UnknownIsLive),
            Verification::Revoked => self.is(RevokedIsLive),
            _ => self.is(ExhaustedIsLive),
        };
        Ok(if is_called_live { Verification::Live } else { said })
    }

    fn say(&self, what: &str) {
        let mut log = self.log.lock().unwrap();
        log.push_str(what);
        log.push('\n');
    }

    async fn create(&self, plan: &Plan, until: Instant) -> Result<(String, String), Error> {
        let body = if self.is(PlansAnotherBody) {
            plan.body().replace('}', ",\"note\":1}")
        } else {
            plan.body().to_owned()
        };
        let request = as_account("POST", "/keys".to_owned(), body);
        let mut reply = self.exchange(Operation::Issue, request.clone(), until).await?;
        if self.is(RetriesOnUnreadable) && read_created(&reply).is_none() {
            reply = self.exchange(Operation::Issue, request, until).await?;
        }
        if self.is(LeaksInLog) {
            self.say(&String::from_utf8_lossy(&reply.body));
        }
        read_created(&reply).ok_or_else(|| self.unreadable(Operation::Issue, &reply))
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
            let request = as_account("GET", "/keys?offset=0".to_owned(), String::new());
            let line = Arc::clone(&self.line);
            let _ = now(async move { line.send(&request).await });
        }
        let translation = match self.wrong {
            Some(PlansTooMuch) => RIGHTS.translate(request.scope()).map_err(Error::from),
            _ => self.translate(request),
        };
        let translation = translation.map_err(|error| named(request, error))?;
        if self.is(PlansTooLittle) && !translation.extra().is_empty() {
            return Err(Error::new(ErrorKind::Inexpressible, "something would come along"));
        }
        let body = self.body(request, &translation);
        Ok(Plan::new(translation, "POST", "/keys", body))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let until = Instant::now() + self.deadline;
        let translation = self.translate(request).map_err(|error| named(request, error))?;
        let body = self.body(request, &translation);
        let plan = Plan::new(translation, "POST", "/keys", body);
        let created = self.create(&plan, until).await;
        let (mut public, mut secret) = created.map_err(|error| match self.wrong {
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
        let credential = Credential::bearer(RIGHTS.provider(), secret)?;
        let key_ref = KeyRef::new(RIGHTS.provider(), public)?;
        Ok(IssuedKey::new(key_ref, request.name().clone(), translation, credential))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.refuse_lacking(Operation::List)?;
        if !self.is(IgnoresUsesFilter) {
            self.profile.check_query(query)?;
        }
        if self.is(RefusesRevokedFilter) && query.revoked().is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no filter by revocation"));
        }
        Ok(self.page(query, Instant::now() + self.deadline).await?.1)
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.refuse_lacking(Operation::Revoke)?;
        if !self.is(RevokesForeign) {
            self.profile.check_key_ref(key)?;
        }
        if self.is(RevokesNothing) {
            return Ok(Revocation::Revoked);
        }
        let until = Instant::now() + self.deadline;
        let id = match key.id() {
            Some(id) => Some(id.to_owned()),
            None => self.find_id(key, until).await?,
        };
        let Some(id) = id else {
            let gone = self.is(UnlistedIsGone);
            return Ok(if gone { Revocation::AlreadyGone } else { Revocation::NotFound });
        };
        let id = if self.is(DoesNotEscape) { id } else { escaped(&id) };
        let request = as_account("DELETE", format!("/keys/{id}"), String::new());
        match self.exchange(Operation::Revoke, request, until).await {
            Ok(reply) => self.read_revocation(&reply),
            Err(_) if self.is(FailedRevokeIsDone) => Ok(Revocation::Revoked),
            Err(_) if self.is(FailedRevokeIsGone) => Ok(Revocation::AlreadyGone),
            Err(error) => Err(error),
        }
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        if !self.is(VerifiesForeign) {
            self.profile.check_credential(credential)?;
        }
        let secret = credential.expose().bearer.unwrap_or_default().to_owned();
        let request =
            Request { method: "GET", path: "/me".to_owned(), secret, body: String::new() };
        let until = Instant::now() + self.deadline;
        match self.exchange(Operation::Verify, request, until).await {
            Ok(reply) => self.read_verification(&reply),
            Err(error) if error.kind() == ErrorKind::Unavailable && self.is(ServerErrorIsLive) => {
                Ok(Verification::Live)
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Adapter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = if self.is(LeaksInIssuer) { ACCOUNT } else { "[secret]" };
        f.debug_struct("Adapter").field("account", &account).finish_non_exhaustive()
    }
}

fn as_account(method: &'static str, path: String, body: String) -> Request {
    Request { method, path, secret: ACCOUNT.to_owned(), body }
}

fn read_created(reply: &Reply) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(&reply.body).ok()?;
    let text = |member: &str| body[member].as_str().map(str::to_owned);
    Some((text("key")?, text("secret")?)).filter(|_| reply.status == 200)
}

fn failed(
    operation: Operation,
    kind: ErrorKind,
    effect: Effect,
    message: impl Into<std::borrow::Cow<'static, str>>,
) -> Error {
    Error::new(kind, message)
        .with_effect(effect)
        .with_operation(operation)
        .with_provider(RIGHTS.provider())
}

fn named(request: &KeyRequest, error: Error) -> Error {
    error.with_operation(Operation::Issue).with_key_name(request.name().clone())
}

fn escaped(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let escape =
        |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(escape).collect()
}

/// What a future gives that is ready at once.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => Some(value),
        std::task::Poll::Pending => None,
    }
}
