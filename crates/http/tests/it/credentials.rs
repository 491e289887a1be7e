//! Where the account's credential comes from, and what happens when it is refused.

use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use pinning_keys_core::{
    Credential, CredentialForm, Effect, Error, ErrorKind, Operation, PairHeaders,
};
use pinning_keys_http::credentials::{
    AccountCredential, Ask, CredentialSource, SecretFrom, StoredCredential, from_fn,
};
use pinning_keys_http::{Reach, TransportErrorKind};
use tokio::time::Instant;

use crate::support::{
    Script, Step, answer, authorizations, builder_with, call, client_with, status,
};

const HEADERS: PairHeaders = PairHeaders::new("x-key", "x-secret");

#[test]
fn secret_that_no_header_can_carry_is_refused_unquoted() {
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
        let user = AccountCredential::basic(text, "fine").unwrap_err();
        let password = AccountCredential::basic("fine", text).unwrap_err();
        for (error, what) in [
            (bearer, "token"),
            (key, "API key"),
            (secret, "API secret"),
            (user, "user"),
            (password, "password"),
        ] {
            let shown = format!("{error:#} {error:?}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(shown.contains(expected) && shown.contains(what), "{shown}");
            assert!(!shown.contains("unter2"), "{shown}");
        }
    }
}

#[test]
fn value_that_no_header_can_carry_is_refused_unquoted() {
    for (text, expected) in [
        ("", "is empty"),
        (" hunter2", "begins or ends with a blank"),
        ("Token hunter2\r\nX: y", "at position 14 of 19"),
        ("h\u{fc}nter2", "at position 2 of 8"),
        ("Bearer", "names a scheme, but no credential follows"),
        ("Authorization: Token hunter2", "begins with the name of the header"),
        ("\"Token hunter2\"", "begins or ends with a quotation mark"),
        ("TOKEN=hunter2", "begins with a name and an equals sign"),
    ] {
        for (error, what) in [
            (AccountCredential::authorization(text).unwrap_err(), "the Authorization value"),
            (AccountCredential::header("x-token", text).unwrap_err(), "the header value"),
        ] {
            let shown = format!("{error:#} {error:?}");
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(shown.contains(expected) && shown.contains(what), "{shown}");
            assert!(!shown.contains("unter2"), "{shown}");
        }
    }
    for name in ["host", "connection", "cookie", "authorization", "hunter2 x"] {
        let error = AccountCredential::header(name, "fine").unwrap_err();
        let in_source = StoredCredential::header(name, "fine".into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), in_source.to_string());
        assert!(!format!("{error:#} {error:?}").contains("unter2"), "{error:?}");
    }
    for user in ["hunter2:x", "eyJhbGciOiJIUzI1NiJ9.eyJodW50ZXIyIjoxfQ.hunter2"] {
        let error = AccountCredential::basic(user, "fine").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(!format!("{error:#} {error:?}").contains("unter2"), "{error:?}");
    }
}

#[tokio::test]
async fn each_form_is_sent_in_its_header() {
    let stored = |text: &str| SecretFrom::from(text);
    for (made, read, form, name, value) in [
        (
            AccountCredential::basic("key-1", "s3cret:x"),
            StoredCredential::basic(stored("key-1"), stored(" s3cret:x\n")),
            CredentialForm::Basic,
            "authorization",
            "Basic a2V5LTE6czNjcmV0Ong=",
        ),
        (
            AccountCredential::authorization("Token s3cret"),
            StoredCredential::authorization(stored("Token s3cret\n")),
            CredentialForm::Authorization,
            "authorization",
            "Token s3cret",
        ),
        (
            AccountCredential::header("X-Token", "s3cret"),
            StoredCredential::header("x-token", stored("s3cret")).unwrap(),
            CredentialForm::Header,
            "x-token",
            "s3cret",
        ),
    ] {
        let made = made.unwrap();
        assert_eq!((made.form(), made.is_bearer()), (form, false));
        assert!(made.is_same_as(&read.read().unwrap()), "{form}");
        for source in [Arc::new(made.clone()) as _, read.into_source().unwrap()] {
            let script = Script::repeating([status(200)]);
            let client = builder_with(source).transport(script.clone()).build().unwrap();
            client.call(call(Operation::List)).await.unwrap();
            let headers = script.last_headers();
            assert_eq!(headers[name], value, "{form}");
            assert!(headers[name].is_sensitive());
        }
        // The user of Basic names a key; a value may be a token that does.
        let api_key = made.api_key(|value| Some(format!("in {value}")));
        let expected = match form {
            CredentialForm::Basic => "key-1".to_owned(),
            _ => format!("in {value}"),
        };
        assert_eq!(api_key, Some(expected));
    }
}

