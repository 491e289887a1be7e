//! Where the account's credential comes from, and what happens when it is refused.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use pinning_keys_core::{Credential, Effect, Error, ErrorKind, Operation, PairHeaders};
use pinning_keys_http::credentials::{
    AccountCredential, Ask, CredentialSource, SecretFrom, StoredCredential, from_fn,
};
use pinning_keys_http::{ApiClient, BaseUrl};

use crate::support::{Script, answer, call, client, status};

const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");

#[test]
fn texts_that_no_header_can_hold_are_refused_without_repeating_them() {
    for (text, expected) in [
        ("", "is empty"),
        ("hunter2 hunter2", "at position 8 of 15"),
        ("hunter2\n", "at position 8 of 8"),
        ("hunter2\r\nX: y", "at position 8"),
        ("hünter2", "at position 2"),
        ("\u{0}hunter2", "at position 1"),
    ] {
        let bearer = AccountCredential::bearer(text).unwrap_err();
        let key = AccountCredential::key_pair(&HEADERS, text, "fine").unwrap_err();
        let secret = AccountCredential::key_pair(&HEADERS, "fine", text).unwrap_err();
        for (error, what) in [(bearer, "token"), (key, "API key"), (secret, "API secret")] {
            let shown = format!("{error} {error:?}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(shown.contains(expected) && shown.contains(what), "{shown}");
            assert!(!shown.contains("unter2"), "{shown}");
        }
    }
}

#[tokio::test]
async fn a_key_pair_goes_into_its_headers() {
    let credential = AccountCredential::key_pair(&HEADERS, "key", "secret").unwrap();
    assert!(!credential.is_bearer());
    let transport = Script::repeating([status(200)]);
    with_source(&transport, credential).call(call(Operation::List)).await.unwrap();
    let request = &transport.requests()[0];
    assert_eq!(request.headers()["x-key"], "key");
    assert_eq!(request.headers()["x-secret"], "secret");
    assert!(request.headers()["x-secret"].is_sensitive());
    assert!(request.headers().get("authorization").is_none());
}

#[tokio::test]
async fn a_holder_authenticates_instead_of_the_account() {
    let transport = Script::repeating([status(401)]);
    let asked = Arc::new(AtomicUsize::new(0));
    let source = counting(asked.clone());
    let holder = Credential::bearer("pinata", "holder-token").unwrap();
    let verify = call(Operation::Verify).as_holder(&holder);
    let error = with_source(&transport, source).call(verify).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(transport.requests()[0].headers()["authorization"], "Bearer holder-token");
    assert_eq!((transport.count(), asked.load(Ordering::Relaxed)), (1, 0));
}

#[tokio::test]
async fn after_a_refusal_another_credential_is_tried_once() {
    for (operation, steps, requests, works) in [
        (Operation::Issue, vec![status(401), status(200)], 2, true),
        (Operation::List, vec![status(401), status(200)], 2, true),
        (Operation::Issue, vec![status(401)], 2, false),
        (Operation::List, vec![status(401)], 2, false),
    ] {
        let transport = Script::repeating(steps);
        let asked = Arc::new(AtomicUsize::new(0));
        let client = with_source(&transport, counting(asked.clone()));
        let result = client.call(call(operation)).await;
        assert_eq!(result.is_ok(), works);
        assert_eq!((transport.count(), asked.load(Ordering::Relaxed)), (requests, 2));
        let sent: Vec<_> =
            transport.requests().iter().map(|r| r.headers()["authorization"].clone()).collect();
        assert_eq!(sent, ["Bearer token-0", "Bearer token-1"]);
        if let Err(error) = result {
            assert_eq!(
                (error.kind(), error.effect()),
                (ErrorKind::Unauthenticated, Effect::Rejected)
            );
            assert_eq!(error.attempts().unwrap().count(), 2);
        }
    }
}

#[tokio::test]
async fn the_same_credential_is_not_tried_again() {
    let transport = Script::repeating([status(401)]);
    client(&transport).call(call(Operation::List)).await.unwrap_err();
    assert_eq!(transport.count(), 1);
}

/// No 401, no question: a 403 says that the credential is known.
#[tokio::test]
async fn other_refusals_ask_for_nothing() {
    let transport = Script::repeating([status(403)]);
    let asked = Arc::new(AtomicUsize::new(0));
    with_source(&transport, counting(asked.clone())).call(call(Operation::List)).await.unwrap_err();
    assert_eq!((transport.count(), asked.load(Ordering::Relaxed)), (1, 1));
}

#[tokio::test]
async fn a_source_that_fails_after_a_refusal_leaves_the_refusal() {
    let source = from_fn(|ask| async move {
        match ask {
            Ask::Current => AccountCredential::bearer("stale-token"),
            _ => Err(Error::new(ErrorKind::CredentialUnavailable, "the vault is sealed")),
        }
    });
    let transport = Script::repeating([status(401)]);
    let error = with_source(&transport, source).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.to_string().contains("the vault is sealed"));
}

