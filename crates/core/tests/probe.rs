//! What a probe announces, and what it reports.

use pinning_keys_core::http::Method;
use pinning_keys_core::{
    Credential, CredentialForm, DataRoute, Effect, Error, ErrorKind, Grant, IssuedKey,
    IssuerProfile, KeyIssuer, KeyPage, KeyQuery, KeyRef, KeyRequest, Permission, PermissionTable,
    Plan, ProbeAnswer, ProbeConsent, ProbePlan, ProbeReport, ProbeRequest, ProbeVerdict,
    Revocation, Verification, async_trait,
};

static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);
static ROUTES: [DataRoute; 3] = [
    DataRoute::new(Permission::PinsAddCid, Method::POST, "/pins/{id}", CredentialForm::Bearer),
    route(Method::GET, "/files"),
    route(Method::GET, "/files/{id}"),
];
static REQUESTS: [ProbeRequest; 2] = [
    ProbeRequest::reading(&ROUTES, Permission::PinsList).with_query("limit", "1"),
    ProbeRequest::writing(&ROUTES, Permission::PinsAddCid).with_value("id", "-").with_json("{}"),
];

const fn route(method: Method, path: &'static str) -> DataRoute {
    DataRoute::new(Permission::PinsList, method, path, CredentialForm::Bearer)
}

/// An issuer without a probe.
struct Plain(IssuerProfile);

#[async_trait]
impl KeyIssuer for Plain {
    fn profile(&self) -> &IssuerProfile {
        &self.0
    }

    fn plan(&self, _: &KeyRequest) -> Result<Plan, Error> {
        unreachable!()
    }

    async fn issue(&self, _: &KeyRequest) -> Result<IssuedKey, Error> {
        unreachable!()
    }

    async fn list(&self, _: &KeyQuery) -> Result<KeyPage, Error> {
        unreachable!()
    }

    async fn revoke(&self, _: &KeyRef) -> Result<Revocation, Error> {
        unreachable!()
    }

    async fn verify(&self, _: &Credential) -> Result<Verification, Error> {
        unreachable!()
    }
}

#[test]
fn plan_shows_every_request() {
    assert_eq!(
        ProbePlan::new(&REQUESTS).to_string(),
        "verifies the key, and then sends at most 2 requests with it\
         \n  pins:list            GET /files?limit=1\
         \n  pins:add-cid         POST /pins/- {}",
    );
}

#[test]
fn report_gives_the_reason_for_what_is_not_a_yes() {
    let refused = || Some(Error::new(ErrorKind::Refused, "said the provider"));
    let answer = ProbeAnswer::new;
    let report = ProbeReport::new(
        Verification::Live,
        vec![
            answer(Permission::PinsList, ProbeVerdict::Yes, None),
            answer(Permission::PinsAddCid, ProbeVerdict::Yes, refused()),
            answer(Permission::PinsRemove, ProbeVerdict::No, refused()),
        ],
    );
    assert_eq!(
        report.to_string(),
        "live\
         \n  pins:list            yes\
         \n  pins:add-cid         yes\
         \n  pins:remove          no: said the provider",
    );
}

#[tokio::test]
async fn issuer_without_a_plan_refuses_to_probe() {
    let issuer = Plain(IssuerProfile::new(&TABLE));
    let credential = Credential::bearer("example", "token").unwrap();
    let error = issuer.probe(&credential, ProbeConsent::to_spend_uses()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unsupported, Effect::NotSent));
    assert_eq!(
        error.to_string(),
        "cannot probe the credential at example: the provider does not support probing keys; \
         nothing was sent",
    );
}