/// A shell has no use for quotation marks in a file, and a value of two words is one value.
#[test]
fn stored_value_is_read_from_its_place() {
    let file = TempFile::new("authorization", b"Token hunter2\r\n");
    let source = StoredCredential::authorization(SecretFrom::file(&file.0));
    let expected = AccountCredential::authorization("Token hunter2").unwrap();
    assert!(source.read().unwrap().is_same_as(&expected));
    let file = TempFile::new("no-authorization", b"Authorization: hunter2");
    let error = StoredCredential::authorization(SecretFrom::file(&file.0)).read().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert!(error.to_string().ends_with("begins with the name of the header"), "{error}");
}

#[tokio::test]
async fn only_a_bearer_token_is_admitted_where_nothing_else_is_accepted() {
    for (credential, told) in [
        (AccountCredential::key_pair(&HEADERS, "key", "secret"), "a key pair"),
        (AccountCredential::basic("user", "password"), "a user and a password"),
        (AccountCredential::authorization("Bearer token"), "the value of a header"),
        (AccountCredential::header("x-token", "token"), "the value of a header"),
    ] {
        let script = Script::repeating([status(200)]);
        let source = Arc::new(credential.unwrap());
        let client = builder_with(source).bearer_only().transport(script.clone()).build().unwrap();
        let error = client.call(call(Operation::List)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(script.count(), 0);
    }
}

#[tokio::test]
async fn key_pair_is_sent_in_its_headers() {
    let pair = AccountCredential::key_pair(&HEADERS, "key", "secret").unwrap();
    let script = Script::repeating([status(200)]);
    client_with(pair, &script).call(call(Operation::List)).await.unwrap();
    let headers = script.last_headers();
    assert_eq!(
        (&headers["x-key"], &headers["x-secret"]),
        (&"key".parse().unwrap(), &"secret".parse().unwrap())
    );
    assert!(headers["x-secret"].is_sensitive() && !headers.contains_key("authorization"));
}

#[tokio::test(start_paused = true)]
async fn account_credential_is_that_of_the_source_by_the_deadline() {
    let script = Script::repeating([status(200)]);
    let pair = AccountCredential::key_pair(&HEADERS, "key", "secret").unwrap();
    let bearer = AccountCredential::bearer("token-of-key").unwrap();
    for (credential, expected) in [(pair, "key"), (bearer, "of-key")] {
        let account = client_with(credential, &script).account_credential().await.unwrap();
        let api_key = account.api_key(|token| token.strip_prefix("token-").map(str::to_owned));
        assert_eq!(api_key.as_deref(), Some(expected));
    }

    let failing = from_fn(|_| async { Err(Error::new(ErrorKind::CredentialUnavailable, "no")) });
    let error = client_with(failing, &script).account_credential().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.provider()),
        (ErrorKind::CredentialUnavailable, Some("example"))
    );

    let began = Instant::now();
    let error =
        client_with(from_fn(|_| pending()), &script).account_credential().await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Timeout, Effect::NotSent));
    assert_eq!(began.elapsed().as_secs(), 30);
    assert_eq!(script.count(), 0);
}

#[tokio::test]
async fn holder_authenticates_instead_of_the_account() {
    let script = Script::repeating([status(401)]);
    let (source, asked) = counting();
    let holder = Credential::bearer("pinata", "holder-token").unwrap();
    let verify = call(Operation::Verify).as_holder(&holder);
    let error = client_with(source, &script).call(verify).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(authorizations(&script), ["Bearer holder-token"]);
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

/// Only a 401 asks for another credential: a 403 means that the credential is known.
#[tokio::test]
async fn after_refusal_another_credential_is_tried_once() {
    for (codes, kind, asked) in [
        (&[401, 200][..], None, 2),
        (&[401], Some(ErrorKind::Unauthenticated), 2),
        (&[403], Some(ErrorKind::PermissionDenied), 1),
    ] {
        for operation in [Operation::Issue, Operation::List] {
            let script = Script::repeating(codes.iter().copied().map(status).collect::<Vec<_>>());
            let (source, count) = counting();
            let result = client_with(source, &script).call(call(operation)).await;
            assert_eq!(count.load(Ordering::Relaxed), asked);
            assert_eq!(authorizations(&script), ["Bearer token-0", "Bearer token-1"][..asked]);
            assert_eq!(result.as_ref().err().map(Error::kind), kind);
            if let Err(error) = result {
                assert_eq!(error.effect(), Effect::Rejected);
                assert_eq!(error.attempts().unwrap().count() as usize, asked);
            }
        }
    }
}

/// The provider has seen the request, even if the one with the other credential was not sent.
#[tokio::test(start_paused = true)]
async fn refused_request_counts_as_sent() {
    let unsent = Step::Fail(TransportErrorKind::Connect, Reach::NotSent);
    let script = Script::repeating([status(401), unsent]);
    let (source, _) = counting();
    let error = client_with(source, &script).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Connection, Effect::Rejected));
}

