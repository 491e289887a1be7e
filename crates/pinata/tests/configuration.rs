//! Which configurations make an issuer, and what the others are told.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pinning_keys_core::{
    Effect, Error, ErrorKind, KeyIssuer, KeyQuery, KeyRef, KeyRequest, ScopeRequest,
};
use pinning_keys_http::credentials::{
    AccountCredential, Ask, CredentialSource, SecretFrom, from_fn,
};
use pinning_keys_pinata::{PAIR_HEADERS, PinataConfig, PinataIssuer, Route, Table};
use support::{ACCOUNT_JWT, ACCOUNT_PAIR, ROUTES, Script, body};

const KEY: (&str, &str) = ("api_key", ACCOUNT_PAIR.0);
const SECRET: (&str, &str) = ("api_secret", ACCOUNT_PAIR.1);
const JWT: (&str, &str) = ("jwt", ACCOUNT_JWT);

const PAIR_REFUSED: &str = "a key pair is set, and this route takes a JWT alone\n  \
                            set jwt instead, or route = \"legacy\", which takes pairs";
const PAIR_BESIDE_JWT_REFUSED: &str = "a key pair is set, and this route takes a JWT alone\n  \
                                       remove the pair: jwt is set too";
const BOTH: &str = "a JWT and a key pair are both set\n  \
                    the account is talked to with one of them: remove the other";
const NO_CREDENTIAL: &str = "no credential of the account is set\n  \
                             set jwt, or api_key and api_secret: to the text itself, or to the \
                             variable or the file that holds it";
const KEY_ALONE: &str = "api_key is set, and api_secret is not\n  \
                         a key and its secret go together: set both, or set jwt instead";
const SECRET_ALONE: &str = "api_secret is set, and api_key is not\n  \
                            a key and its secret go together: set both, or set jwt instead";
const NO_RESOURCES: &str = "the legacy routes make no keys of the table \"resources\"\n  \
                            set table = \"endpoints\", or another route";

fn configured(settings: &[(&str, &str)]) -> Result<PinataConfig, Error> {
    settings
        .iter()
        .try_fold(PinataConfig::new(), |config, (name, value)| config.with_setting(name, *value))
}

fn built(settings: &[(&str, &str)]) -> Result<PinataIssuer, Error> {
    // A transport of the test's own, since a build may have none.
    configured(settings)?.with_transport(Arc::new(Script::default())).build()
}

fn table_of(settings: &[(&str, &str)]) -> &'static str {
    built(settings).unwrap().profile().table().name()
}

#[test]
fn each_route_takes_its_tables_and_credentials() {
    for name in ["v3", "sdk"] {
        let route = ("route", name);
        assert_eq!(table_of(&[route, JWT]), "resources");
        assert_eq!(table_of(&[route, ("table", "resources"), JWT]), "resources");
        assert_eq!(table_of(&[route, ("table", "endpoints"), JWT]), "endpoints");
    }
    let legacy = ("route", "legacy");
    assert_eq!(table_of(&[JWT]), "resources");
    for credential in [&[JWT][..], &[KEY, SECRET]] {
        assert_eq!(table_of(&[&[legacy], credential].concat()), "endpoints");
        let settings = [&[legacy, ("table", "endpoints")], credential].concat();
        assert_eq!(table_of(&settings), "endpoints");
    }
}

