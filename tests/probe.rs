//! A probe tells the truth where it answers, sends what it announced, and changes nothing. If the
//! provider checks the input before the scope, no refusal of the input is treated as a yes.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use pinning_keys::pinata::{PinataConfig, Table};
use pinning_keys::transport::{Limits, Transport};
use pinning_keys::{
    Credential, ErrorKind, IssuedKey, IssuerConfig, KeyIssuer, KeyIssuerExt, KeyRequest,
    Permission, PermissionSet, ProbeConsent, ProbeReport, ProbeVerdict, Revocation, ScopeRequest,
    Verification,
};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, PinataAssumptions, RetryAfter};
use pinning_keys_testkit::stand::Configuration;

const DEADLINE: Duration = Duration::from_secs(10);

/// The issuers whose keys are probed, and by whom.
const PINATA: [&str; 2] = ["pinata, v3, resources, jwt", "pinata, v3, endpoints, jwt"];
const W3IPFS: [&str; 1] = ["w3ipfs, jwt"];

const CONSENT: ProbeConsent = ProbeConsent::to_spend_uses();

/// What the two retired flags open; no route is left to ask.
const RETIRED: PermissionSet =
    PermissionSet::of(&[Permission::PinsSetPolicy, Permission::AccountSetPinPolicy]);

fn issuer(name: &str, emulator: &Emulator) -> std::sync::Arc<dyn KeyIssuer> {
    let configuration = Configuration::named(name);
    let origin = emulator.pinata().base_url();
    configuration.build(emulator, origin, emulator.transport(), DEADLINE).unwrap().issuer
}

/// A key for each grant of the issuer's table, one for all of them, and an admin key.
async fn keys(issuer: &dyn KeyIssuer) -> Vec<IssuedKey> {
    let table = issuer.profile().table();
    let mut scopes: Vec<_> =
        table.grants().iter().map(|grant| ScopeRequest::needs(grant.opens())).collect();
    scopes.push(ScopeRequest::needs(table.reach()));
    scopes.push(ScopeRequest::admin());
    let mut keys = Vec::new();
    for (at, scope) in scopes.into_iter().enumerate() {
        let request = KeyRequest::new(format!("key {at}"), scope).unwrap();
        keys.push(issuer.issue(&request).await.unwrap());
    }
    keys
}

/// What the account's own lists show.
async fn state(emulator: &Emulator) -> Vec<Bytes> {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let bearer = |jwt: &str| HeaderValue::from_str(&format!("Bearer {jwt}")).unwrap();
    let mut lists = Vec::new();
    for path in ["/v3/files/public", "/v3/files/private", "/v3/groups/public", "/v3/gateways"] {
        lists.push((format!("{}{path}", pinata.base_url()), bearer(pinata.jwt())));
    }
    for path in ["/data/pinList?status=all", "/pinning/pinJobs", "/v3/files/public/pin_by_cid"] {
        lists.push((format!("{}{path}", pinata.base_url()), bearer(pinata.jwt())));
    }
    for path in ["/pinning/pins/", "/nft/nfts/"] {
        lists.push((format!("{}{path}", w3ipfs.base_url()), bearer(&w3ipfs.jwt())));
    }
    let mut state = Vec::new();
    for (url, authorization) in lists {
        let request = Request::get(url).header("authorization", authorization);
        let request = request.body(Bytes::new()).unwrap();
        let limits = Limits::new(DEADLINE, 1024 * 1024);
        let response = emulator.transport().send(request, limits).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        state.push(response.into_body());
    }
    state
}

/// Whether the emulator lets the key through to what the probe asked about.
fn truth(name: &str, emulator: &Emulator, headers: &HeaderMap, permission: Permission) -> bool {
    let may = Configuration::named(name).may(emulator, headers, permission);
    may.unwrap_or_else(|| panic!("{name}: no route is known for {permission}"))
}

/// Probes each key of some issuers with each of them, and passes on each report.
async fn probe_all(
    names: &[&str],
    assumptions: PinataAssumptions,
    mut check: impl FnMut(&str, &Emulator, &IssuedKey, &ProbeReport),
) {
    let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
    for maker in names {
        let maker = issuer(maker, &emulator);
        for key in keys(&*maker).await {
            for name in names {
                let issuer = issuer(name, &emulator);
                let plan = issuer.profile().probe_plan().unwrap();
                let (before, made) = (state(&emulator).await, emulator.keys_made());
                let sent = emulator.requests();
                let report = issuer.probe(key.credential(), CONSENT).await.unwrap();
                let sent = emulator.requests() - sent;
                assert_eq!(sent, plan.requests().len() as u64 + 1, "{name}: {report}");
                assert_eq!(state(&emulator).await, before, "{name}: {report}");
                assert_eq!(emulator.keys_made(), made);
                assert_eq!(report.verification(), Verification::Live);
                for answer in report.answers() {
                    let headers = key.credential().headers();
                    let is_true = truth(name, &emulator, &headers, answer.permission());
                    match answer.verdict() {
                        ProbeVerdict::Yes => assert!(is_true, "{name}: {report}"),
                        ProbeVerdict::No => assert!(!is_true, "{name}: {report}"),
                        _ => {}
                    }
                }
                check(name, &emulator, &key, &report);
            }
        }
    }
}

