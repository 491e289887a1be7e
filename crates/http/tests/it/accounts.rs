//! A confined client sends nothing with a credential that does not show its account.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pinning_keys_core::{Account, Effect, ErrorKind, Operation, PairHeaders};
use pinning_keys_http::credentials::{AccountCredential, Ask, CredentialSource, from_fn};
use pinning_keys_http::{ApiClient, BaseUrl, jwt_claims};
use serde::Deserialize;

use crate::support::{ALL, Script, authorizations, builder_with, call, status};

const PAIR: PairHeaders = PairHeaders::new("x-key", "x-secret");

fn jwt(payload: &str) -> String {
    format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", URL_SAFE_NO_PAD.encode(payload))
}

fn jwt_of(account: &str) -> String {
    jwt(&format!(r#"{{"sub":"{account}"}}"#))
}

fn bearer(token: impl Into<String>) -> AccountCredential {
    AccountCredential::bearer(token.into()).unwrap()
}

fn pair() -> AccountCredential {
    AccountCredential::key_pair(&PAIR, "sample-key", "sample-secret").unwrap()
}

fn read_account(token: &str) -> Option<Account> {
    #[derive(Deserialize)]
    struct Subject {
        sub: String,
    }

    let Subject { sub } = jwt_claims::read(token)?;
    Some(Account::new(sub).with_credential_expiry(jwt_claims::expiry(token)))
}

/// A client whose tokens show their account.
fn client(source: impl CredentialSource + 'static, script: &Arc<Script>) -> ApiClient {
    let builder = builder_with(Arc::new(source)).transport(script.clone());
    builder.account_reader(read_account).build().unwrap()
}

/// A source that returns these one after the other.
fn one_by_one(credentials: Vec<AccountCredential>) -> impl CredentialSource {
    let asked = AtomicUsize::new(0);
    from_fn(move |_: Ask| {
        let given = credentials[asked.fetch_add(1, Ordering::Relaxed)].clone();
        async move { Ok(given) }
    })
}

#[tokio::test(start_paused = true)]
async fn confined_client_sends_only_credentials_of_its_account() {
    let given = [
        (bearer(jwt_of("mine")), true),
        (bearer(jwt_of("other")), false),
        (bearer(jwt_of("mine-2")), false),
        (bearer(jwt("{}")), false),
        (bearer("no-jwt"), false),
        (pair(), false),
        // The provider goes by the token, whatever its source says.
        (bearer(jwt_of("other")).with_account_id("mine"), false),
        (bearer(jwt_of("mine")).with_account_id("other"), true),
        (bearer("no-jwt").with_account_id("mine"), true),
        (pair().with_account_id("mine"), true),
        (AccountCredential::authorization(jwt_of("mine")).unwrap(), true),
        (AccountCredential::basic("mine", "sample-password").unwrap(), false),
    ];
    for operation in ALL {
        for (credential, is_sent) in &given {
            let script = Script::repeating([status(200)]);
            let client = client(credential.clone(), &script).confined_to("mine");
            let result = client.call(call(operation)).await;
            assert_eq!((result.is_ok(), script.count()), (*is_sent, usize::from(*is_sent)));
            if let Err(error) = result {
                assert_eq!(error.kind(), ErrorKind::CredentialUnavailable, "{error}");
                assert_eq!((error.effect(), error.operation()), (Effect::NotSent, Some(operation)));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn confined_client_compares_the_account_at_each_call() {
    let accounts = ["mine", "other", "mine"];
    let source = one_by_one(accounts.map(|account| bearer(jwt_of(account))).into());
    let script = Script::repeating([status(200)]);
    let client = client(source, &script).confined_to("mine");
    for account in accounts {
        let result = client.call(call(Operation::Issue)).await;
        assert_eq!(result.is_ok(), account == "mine");
    }
    assert_eq!(script.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn confined_client_tries_no_other_account_after_a_refusal() {
    let source = one_by_one(vec![bearer(jwt_of("mine")), bearer(jwt_of("other"))]);
    let script = Script::repeating([status(401), status(200)]);
    let client = client(source, &script).confined_to("mine");
    let error = client.call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("belongs to another account"), "{source}");
    assert_eq!(authorizations(&script), [format!("Bearer {}", jwt_of("mine"))]);
}

#[tokio::test(start_paused = true)]
async fn client_at_another_base_url_is_confined_too() {
    let source = one_by_one(vec![bearer(jwt_of("mine")), bearer(jwt_of("other"))]);
    let script = Script::repeating([status(200)]);
    let uploads = BaseUrl::parse("https://uploads.example.com", &[]).unwrap();
    let confined = client(source, &script).confined_to("mine");
    let client = confined.builder_at(uploads).build().unwrap();
    client.call(call(Operation::Issue)).await.unwrap();
    assert!(client.call(call(Operation::Issue)).await.is_err());
    assert_eq!(script.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn account_is_read_only_if_it_is_asked_for() {
    static READ: AtomicUsize = AtomicUsize::new(0);
    let script = Script::repeating([status(200)]);
    let source = one_by_one(["a", "b", "c"].map(|account| bearer(jwt_of(account))).into());
    let builder = builder_with(Arc::new(source)).transport(script.clone());
    let client = builder
        .account_reader(|token| {
            READ.fetch_add(1, Ordering::Relaxed);
            read_account(token)
        })
        .build()
        .unwrap();
    // A client that is not confined serves whatever account it is given.
    client.call(call(Operation::Issue)).await.unwrap();
    client.call(call(Operation::Issue)).await.unwrap();
    assert_eq!(READ.load(Ordering::Relaxed), 0);
    assert_eq!(client.account().await.unwrap(), Some(Account::new("c")));
    assert_eq!((READ.load(Ordering::Relaxed), script.count()), (1, 2), "nothing was sent");
}

#[tokio::test(start_paused = true)]
async fn account_of_a_token_is_an_id_and_never_an_address() {
    let long = "a".repeat(129);
    for (payload, id) in [
        (r#"{"sub":"00000000-0000-4000-8000-000000000001"}"#, true),
        (r#"{"sub":"auth0|5f7c8ec7c33c6c004bbafe82"}"#, true),
        (r#"{"sub":"owner@example.com"}"#, false),
        (r#"{"sub":"a b"}"#, false),
        (r#"{"sub":"a\nb"}"#, false),
        (r#"{"sub":""}"#, false),
        (&format!(r#"{{"sub":"{long}"}}"#), false),
        (r#"{"sub":7}"#, false),
        (r#"{"sub":"a","sub":"b"}"#, false),
    ] {
        let script = Script::repeating([status(200)]);
        let account = client(bearer(jwt(payload)), &script).account().await.unwrap();
        assert_eq!(account.is_some(), id, "{payload}");
    }
    let script = Script::repeating([status(200)]);
    let source = bearer(jwt(r#"{"sub":"a","exp":1700000000}"#));
    let account = client(source, &script).account().await.unwrap().unwrap();
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    assert_eq!(account, Account::new("a").with_credential_expiry(Some(end)));
    assert_eq!(client(pair(), &script).account().await.unwrap(), None);
    assert_eq!(script.count(), 0);
}