#[test]
fn what_does_not_go_together_is_refused_and_the_way_out_is_told() {
    let [v3, sdk, legacy] = ["v3", "sdk", "legacy"].map(|name| ("route", name));
    let [key, secret] = [KEY, SECRET];
    for (settings, told) in [
        (&[legacy, ("table", "resources"), JWT][..], NO_RESOURCES),
        (&[legacy, ("table", "resources"), key, secret], NO_RESOURCES),
        (&[v3, key, secret], PAIR_REFUSED),
        (&[sdk, key, secret], PAIR_REFUSED),
        (&[v3, key], PAIR_REFUSED),
        (&[v3, JWT, key, secret], PAIR_BESIDE_JWT_REFUSED),
        (&[sdk, JWT, key], PAIR_BESIDE_JWT_REFUSED),
        (&[v3, secret], PAIR_REFUSED),
        (&[legacy, key], KEY_ALONE),
        (&[legacy, secret], SECRET_ALONE),
        (&[legacy, JWT, key, secret], BOTH),
        (&[legacy, JWT, key], BOTH),
        (&[legacy, JWT, secret], BOTH),
        (&[v3], NO_CREDENTIAL),
        (&[sdk], NO_CREDENTIAL),
        (&[legacy], NO_CREDENTIAL),
        (
            &[JWT, ("jwt_file", "token.txt")],
            "jwt is set twice, perhaps as jwt_file too\n  remove one of them",
        ),
    ] {
        let error = built(settings).unwrap_err();
        assert_eq!(error.to_string(), told);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
    }
}

#[test]
fn the_setters_refuse_what_the_settings_refuse() {
    let (key, secret) = ACCOUNT_PAIR;
    let config = || PinataConfig::new().with_transport(Arc::new(Script::default()));
    let pair = |route| config().with_route(route).with_key_pair(key, secret);
    for (config, told) in [
        (pair(Route::V3), PAIR_REFUSED),
        (pair(Route::Sdk), PAIR_REFUSED),
        (pair(Route::Legacy).with_table(Table::Resources), NO_RESOURCES),
        (pair(Route::Legacy).with_jwt(ACCOUNT_JWT), BOTH),
        (PinataConfig::new(), NO_CREDENTIAL),
    ] {
        let error = config.build().unwrap_err();
        assert_eq!(error.to_string(), told);
        assert_eq!((error.kind(), error.provider()), (ErrorKind::Configuration, Some("pinata")));
    }
    assert!(pair(Route::Legacy).build().is_ok());
}

