//! A key is let through to exactly those routes of its table that need what it may do. The routes
//! are data of the adapters; the emulator has its own table, made from the same sources.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use pinning_keys::pinata::PinataConfig;
use pinning_keys::transport::{Limits, Transport};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    BodyForm, Credential, HolderRoute, IssuedKey, IssuerConfig, KeyIssuer, KeyIssuerExt,
    KeyRequest, Permission, ScopeRequest,
};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::stand::Configuration;

const DEADLINE: Duration = Duration::from_secs(10);

/// One configuration for each table.
const ONE_PER_TABLE: [&str; 3] =
    ["pinata, v3, resources, jwt", "pinata, v3, endpoints, jwt", "w3ipfs, jwt"];

const FORM: &[u8] = b"--sample\r\n\
    content-disposition: form-data; name=\"file\"; filename=\"hello.json\"\r\n\
    content-type: application/json\r\n\r\n\
    {}\r\n\
    --sample\r\n\
    content-disposition: form-data; name=\"metadata\"\r\n\r\n\
    {}\r\n\
    --sample--\r\n";

/// A value for each segment that routes leave open. Nothing has these ids.
fn filled(mut route: HolderRoute) -> HolderRoute {
    for name in route.placeholders() {
        let value = if name == "network" { "public" } else { "none" };
        route = route.with_value(name, value).unwrap();
    }
    route
}

async fn status(emulator: &Emulator, route: &HolderRoute, credential: HeaderMap) -> StatusCode {
    let mut request = Request::builder().method(route.method()).uri(route.url());
    let body = match route.body() {
        BodyForm::Multipart => {
            request = request.header("content-type", "multipart/form-data; boundary=sample");
            Bytes::from_static(FORM)
        }
        BodyForm::Json => {
            request = request.header("content-type", "application/json");
            Bytes::from_static(b"{}")
        }
        _ => Bytes::new(),
    };
    let mut request = request.body(body).unwrap();
    request.headers_mut().extend(credential);
    let limits = Limits::new(DEADLINE, 1024 * 1024);
    emulator.transport().send(request, limits).await.unwrap().status()
}

fn is_refused(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// The credential's forms, each with whether the route accepts it.
fn forms(route: &HolderRoute, credential: &Credential) -> Vec<(HeaderMap, bool)> {
    let form = route.credential();
    let bearer = credential.bearer_headers().map(|headers| (headers, form.accepts_bearer()));
    let pair = credential.pair_headers().map(|headers| (headers, form.accepts_key_pair()));
    bearer.into_iter().chain(pair).collect()
}

/// Tries the route with a key in each of its credential's forms, of which the route must accept
/// one.
async fn try_key(emulator: &Emulator, route: &HolderRoute, key: &IssuedKey, is_allowed: bool) {
    let forms = forms(route, key.credential());
    assert!(forms.iter().any(|(_, is_accepted)| *is_accepted), "{route}: {key:?}");
    let is_complete = route.placeholders().is_empty();
    for (headers, is_accepted) in forms {
        let status = status(emulator, &filled(route.clone()), headers).await;
        let expected = is_allowed && is_accepted;
        assert_eq!(!is_refused(status), expected, "{route}: {status} for {}", key.granted());
        // Nothing is missing from the request that a listing or an upload could lack.
        if expected && is_complete && route.body() != BodyForm::Json {
            assert!(status.is_success(), "{route}: {status}");
        }
    }
}

#[tokio::test]
async fn key_is_let_through_to_the_routes_of_its_grant_alone() {
    for name in ONE_PER_TABLE {
        let emulator = Emulator::in_memory();
        let (configuration, origin) = (Configuration::named(name), emulator.pinata().base_url());
        let built = configuration.build(&emulator, origin, emulator.transport(), DEADLINE).unwrap();
        let table = built.issuer.profile().table();
        let mut tried = HashMap::new();
        for grant in table.grants() {
            let scope = ScopeRequest::needs(grant.opens());
            let request = KeyRequest::new(grant.name(), scope).unwrap();
            let key = built.issuer.issue(&request).await.unwrap();
            for permission in table.reach() {
                let is_allowed = grant.opens().contains(permission);
                for route in built.issuer.profile().holder_routes(permission) {
                    try_key(&emulator, &route, &key, is_allowed).await;
                    *tried.entry((route.to_string(), is_allowed)).or_insert(0) += 1;
                }
            }
        }
        for route in table.routes() {
            let ends = |url: &str| url.ends_with(route.path());
            let count = |is_allowed| {
                tried.iter().filter(|((url, is), _)| ends(url) && *is == is_allowed).count()
            };
            assert!(count(true) > 0 && count(false) > 0, "{table}: {route:?} was not tried");
        }
    }
}

fn main_route(config: IssuerConfig, permission: Permission) -> Option<String> {
    let config = config.with_transport(Emulator::in_memory().transport());
    config.build().unwrap().holder_route(permission).map(|route| route.to_string())
}

#[test]
fn routes_are_at_the_issuers_own_address() {
    use Permission as P;
    let pinata = || PinataConfig::new().with_jwt("eyJ.a.b");
    let w3ipfs = || W3ipfsConfig::new().with_jwt("eyJ.a.b");
    let local = || pinata().with_base_url("http://127.0.0.1:8787/");
    let legacy = |config: PinataConfig| config.with_table(pinning_keys::pinata::Table::Endpoints);
    for (config, permission, expected) in [
        (
            IssuerConfig::Pinata(pinata()),
            P::PinsAddFile,
            "POST https://uploads.pinata.cloud/v3/files",
        ),
        (
            IssuerConfig::Pinata(pinata()),
            P::PinsList,
            "GET https://api.pinata.cloud/v3/files/{network}",
        ),
        (IssuerConfig::Pinata(local()), P::PinsAddFile, "POST http://127.0.0.1:8787/v3/files"),
        (
            IssuerConfig::Pinata(local().with_upload_url("http://127.0.0.1:9797")),
            P::PinsAddFile,
            "POST http://127.0.0.1:9797/v3/files",
        ),
        (
            IssuerConfig::Pinata(legacy(pinata())),
            P::PinsAddFile,
            "POST https://api.pinata.cloud/pinning/pinFileToIPFS",
        ),
        (
            IssuerConfig::Pinata(legacy(local())),
            P::PinsList,
            "GET http://127.0.0.1:8787/data/pinList",
        ),
        (
            IssuerConfig::W3ipfs(w3ipfs()),
            P::PinsAddFile,
            "POST https://api.aiozpin.network/api/pinning/",
        ),
        (
            IssuerConfig::W3ipfs(w3ipfs().with_base_url("http://127.0.0.1:8787/api")),
            P::PinsRemove,
            "DELETE http://127.0.0.1:8787/api/pinning/unpin/{pinId}",
        ),
    ] {
        assert_eq!(main_route(config, permission).as_deref(), Some(expected));
    }
    for (config, permission) in [
        (IssuerConfig::Pinata(pinata()), P::AnalyticsWrite), // no documented operation
        (IssuerConfig::Pinata(legacy(pinata())), P::PinsSetPolicy), // retired
        (IssuerConfig::Pinata(legacy(pinata())), P::KeysManage), // admin keys only
        (IssuerConfig::W3ipfs(w3ipfs()), P::PinsAddJson),
    ] {
        assert_eq!(main_route(config, permission), None);
    }
}