fn answered(report: &ProbeReport) -> PermissionSet {
    let known = |answer: &&pinning_keys::ProbeAnswer| answer.verdict() != ProbeVerdict::Unknown;
    report.answers().iter().filter(known).map(pinning_keys::ProbeAnswer::permission).collect()
}

#[tokio::test]
async fn probe_agrees_with_the_truth_and_changes_nothing() {
    probe_all(&PINATA, PinataAssumptions::default(), |name, _, _, report| {
        if name.contains("endpoints") {
            let table = Configuration::named(name).table();
            assert_eq!(answered(report), table.reach() - RETIRED, "{report}");
        }
    })
    .await;
    probe_all(&W3IPFS, PinataAssumptions::default(), |name, emulator, key, report| {
        for answer in report.answers() {
            let is_true = truth(name, emulator, &key.credential().headers(), answer.permission());
            assert_eq!(answer.verdict() == ProbeVerdict::Yes, is_true, "{report}");
        }
    })
    .await;
}

#[tokio::test]
async fn input_checked_before_the_scope_makes_writes_unknown() {
    let input_first = PinataAssumptions::default().input_before_scope(true);
    probe_all(&PINATA, input_first, |name, _, _, report| {
        if name.contains("endpoints") {
            let reads = [Permission::PinsList, Permission::PinsListJobs, Permission::UsageRead];
            assert_eq!(answered(report), reads.into_iter().collect(), "{report}");
        }
    })
    .await;
}

#[tokio::test]
async fn dead_credential_is_verified_and_nothing_else() {
    for name in [PINATA[1], W3IPFS[0]] {
        let emulator = Emulator::in_memory();
        let issuer = issuer(name, &emulator);
        let key = keys(&*issuer).await.remove(0);
        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        let sent = emulator.requests();
        let report = issuer.probe(key.credential(), CONSENT).await.unwrap();
        assert_ne!(report.verification(), Verification::Live);
        assert!(report.answers().is_empty());
        assert_eq!(emulator.requests(), sent + 1);
    }
}

#[tokio::test]
async fn rate_limit_ends_a_probe_without_a_retry() {
    let emulator = Emulator::in_memory();
    let issuer = issuer(PINATA[1], &emulator);
    let key = keys(&*issuer).await.remove(0);
    let limited = FaultRule::new(Fault::too_many_requests(RetryAfter::Seconds(1)));
    emulator.faults().add(limited.method(Method::DELETE));
    let sent = emulator.requests();
    let report = issuer.probe(key.credential(), CONSENT).await.unwrap();
    let last = report.answers().last().unwrap();
    assert_eq!(last.permission(), Permission::PinsRemove);
    assert_eq!(last.error().unwrap().kind(), ErrorKind::RateLimited);
    assert_eq!(last.verdict(), ProbeVerdict::Unknown);
    assert_eq!(emulator.requests(), sent + 1 + report.answers().len() as u64);
}

/// The key's token alone.
fn bearer_of(key: &IssuedKey) -> Credential {
    let bearer = key.credential().expose().bearer().unwrap().to_owned();
    Credential::bearer("pinata", bearer).unwrap()
}

#[tokio::test]
async fn limited_key_is_probed_with_consent_alone() {
    let emulator = Emulator::in_memory();
    let config = PinataConfig::new()
        .with_base_url(emulator.pinata().base_url())
        .with_jwt(emulator.pinata().jwt())
        .with_table(Table::Endpoints);
    let issuer = IssuerConfig::Pinata(config).with_transport(emulator.transport()).build().unwrap();
    let request = |name| KeyRequest::new(name, ScopeRequest::uploader()).unwrap();
    let limited = request("limited").with_max_uses(9.try_into().unwrap());
    let limited = issuer.issue(&limited).await.unwrap();
    let unlimited = issuer.issue(&request("unlimited")).await.unwrap();

    let uses = async || {
        let found = issuer.find("limited").await.unwrap();
        found.records()[0].uses()
    };
    for credential in [limited.credential(), &bearer_of(&limited)] {
        let error = issuer.probe_unlimited(credential).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(uses().await, Some(0));
    }
    for credential in [unlimited.credential(), &bearer_of(&unlimited)] {
        let report = issuer.probe_unlimited(credential).await.unwrap();
        assert_eq!(report.verdict(Permission::PinsAddFile), ProbeVerdict::Yes);
    }
    let report = issuer.probe(limited.credential(), CONSENT).await.unwrap();
    assert_eq!(report.verdict(Permission::PinsAddFile), ProbeVerdict::Yes);
    assert_eq!(uses().await, Some(9));
}
