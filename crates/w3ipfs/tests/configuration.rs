//! Which configurations make an issuer, and what the others are told.

mod support;

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Effect, Error, ErrorKind, KeyIssuer, KeyQuery};
use pinning_keys_http::credentials::{AccountCredential, SecretFrom, from_fn};
use pinning_keys_w3ipfs::{DEFAULT_BASE_URL, W3ipfsConfig, W3ipfsIssuer, base_url};
use support::{ACCOUNT_JWT, ACCOUNT_PAIR, Account, Script, answer};

const KEY: (&str, &str) = ("api_key", ACCOUNT_PAIR.0);
const SECRET: (&str, &str) = ("api_secret", ACCOUNT_PAIR.1);
const JWT: (&str, &str) = ("jwt", ACCOUNT_JWT);

const EMPTY: &str = r#"{"data":{"total":0,"api_keys":null},"status":"success"}"#;

const KEY_ALONE: &str = "api_key is set, and api_secret is not\n  \
                         a key and its secret go together: set both, or set jwt instead";
const SECRET_ALONE: &str = "api_secret is set, and api_key is not\n  \
                            a key and its secret go together: set both, or set jwt instead";
const BOTH: &str = "a JWT and a key pair are both set\n  \
                    the account is talked to with one of them: remove the other";
const NO_CREDENTIAL: &str = "no credential of the account is set\n  \
                             set jwt, or api_key and api_secret: to the text itself, or to the \
                             variable or the file that holds it";
const NO_PATH: &str = "the base URL has no path, and the provider's API is at /api\n  \
                       add it, as in https://api.aiozpin.network/api";

fn configured(settings: &[(&str, &str)]) -> Result<W3ipfsConfig, Error> {
    settings
        .iter()
        .try_fold(W3ipfsConfig::new(), |config, (name, value)| config.with_setting(name, *value))
}

fn built(settings: &[(&str, &str)]) -> Result<W3ipfsIssuer, Error> {
    // A transport of the test's own, since a build may have none.
    configured(settings)?.with_transport(Arc::new(Script::default())).build()
}

/// Lists once and hands over the headers that were sent.
async fn sent_by(config: impl Fn(W3ipfsConfig) -> W3ipfsConfig) -> http::HeaderMap {
    let script = Script::answer(200, EMPTY);
    config(script.config()).build().unwrap().list(&KeyQuery::new()).await.unwrap();
    script.last_headers()
}

#[tokio::test]
async fn the_address_of_each_era_is_called_below_its_path() {
    assert_eq!(DEFAULT_BASE_URL, base_url::AIOZ_PIN);
    assert_eq!(W3ipfsConfig::new().base_url(), DEFAULT_BASE_URL);
    for (url, host) in [
        (base_url::AIOZ_PIN, "api.aiozpin.network"),
        (base_url::W3IPFS_STORAGE, "api.w3ipfs.storage"),
        (base_url::W3IPFS_AIOZ, "api.w3ipfs.aioz.network"),
        (base_url::ATTOAIOZ, "api-ipfs.attoaioz.cyou"),
    ] {
        for url in [url.to_owned(), format!("{url}/")] {
            let script = Script::answer(200, EMPTY);
            let config = Account::Jwt.of(script.config()).with_base_url(&*url);
            assert_eq!(config.base_url(), url);
            config.build().unwrap().list(&KeyQuery::new()).await.unwrap();
            let list = format!("GET https://{host}/api/apiKeys/list?offset=0&limit=100");
            assert_eq!(script.targets(), [list]);
        }
    }
}

#[tokio::test]
async fn a_page_has_as_many_keys_as_are_asked_for() {
    for size in ["1", "10", " 250 "] {
        let script = Script::answer(200, EMPTY);
        let config = configured(&[JWT, ("page_size", size)]).unwrap();
        let issuer = config.with_transport(Arc::new(script.clone())).build().unwrap();
        assert_eq!(issuer.profile().page_size(), size.trim().parse().ok());
        issuer.list(&KeyQuery::new()).await.unwrap();
        assert!(script.targets()[0].ends_with(&format!("&limit={}", size.trim())));
    }
    for none in ["0", "-1", "ten", ""] {
        let error = configured(&[("page_size", none)]).unwrap_err();
        let told = "page_size must be a whole number above zero, such as 10";
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().starts_with(told), "{error}");
    }
}