#[tokio::test(start_paused = true)]
async fn source_without_credential_sends_nothing() {
    for hangs in [false, true] {
        let source = from_fn(move |_| unavailable(hangs));
        let script = Script::repeating([status(200)]);
        let began = Instant::now();
        let error = client_with(source, &script).call(call(Operation::Issue)).await.unwrap_err();
        let expected = (ErrorKind::CredentialUnavailable, Effect::NotSent);
        assert_eq!((error.kind(), error.effect()), expected);
        assert_eq!(
            (error.provider(), error.operation()),
            (Some("example"), Some(Operation::Issue))
        );
        assert_eq!(error.key_name().unwrap().as_str(), "user-42");
        assert_eq!(error.to_string().contains("the vault is sealed"), !hangs, "{error}");
        assert!(began.elapsed() < Duration::from_millis(30_005));
        assert_eq!(script.count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn refusal_is_reported_if_the_source_fails_after_it() {
    for hangs in [false, true] {
        let source = from_fn(move |ask| async move {
            match ask {
                Ask::Current => AccountCredential::bearer("stale-token"),
                _ => unavailable(hangs).await,
            }
        });
        let script = Script::repeating([status(401)]);
        let error = client_with(source, &script).call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
        let source = std::error::Error::source(&error).map(ToString::to_string);
        assert_eq!(source.is_some_and(|it| it.contains("the vault is sealed")), !hangs);
    }
}

async fn unavailable(hangs: bool) -> Result<AccountCredential, Error> {
    if hangs {
        std::future::pending::<()>().await;
    }
    Err(Error::new(ErrorKind::CredentialUnavailable, "the vault is sealed"))
}

#[tokio::test]
async fn file_is_read_for_each_call() {
    let file = TempFile::new("read-for-each-call", b"\xef\xbb\xbf first-token\r\n");
    let script = Script::repeating([status(200)]);
    let client = client_with(StoredCredential::bearer(SecretFrom::file(&file.0)), &script);
    client.call(call(Operation::List)).await.unwrap();
    std::fs::write(&file.0, "second-token").unwrap();
    client.call(call(Operation::List)).await.unwrap();
    assert_eq!(authorizations(&script), ["Bearer first-token", "Bearer second-token"]);
}

#[test]
fn variable_is_read() {
    // Cargo sets this one for every test; any text without blanks will do.
    let source = StoredCredential::bearer(SecretFrom::variable("CARGO_PKG_VERSION"));
    assert!(source.read().unwrap().is_bearer());
}

#[test]
fn place_without_a_usable_secret_is_named_but_not_quoted() {
    let absent = std::env::temp_dir().join("pinning-keys-no-such-file");
    let long = TempFile::new("long", "x".repeat(100_000).as_bytes());
    let binary = TempFile::new("binary", b"hunter2\xff");
    let blank = TempFile::new("blank", b"hunter2 hunter2");
    let empty = TempFile::new("empty", b"\n");
    let file = |file: &TempFile| SecretFrom::File(file.0.clone());
    let quoted = TempFile::new("quoted", b"\"hunter2\"\n");
    let wide: Vec<u8> = "hunter2".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf16 = TempFile::new("utf16", &[b"\xff\xfe", &wide[..]].concat());
    let unmarked = TempFile::new("utf16-unmarked", &wide);
    let home = || SecretFrom::file("~/pinning-keys-no-such-file");
    let control = || SecretFrom::file("/nowhere/a\r\u{202e}b\\c");
    let letters = || SecretFrom::file("/nowhere/e\u{301}'हिन्दी");
    for (place, expected) in [
        (SecretFrom::variable("TEST_ABSENT"), "environment variable TEST_ABSENT is not set"),
        (SecretFrom::variable(""), "(not a name) is not set"),
        (SecretFrom::variable("hunter2.hunter2"), "(not a name) is not set"),
        (SecretFrom::File(absent), "pinning-keys-no-such-file cannot be read"),
        (SecretFrom::File(std::env::temp_dir()), "is a directory"),
        (home(), "~ and variables are not expanded"),
        (control(), r"file /nowhere/a\r\u{202e}b\c cannot be read"),
        (letters(), "file /nowhere/e\u{301}'हिन्दी cannot be read"),
        (file(&long), "is longer than 65536 bytes"),
        (file(&binary), "is not valid UTF-8"),
        (file(&blank), "at position 8 of 15"),
        (file(&empty), "is empty\n  write the credential into it"),
        (file(&quoted), "begins or ends with a quotation mark"),
        (file(&utf16), "is encoded in UTF-16"),
        (file(&unmarked), "is encoded in UTF-16"),
        (SecretFrom::Text("hunter2 2".into()), "the configured credential has a blank"),
        (SecretFrom::Text("<hunter2>".into()), "the configured credential begins"),
    ] {
        let good = || SecretFrom::Text("good".into());
        for source in [
            StoredCredential::bearer(place.clone()),
            StoredCredential::key_pair(HEADERS, place.clone(), good()),
            StoredCredential::key_pair(HEADERS, good(), place.clone()),
        ] {
            let error = source.read().unwrap_err();
            let shown = format!("{error:#} {error:?} {source:?}");
            assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{shown}");
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("hunter2"), "{shown}");
            assert!(!shown.contains(['\r', '\u{202e}']), "{shown}");
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
async fn adapter_decides_which_answers_refuse_the_credential() {
    fn is_expired(response: &http::Response<bytes::Bytes>) -> bool {
        response.body().as_ref() == b"expired"
    }
    let client = |source: Arc<dyn CredentialSource>, script: &Arc<Script>| {
        let builder = builder_with(source).refuses_credential(is_expired);
        builder.transport(script.clone()).build().unwrap()
    };
    for code in [200, 400, 403, 502] {
        let script = Script::repeating([answer(code, &[], "expired"), answer(200, &[], "made")]);
        let (source, asked) = counting();
        let client = client(Arc::new(source), &script);
        let answered = client.call(call(Operation::Issue)).await.unwrap();
        assert_eq!((answered.body().as_ref(), script.count()), (&b"made"[..], 2), "{code}");
        assert_eq!(asked.load(Ordering::Relaxed), 2);
    }
    // Another 401 does not refuse it, and without a new credential the answer stays what it is.
    for (code, body) in [(401, "other"), (403, "expired")] {
        let script = Script::repeating([answer(code, &[], body)]);
        let fixed = AccountCredential::bearer("token").unwrap();
        let error =
            client(Arc::new(fixed), &script).call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.status().unwrap().as_u16(), script.count()), (code, 1));
        assert_eq!(error.effect(), Effect::Rejected);
    }
}

#[cfg(unix)]
#[test]
fn pipe_is_refused_with_another_way() {
    let path = std::env::temp_dir().join(format!("pinning-keys-{}-pipe", std::process::id()));
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let error = StoredCredential::bearer(SecretFrom::file(&path)).read().unwrap_err();
    std::fs::remove_file(&path).unwrap();
    let shown = format!("{error:#}");
    assert!(shown.contains("is a pipe, which cannot be read again"), "{shown}");
    assert!(shown.contains("CredentialSource"), "{shown}");
}

#[test]
fn token_in_place_of_a_path_is_not_shown() {
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

/// Returns `token-0`, `token-1` and so on, and counts how often it was asked.
fn counting() -> (impl CredentialSource, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = asked.clone();
    let source = from_fn(move |ask| {
        let number = counter.fetch_add(1, Ordering::Relaxed);
        let token = |number| AccountCredential::bearer(format!("token-{number}"));
        match ask {
            Ask::AfterRefusal(refused) => {
                assert!(refused.is_same_as(&token(number - 1).unwrap()));
            }
            _ => assert_eq!(number, 0),
        }
        std::future::ready(token(number))
    });
    (source, asked)
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
