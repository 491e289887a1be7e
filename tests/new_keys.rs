//! What becomes of a new key, in every configuration: what the provider recorded is compared with
//! what was issued, and a program can wait until the key works, or is dead.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys::transport::{Limits, Transport, TransportError};
use pinning_keys::{
    Difference, IssuedKey, KeyIssuer, KeyIssuerExt as _, KeyRequest, Patient, Permission, Recorded,
    ScopeRequest, Verification,
};
use pinning_keys_emulator::{
    Emulator, EmulatorBuilder, Fault, FaultRule, ListFault, PinataAssumptions, W3ipfsAssumptions,
};
use pinning_keys_testkit::stand::Configuration;
use serde_json::{Value, json};

/// Changes the body of a create.
type Change = fn(&mut Value);

/// A way to the emulator on which creates are changed, so that it records something else than was
/// requested.
struct Changing {
    inner: Arc<dyn Transport>,
    change: Mutex<Option<Change>>,
}

#[async_trait]
impl Transport for Changing {
    async fn send(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let change = self.change.lock().unwrap().filter(|_| *request.method() == Method::POST);
        if let Some(change) = change {
            let mut body: Value = serde_json::from_slice(request.body()).unwrap();
            change(&mut body);
            *request.body_mut() = body.to_string().into();
            request.headers_mut().remove("content-length");
        }
        self.inner.send(request, limits).await
    }
}

/// An issuer of one configuration, on its own emulator.
struct Place {
    name: &'static str,
    configuration: Configuration,
    emulator: Emulator,
    way: Arc<Changing>,
    issuer: Arc<dyn KeyIssuer>,
}

impl Place {
    fn new(name: &'static str, emulator: EmulatorBuilder) -> Self {
        let (configuration, emulator) = (Configuration::named(name), emulator.in_memory());
        let way = Arc::new(Changing { inner: emulator.transport(), change: Mutex::default() });
        let (origin, deadline) = (emulator.pinata().base_url(), Duration::from_secs(30));
        let built = configuration.build(&emulator, origin, way.clone(), deadline).unwrap();
        Self { name, configuration, emulator, way, issuer: built.issuer }
    }

    fn all(emulator: impl Fn() -> EmulatorBuilder) -> impl Iterator<Item = Self> {
        Configuration::ALL.into_iter().map(move |(name, _)| Self::new(name, emulator()))
    }

    fn table(&self) -> &'static str {
        self.configuration.table().name()
    }

    fn patient(&self) -> Patient<Arc<dyn KeyIssuer>> {
        Patient::new(Arc::clone(&self.issuer), Duration::from_secs(60), tokio::time::sleep)
    }

    async fn issue(&self, request: &KeyRequest) -> IssuedKey {
        self.issuer.issue(request).await.unwrap()
    }

    /// Issues a key while creates are changed, and checks it.
    async fn recorded(&self, request: &KeyRequest, change: Option<Change>) -> Recorded {
        *self.way.change.lock().unwrap() = change;
        let key = self.issue(request).await;
        *self.way.change.lock().unwrap() = None;
        self.issuer.check(&key).await.unwrap()
    }
}

fn lister(name: &str) -> KeyRequest {
    let scope = ScopeRequest::needs([Permission::PinsList]).tolerates(Permission::PinsListJobs);
    KeyRequest::new(name, scope).unwrap()
}

/// Makes a key an admin key, at either provider.
fn as_admin(body: &mut Value) {
    let member = if body["permissions"].is_object() { "permissions" } else { "scopes" };
    body[member] = json!({ "admin": true });
}

/// Lets a key remove pins, in any table.
fn with_removal(body: &mut Value) {
    let (permissions, scopes) = ("permissions", "scopes");
    if body[permissions]["resources"].is_array() {
        body[permissions]["resources"] = json!(["org:files:write"]);
    } else if body[permissions].is_object() {
        body[permissions]["endpoints"]["pinning"]["unpin"] = true.into();
    } else {
        body[scopes]["pinning"]["unpin"] = true.into();
    }
}

/// Gives a key another permission than the one requested, in any table.
fn with_another(body: &mut Value) {
    if body["permissions"]["resources"].is_array() {
        body["permissions"]["resources"] = json!(["org:groups:read"]);
    } else if body["permissions"].is_object() {
        body["permissions"]["endpoints"] = json!({ "pinning": { "pinByHash": true } });
    } else {
        body["scopes"]["data"]["pin_list"] = false.into();
        body["scopes"]["pinning"]["pin_by_hash"] = true.into();
    }
}

