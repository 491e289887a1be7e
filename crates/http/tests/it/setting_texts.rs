//! One rule for the text of every setting: what surrounds a value by accident is ignored, and a
//! mark that is part of no value is refused before anything is sent, without a word of the value.

use pinning_keys_core::{Effect, Error, ErrorKind, PairHeaders};
use pinning_keys_http::ApiSettings;
use pinning_keys_http::credentials::{AccountCredential, SecretFrom, StoredCredential};
use proptest::prelude::*;
use proptest::sample::select;

const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");

/// A value of each setting.
const VALUES: [(&str, &str); 9] = [
    ("base_url", "https://api.example.com/canary"),
    ("jwt", "eyJjYW5hcnki.e30.canary"),
    ("jwt_file", "/run/secrets/canary"),
    ("api_key", "Y2FuYXJ5LWNhbmFyeQ=="),
    ("api_key_file", "C:\\canary\\jwt"),
    ("api_secret", "canary+/canary="),
    ("api_secret_file", "canary/with blank"),
    ("allow_plain_http", "canary.internal"),
    ("deadline_seconds", "30"),
];

fn set(name: &str, value: &str) -> Result<ApiSettings, Error> {
    let mut settings = ApiSettings::default();
    assert!(settings.set(name, value.into())?, "{name} is a setting");
    Ok(settings)
}

/// Everything that a setting can change, with the paths of files but without secrets.
fn shown(settings: &ApiSettings) -> String {
    format!("{settings:?} {:?} {:?}", settings.base_url, settings.plain_http_hosts)
}

#[test]
fn every_setting_has_a_value_here() {
    assert_eq!(VALUES.map(|(name, _)| name), ApiSettings::NAMES);
}

#[test]
fn address_from_code_is_trimmed_like_any_other() {
    let mut settings = ApiSettings::default();
    settings.jwt = Some(" token\n".into());
    settings.base_url = Some("\u{feff}http://mock.internal/v1 \r\n".to_owned());
    settings.plain_http_hosts = vec![" mock.internal\n".to_owned()];
    let client = settings.client("example", "https://api.example.com", HEADERS).unwrap();
    assert_eq!(client.base_url().as_str(), "http://mock.internal/v1");
}

/// The marks, each around `value`.
fn marked(value: &str) -> Vec<(String, &'static str)> {
    let quoted = ["\"", "'", "`", "”", "«"].map(|mark| {
        [format!("{mark}{value}{mark}"), format!("{mark}{value}"), format!("{value}{mark}")]
    });
    let quoted = quoted.concat().into_iter().map(|text| (text, "quotation mark"));
    let bearer = ["Bearer ", "bearer\t", "Authorization: Bearer "]
        .map(|before| (format!("{before}{value}"), "the word Bearer"));
    let named = ["PINATA_JWT=", "export PINATA_JWT=", "set X = ", "$env:PINATA_JWT="]
        .map(|before| (format!("{before}{value}"), "begins with a name and an equals sign"));
    let bracketed = [format!("<{value}>"), format!("<{value}"), format!("{value}>")]
        .map(|text| (text, "an angle bracket"));
    let references = ["$PINATA_JWT", "${PINATA_JWT}", "$(cat f)", "%PINATA_JWT%", "{{ jwt }}"]
        .map(|text| (text.to_owned(), "is a reference"));
    let json = [format!("{{\"JWT\":\"{value}\"}}"), format!("[\"{value}\"]")]
        .map(|text| (text, "begins like JSON"));
    quoted.chain(bearer).chain(named).chain(bracketed).chain(references).chain(json).collect()
}

#[test]
fn mark_that_is_part_of_no_value_is_refused_by_every_setting() {
    for (name, value) in VALUES {
        for (text, told) in marked(value) {
            let error = set(name, &text).expect_err(&text);
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
            assert!(error.to_string().contains(told), "{name}, {text}: {error}");
            assert!(error.next_step().is_some(), "{name}, {text}: {error}");
            assert!(!format!("{error:#} {error:?}").contains("canary"), "{error:?}");
        }
    }
}

#[test]
fn mark_that_is_part_of_no_credential_is_refused_everywhere() {
    for (text, told) in marked("eyJjYW5hcnki.e30.canary") {
        let stored = StoredCredential::bearer(SecretFrom::from(&*text)).into_source();
        let pair = StoredCredential::key_pair(HEADERS, "key".into(), SecretFrom::from(&*text));
        for error in [
            stored.err(),
            pair.into_source().err(),
            AccountCredential::bearer(&*text).err(),
            AccountCredential::key_pair(&HEADERS, &*text, "secret").err(),
        ] {
            let error = error.expect("it is refused");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(told), "{text}: {error}");
            assert!(!format!("{error:#} {error:?}").contains("canary"), "{error:?}");
        }
    }
}

#[test]
fn word_without_a_token_is_refused() {
    for word in ["Bearer", "bearer "] {
        let error = set("jwt", word).unwrap_err();
        assert_eq!(error.to_string(), "jwt contains only the word Bearer");
    }
}

#[test]
fn empty_setting_is_refused_if_a_default_would_be_unsafe() {
    for (name, _) in VALUES {
        for empty in ["", " \r\n", "\u{feff}", "\u{feff}\n"] {
            match set(name, empty) {
                Ok(settings) => {
                    assert!(["allow_plain_http", "deadline_seconds"].contains(&name), "{name}");
                    assert_eq!(shown(&settings), shown(&ApiSettings::default()));
                }
                Err(error) => assert_eq!(error.to_string(), format!("{name} is empty")),
            }
        }
    }
}

proptest! {
    #[test]
    fn blanks_and_byte_order_marks_around_a_value_change_nothing(
        before in "[\u{feff} \t\r\n\u{a0}\u{3000}]{0,4}",
        after in "[\u{feff} \t\r\n\u{a0}\u{3000}]{0,4}",
        (name, value) in select(&VALUES[..]),
    ) {
        let plain = set(name, value).unwrap();
        let surrounded = set(name, &format!("{before}{value}{after}")).unwrap();
        prop_assert_eq!(shown(&surrounded), shown(&plain));
    }

    /// The values of both providers, and anything that RFC 6750 calls a token.
    #[test]
    fn token_is_accepted_as_it_is(token in "[A-Za-z0-9._~+/-]{1,60}={0,3}") {
        prop_assume!(!token.eq_ignore_ascii_case("bearer"));
        prop_assert!(set("jwt", &token).is_ok());
        let same = AccountCredential::bearer(&*token).unwrap();
        let surrounded = SecretFrom::from(format!("\u{feff}{token}\r\n"));
        let read = StoredCredential::bearer(surrounded).read().unwrap();
        prop_assert!(read.is_same_as(&same));
    }
}
