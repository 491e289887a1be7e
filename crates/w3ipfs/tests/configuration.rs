//! Which configurations build an issuer, and how the others are refused.

mod support;

use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{Effect, Error, ErrorKind, KeyIssuer, KeyQuery};
use pinning_keys_http::ApiSettings;
use pinning_keys_http::credentials::{AccountCredential, from_fn};
use pinning_keys_w3ipfs::{DEFAULT_BASE_URL, W3ipfsConfig, W3ipfsIssuer, base_url};
use support::{ACCOUNT_JWT, ACCOUNT_PAIR, Account, Answers, EMPTY, Script, advice, answer};

const KEY: (&str, &str) = ("api_key", ACCOUNT_PAIR.0);
const SECRET: (&str, &str) = ("api_secret", ACCOUNT_PAIR.1);
const JWT: (&str, &str) = ("jwt", ACCOUNT_JWT);

fn configured(settings: &[(&str, &str)]) -> Result<W3ipfsConfig, Error> {
    settings
        .iter()
        .try_fold(W3ipfsConfig::new(), |config, (name, value)| config.with_setting(name, *value))
}

fn built(settings: &[(&str, &str)]) -> Result<W3ipfsIssuer, Error> {
    // A transport of the test's own, because a build may have none.
    configured(settings)?.with_transport(Arc::new(Script::default())).build()
}

/// Lists once, and returns the script that was asked.
async fn listed_by(config: W3ipfsConfig) -> Script {
    let script = Script::answer(200, EMPTY);
    let issuer = config.with_transport(Arc::new(script.clone())).build().unwrap();
    issuer.list(&KeyQuery::new()).await.unwrap();
    script
}

#[tokio::test]
async fn address_of_each_era_is_called_below_its_path() {
    assert_eq!(DEFAULT_BASE_URL, base_url::AIOZ_PIN);
    assert_eq!(W3ipfsConfig::new().base_url(), DEFAULT_BASE_URL);
    for (url, host) in [
        (base_url::AIOZ_PIN, "api.aiozpin.network"),
        (base_url::W3IPFS_STORAGE, "api.w3ipfs.storage"),
        (base_url::W3IPFS_AIOZ, "api.w3ipfs.aioz.network"),
        (base_url::ATTOAIOZ, "api-ipfs.attoaioz.cyou"),
    ] {
        for url in [url.to_owned(), format!("{url}/")] {
            let config = configured(&[JWT]).unwrap().with_base_url(&*url);
            assert_eq!(config.base_url(), url);
            let list = format!("GET https://{host}/api/apiKeys/list?offset=0&limit=100");
            assert_eq!(listed_by(config).await.targets(), [list]);
        }
    }
}