#[tokio::test]
async fn a_source_that_fails_sends_nothing() {
    let source = from_fn(|_| async {
        Err(Error::new(ErrorKind::CredentialUnavailable, "the vault is sealed"))
    });
    let transport = Script::repeating([status(200)]);
    let error = with_source(&transport, source).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::CredentialUnavailable, Effect::NotSent));
    assert_eq!(error.key_name().unwrap().as_str(), "user-42");
    assert!(error.to_string().contains("the vault is sealed"));
    assert_eq!(transport.count(), 0);
}

#[tokio::test]
async fn a_file_is_read_for_every_call() {
    let file = TempFile::new("a_file_is_read_for_every_call", b" first-token\r\n");
    let source = StoredCredential::bearer(SecretFrom::File(file.0.clone()));
    let transport = Script::repeating([status(200)]);
    let client = with_source(&transport, source);
    client.call(call(Operation::List)).await.unwrap();
    std::fs::write(&file.0, "second-token").unwrap();
    client.call(call(Operation::List)).await.unwrap();
    let sent: Vec<_> =
        transport.requests().iter().map(|r| r.headers()["authorization"].clone()).collect();
    assert_eq!(sent, ["Bearer first-token", "Bearer second-token"]);
}

#[test]
fn stored_credentials_that_are_missing_or_broken_are_named_not_quoted() {
    let absent = std::env::temp_dir().join("pinning-keys-no-such-file");
    let long = TempFile::new("long", "x".repeat(100_000).as_bytes());
    let binary = TempFile::new("binary", b"hunter2\xff");
    let blank = TempFile::new("blank", b"hunter2 hunter2");
    let empty = TempFile::new("empty", b"\n");
    let file = |file: &TempFile| SecretFrom::File(file.0.clone());
    for (place, expected) in [
        (
            SecretFrom::Variable("PINNING_KEYS_TEST_ABSENT".to_owned()),
            "environment variable PINNING_KEYS_TEST_ABSENT is not set",
        ),
        (SecretFrom::Variable(String::new()), "(not a name) is not set"),
        (SecretFrom::Variable("hunter2.hunter2".to_owned()), "(not a name) is not set"),
        (SecretFrom::File(absent), "pinning-keys-no-such-file cannot be read"),
        (SecretFrom::File(std::env::temp_dir()), "is not a regular file"),
        (file(&long), "is longer than 65536 bytes"),
        (file(&binary), "is not valid UTF-8"),
        (file(&blank), "at position 8 of 15"),
        (file(&empty), "is empty"),
        (SecretFrom::Text("hunter2 ".into()), "the configured credential has a blank"),
    ] {
        let good = || SecretFrom::Text("good".into());
        for source in [
            StoredCredential::bearer(place.clone()),
            StoredCredential::key_pair(HEADERS, place.clone(), good()),
            StoredCredential::key_pair(HEADERS, good(), place.clone()),
        ] {
            let error = source.read().unwrap_err();
            let shown = format!("{error} {error:?} {source:?}");
            assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{shown}");
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}

#[test]
fn a_variable_is_read() {
    // Cargo sets this one for every test; any text without blanks will do.
    let source = StoredCredential::bearer(SecretFrom::Variable("CARGO_PKG_VERSION".to_owned()));
    assert!(source.read().unwrap().is_bearer());
}

#[tokio::test]
async fn the_adapter_can_say_which_answers_refuse_the_credential() {
    fn is_expired(response: &http::Response<bytes::Bytes>) -> bool {
        response.body().as_ref() == b"expired"
    }
    for code in [200, 400, 403, 502] {
        let steps = [answer(code, &[], "expired"), answer(200, &[], "made")];
        let transport = Script::repeating(steps);
        let asked = Arc::new(AtomicUsize::new(0));
        let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
        let client = ApiClient::builder("example", base_url, Arc::new(counting(asked.clone())))
            .transport(transport.clone())
            .refuses_credential(is_expired)
            .build()
            .unwrap();
        let answered = client.call(call(Operation::Issue)).await.unwrap();
        assert_eq!((answered.body().as_ref(), transport.count()), (&b"made"[..], 2), "{code}");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
    // Another 401 is none then, and where the source has nothing new the answer stays what it is.
    for (step, status) in [(answer(401, &[], "other"), 401), (answer(403, &[], "expired"), 403)] {
        let transport = Script::repeating([step]);
        let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
        let fixed = AccountCredential::bearer("token").unwrap();
        let client = ApiClient::builder("example", base_url, Arc::new(fixed))
            .transport(transport.clone())
            .refuses_credential(is_expired)
            .build()
            .unwrap();
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), transport.count()), (status, 1));
        assert_eq!(error.effect(), Effect::Rejected);
    }
}

