//! What configurations have in common: settings by name, and the client that comes of them.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use pinning_keys_core::{Effect, Error, ErrorKind, Operation, PairHeaders};
use pinning_keys_http::credentials::{AccountCredential, SecretFrom, from_fn};
use pinning_keys_http::{ApiClient, ApiSettings, NamedCredential, SentAs, Setting};

use crate::support::{Script, call, status};

const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");

fn settings(given: &[(&str, &str)]) -> Result<ApiSettings, Error> {
    let mut settings = ApiSettings::default();
    for (name, value) in given {
        assert!(settings.set(name, (*value).into())?, "{name} is a setting");
    }
    Ok(settings)
}

fn client(settings: ApiSettings) -> Result<ApiClient, Error> {
    settings.client("example", "https://api.example.com", HEADERS)?.build()
}

fn refusal(given: &[(&str, &str)]) -> Error {
    let error = settings(given).and_then(client).expect_err("it is refused");
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    error
}

#[test]
fn each_listed_name_is_a_setting_and_no_other() {
    for &name in ApiSettings::NAMES {
        let value = match name {
            "deadline_seconds" => "5",
            "base_url" => "https://api.example.com",
            _ => "value",
        };
        assert!(ApiSettings::default().set(name, value.into()).unwrap(), "{name}");
    }
    for name in ["", "jwt_file_file", "base_url_file", "table", "JWT"] {
        assert!(!ApiSettings::default().set(name, "value".into()).unwrap(), "{name}");
    }
}

#[test]
fn incomplete_or_second_credential_is_refused() {
    for (given, told) in [
        (&[][..], "no credential of the account is set"),
        (&[("api_key", "canary")], "api_key is set, but api_secret is not"),
        (&[("api_secret", "canary")], "api_secret is set, but api_key is not"),
        (
            &[("jwt", "canary"), ("api_key", "k"), ("api_secret", "s")],
            "both a JWT and a key pair are set",
        ),
        (&[("jwt", "canary"), ("api_secret", "s")], "both a JWT and a key pair are set"),
        (&[("jwt", "canary"), ("jwt_file", "f")], "jwt is set twice"),
        (&[("jwt", "canary"), ("jwt", "canary")], "jwt is set twice"),
        (&[("jwt", "canary canary")], "jwt has a blank"),
        (&[("jwt_file", "")], "jwt_file is empty"),
        (&[("api_key", "k"), ("api_secret_file", " ")], "api_secret_file is empty"),
        (&[("api_key", "k"), ("api_secret", "")], "api_secret is empty"),
        (&[("base_url", "")], "base_url is empty"),
        (&[("deadline_seconds", "soon")], "deadline_seconds must be a whole number of seconds"),
    ] {
        let text = refusal(given).to_string();
        assert!(text.starts_with(told), "{given:?}: {text}");
    }
}

#[tokio::test]
async fn adapter_chooses_how_the_settings_are_sent() {
    let token = HeaderName::from_static("x-token");
    let pair = &[("api_key", "k"), ("api_secret", "s")][..];
    for (sent_as, given, name, value) in [
        (SentAs::from(HEADERS), pair, "x-secret", "s"),
        (SentAs::from(HEADERS), &[("jwt", "j")], "authorization", "Bearer j"),
        (SentAs::Bearer, &[("jwt", "j")], "authorization", "Bearer j"),
        (SentAs::Basic, pair, "authorization", "Basic azpz"),
        (SentAs::Authorization, &[("api_key", "k")], "authorization", "k"),
        (SentAs::Header(token), &[("api_key", "k")], "x-token", "k"),
    ] {
        let script = Script::repeating([status(200)]);
        let builder =
            settings(given).unwrap().client("example", "https://api.example.com", sent_as);
        let client = builder.unwrap().transport(script.clone()).build().unwrap();
        client.call(call(Operation::List)).await.unwrap();
        assert_eq!(script.last_headers()[name], value);
    }
}