fn without_limit(body: &mut Value) {
    body.as_object_mut().unwrap().remove("maxUses");
}

fn renamed(body: &mut Value) {
    let member = if body["keyName"].is_string() { "keyName" } else { "name" };
    body[member] = "other".into();
}

#[tokio::test]
async fn honest_record_is_as_issued() {
    for place in Place::all(Emulator::builder) {
        let supports_max_uses = place.issuer.profile().supports_max_uses();
        for n in 0..12 {
            place.issue(&lister(&format!("lister {n}"))).await; // more than a page of like names
        }
        let admin = KeyRequest::new("admin", ScopeRequest::admin()).unwrap();
        let limited = lister("limited").with_max_uses(NonZeroU64::new(3).unwrap());
        let mut requests = vec![lister("lister"), admin];
        requests.extend(supports_max_uses.then_some(limited));
        for request in requests {
            let recorded = place.recorded(&request, None).await;
            assert!(recorded.is_as_issued(), "{} at {}: {recorded}", request.name(), place.name);
        }
    }
}

#[tokio::test]
async fn recording_something_else_is_found() {
    for place in Place::all(Emulator::builder) {
        let (removal, another) = match place.table() {
            "resources" => (
                "wider: also pins:add-file, pins:add-json, pins:add-cid, pins:remove, \
                 pins:edit-metadata, uploads:delegate, links:create, signatures:write, \
                 swaps:write (org:files:write)",
                "wider: also groups:read (org:groups:read); \
                 narrower: not pins:list, pins:list-jobs",
            ),
            "endpoints" => (
                "wider: also pins:remove (pinning.unpin)",
                "wider: also pins:add-cid (pinning.pinByHash); narrower: not pins:list",
            ),
            _ => (
                "wider: also pins:remove (pinning.unpin)",
                "wider: also pins:add-cid (pinning.pin_by_hash); narrower: not pins:list",
            ),
        };
        let changes: [(Change, &str); 4] = [
            (as_admin, "wider: an admin key"),
            (with_removal, removal),
            (with_another, another),
            (renamed, "named \"other\""),
        ];
        for (n, (change, text)) in changes.into_iter().enumerate() {
            let recorded = place.recorded(&lister(&format!("lister {n}")), Some(change)).await;
            assert_eq!(recorded.to_string(), text, "{}", place.name);
            assert_eq!(recorded.is_wider(), text.starts_with("wider"), "{}", place.name);
        }
    }
}

#[tokio::test]
async fn admin_key_in_place_of_all_permissions_is_found() {
    // As the provider's dashboard does; no source says what its server does.
    let widening = || {
        let assumptions = W3ipfsAssumptions::default().all_seven_is_admin(true);
        Emulator::builder().w3ipfs_assumptions(assumptions)
    };
    for place in Place::all(widening) {
        let reach = place.configuration.table().reach();
        let request = KeyRequest::new("all", ScopeRequest::needs(reach)).unwrap();
        let recorded = place.recorded(&request, None).await;
        let is_admin = recorded.differences() == [Difference::Admin];
        assert_eq!(is_admin, !place.configuration.is_pinata(), "{}: {recorded}", place.name);
        assert_eq!(recorded.is_as_issued(), !is_admin, "{}: {recorded}", place.name);
    }
}

#[tokio::test]
async fn dropped_limit_on_uses_is_found() {
    for place in Place::all(Emulator::builder).filter(|place| place.configuration.is_pinata()) {
        let limited = lister("limited").with_max_uses(NonZeroU64::new(3).unwrap());
        let recorded = place.recorded(&limited, Some(without_limit)).await;
        assert_eq!(recorded.to_string(), "wider: no limit on uses instead of 3 uses");
        assert!(recorded.is_wider());
    }
}

#[tokio::test]
async fn list_that_shows_no_resources_leaves_the_scope_unknown() {
    let silent = || {
        let assumptions = PinataAssumptions::default().list_echoes_resources(false);
        Emulator::builder().pinata_assumptions(assumptions)
    };
    for place in Place::all(silent) {
        let recorded = place.recorded(&lister("lister"), None).await;
        let is_shown = place.table() != "resources";
        let text = if is_shown { "as issued" } else { "unknown: \"scopes\" could not be read" };
        assert_eq!(recorded.to_string(), text, "{}", place.name);
        assert!(!recorded.is_wider(), "{}", place.name);
    }
}

