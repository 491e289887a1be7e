//! The steps of a run and their findings.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::Method;
use pinning_keys::transport::Transport;
use pinning_keys::{
    Error, IssuedKey, IssuerConfig, KeyIssuer, KeyIssuerExt, KeyRef, KeyRequest, ScopeRequest,
    Verification,
};
use serde_json::Value;

use crate::keys::{Keys, MOST_KEYS, Patience};
use crate::mask::LABEL;
use crate::recorder::{Ask, Recorder};
use crate::report::{Finding, Report};
use crate::suite::{self, Suite};

pub(crate) const CREATE: &str = "status of a create";
pub(crate) const HONOURED: &str = "a new key is honoured";
pub(crate) const SCOPES: &str = "scopes of a listed key";
pub(crate) const SECRET: &str = "a list shows secrets";
pub(crate) const PAGE: &str = "keys on a page";
pub(crate) const TOTAL: &str = "what the list counts";
pub(crate) const USES: &str = "a test counts as a use";
pub(crate) const EXHAUSTED: &str = "an exhausted key is answered";
pub(crate) const REVOKED: &str = "a revoked key is answered";
pub(crate) const AGAIN: &str = "revoking a second time";
pub(crate) const UNKNOWN: &str = "revoking a key that never was";
pub(crate) const PAIR: &str = "a key pair may make keys";

/// A page has ten keys (inferred), so eleven fill more than one.
const KEYS_FOR_PAGES: usize = 11;

/// An account to run at.
pub(crate) struct Account {
    pub(crate) config: IssuerConfig,
    pub(crate) way: Arc<dyn Transport>,
    /// Whether the run may create one admin key and revoke it at once.
    pub(crate) may_make_admin: bool,
    pub(crate) patience: Patience,
    /// The most keys that the conformance suite may create; 0 leaves it out.
    pub(crate) suite_keys: usize,
    /// How long a change takes to take effect (default: the profile's time).
    pub(crate) propagation: Option<Duration>,
}

/// A run that has not started.
pub(crate) struct Run(Arc<Live>);

struct Live {
    issuer: Arc<dyn KeyIssuer>,
    recorder: Arc<Recorder>,
    keys: Keys,
    may_make_admin: bool,
    patience: Patience,
    suite: Suite,
    /// The report of the suite, once it has run.
    conformance: Mutex<Option<pinning_keys_conformance::Report>>,
}

type Findings = Result<Vec<Finding>, Error>;

impl Run {
    pub(crate) fn new(account: Account) -> Result<Self, Error> {
        let Account { config, way, may_make_admin, patience, suite_keys, propagation } = account;
        let recorder = Recorder::new(way);
        let issuer = config.with_transport(Arc::clone(&recorder) as _).build()?;
        let suite = Suite {
            issuer: Arc::clone(&issuer),
            most_keys: suite_keys,
            may_make_admin,
            propagation,
        };
        Ok(Self(Arc::new(Live {
            issuer,
            recorder,
            keys: Keys::default(),
            may_make_admin,
            patience,
            suite,
            conformance: Mutex::default(),
        })))
    }

    /// A text that announces the run.
    pub(crate) async fn announcement(&self) -> String {
        let admin = if self.0.may_make_admin {
            "one of them, for a moment, an admin key"
        } else {
            "none of them an admin key"
        };
        format!(
            "This makes at most {MOST_KEYS} keys named {LABEL}-…, {admin}; the others can only \
             read. It lists the account's keys, touches no other key, and revokes what it made.\n\
             {}",
            self.0.suite.announcement().await
        )
    }

    /// Runs all steps, even if one fails, and revokes what they created.
    pub(crate) async fn run(self) -> Report {
        let Self(live) = self;
        let mut findings = Vec::new();
        findings.extend(step("a key's life", &live, Live::a_life).await);
        findings.extend(step("pages", &live, Live::pages).await);
        findings.extend(step("routes", &live, Live::routes).await);
        findings.extend(step("uses", &live, Live::uses).await);
        findings.extend(step("key pairs", &live, Live::pairs).await);
        let mut left = live.keys.revoke_all(&*live.issuer, live.patience).await;
        // Last: it tests the adapter, and the other steps the provider.
        findings.extend(step(suite::QUESTION, &live, Live::conformance).await);
        let conformance = live.conformance.lock().expect("no holder of the lock panics").take();
        left.extend(conformance.iter().flat_map(|report| report.left().map(str::to_owned)));
        let report = Report {
            at: live.issuer.profile().table().to_string(),
            findings,
            conformance: conformance.map(|report| report.to_markdown()),
            exchanges: live.recorder.exchanges(),
            left,
        };
        live.recorder.secrets().assert_not_in("the report", &report.text());
        report
    }
}