#[test]
fn what_does_not_go_together_is_refused_and_the_way_out_is_told() {
    let bare = ("base_url", "https://api.aiozpin.network");
    let slashed = ("base_url", "https://api.aiozpin.network/");
    for (settings, told) in [
        (&[][..], NO_CREDENTIAL),
        (&[KEY], KEY_ALONE),
        (&[SECRET], SECRET_ALONE),
        (&[JWT, KEY, SECRET], BOTH),
        (&[JWT, KEY], BOTH),
        (&[JWT, SECRET], BOTH),
        (&[JWT, bare], NO_PATH),
        (&[KEY, SECRET, slashed], NO_PATH),
        (
            &[JWT, ("jwt_file", "token.txt")],
            "jwt is set twice, perhaps as jwt_file too\n  remove one of them",
        ),
        (
            &[KEY, ("api_key_file", "f")],
            "api_key is set twice, perhaps as api_key_file too\n  remove one of them",
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
    let config = || W3ipfsConfig::new().with_transport(Arc::new(Script::default()));
    let jwt = config().with_jwt(ACCOUNT_JWT);
    for (config, told) in [
        (config(), "no credential of the account"),
        (jwt.clone().with_key_pair(key, secret), "are both set"),
        (jwt.clone().with_base_url("https://api.aiozpin.network"), "has no path"),
        (jwt.clone().with_base_url("http://api.aiozpin.network/api"), "by plain http"),
        (jwt.clone().with_base_url("api.aiozpin.network/api"), "does not begin with https://"),
        (jwt.with_deadline(Duration::ZERO), "must be more than nothing"),
    ] {
        let error = config.build().unwrap_err();
        assert_eq!((error.kind(), error.provider()), (ErrorKind::Configuration, Some("w3ipfs")));
        assert!(error.to_string().contains(told), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[test]
fn plain_http_is_for_this_machine_and_for_hosts_that_are_named() {
    let settings = [JWT, ("base_url", "http://mock.internal/api")];
    let error = built(&settings).unwrap_err();
    assert!(error.to_string().contains("reaches mock.internal by plain http"), "{error}");
    let allowed = ("allow_plain_http", "other.internal, mock.internal");
    assert!(built(&[settings[0], settings[1], allowed]).is_ok());
    let by_setter = configured(&settings).unwrap().with_plain_http_host("mock.internal");
    assert!(by_setter.with_transport(Arc::new(Script::default())).build().is_ok());
    assert!(built(&[JWT, ("base_url", "http://127.0.0.1:8787/api")]).is_ok());
}

#[test]
fn text_that_can_be_no_credential_is_refused_unquoted() {
    for secret in ["canary canary", "canary\n", "", "canaryé"] {
        for config in [
            W3ipfsConfig::new().with_jwt(secret),
            W3ipfsConfig::new().with_key_pair("key", secret),
            W3ipfsConfig::new().with_key_pair(secret, "secret"),
        ] {
            assert!(!format!("{config:?}").contains("canary"), "{config:?}");
            let error = config.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        for name in ["jwt", "api_key", "api_secret"] {
            let error = configured(&[(name, secret)]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().starts_with(name), "{error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
}

#[test]
fn a_setting_that_there_is_not_is_told_with_the_nearest_that_there_is() {
    let listed = "there are base_url, jwt, jwt_file, api_key, api_key_file, api_secret, \
                  api_secret_file, allow_plain_http, deadline_seconds, page_size";
    for (name, told) in [
        ("api_kee", "did you mean \"api_key\"?"),
        ("api_secret_fle", "did you mean \"api_secret_file\"?"),
        ("JWT_FILE", "did you mean \"jwt_file\"?"),
        // Settings of other adapters.
        ("route", listed),
        ("table", listed),
    ] {
        let error = configured(&[(name, "canary")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert_eq!(error.to_string(), format!("there is no setting {name:?}; {told}"));
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
}

#[test]
fn every_setting_that_is_named_is_taken() {
    let mut named = W3ipfsConfig::SETTINGS.to_vec();
    for (name, value) in [
        ("base_url", base_url::W3IPFS_STORAGE),
        ("jwt", ACCOUNT_JWT),
        ("jwt_file", "token.txt"),
        ("api_key", ACCOUNT_PAIR.0),
        ("api_key_file", "key.txt"),
        ("api_secret", ACCOUNT_PAIR.1),
        ("api_secret_file", "secret.txt"),
        ("allow_plain_http", "mock.internal"),
        ("deadline_seconds", "5"),
        ("page_size", "10"),
    ] {
        let config = configured(&[(name, value)]).unwrap();
        assert!(!format!("{config:?}").contains("canary"), "{config:?}");
        named.retain(|setting| *setting != name);
    }
    assert!(named.is_empty(), "not tried: {named:?}");
}

#[tokio::test]
async fn a_file_holds_the_credential_or_says_where_it_is() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jwt.txt");
    // Cargo sets this variable for every test.
    let version = env!("CARGO_PKG_VERSION");
    for (file, headers) in [
        (
            format!("jwt = {ACCOUNT_JWT:?}"),
            vec![("authorization", format!("Bearer {ACCOUNT_JWT}"))],
        ),
        (format!("jwt_file = {here:?}"), vec![("authorization", "Bearer made.up.jwt".to_owned())]),
        (
            format!("jwt = {{ file = {here:?} }}"),
            vec![("authorization", "Bearer made.up.jwt".to_owned())],
        ),
        (
            format!(
                "api_key = {{ variable = \"CARGO_PKG_VERSION\" }}\n\
                 api_secret = {{ file = {here:?} }}"
            ),
            vec![
                ("pinning_api_key", version.to_owned()),
                ("pinning_secret_key", "made.up.jwt".to_owned()),
            ],
        ),
    ] {
        let file = format!(
            "{file}\nbase_url = \"http://mock.internal/api\"\n\
             allow_plain_http = [\"mock.internal\"]\ndeadline_seconds = 5"
        );
        let config: W3ipfsConfig = toml::from_str(&file).unwrap();
        let script = Script::answer(200, EMPTY);
        let issuer = config.with_transport(Arc::new(script.clone())).build().unwrap();
        issuer.list(&KeyQuery::new()).await.unwrap();
        let sent = script.last_headers();
        for (name, value) in headers {
            assert_eq!(sent[name], value, "{file}");
        }
        let target = "GET http://mock.internal/api/apiKeys/list?offset=0&limit=100";
        assert_eq!(script.targets(), [target]);
    }
}

#[test]
fn mistakes_in_a_file_are_told_without_the_secret() {
    for (file, told) in [
        ("jwt = 7", "jwt must be a text"),
        ("jwt = [\"canary\"]", "jwt must be a text"),
        ("jwt = true", "must be a text"),
        ("jwt = { path = \"canary\" }", "must be a text"),
        ("api_key = 1.5", "must be a text"),
        ("base_url = 7", "base_url must be a text"),
        ("base_url = [\"https://canary.example/api\"]", "base_url must be a text"),
        ("deadline_seconds = \"soon\"", "deadline_seconds"),
        ("allow_plain_http = 7", "allow_plain_http must be a list of texts"),
        ("api_sekret = \"canary\"", "did you mean \"api_secret\"?"),
    ] {
        let error = toml::from_str::<W3ipfsConfig>(file).unwrap_err();
        assert!(error.message().contains(told), "{told:?} is not in: {}", error.message());
        assert!(!error.message().contains("canary"), "{}", error.message());
    }
}

#[test]
fn a_secret_in_place_of_a_variables_name_is_not_shown() {
    for config in [
        W3ipfsConfig::new().with_jwt(SecretFrom::variable(ACCOUNT_JWT)),
        W3ipfsConfig::new().with_key_pair("key", SecretFrom::variable("canary-secret==")),
    ] {
        assert!(!format!("{config:?}").contains("canary"), "{config:?}");
        let error = config.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn a_secret_that_is_not_where_it_should_be_is_told_before_anything_is_sent() {
    let script = Script::default();
    let nowhere = SecretFrom::file("/nowhere/at/all");
    let issuer = script.config().with_key_pair("key", nowhere).build().unwrap();
    let error = issuer.list(&KeyQuery::new()).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::CredentialUnavailable, Effect::NotSent));
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
    assert_eq!(script.requests(), 0);
}

#[tokio::test]
async fn a_source_goes_before_a_jwt() {
    let source = Arc::new(from_fn(|_| async { AccountCredential::bearer("from-the-source") }));
    let headers = sent_by(|config| Account::Jwt.of(config).with_credentials(source.clone())).await;
    assert_eq!(headers["authorization"], "Bearer from-the-source");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_the_one_that_is_set() {
    let began = tokio::time::Instant::now();
    let script = Script::slow(Duration::from_secs(60), |_| answer(200, EMPTY));
    let issuer = Account::Jwt.of(script.config()).with_setting("deadline_seconds", "7").unwrap();
    let error = issuer.build().unwrap().list(&KeyQuery::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), 7);
}