#[test]
fn secret_that_would_not_be_sent_is_refused() {
    let pair = &[("api_key", "canary"), ("api_secret", "canary")][..];
    let token = HeaderName::from_static("x-token");
    for (sent_as, given, told, step) in [
        (SentAs::Bearer, pair, "api_key is set, but this provider does not use it", "set jwt"),
        (
            SentAs::Basic,
            &[("jwt", "canary")],
            "jwt is set, but this provider does not use it",
            "set api_key and api_secret",
        ),
        (SentAs::Basic, &pair[..1], "api_key is set, but api_secret is not", "set api_secret"),
        (SentAs::Authorization, pair, "api_secret is set, but this provider", "set api_key"),
        (SentAs::Header(token), &[], "no credential of the account is set", "set api_key to"),
    ] {
        let settings = settings(given).unwrap();
        let error = settings.client("example", "https://api.example.com", sent_as).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = format!("{error:#}");
        assert!(text.starts_with(told) && text.contains(step), "{text}");
        assert!(!text.contains("canary") && !text.contains("instead"), "{text}");
    }
    let colon = settings(&[("api_key", "canary:x"), ("api_secret", "canary")]).unwrap();
    let error = colon.client("example", "https://api.example.com", SentAs::Basic).unwrap_err();
    assert_eq!(error.to_string(), "the user has a colon at position 7 of 8");
}

#[test]
fn half_a_pair_counts_as_a_pair() {
    assert!(settings(&[("api_key", "k")]).unwrap().is_key_pair());
    assert!(settings(&[("api_secret", "s")]).unwrap().is_key_pair());
    assert!(!settings(&[("jwt", "j")]).unwrap().is_key_pair());
    let mut with_source = settings(&[("api_key", "k")]).unwrap();
    with_source.credentials = Some(Arc::new(AccountCredential::bearer("token").unwrap()));
    assert!(!with_source.is_key_pair(), "the source goes first");
}

#[tokio::test]
async fn settings_appear_in_the_request() {
    for (given, header, value) in [
        (&[("jwt", "token")][..], "authorization", "Bearer token"),
        (&[("api_key", "k"), ("api_secret", "s")], "x-secret", "s"),
    ] {
        let transport = Script::repeating([status(200)]);
        let mut settings = settings(given).unwrap();
        settings.base_url = Some("https://other.example.com/sub".to_owned());
        settings.transport = Some(transport.clone());
        client(settings).unwrap().call(call(Operation::List)).await.unwrap();
        let request = &transport.requests()[0];
        assert_eq!(request.headers()[header], value);
        assert_eq!(request.uri(), "https://other.example.com/sub/v1/keys");
    }
}

#[tokio::test]
async fn credential_of_another_form_is_not_sent_to_bearer_only_routes() {
    type Make = fn() -> Result<AccountCredential, Error>;
    let pair: Make = || AccountCredential::key_pair(&HEADERS, "key", "canary");
    let basic: Make = || AccountCredential::basic("user", "canary");
    let value: Make = || AccountCredential::authorization("canary");
    for (make, form, has_other_route) in [
        (pair, "is a key pair", true),
        (basic, "is a user and a password", false),
        (value, "is the value of a header", false),
    ] {
        let transport = Script::repeating([status(200)]);
        let mut settings = ApiSettings::default();
        settings.credentials = Some(Arc::new(from_fn(move |_| async move { make() })));
        settings.transport = Some(transport.clone());
        let builder = settings.client("example", "https://api.example.com", HEADERS).unwrap();
        let client = builder.bearer_only().build().unwrap();
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
        let text = format!("{error:#}");
        assert!(text.contains(form) && text.contains("accept only a JWT"), "{text}");
        assert_eq!(text.contains("a route that accepts key pairs"), has_other_route, "{text}");
        assert_eq!(transport.count(), 0);
    }
}

#[test]
fn setting_is_converted_from_what_code_and_files_have() {
    assert_eq!(Setting::from(" a ,, b").texts("name").unwrap(), ["a", "b"]);
    assert_eq!(Setting::from(vec!["a".to_owned()]).texts("name").unwrap(), ["a"]);
    assert_eq!(Setting::from(" 7 ").seconds("name").unwrap(), Duration::from_secs(7));
    let variable = Setting::from(SecretFrom::variable("NAME")).secret("name").unwrap();
    assert!(matches!(variable, SecretFrom::Variable(_)));
    let text = Setting::from(secrecy::SecretString::from("s")).secret("name").unwrap();
    assert!(matches!(text, SecretFrom::Text(_)));
}