/// A token pasted in place of a path is shown neither by `Debug` nor in an error.
#[tokio::test]
async fn a_token_in_place_of_a_path_is_not_shown() {
    for token in [
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlQ2FuYXJ5",
        "Q2FuYXJ5S2V5Rm9yVGVzdA==",
        "a/Q2FuYXJ5U2VjcmV0Rm9yVGVzdHNPZlBhdGhz+w==",
    ] {
        let place = SecretFrom::file(token);
        let stored = StoredCredential::bearer(place.clone());
        let error = stored.read().unwrap_err();
        let shown = format!("{place:?} {stored:?} {error} {error:?}");
        assert!(!shown.contains("Q2FuYXJ5") && !shown.contains("eyJ"), "{shown}");
    }
    let path = "/run/secrets/pinata-jwt";
    assert!(format!("{:?}", SecretFrom::file(path)).contains(path));
}

/// Gives `token-0`, `token-1` and so on.
fn counting(asked: Arc<AtomicUsize>) -> impl CredentialSource {
    from_fn(move |ask| {
        let number = asked.fetch_add(1, Ordering::Relaxed);
        let before = AccountCredential::bearer(format!("token-{}", number.max(1) - 1)).unwrap();
        match ask {
            Ask::AfterRefusal(refused) => assert!(number > 0 && refused.is_same_as(&before)),
            _ => assert_eq!(number, 0),
        }
        async move { AccountCredential::bearer(format!("token-{number}")) }
    })
}

fn with_source(transport: &Arc<Script>, source: impl CredentialSource + 'static) -> ApiClient {
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    ApiClient::builder("example", base_url, Arc::new(source))
        .transport(transport.clone())
        .build()
        .unwrap()
}

/// A file that goes away with the test.
struct TempFile(PathBuf);

impl TempFile {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("pinning-keys-{}-{name}", std::process::id()));
        std::fs::write(&path, content).unwrap();
        Self(path)
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}
