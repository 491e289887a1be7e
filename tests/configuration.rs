//! Configuration: from files, from the environment, and the mistakes that people make in them.

use pinning_keys::pinata::PinataConfig;
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{ErrorKind, IssuerConfig, KeyIssuer};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.canary.secret";

fn table(config: IssuerConfig) -> String {
    config.build().unwrap().profile().table().to_string()
}

fn refusal(variables: &[(&str, &str)]) -> String {
    let built = IssuerConfig::from_vars(variables.iter().copied()).and_then(IssuerConfig::build);
    let error = built.err().unwrap_or_else(|| panic!("{variables:?} is refused"));
    let text = format!("{error:#}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{text}");
    text
}

#[test]
fn the_environment_names_the_provider_and_its_settings() {
    let config = IssuerConfig::from_vars([
        ("PINNING_KEYS_PROVIDER", "pinata"),
        ("PINNING_KEYS_JWT", JWT),
        ("PINNING_KEYS_TABLE", "endpoints"),
        ("PINNING_KEYS_BASE_URL", "https://pinata.example/sub/"),
        ("PINNING_KEYS_DEADLINE_SECONDS", "5"),
        ("HOME", "/somewhere"),
    ]);
    assert_eq!(table(config.unwrap()), "pinata (endpoints)");
}

#[test]
fn the_variable_of_the_providers_own_client_is_enough() {
    let config = IssuerConfig::from_vars([("PINATA_JWT", format!("{JWT}\n"))]).unwrap();
    assert_eq!(table(config), "pinata (resources)");
}

#[test]
fn a_variable_of_ours_goes_before_the_fallback() {
    // The fallback could not be a token; that it is not looked at shows in the success.
    let config = IssuerConfig::from_vars([
        ("PINNING_KEYS_PROVIDER", "pinata"),
        ("PINNING_KEYS_JWT", JWT),
        ("PINATA_JWT", "not a token"),
    ]);
    assert!(config.unwrap().build().is_ok());
}

#[test]
fn mistakes_in_the_environment_are_told_with_what_to_do() {
    let provider = ("PINNING_KEYS_PROVIDER", "pinata");
    let jwt = ("PINNING_KEYS_JWT", JWT);
    let w3ipfs = ("PINNING_KEYS_PROVIDER", "w3ipfs");
    let legacy = ("PINNING_KEYS_ROUTE", "legacy");
    let (key, secret) =
        (("PINNING_KEYS_API_KEY", "canary-key"), ("PINNING_KEYS_API_SECRET", "canary-secret"));
    for (variables, told) in [
        (vec![], "PINNING_KEYS_PROVIDER is not set"),
        (vec![("PINATA_JWT", " ")], "PINNING_KEYS_PROVIDER is not set"),
        (vec![("PINNING_KEYS_PROVIDR", "pinata")], "did you mean \"PINNING_KEYS_PROVIDER\"?"),
        (
            vec![("PINNING_KEYS_PROVIDER", "pinatta")],
            "unknown provider; expected one of pinata, w3ipfs",
        ),
        (vec![("PINNING_KEYS_PROVIDER", "canary")], "(from PINNING_KEYS_PROVIDER)"),
        (vec![provider, ("PINNING_KEYS_TABEL", "x")], "did you mean \"PINNING_KEYS_TABLE\"?"),
        (vec![provider, ("PINNING_KEYS_jwt", JWT)], "did you mean \"PINNING_KEYS_JWT\"?"),
        (
            vec![provider, ("PINNING_KEYS_COLOUR_OF_THE_SKY", "blue")],
            "expected one of PINNING_KEYS_",
        ),
        (vec![provider], "no credential is set for the pinata account"),
        (vec![provider, ("PINNING_KEYS_JWT", "")], "jwt is empty"),
        (vec![provider, ("PINNING_KEYS_JWT", "canary\ncanary")], "line break"),
        (vec![provider, ("PINNING_KEYS_JWT", "canary-ключ")], "outside ASCII"),
        (vec![("PINATA_JWT", "canary canary")], "(from PINATA_JWT)"),
        (vec![provider, jwt, ("PINNING_KEYS_ALLOW_PLAIN_HTTP", "http://x")], "allow_plain_http"),
        (vec![provider], "set PINNING_KEYS_JWT (or PINATA_JWT), or PINNING_KEYS_API_KEY and"),
        (vec![provider, ("PINNING_KEYS_JWT_FILE", "")], "is empty"),
        (vec![provider, jwt, ("PINNING_KEYS_JWT_FILE", "f")], "jwt is set twice"),
        (vec![provider, jwt, ("PINNING_KEYS_TABLE", "scopes")], "\"resources\" or \"endpoints\""),
        (vec![provider, jwt, ("PINNING_KEYS_TABLE", "scopes")], "(from PINNING_KEYS_TABLE)"),
        (vec![provider, jwt, ("PINNING_KEYS_DEADLINE_SECONDS", "soon")], "number of seconds"),
        (vec![provider, jwt, ("PINNING_KEYS_DEADLINE_SECONDS", "0")], "deadline"),
        (vec![provider, jwt, ("PINNING_KEYS_ROUTE", "v2")], "\"v3\", \"sdk\" or \"legacy\""),
        (vec![provider, key, secret], "this route accepts only a JWT"),
        (vec![provider, jwt, key, secret, legacy], "both a JWT and a key pair are set"),
        (vec![provider, key, legacy], "api_key is set, but api_secret is not"),
        (vec![provider, secret, legacy], "api_secret is set, but api_key is not"),
        (
            vec![provider, jwt, legacy, ("PINNING_KEYS_TABLE", "resources")],
            "the legacy routes cannot issue keys of table \"resources\"",
        ),
        (vec![w3ipfs], "no credential is set for the w3ipfs account"),
        (vec![w3ipfs, ("PINATA_JWT", JWT)], "no credential is set for the w3ipfs account"),
        (vec![w3ipfs, jwt, key, secret], "both a JWT and a key pair are set"),
        (vec![provider, ("PINNING_KEYS_JWT", "Bearer canary")], "set it to the credential alone"),
        // Another program's variable does not decide where our credential goes.
        (vec![jwt, ("PINATA_JWT", JWT)], "PINNING_KEYS_PROVIDER is not set"),
        (vec![key, secret, legacy, ("PINATA_JWT", JWT)], "PINNING_KEYS_PROVIDER is not set"),
        (vec![w3ipfs, key], "api_key is set, but api_secret is not"),
        (
            vec![w3ipfs, jwt, ("PINNING_KEYS_TABLE", "resources")],
            "belongs to pinata, not to w3ipfs",
        ),
        (vec![w3ipfs, jwt, ("PINNING_KEYS_ROUTE", "v3")], "(from PINNING_KEYS_ROUTE)"),
        (vec![w3ipfs, jwt, ("PINNING_KEYS_ZZZZ", "x")], "expected one of PINNING_KEYS_"),
        (vec![provider, ("PINNING_KEYS_JTW", "x")], "did you mean \"PINNING_KEYS_JWT\"?"),
        (vec![w3ipfs, jwt, ("PINNING_KEYS_BASE_URL", "https://api.aiozpin.network")], "/api"),
    ] {
        let text = refusal(&variables);
        assert!(text.contains(told), "{told:?} is not in:\n{text}");
    }
}