#[tokio::test]
async fn revoked_key_is_not_as_issued() {
    for place in Place::all(Emulator::builder) {
        let key = place.issue(&lister("gone")).await;
        let _ = place.issuer.revoke(key.key_ref()).await.unwrap();
        let recorded = place.issuer.check(&key).await.unwrap();
        let is_listed = recorded.differences() == [Difference::Revoked];
        // W3IPFS deletes keys that are revoked.
        assert_eq!(is_listed, place.configuration.is_pinata(), "{}: {recorded}", place.name);
        assert!(!recorded.is_as_issued());
    }
}

#[tokio::test]
async fn key_is_not_shown_by_a_list_that_lags_or_loses_it() {
    for place in Place::all(Emulator::builder) {
        let distort = |fault| {
            place.emulator.faults().clear();
            place.emulator.faults().add(FaultRule::new(Fault::List(fault)).method(Method::GET));
        };
        let key = place.issue(&lister("key")).await;
        distort(ListFault::Stale);
        let recorded = place.issuer.check(&key).await.unwrap();
        assert_eq!(recorded.to_string(), "not shown by the listing", "{}", place.name);

        place.issue(&lister("newer")).await;
        distort(ListFault::MissingRow); // the one in the middle, which is the key's
        let recorded = place.issuer.check(&key).await.unwrap();
        // W3IPFS reports a total, so the adapter asks for the row that is missing.
        match recorded {
            Recorded::NotShown { discrepancies, .. } => assert!(!discrepancies.is_empty()),
            shown => assert!(shown.is_as_issued() && !place.configuration.is_pinata(), "{shown}"),
        }
    }
}

/// Changes take effect after some requests of the key.
fn late(requests: u32) -> EmulatorBuilder {
    let pinata = PinataAssumptions::default();
    let w3ipfs = W3ipfsAssumptions::default();
    Emulator::builder()
        .pinata_assumptions(pinata.new_key_refusals(requests).honour_revoked(requests))
        .w3ipfs_assumptions(w3ipfs.new_key_refusals(requests).honour_revoked(requests))
}

#[tokio::test(start_paused = true)]
async fn wait_ends_when_the_key_is_live_and_when_it_is_dead() {
    for place in Place::all(|| late(5)) {
        let issuer = place.patient();
        let key = issuer.issue(&lister("late")).await.unwrap();
        let live = issuer.wait_until_live(key.credential(), key.use_limit()).await.unwrap();
        assert_eq!(live.to_string(), "live after 5 s", "{}", place.name);

        let _ = issuer.revoke(key.key_ref()).await.unwrap();
        let dead = issuer.wait_until_dead(key.credential(), key.use_limit()).await.unwrap();
        assert!(dead.is_confirmed() && dead.to_string().ends_with("after 5 s"), "{dead}");
    }
}

#[tokio::test(start_paused = true)]
async fn wait_ends_with_the_propagation_time() {
    for place in Place::all(|| late(1_000)) {
        let issuer = place.patient();
        let key = issuer.issue(&lister("late")).await.unwrap();
        let start = tokio::time::Instant::now();
        let waited = issuer.wait_until_live(key.credential(), key.use_limit()).await.unwrap();
        assert_eq!(waited.to_string(), "unconfirmed: unrecognized after 10 s", "{}", place.name);
        assert_eq!(start.elapsed(), issuer.profile().propagation());
    }
}

#[tokio::test(start_paused = true)]
async fn wait_spends_none_of_the_uses() {
    for place in Place::all(Emulator::builder).filter(|place| place.configuration.is_pinata()) {
        let issuer = place.patient();
        let once = lister("once").with_max_uses(NonZeroU64::MIN);
        let key = issuer.issue(&once).await.unwrap();
        let waited = issuer.wait_until_live(key.credential(), key.use_limit()).await.unwrap();
        assert_eq!(waited.to_string(), "unasked after 10 s", "{}", place.name);
        assert_eq!(place.issuer.verify(key.credential()).await.unwrap(), Verification::Live);
    }
}