#[test]
fn setting_of_another_kind_is_named_but_not_quoted() {
    for (json, is_text, is_list, is_number, is_secret) in [
        (r#""canary""#, true, true, false, true),
        ("7", false, false, true, false),
        (r#"["canary"]"#, false, true, false, false),
        (r#"{"variable":"canary"}"#, false, false, false, true),
        (r#"{"file":"canary"}"#, false, false, false, true),
        (r#"{"varable":"canary"}"#, false, false, false, false),
        (r#"{"file":"canary","variable":"v"}"#, false, false, false, false),
        ("true", false, false, false, false),
        ("-1", false, false, false, false),
        ("1.5", false, false, false, false),
        ("null", false, false, false, false),
        (r#"["canary",7]"#, false, false, false, false),
    ] {
        let read = || serde_json::from_str::<Setting>(json).unwrap();
        let results = [
            (read().text("this").err(), is_text),
            (read().texts("this").err(), is_list),
            (read().seconds("this").err(), is_number),
            (read().secret("this").err(), is_secret),
        ];
        for (error, is_taken) in results {
            assert_eq!(error.is_none(), is_taken, "{json}: {error:?}");
            let Some(error) = error else { continue };
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().starts_with("this must be "), "{error}");
            assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        }
        // Names of variables and files are no secrets; texts may be.
        if !json.starts_with('{') {
            assert!(!format!("{:?}", read()).contains("canary"), "{json}");
        }
    }
}

#[test]
fn settings_show_no_secret() {
    let given = [("jwt", "canary"), ("api_key", "canary"), ("api_secret", "canary")];
    let mut settings = settings(&given).unwrap();
    settings.base_url = Some("https://canary@example.com".to_owned());
    assert!(!format!("{settings:?} {settings:#?}").contains("canary"));
}

/// A configuration of an adapter outside this workspace.
mod third_party {
    use pinning_keys_core::Error;
    use pinning_keys_http::credentials::SecretFrom;
    use pinning_keys_http::{ApiClient, ApiSettings, NamedCredential, Setting, api_setters};

    #[derive(Default)]
    pub(super) struct Config {
        pub(super) api: ApiSettings,
    }

    impl Config {
        api_setters!("region", "zone");
    }

    /// One whose secrets have the adapter's own setting names.
    #[derive(Default)]
    pub(super) struct OtherSecrets {
        pub(super) api: ApiSettings,
        key_id: Option<SecretFrom>,
        application_key: Option<SecretFrom>,
    }

    impl OtherSecrets {
        api_setters!("region"; "key_id", "application_key");

        pub(super) fn with_secret(mut self, name: &str, value: &str) -> Result<Self, Error> {
            let secret = if name.starts_with("key_id") {
                &mut self.key_id
            } else {
                &mut self.application_key
            };
            Setting::from(value).secret_into(name, secret)?;
            Ok(self)
        }

        pub(super) fn build(self) -> Result<ApiClient, Error> {
            let credential = NamedCredential::basic(
                ("key_id", self.key_id),
                ("application_key", self.application_key),
            );
            self.api.client("example", "https://api.example.com", credential)?.build()
        }
    }
}

#[test]
fn secrets_of_an_adapter_take_the_place_of_the_shared_names() {
    use third_party::OtherSecrets;

    let own = ["region", "key_id", "key_id_file", "application_key", "application_key_file"];
    assert_eq!(OtherSecrets::SETTINGS, [&own[..], ApiSettings::CONNECTION].concat());
    assert_eq!(OtherSecrets::CREDENTIALS, [["key_id", "application_key"]]);
    assert_eq!(third_party::Config::CREDENTIALS, ApiSettings::CREDENTIALS);

    // Each name that is no credential is set either way, and no other one.
    let mut config = OtherSecrets::default().with_base_url("https://a.example");
    for name in ApiSettings::NAMES {
        let is_set = config.api.set_connection(name, Setting::from("")).unwrap_or(true);
        assert_eq!(is_set, !ApiSettings::is_credential(name), "{name}");
    }
}

#[tokio::test]
async fn secrets_of_an_adapter_reach_the_client() {
    use third_party::OtherSecrets;

    let source = || Arc::new(AccountCredential::bearer("vault").unwrap());
    let sent = |config: OtherSecrets| async {
        let script = Script::repeating([status(200)]);
        let client = config.with_transport(script.clone()).build().unwrap();
        client.call(call(Operation::List)).await.unwrap();
        script.last_headers()["authorization"].to_str().unwrap().to_owned()
    };
    let config_of = |given: &[(&str, &str)]| {
        let mut given = given.iter();
        given.try_fold(OtherSecrets::default(), |config, (name, value)| {
            config.with_secret(name, value)
        })
    };
    let [id, key] = [("key_id", "k"), ("application_key", "s")];
    assert_eq!(sent(config_of(&[id, key]).unwrap()).await, "Basic azpz");
    // A source takes precedence, and needs none of them.
    assert_eq!(sent(config_of(&[]).unwrap().with_credentials(source())).await, "Bearer vault");
    assert_eq!(sent(config_of(&[id]).unwrap().with_credentials(source())).await, "Bearer vault");

    for (given, told) in [
        (
            &[][..],
            "no credential of the account is set\n  set key_id and application_key to the secret or \
             to the variable or file that contains it",
        ),
        (
            &[("key_id", "canary")],
            "key_id is set, but application_key is not\n  \
             set application_key (PINNING_KEYS_APPLICATION_KEY) too",
        ),
        (
            &[("application_key_file", "canary")],
            "application_key is set, but key_id is not\n  set key_id (PINNING_KEYS_KEY_ID) too",
        ),
    ] {
        let error = config_of(given).unwrap().build().unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
        assert_eq!(format!("{error:#}"), told);
    }
    let mut config = config_of(&[id, key]).unwrap();
    config.api.jwt = Some("canary".into());
    assert_eq!(
        format!("{:#}", config.build().unwrap_err()),
        "jwt is set, but this provider does not use it\n  \
         remove jwt (PINNING_KEYS_JWT), and set key_id and application_key"
    );
}

#[tokio::test]
async fn named_credential_is_sent_in_each_form_and_never_shown() {
    let token = HeaderName::from_static("x-token");
    let secret = |text: &str| Some(SecretFrom::from(text));
    let pair = NamedCredential::key_pair(HEADERS, ("id", secret("k")), ("key", secret("canary")));
    for (credential, header, value) in [
        (NamedCredential::bearer("key", secret("canary")), "authorization", "Bearer canary"),
        (pair, "x-secret", "canary"),
        (NamedCredential::authorization("key", secret("canary")), "authorization", "canary"),
        (NamedCredential::header(token, "key", secret("canary")), "x-token", "canary"),
    ] {
        assert!(!format!("{credential:?}").contains("canary"), "{credential:?}");
        let script = Script::repeating([status(200)]);
        let client = ApiSettings::default().client("x", "https://api.example.com", credential);
        let client = client.unwrap().transport(script.clone()).build().unwrap();
        client.call(call(Operation::List)).await.unwrap();
        assert_eq!(script.last_headers()[header], value);
    }
}

#[test]
fn secret_is_set_once_by_its_name_or_its_file() {
    let set = |name, value: &str, secret: &mut _| Setting::from(value).secret_into(name, secret);
    let (mut text, mut file) = (None, None);
    set("key_id", " canary\n", &mut text).unwrap();
    set("key_id_file", "/run/secrets/key-id", &mut file).unwrap();
    assert_eq!(format!("{text:?} {file:?}"), r#"Some(Text(..)) Some(File("/run/secrets/key-id"))"#);
    for (name, value, secret, told) in [
        ("key_id", "canary", text.clone(), "key_id is set twice"),
        ("key_id_file", "canary", text, "key_id is set twice"),
        ("key_id", "", None, "key_id is empty"),
        ("key_id_file", "eyJhbGciOiJIUzI1NiJ9.eyJhIjoiYiJ9.canary", None, "key_id_file is a JWT"),
    ] {
        let error = set(name, value, &mut secret.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let shown = format!("{error:#}");
        assert!(shown.starts_with(told) && !shown.contains("canary"), "{shown}");
        assert!(!shown.contains("jwt"), "the step names the setting itself: {shown}");
    }
}

#[test]
fn api_setters_set_and_list_the_settings() {
    let own = ["region", "zone"];
    assert_eq!(third_party::Config::SETTINGS, [&own[..], ApiSettings::NAMES].concat());

    let source = Arc::new(AccountCredential::bearer("token").unwrap());
    let config = third_party::Config::default()
        .with_base_url("http://mock.internal")
        .with_jwt("jwt")
        .with_key_pair("key", SecretFrom::variable("SECRET"))
        .with_plain_http_host("mock.internal")
        .with_deadline(Duration::from_secs(5))
        .with_transport(Script::repeating([status(200)]))
        .with_credentials(source);
    let ApiSettings { base_url, jwt, api_key, api_secret, deadline, .. } = &config.api;
    assert_eq!(base_url.as_deref(), Some("http://mock.internal"));
    let secrets = (jwt, api_key, api_secret);
    assert_eq!(
        format!("{secrets:?}"),
        r#"(Some(Text(..)), Some(Text(..)), Some(Variable("SECRET")))"#
    );
    assert_eq!(*deadline, Some(Duration::from_secs(5)));
    assert!(client(config.api).unwrap().base_url().as_str().starts_with("http://mock.internal"));
}