#[test]
fn base_urls_that_would_leak_the_credential_are_refused() {
    for url in [
        "http://api.pinata.example",
        "http://10.0.0.1",
        "https://user:canary@api.pinata.example",
        "https://api.pinata.example/?key=canary",
        "https://api.pinata.example/#canary",
        "ftp://api.pinata.example",
        "api.pinata.example",
        "https://",
        "",
    ] {
        let text = refusal(&[("PINATA_JWT", JWT), ("PINNING_KEYS_BASE_URL", url)]);
        assert!(text.contains("URL") || text.contains("http"), "{url}: {text}");
    }
}

#[test]
fn plain_http_goes_to_loopback_and_to_hosts_that_are_allowed() {
    for (url, allowed) in [
        ("http://127.0.0.1:8787", ""),
        ("http://[::1]:8787", ""),
        ("http://localhost:8787", ""),
        ("http://pinata.internal", "other.internal, pinata.internal"),
    ] {
        let config = IssuerConfig::from_vars([
            ("PINATA_JWT", JWT),
            ("PINNING_KEYS_BASE_URL", url),
            ("PINNING_KEYS_ALLOW_PLAIN_HTTP", allowed),
        ]);
        assert!(config.unwrap().build().is_ok(), "{url}");
    }
}

#[test]
fn a_file_takes_the_secret_itself_a_variable_or_a_path() {
    for jwt in [r#""eyJ.a.b""#, r#"{ variable = "MY_JWT" }"#, r#"{ file = "/run/secrets/jwt" }"#] {
        let text = format!("provider = \"pinata\"\ntable = \"endpoints\"\njwt = {jwt}");
        let config: IssuerConfig = toml::from_str(&text).unwrap();
        assert_eq!(table(config), "pinata (endpoints)", "{jwt}");
    }
}

#[test]
fn every_setting_of_the_environment_is_one_of_the_file() {
    for (file, settings) in [
        (
            r#"
                provider = "pinata"
                base_url = "https://pinata.example"
                route = "legacy"
                table = "endpoints"
                api_key = "k"
                api_secret = { file = "f" }
                allow_plain_http = ["pinata.internal"]
                deadline_seconds = 5
            "#,
            PinataConfig::SETTINGS,
        ),
        (
            r#"
                provider = "w3ipfs"
                base_url = "https://w3ipfs.example/api"
                api_key = { variable = "W3IPFS_KEY" }
                api_secret_file = "f"
                allow_plain_http = "w3ipfs.internal, other.internal"
                deadline_seconds = "5"
                page_size = 10
            "#,
            W3ipfsConfig::SETTINGS,
        ),
    ] {
        let config: IssuerConfig = toml::from_str(file).unwrap();
        assert_eq!(config.settings(), settings);
        assert!(config.build().is_ok());
        let not_beside_a_pair = ["jwt", "jwt_file"];
        for setting in settings.iter().filter(|name| !not_beside_a_pair.contains(*name)) {
            let in_file = setting.strip_suffix("_file").unwrap_or(setting);
            assert!(file.contains(in_file), "{setting}");
        }
    }
}