#[test]
fn text_that_can_be_no_credential_is_refused_unquoted() {
    for secret in ["canary canary", "canary\n", "", "canaryé"] {
        let pair = PinataConfig::new().with_route(Route::Legacy).with_key_pair("key", secret);
        for config in [PinataConfig::new().with_jwt(secret), pair] {
            let error = config.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}

#[test]
fn a_setting_that_there_is_not_is_told_with_the_nearest() {
    for (name, meant) in [
        ("base_ulr", "base_url"),
        ("rute", "route"),
        ("tabel", "table"),
        ("jwtfile", "jwt_file"),
        ("api_secrets", "api_secret"),
    ] {
        let told = format!("there is no setting {name:?}; did you mean {meant:?}?");
        let error = PinataConfig::new().with_setting(name, "canary").unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (ErrorKind::Configuration, told.clone()));
        let error = toml::from_str::<PinataConfig>(&format!("{name} = \"canary\"")).unwrap_err();
        assert_eq!(error.message(), told);
    }
}

#[test]
fn every_setting_that_is_named_is_taken() {
    let shared = pinning_keys_http::ApiSettings::NAMES;
    assert!(shared.iter().all(|name| PinataConfig::SETTINGS.contains(name)));
    for &name in PinataConfig::SETTINGS {
        let value = match name {
            "route" => "sdk",
            "table" => "endpoints",
            "deadline_seconds" => "30",
            _ => "text",
        };
        assert!(PinataConfig::new().with_setting(name, value).is_ok(), "{name}");
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_told_by_name_and_not_quoted() {
    for (text, told) in [
        ("route = \"canary\"", "route must be \"v3\", \"sdk\" or \"legacy\""),
        ("route = [\"canary\"]", "route must be a text"),
        ("route = 3", "route must be a text"),
        ("table = \"canary\"", "table must be \"resources\" or \"endpoints\""),
        ("table = { file = \"canary\" }", "table must be a text"),
        ("base_url = 443", "base_url must be a text"),
        (
            "deadline_seconds = \"canary\"",
            "deadline_seconds must be a whole number of seconds, such as 30",
        ),
        ("allow_plain_http = 7", "allow_plain_http must be a list of texts"),
        (
            "jwt = [\"canary\"]",
            "jwt must be a text, { variable = \"NAME\" } or { file = \"PATH\" }",
        ),
        ("api_key = 7", "api_key must be a text, { variable = \"NAME\" } or { file = \"PATH\" }"),
        ("jwt_file = { file = \"canary\" }", "jwt_file must be a text"),
        ("jwt = true", "jwt must be a text, { variable = \"NAME\" } or { file = \"PATH\" }"),
        (
            "jwt = { varable = \"canary\" }",
            "jwt must be a text, { variable = \"NAME\" } or { file = \"PATH\" }",
        ),
        ("deadline_seconds = -1", "deadline_seconds must be a whole number of seconds, such as 30"),
        (
            "deadline_seconds = 1.5",
            "deadline_seconds must be a whole number of seconds, such as 30",
        ),
        ("allow_plain_http = [\"canary\", 7]", "allow_plain_http must be a list of texts"),
        (
            "api_secret = \"canary canary\"",
            "api_secret has a blank, a line break or a character outside ASCII at place 7 of 13\n  \
             set it to the text alone, without what stands around it",
        ),
    ] {
        let error = toml::from_str::<PinataConfig>(text).unwrap_err();
        assert_eq!(error.message(), told);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}

#[tokio::test]
async fn a_file_says_what_setters_say() {
    let script = Script::answer(200, r#"{"keys":[]}"#);
    let config: PinataConfig = toml::from_str(&format!(
        r#"
            route = "legacy"
            table = "endpoints"
            base_url = "https://proxy.test/pinata"
            api_key = {{ variable = "CARGO_PKG_NAME" }}
            api_secret = {{ file = "{}" }}
            deadline_seconds = 5
        "#,
        jwt_file()
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
fn no_secret_is_shown_by_a_configuration_or_an_issuer() {
    let (key, secret) = ACCOUNT_PAIR;
    let pair = PinataConfig::new().with_route(Route::Legacy).with_key_pair(key, secret);
    let in_file = format!("route = \"legacy\"\napi_key = {key:?}\napi_secret = {secret:?}");
    for config in [
        PinataConfig::new().with_jwt(ACCOUNT_JWT),
        pair,
        toml::from_str(&in_file).unwrap(),
        PinataConfig::new().with_jwt(ACCOUNT_JWT).with_base_url("https://canary@pinata.test"),
    ] {
        assert!(!format!("{config:?}").contains("canary"), "{config:?}");
        match config.build() {
            Ok(issuer) => assert!(!format!("{issuer:?}").contains("canary"), "{issuer:?}"),
            Err(error) => assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}"),
        }
    }
}

#[tokio::test]
async fn a_jwt_is_read_where_the_configuration_says() {
    // Cargo sets this variable for every test.
    let version = env!("CARGO_PKG_VERSION");
    for (config, expected) in [
        (Script::config as fn(&Script) -> PinataConfig, ACCOUNT_JWT),
        (|script| script.config().with_jwt(SecretFrom::variable("CARGO_PKG_VERSION")), version),
        (|script| script.config().with_jwt(SecretFrom::file(jwt_file())), "made.up.jwt"),
        (
            |script| {
                let config = script.config_without_credential();
                config.with_setting("jwt_file", jwt_file()).unwrap()
            },
            "made.up.jwt",
        ),
    ] {
        let script = Script::answer(200, r#"{"keys":[]}"#);
        config(&script).build().unwrap().list(&KeyQuery::new()).await.unwrap();
        assert_eq!(script.last_headers()["authorization"], format!("Bearer {expected}"));
    }
}

fn jwt_file() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jwt.txt")
}

#[test]
fn a_base_url_that_ends_where_the_routes_begin_is_refused() {
    for url in ["https://api.pinata.cloud/v3", "https://api.pinata.cloud/v3/"] {
        let config = PinataConfig::new().with_base_url(url).with_jwt(ACCOUNT_JWT);
        let error = config.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains("leave /v3 out"), "{error}");
    }
}

#[tokio::test]
async fn credentials_of_a_source_go_before_all_that_is_set() {
    let source = || Arc::new(from_fn(|_| async { AccountCredential::bearer("from-the-source") }));
    let (key, secret) = ACCOUNT_PAIR;
    for (_, route) in ROUTES {
        let script = Script::answer(200, r#"{"keys":[]}"#);
        let config = script.config().with_key_pair(key, secret).with_route(route);
        let issuer = config.with_credentials(source()).build().unwrap();
        issuer.list(&KeyQuery::new()).await.unwrap();
        let headers = script.last_headers();
        assert_eq!(headers["authorization"], "Bearer from-the-source");
        assert!(!headers.contains_key("pinata_api_key"));
    }
}

fn pair() -> Result<AccountCredential, Error> {
    AccountCredential::key_pair(&PAIR_HEADERS, ACCOUNT_PAIR.0, ACCOUNT_PAIR.1)
}

fn with_source(
    script: &Script,
    route: Route,
    source: impl CredentialSource + 'static,
) -> PinataIssuer {
    let config = script.config_without_credential().with_route(route);
    config.with_credentials(Arc::new(source)).build().unwrap()
}

fn request() -> KeyRequest {
    KeyRequest::new("user-42", ScopeRequest::admin()).unwrap()
}

#[tokio::test]
async fn a_key_pair_of_a_source_is_not_sent_to_a_route_that_takes_none() {
    for route in [Route::V3, Route::Sdk] {
        let script = Script::new(Vec::new());
        let issuer = with_source(&script, route, from_fn(|_| async { pair() }));
        let key = KeyRef::new("pinata", "0d2a").unwrap();
        let refused_issue = issuer.issue(&request()).await.unwrap_err();
        let listed = issuer.list(&KeyQuery::new()).await.unwrap_err();
        let revoked = issuer.revoke(&key).await.unwrap_err();
        assert_eq!(
            refused_issue.to_string(),
            "cannot issue key \"user-42\" at pinata: the account's credential is a key pair, and \
             these routes take a JWT alone\n  nothing was sent\n  have the credential source give \
             a JWT, or choose a route that takes pairs"
        );
        for error in [refused_issue, listed, revoked] {
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
            assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        }
        assert_eq!(script.requests(), 0);
    }
    let script = Script::answer(200, body("documents/created.json"));
    let issuer = with_source(&script, Route::Legacy, from_fn(|_| async { pair() }));
    assert!(issuer.issue(&request()).await.is_ok());
    assert_eq!(script.last_headers()["pinata_api_key"], ACCOUNT_PAIR.0);
}

#[tokio::test]
async fn a_key_pair_that_comes_after_a_refusal_is_not_sent_and_the_refusal_is_told() {
    for route in [Route::V3, Route::Sdk] {
        let script = Script::answer(401, body("errors/401_v3_not_authorized.json"));
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let source = from_fn(move |ask| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                match ask {
                    Ask::AfterRefusal(_) => pair(),
                    _ => AccountCredential::bearer("stale-token"),
                }
            }
        });
        let error = with_source(&script, route, source).issue(&request()).await.unwrap_err();
        assert_eq!(error.status().unwrap().as_u16(), 401);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
        assert!(error.to_string().contains("\"Not Authorized\" (HTTP 401, 1 attempt"), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("these routes take a JWT alone"), "{source}");
        assert!(!format!("{error} {error:?} {source}").contains("canary"), "{error:?}");
        assert_eq!((script.requests(), asked.load(Ordering::Relaxed)), (1, 2));
    }
}

#[tokio::test]
async fn a_key_pair_may_follow_a_token_where_both_are_taken() {
    let refused = || support::answer(401, body("errors/401_invalid_bearer.json"));
    let script = Script::new(vec![refused(), support::answer(200, r#"{"keys":[]}"#)]);
    let source = from_fn(|ask| async move {
        match ask {
            Ask::AfterRefusal(_) => pair(),
            _ => AccountCredential::bearer("stale-token"),
        }
    });
    with_source(&script, Route::Legacy, source).list(&KeyQuery::new()).await.unwrap();
    let headers = script.last_headers();
    assert_eq!(headers["pinata_secret_api_key"], ACCOUNT_PAIR.1);
    assert!(!headers.contains_key("authorization"));
}
