//! Which configurations build an issuer, and how the others are refused.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pinning_keys_core::{Effect, Error, ErrorKind, KeyIssuer, KeyQuery};
use pinning_keys_http::ApiSettings;
use pinning_keys_http::credentials::{AccountCredential, Ask, from_fn};
use pinning_keys_pinata::{PAIR_HEADERS, PinataConfig, PinataIssuer, Route};
use support::{
    ACCOUNT_JWT, ACCOUNT_PAIR, Answers, EMPTY, ROUTES, Script, advice, answer, body, key, request,
};

const KEY: (&str, &str) = ("api_key", ACCOUNT_PAIR.0);
const SECRET: (&str, &str) = ("api_secret", ACCOUNT_PAIR.1);
const JWT: (&str, &str) = ("jwt", ACCOUNT_JWT);

fn configured(settings: &[(&str, &str)]) -> Result<PinataConfig, Error> {
    settings
        .iter()
        .try_fold(PinataConfig::new(), |config, (name, value)| config.with_setting(name, *value))
}

fn built(settings: &[(&str, &str)]) -> Result<PinataIssuer, Error> {
    // A transport of the test's own, because a build may have none.
    configured(settings)?.with_transport(Arc::new(Script::default())).build()
}

#[test]
fn each_route_supports_its_tables_and_credentials() {
    let [v3, sdk, legacy] = ROUTES.map(|(name, _)| ("route", name));
    let [resources, endpoints] = ["resources", "endpoints"].map(|name| ("table", name));
    for (settings, table) in [
        (&[JWT][..], "resources"),
        (&[v3, JWT], "resources"),
        (&[v3, resources, JWT], "resources"),
        (&[v3, endpoints, JWT], "endpoints"),
        (&[sdk, JWT], "resources"),
        (&[sdk, resources, JWT], "resources"),
        (&[sdk, endpoints, JWT], "endpoints"),
        (&[legacy, JWT], "endpoints"),
        (&[legacy, endpoints, JWT], "endpoints"),
        (&[legacy, KEY, SECRET], "endpoints"),
        (&[legacy, endpoints, KEY, SECRET], "endpoints"),
    ] {
        assert_eq!(built(settings).unwrap().profile().table().name(), table, "{settings:?}");
    }
}

#[test]
fn invalid_combinations_are_refused_with_advice() {
    let [v3, sdk, legacy] = ROUTES.map(|(name, _)| ("route", name));
    let resources = ("table", "resources");
    let no_pair = "a key pair is set, but this route accepts only a JWT";
    let no_table = "the legacy routes cannot issue keys of table \"resources\"";
    let no_route = "base_url ends in a route";
    let no_api = "base_url has a host of Pinata that does not serve the API";
    let [gateway, own_gateway, uploads] = [
        "https://gateway.pinata.cloud",
        "https://example.mypinata.cloud/ipfs",
        "https://uploads.pinata.cloud/v3/files",
    ]
    .map(|url| ("base_url", url));
    let (set_jwt, set_endpoints) =
        ("set jwt (PINNING_KEYS_JWT)", "\"endpoints\" (PINNING_KEYS_TABLE)");
    for (settings, message, told) in [
        (&[legacy, resources, JWT][..], no_table, set_endpoints),
        (&[legacy, resources, KEY, SECRET], no_table, set_endpoints),
        (&[v3, KEY, SECRET], no_pair, set_jwt),
        (&[sdk, KEY, SECRET], no_pair, set_jwt),
        (&[v3, KEY], no_pair, set_jwt),
        (&[v3, SECRET], no_pair, set_jwt),
        (&[v3, JWT, KEY, SECRET], no_pair, "jwt is set too"),
        (&[sdk, JWT, KEY], no_pair, "jwt is set too"),
        (&[JWT, ("base_url", "https://api.pinata.cloud/v3")], no_route, "remove /v3 from"),
        (&[JWT, ("base_url", "https://api.pinata.cloud/v3/")], no_route, "remove /v3 from"),
        (&[JWT, ("base_url", "https://proxy.test/a/v3/api_keys")], no_route, "/v3/api_keys from"),
        (
            &[JWT, ("base_url", "https://api.pinata.cloud/users/generateApiKey")],
            no_route,
            "/users/generateApiKey from",
        ),
        (&[JWT, ("base_url", "https://api.pinata.cloud/psa")], "has a path", "remove the path"),
        (&[JWT, gateway], no_api, "https://api.pinata.cloud"),
        (&[JWT, own_gateway], no_api, "https://api.pinata.cloud"),
        (&[JWT, uploads], no_api, "https://api.pinata.cloud"),
        (
            &[JWT, ("upload_url", "https://uploads.pinata.cloud/v3")],
            "upload_url ends in a route",
            "/v3 from",
        ),
        (
            &[JWT, ("upload_url", "https://proxy.test/v3/files/sign")],
            "upload_url ends in a route",
            "/v3/files/sign from",
        ),
        (
            &[JWT, ("upload_url", "https://uploads.pinata.cloud/x")],
            "upload_url has a path",
            "remove the path",
        ),
        (
            &[JWT, ("upload_url", "https://api.pinata.cloud")],
            "does not sign uploads",
            "https://uploads.pinata.cloud",
        ),
        (&[JWT, ("upload_url", "http://x")], "the upload URL would send", "https://"),
        // The same at every provider, in the words of `pinning-keys-http`.
        (&[legacy, KEY], "api_secret", ""),
        (&[legacy, SECRET], "api_key", ""),
        (&[legacy, JWT, KEY, SECRET], "", ""),
        (&[legacy, JWT, KEY], "", ""),
        (&[legacy], "credential", "jwt"),
        (&[JWT, ("jwt_file", "token.txt")], "set twice", ""),
    ] {
        let error = built(settings).unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
        assert!(error.to_string().contains(message), "{error}");
        assert!(advice(&error).contains(told), "{error:#}");
        assert!(!format!("{error:#} {error:?}").contains("canary"), "{error:?}");
    }
    assert_eq!(PinataConfig::new().build().unwrap_err().provider(), Some("pinata"));
}