#[test]
fn a_key_pair_comes_from_the_environment_whole_or_from_files() {
    for (variables, table) in [
        (
            vec![
                ("PINNING_KEYS_PROVIDER", "w3ipfs"),
                ("PINNING_KEYS_API_KEY", "key"),
                ("PINNING_KEYS_API_SECRET", "secret"),
            ],
            "w3ipfs (scopes)",
        ),
        (
            vec![
                ("PINNING_KEYS_PROVIDER", "pinata"),
                ("PINNING_KEYS_ROUTE", "legacy"),
                ("PINNING_KEYS_API_KEY", "key"),
                ("PINNING_KEYS_API_SECRET_FILE", "/run/secrets/secret"),
                // Another program's variable does not get in the way of what is set for us.
                ("PINATA_JWT", JWT),
            ],
            "pinata (endpoints)",
        ),
    ] {
        assert_eq!(table_of(&variables), table);
    }
}

fn table_of(variables: &[(&str, &str)]) -> String {
    table(IssuerConfig::from_vars(variables.iter().copied()).unwrap())
}

#[test]
fn mistakes_in_a_file_are_told_without_the_secret() {
    for (text, told) in [
        ("table = \"resources\"", "provider"),
        ("provider = \"pinatta\"", "pinata"),
        ("provider = \"pinata\"\ntabel = \"x\"", "did you mean \"table\"?"),
        ("provider = \"w3ipfs\"\ntable = \"x\"", "setting \"table\" belongs to pinata"),
        ("provider = \"pinata\"\njtw = \"canary\"", "did you mean \"jwt\"?"),
        ("provider = 7", "provider must be a string"),
        ("provider = \"canary\"", "unknown provider; expected one of pinata, w3ipfs"),
        ("provider = \"pinata\"\ntable = \"scopes\"", "endpoints"),
        ("provider = \"pinata\"\njwt = { path = \"canary\" }", "variable"),
        ("provider = \"pinata\"\njwt = 7", "variable"),
        ("provider = \"pinata\"\njwt = [\"canary\"]", "variable"),
        ("provider = \"pinata\"\njwt = { variable = \"canary\", file = \"f\" }", "variable"),
    ] {
        let error = toml::from_str::<IssuerConfig>(text).unwrap_err();
        assert!(error.message().contains(told), "{told:?} is not in: {}", error.message());
        assert!(!error.message().contains("canary"), "{}", error.message());
    }
}

#[tokio::test]
async fn a_secret_that_is_kept_elsewhere_and_is_not_there_is_told_before_anything_is_sent() {
    let file = "provider = \"pinata\"\njwt = { file = \"/nowhere/at/all\" }";
    let config: IssuerConfig = toml::from_str(file).unwrap();
    let error = config.build().unwrap().list(&pinning_keys::KeyQuery::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert_eq!(error.effect(), pinning_keys::Effect::NotSent);
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[test]
fn a_configuration_prints_no_secret() {
    let config = IssuerConfig::from_vars([("PINATA_JWT", JWT)]).unwrap();
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
}

#[test]
fn a_token_in_place_of_a_variables_name_is_not_shown() {
    let file = "provider = \"pinata\"\njwt = { variable = \"eyJ.canary.x\" }";
    let config: IssuerConfig = toml::from_str(file).unwrap();
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
    let error = config.build().err().expect("a token names no variable");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_value_that_is_not_text_is_told_by_its_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let value = OsString::from_vec(b"canary\xff".to_vec());
    let error = IssuerConfig::from_vars([(OsString::from("PINNING_KEYS_JWT"), value)]).unwrap_err();
    assert_eq!(error.to_string(), "the value of PINNING_KEYS_JWT is not UTF-8");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_in_seconds() {
    let from_environment =
        IssuerConfig::from_vars([("PINATA_JWT", JWT), ("PINNING_KEYS_DEADLINE_SECONDS", "7")]);
    let from_file: IssuerConfig =
        toml::from_str("provider = \"pinata\"\njwt = \"eyJ.a.b\"\ndeadline_seconds = 7").unwrap();
    for config in [from_environment.unwrap(), from_file] {
        let IssuerConfig::Pinata(config) = config else { panic!("it is Pinata's") };
        let issuer = config.with_transport(std::sync::Arc::new(Silent)).build().unwrap();
        let began = tokio::time::Instant::now();
        let request = pinning_keys::KeyRequest::new("k", pinning_keys::ScopeRequest::reader());
        let error = issuer.issue(&request.unwrap()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(began.elapsed().as_secs(), 7);
    }
}

/// Never answers, and takes no notice of its limits.
struct Silent;

#[async_trait::async_trait]
impl pinning_keys::transport::Transport for Silent {
    async fn send(
        &self,
        _: http::Request<bytes::Bytes>,
        _: pinning_keys::transport::Limits,
    ) -> Result<http::Response<bytes::Bytes>, pinning_keys::transport::TransportError> {
        std::future::pending().await
    }
}