#[tokio::test]
async fn page_size_is_sent_as_the_limit() {
    for (size, sent) in [("1", "2"), ("10", "10"), (" 250 ", "250")] {
        let settings = [JWT, ("page_size", size)];
        assert_eq!(built(&settings).unwrap().profile().page_size(), sent.parse().ok());
        let script = listed_by(configured(&settings).unwrap()).await;
        assert!(script.targets()[0].ends_with(&format!("&limit={sent}")));
    }
    assert_eq!(built(&[JWT, ("page_size", " ")]).unwrap().profile().page_size(), Some(100));
    for none in ["0", "-1", "ten"] {
        let error = configured(&[("page_size", none)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().starts_with("page_size must be"), "{error}");
    }
}

#[test]
fn invalid_combinations_are_refused_with_advice() {
    let bare = ("base_url", "https://api.aiozpin.network");
    let slashed = ("base_url", "https://api.aiozpin.network/");
    let no_path = "base_url has no path, but the provider's API is at /api";
    let add_api = "add /api to base_url (PINNING_KEYS_BASE_URL)";
    let no_api = "base_url has a host of the provider that does not serve the API";
    let no_route = "base_url contains a route";
    let [gateway, old_gateway, website, created, listed, psa] = [
        "https://premium.aiozpin.network",
        "https://public.w3ipfs.storage/ipfs",
        "https://aiozpin.network/api",
        "https://api.aiozpin.network/api/apiKeys/",
        "https://proxy.test/w3ipfs/apiKeys/list",
        "https://api.w3ipfs.storage/api/psa",
    ]
    .map(|url| ("base_url", url));
    for (settings, message, told) in [
        (&[JWT, bare][..], no_path, add_api),
        (&[KEY, SECRET, slashed], no_path, add_api),
        (&[JWT, gateway], no_api, "https://api.aiozpin.network/api"),
        (&[JWT, old_gateway], no_api, "https://api.aiozpin.network/api"),
        (&[JWT, website], no_api, "https://api.aiozpin.network/api"),
        (&[JWT, created], no_route, "remove /apiKeys"),
        (&[JWT, listed], no_route, "remove /apiKeys"),
        (&[JWT, psa], "base_url has a path other than /api", "correct base_url"),
        // The same at every provider, in the words of `pinning-keys-http`.
        (&[], "credential", "jwt"),
        (&[KEY], "api_secret", ""),
        (&[SECRET], "api_key", ""),
        (&[JWT, KEY, SECRET], "", ""),
        (&[JWT, KEY], "", ""),
        (&[JWT, SECRET], "", ""),
        (&[KEY, ("api_key_file", "f")], "set twice", ""),
    ] {
        let error = built(settings).unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
        assert!(error.to_string().contains(message), "{error}");
        assert!(advice(&error).contains(told), "{error:#}");
        assert!(!format!("{error:#} {error:?}").contains("canary"), "{error:?}");
    }
    assert_eq!(W3ipfsConfig::new().build().unwrap_err().provider(), Some("w3ipfs"));
}

#[test]
fn every_listed_setting_is_accepted_and_no_other() {
    assert!(ApiSettings::NAMES.iter().all(|name| W3ipfsConfig::SETTINGS.contains(name)));
    for &name in W3ipfsConfig::SETTINGS {
        let value = match name {
            "deadline_seconds" | "page_size" => "5",
            "base_url" => "https://w3ipfs.test/api",
            _ => "text",
        };
        assert!(configured(&[(name, value)]).is_ok(), "{name}");
    }
    // The last is a setting of another adapter.
    for (name, told) in [
        ("api_kee", "\"api_key\""),
        ("JWT_FILE", "\"jwt_file\""),
        ("page_sise", "\"page_size\""),
        ("route", "page_size"),
    ] {
        let error = configured(&[(name, "canary")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(told), "{error}");
        let in_file = toml::from_str::<W3ipfsConfig>(&format!("{name} = \"canary\"")).unwrap_err();
        assert_eq!(in_file.message(), error.to_string());
        assert!(!in_file.message().contains("canary"), "{in_file}");
    }
}

#[tokio::test]
async fn file_contains_the_credential_or_its_place() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/jwt.txt");
    // Cargo sets the variable for every test.
    let version = env!("CARGO_PKG_VERSION");
    let pair = format!(
        "api_key = {{ variable = \"CARGO_PKG_VERSION\" }}\napi_secret = {{ file = {here:?} }}"
    );
    for (credential, header, value) in [
        (format!("jwt = {ACCOUNT_JWT:?}"), "authorization", format!("Bearer {ACCOUNT_JWT}")),
        (format!("jwt_file = {here:?}"), "authorization", "Bearer made.up.jwt".to_owned()),
        (pair.clone(), "pinning_api_key", version.to_owned()),
        (pair, "pinning_secret_key", "made.up.jwt".to_owned()),
    ] {
        let file = format!(
            "{credential}\nbase_url = \"http://mock.internal/api\"\n\
             allow_plain_http = [\"mock.internal\"]\ndeadline_seconds = 5"
        );
        let script = listed_by(toml::from_str(&file).unwrap()).await;
        assert_eq!(script.last_headers()[header], value, "{file}");
        let target = "GET http://mock.internal/api/apiKeys/list?offset=0&limit=100";
        assert_eq!(script.targets(), [target]);
    }
}

#[test]
fn configuration_and_issuer_show_no_secret() {
    let jwt = W3ipfsConfig::new().with_jwt(ACCOUNT_JWT);
    for config in [
        jwt.clone().with_base_url("https://canary:canary@host/api"),
        jwt.clone().with_base_url(format!("https://host/api?jwt={ACCOUNT_JWT}")),
        jwt.clone().with_jwt(format!("{ACCOUNT_JWT}\n")),
        jwt.clone().with_key_pair(ACCOUNT_PAIR.0, ACCOUNT_PAIR.1),
        W3ipfsConfig::new().with_key_pair(ACCOUNT_PAIR.0, ACCOUNT_PAIR.1),
        jwt,
    ] {
        let shown = format!("{config:?} {:#?}", config.clone().build());
        assert!(!shown.contains("canary"), "{shown}");
    }
}

#[tokio::test]
async fn source_takes_precedence_over_a_jwt() {
    let source = Arc::new(from_fn(|_| async { AccountCredential::bearer("from-the-source") }));
    let config = configured(&[JWT]).unwrap().with_credentials(source);
    let headers = listed_by(config).await.last_headers();
    assert_eq!(headers["authorization"], "Bearer from-the-source");
}

#[tokio::test(start_paused = true)]
async fn deadline_that_is_set_ends_a_call() {
    let began = tokio::time::Instant::now();
    let script = Script::slow(Duration::from_secs(60), |_| answer(200, EMPTY));
    let issuer = Account::Jwt.of(script.config()).with_setting("deadline_seconds", "7").unwrap();
    let error = issuer.build().unwrap().list(&KeyQuery::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(began.elapsed().as_secs(), 7);
}