#[test]
fn every_listed_setting_is_accepted_and_no_other() {
    assert!(ApiSettings::NAMES.iter().all(|name| PinataConfig::SETTINGS.contains(name)));
    for &name in PinataConfig::SETTINGS {
        let value = match name {
            "route" => "sdk",
            "table" => "endpoints",
            "deadline_seconds" => "30",
            "base_url" | "upload_url" => "https://pinata.test",
            _ => "text",
        };
        assert!(PinataConfig::new().with_setting(name, value).is_ok(), "{name}");
    }
    for (name, nearest) in [("base_ulr", "base_url"), ("rute", "route"), ("tabel", "table")] {
        let error = configured(&[(name, "canary")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(&format!("{nearest:?}")), "{error}");
        let in_file = toml::from_str::<PinataConfig>(&format!("{name} = \"canary\"")).unwrap_err();
        assert_eq!(in_file.message(), error.to_string());
    }
}

#[test]
fn empty_choice_is_the_default() {
    for name in ["route", "table"] {
        for empty in ["", " \r\n"] {
            let issuer = built(&[JWT, (name, empty)]).unwrap();
            assert_eq!(issuer.profile().table().name(), "resources", "{name}");
        }
        let error = configured(&[(name, "'canary'")]).unwrap_err();
        assert_eq!(error.to_string(), format!("{name} begins or ends with a quotation mark"));
    }
    // What a proxy calls its part of the path is its own affair.
    for url in ["https://proxy.test/pinning", "https://v3.test", "https://notpinata.cloud/v3x"] {
        assert!(built(&[JWT, ("base_url", url)]).is_ok(), "{url}");
    }
}

#[test]
fn setting_of_wrong_type_is_named_but_not_quoted() {
    for (text, told) in [
        ("route = \"canary\"", "unknown route; expected one of v3, sdk, legacy"),
        ("route = [\"canary\"]", "route must be"),
        ("route = 3", "route must be"),
        ("table = \"canary\"", "unknown table; expected one of resources, endpoints"),
        ("table = { file = \"canary\" }", "table must be"),
        ("deadline_seconds = \"canary\"", "deadline_seconds must be"),
        ("jwt = [\"canary\"]", "jwt must be"),
        ("jwt_file = { file = \"canary\" }", "jwt_file must be"),
    ] {
        let error = toml::from_str::<PinataConfig>(text).unwrap_err();
        assert!(error.message().starts_with(told), "{}", error.message());
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn file_sets_what_the_setters_set() {
    let jwt_file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jwt.txt");
    let script = Script::answer(200, EMPTY);
    // Cargo sets the variable for every test.
    let config: PinataConfig = toml::from_str(&format!(
        r#"
            route = "legacy"
            table = "endpoints"
            base_url = "https://proxy.test/pinata"
            api_key = {{ variable = "CARGO_PKG_NAME" }}
            api_secret = {{ file = {jwt_file:?} }}
            deadline_seconds = 5
        "#,
    ))
    .unwrap();
    assert_eq!(config.base_url(), "https://proxy.test/pinata");
    let issuer = config.with_transport(Arc::new(script.clone())).build().unwrap();
    issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(script.targets(), ["GET https://proxy.test/pinata/users/apiKeys"]);
    let headers = script.last_headers();
    assert_eq!(headers["pinata_api_key"], env!("CARGO_PKG_NAME"));
    assert_eq!(headers["pinata_secret_api_key"], "made.up.jwt");
}

#[test]
fn configuration_and_issuer_show_no_secret() {
    let (key, secret) = ACCOUNT_PAIR;
    let jwt = PinataConfig::new().with_jwt(ACCOUNT_JWT);
    for config in [
        jwt.clone().with_base_url("https://canary@pinata.test"),
        jwt.clone().with_upload_url("https://canary@uploads.test"),
        jwt,
        PinataConfig::new().with_route(Route::Legacy).with_key_pair(key, secret),
    ] {
        let shown = format!("{config:?} {:?}", config.clone().build());
        assert!(!shown.contains("canary"), "{shown}");
    }
}

/// An issuer whose source gives one credential first and another after a refusal, and how often
/// the source was asked.
fn with_source(
    script: &Script,
    route: Route,
    first: fn() -> Result<AccountCredential, Error>,
    after_refusal: fn() -> Result<AccountCredential, Error>,
) -> (PinataIssuer, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let source = from_fn(move |ask| {
        counter.fetch_add(1, Ordering::Relaxed);
        async move { if matches!(ask, Ask::AfterRefusal(_)) { after_refusal() } else { first() } }
    });
    // A source takes precedence over whatever else is set.
    let config = script.config().with_jwt(ACCOUNT_JWT).with_key_pair("key", "secret");
    let config = config.with_route(route).with_credentials(Arc::new(source));
    (config.build().unwrap(), asked)
}

fn token() -> Result<AccountCredential, Error> {
    AccountCredential::bearer("from-the-source")
}

fn pair() -> Result<AccountCredential, Error> {
    AccountCredential::key_pair(&PAIR_HEADERS, ACCOUNT_PAIR.0, ACCOUNT_PAIR.1)
}

#[tokio::test]
async fn token_of_a_source_is_sent_on_every_route() {
    for (_, route) in ROUTES {
        let script = Script::answer(200, EMPTY);
        let (issuer, _) = with_source(&script, route, token, token);
        issuer.list(&KeyQuery::new()).await.unwrap();
        assert_eq!(script.last_headers()["authorization"], "Bearer from-the-source");
        assert!(!script.last_headers().contains_key("pinata_api_key"));
    }
}

#[tokio::test]
async fn pair_of_a_source_is_sent_only_on_legacy_routes() {
    for route in [Route::V3, Route::Sdk] {
        let (issuer, _) = with_source(&Script::default(), route, pair, pair);
        for error in [
            issuer.issue(&request()).await.unwrap_err(),
            issuer.list(&KeyQuery::new()).await.unwrap_err(),
            issuer.revoke(&key()).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
            assert!(!format!("{error:#} {error:?}").contains("canary"), "{error:?}");
        }

        // After a refusal the pair is not sent either, and the refusal is what is reported.
        let script = Script::answer(401, body("errors/401_v3_not_authorized.json"));
        let (issuer, asked) = with_source(&script, route, token, pair);
        let error = issuer.issue(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(!format!("{error:#} {error:?} {source}").contains("canary"), "{error:?}");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
    let refused = answer(401, body("errors/401_invalid_bearer.json"));
    let script = Script::new([refused, answer(200, EMPTY)]);
    let (issuer, _) = with_source(&script, Route::Legacy, token, pair);
    issuer.list(&KeyQuery::new()).await.unwrap();
    assert_eq!(script.last_headers()["pinata_secret_api_key"], ACCOUNT_PAIR.1);
    assert!(!script.last_headers().contains_key("authorization"));
}