/// Runs a step in its own task, so that keys are revoked even after a panic.
async fn step<F>(what: &'static str, live: &Arc<Live>, step: fn(Arc<Live>) -> F) -> Vec<Finding>
where
    F: Future<Output = Findings> + Send + 'static,
{
    match tokio::spawn(step(Arc::clone(live))).await {
        Ok(Ok(findings)) => findings,
        Ok(Err(error)) => vec![Finding::new(what, format!("NOT SETTLED: {error}"))],
        Err(_) => vec![Finding::new(what, "NOT SETTLED: the step panicked")],
    }
}

impl Live {
    /// The part of the conformance suite that needs only an account.
    async fn conformance(self: Arc<Self>) -> Findings {
        let Some(ran) = self.suite.run().await else {
            return Ok(vec![Finding::new(suite::QUESTION, "not tried: no keys are left for it")]);
        };
        let report = match ran {
            Ok(report) => report,
            Err(error) => {
                return Ok(vec![Finding::new(suite::QUESTION, format!("NOT SETTLED: {error}"))]);
            }
        };
        let findings = suite::findings(&report);
        *self.conformance.lock().expect("no holder of the lock panics") = Some(report);
        Ok(findings)
    }

    async fn make(&self, scope: ScopeRequest, max_uses: Option<u64>) -> Result<IssuedKey, Error> {
        let key = self.keys.make(&*self.issuer, scope, max_uses.and_then(NonZeroU64::new)).await?;
        self.recorder.keep_secret(key.credential());
        Ok(key)
    }

    /// The verification of a key, and the status of the answer.
    async fn verify(&self, key: &IssuedKey) -> String {
        let said = match self.issuer.verify(key.credential()).await {
            Ok(verification) => format!("{verification:?}").to_lowercase(),
            Err(error) => format!("error {:?}", error.kind()),
        };
        format!("{said}{}", self.status(&Method::GET, "testAuthentication"))
    }

    fn status(&self, method: &Method, part: &str) -> String {
        let last = self.recorder.last(method, part).and_then(|exchange| exchange.status);
        last.map_or(String::new(), |status| format!(" ({status})"))
    }

    async fn a_life(self: Arc<Self>) -> Findings {
        let key = self.make(ScopeRequest::reader(), None).await?;
        let created = self.recorder.last(&Method::POST, "").and_then(|exchange| exchange.status);
        let mut findings =
            vec![Finding::new(CREATE, created.map_or(String::new(), |code| code.to_string()))];
        findings.push(Finding::new(HONOURED, self.until_honoured(&key).await));
        let found = self.issuer.find(key.name().as_str()).await?;
        findings.extend(self.listed(key.name().as_str(), found.records().len()));

        let first = self.revoke(key.key_ref()).await;
        if first.starts_with("Revoked") {
            self.keys.is_gone(key.name());
        }
        findings.push(Finding::new("revoking", first));
        findings.push(Finding::new(REVOKED, self.verify(&key).await));
        findings.push(Finding::new(AGAIN, self.revoke(key.key_ref()).await));
        // No key: as long as the provider's, with a single digit.
        let api_key = "0".repeat(key.key_ref().api_key().len());
        let unknown = KeyRef::new(self.issuer.profile().provider(), api_key)?;
        findings.push(Finding::new(UNKNOWN, self.revoke(&unknown).await));
        Ok(findings)
    }

    async fn until_honoured(&self, key: &IssuedKey) -> String {
        let (tries, pause) = self.patience;
        for attempt in 1..=tries {
            if matches!(self.issuer.verify(key.credential()).await, Ok(Verification::Live)) {
                return format!("at test {attempt}, one every {} s", pause.as_secs());
            }
            tokio::time::sleep(pause).await;
        }
        format!("not within {tries} tests, one every {} s", pause.as_secs())
    }

    async fn revoke(&self, key: &KeyRef) -> String {
        let said = match self.issuer.revoke(key).await {
            Ok(revocation) => format!("{revocation:?}"),
            Err(error) => format!("error {:?}", error.kind()),
        };
        let exchanges = self.recorder.exchanges();
        let last = exchanges.last().and_then(|exchange| exchange.status);
        format!("{said}{}", last.map_or(String::new(), |status| format!(" ({status})")))
    }

    /// The findings about a listed key.
    fn listed(&self, name: &str, found: usize) -> Vec<Finding> {
        let exchanges = self.recorder.exchanges();
        let lists = exchanges.iter().rev();
        let mut rows = lists.filter_map(|exchange| {
            rows(&exchange.body)?.iter().find(|row| row["name"] == name).cloned()
        });
        let Some(row) = rows.next() else {
            return vec![Finding::new(SCOPES, format!("NOT SETTLED: found {found} times"))];
        };
        let secret = match (row.get("secret"), row.get("secret_key")) {
            (None, None) => "no".to_owned(),
            (Some(secret), _) | (_, Some(secret)) => match secret.as_str() {
                Some("text") => "YES".to_owned(),
                Some("") | None => "empty".to_owned(),
                Some(other) => other.to_owned(),
            },
        };
        vec![Finding::new(SCOPES, format!("`{}`", row["scopes"])), Finding::new(SECRET, secret)]
    }

    async fn pages(self: Arc<Self>) -> Findings {
        for _ in 0..KEYS_FOR_PAGES {
            drop(self.make(ScopeRequest::reader(), None).await?);
        }
        let provider = self.issuer.profile().provider();
        let targets: &[&str] = match provider {
            "pinata" if self.issuer.profile().filters().name() => {
                &["/v3/api_keys?name=pinning-keys-live&revoked=false"]
            }
            "pinata" => &["/users/apiKeys"],
            _ => &["/apiKeys/list", "/apiKeys/list?offset=0&limit=1000"],
        };
        let mut findings = Vec::new();
        for target in targets {
            let Some(exchange) = self.recorder.ask(Ask::get(target)).await else { continue };
            let count = rows(&exchange.body).map_or(0, Vec::len);
            let full = if count < KEYS_FOR_PAGES { "" } else { "at least " };
            let question = if target.contains("limit") { "keys on a page of 1000" } else { PAGE };
            findings.push(Finding::new(question, format!("{full}{count}")));
            let total = exchange.body["count"].as_u64().or(exchange.body["data"]["total"].as_u64());
            let told = match total {
                None => "nothing".to_owned(),
                Some(total) if count >= KEYS_FOR_PAGES => {
                    format!("{total}, of {count} on the page")
                }
                Some(total) if total == count as u64 => "the page".to_owned(),
                Some(_) => "more than the page".to_owned(),
            };
            findings.push(Finding::new(TOTAL, told));
        }
        Ok(findings)
    }

    /// Which routes answer, and whether they show the same keys.
    async fn routes(self: Arc<Self>) -> Findings {
        let targets: &[&'static str] = match self.issuer.profile().provider() {
            "pinata" => {
                &["/v3/api_keys", "/v3/pinata/keys", "/users/apiKeys", "/data/testAuthentication"]
            }
            _ => &[
                "/apiKeys/list",
                "/apiKeys/list/",
                "/apikeys/list",
                "/apiKeys/testAuthentication/",
            ],
        };
        let mut findings = Vec::new();
        for target in targets {
            let Some(exchange) = self.recorder.ask(Ask::get(target)).await else { continue };
            let status = exchange.status.map_or("no answer".to_owned(), |code| code.to_string());
            let to = exchange.location.map_or(String::new(), |to| format!(" to `{to}`"));
            let shows = rows(&exchange.body)
                .into_iter()
                .flatten()
                .any(|row| row["name"].as_str().is_some_and(|name| name.starts_with(LABEL)));
            let shows = if shows { ", shows the run's keys" } else { "" };
            findings.push(Finding::new(target, format!("{status}{to}{shows}")));
        }
        Ok(findings)
    }

    /// Whether a test is a use, and the answer to a key without uses left.
    async fn uses(self: Arc<Self>) -> Findings {
        if !self.issuer.profile().supports_max_uses() {
            return Ok(vec![Finding::new(USES, "keys have no limit")]);
        }
        let key = self.make(ScopeRequest::reader(), Some(3)).await?;
        let _ = self.until_honoured(&key).await;
        let mut uses = None;
        for _ in 0..self.patience.0 {
            let found = self.issuer.find(key.name().as_str()).await?;
            uses = found.records().first().and_then(pinning_keys::KeyRecord::uses);
            if uses > Some(0) {
                break;
            }
            tokio::time::sleep(self.patience.1).await;
        }
        let counted = uses.map_or("not reported".to_owned(), |uses| match uses {
            0 => "no".to_owned(),
            _ => format!("yes, {uses}"),
        });
        let once = self.make(ScopeRequest::reader(), Some(1)).await?;
        let _ = self.until_honoured(&once).await;
        let exhausted = self.verify(&once).await;
        Ok(vec![Finding::new(USES, counted), Finding::new(EXHAUSTED, exhausted)])
    }

    /// Whether the pair of an admin key can create keys, which needs permission for an admin key.
    async fn pairs(self: Arc<Self>) -> Findings {
        if !self.may_make_admin {
            return Ok(vec![Finding::new(PAIR, "not tried: it needs an admin key for a moment")]);
        }
        let admin = self.make(ScopeRequest::admin(), None).await?;
        let _ = self.until_honoured(&admin).await;
        let request = KeyRequest::new(self.keys.next_name()?, ScopeRequest::reader())?;
        let plan = self.issuer.plan(&request)?;
        let ask = Ask {
            method: Method::POST,
            target: plan.path(),
            body: plan.body(),
            credential: admin.credential().pair_headers(),
        };
        let exchange = self.recorder.ask(ask).await;
        let revoked = self.revoke(admin.key_ref()).await;
        if revoked.starts_with("Revoked") {
            self.keys.is_gone(admin.name());
        }
        let status = exchange.and_then(|exchange| exchange.status);
        let may = status.is_some_and(|status| status < 300);
        if status.is_some_and(|status| (400..500).contains(&status)) {
            self.keys.is_gone(request.name());
        }
        let status = status.map_or("no answer".to_owned(), |status| status.to_string());
        let answer = format!("{} ({status})", if may { "yes" } else { "no" });
        Ok(vec![Finding::new(PAIR, answer), Finding::new("the admin key, revoked", revoked)])
    }
}

/// The rows of a list.
fn rows(body: &Value) -> Option<&Vec<Value>> {
    body["keys"].as_array().or_else(|| body["data"]["api_keys"].as_array())
}
