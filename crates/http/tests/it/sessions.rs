//! A login serves many calls, and a session leads nowhere and belongs to nobody but it should.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use http::{Method, Request};
use pinning_keys_core::{
    Account, Credential, Effect, Error, ErrorKind, Grant, KeyName, Operation, Permission,
    PermissionTable, Plan, ScopeRequest,
};
use pinning_keys_http::credentials::{AccountCredential, Ask, Login, from_fn};
use pinning_keys_http::{ApiClient, ApiClientBuilder, BaseUrl, Call};
use pinning_keys_testkit::secrets::Secrets;
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::{Instant, advance};

use crate::support::{Script, Step, answer, authorizations, call, status};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const SECRET: &str = "canary-secret-of-the-login";

/// Reads sessions such as `{"token":"t0","url":"https://…","account":"a","lasts":60}`.
struct JsonLogin;

#[async_trait]
impl Login for JsonLogin {
    async fn log_in(&self, client: &ApiClient) -> Result<AccountCredential, Error> {
        let answer = client.call(Call::new(Operation::Login, Method::GET, "/login")).await?;
        let session: Value =
            serde_json::from_slice(answer.body()).map_err(|_| answer.unreadable("a session"))?;
        let text = |name: &str| session[name].as_str();
        let token = text("token").ok_or_else(|| answer.unreadable("a session"))?;
        let lasts = session["lasts"].as_u64().map_or(DAY, Duration::from_secs);
        let mut credential =
            AccountCredential::bearer(token)?.with_expires_at(SystemTime::now() + lasts);
        if let Some(url) = text("url") {
            credential = credential.with_base_url(url);
        }
        if let Some(account) = text("account") {
            credential = credential.with_fact("account", account).with_account_id(account);
        }
        Ok(credential)
    }
}

fn at(base_url: &str, allowed: &[&str], script: &Arc<Script>) -> ApiClientBuilder {
    let allowed: Vec<_> = allowed.iter().map(|host| (*host).to_owned()).collect();
    let base_url = BaseUrl::parse(base_url, &allowed).unwrap();
    let credential = AccountCredential::basic("login-key", SECRET).unwrap();
    ApiClient::builder("example", base_url, Arc::new(credential))
        .transport(script.clone())
        .session_domains(&["example.com"])
        .login(JsonLogin)
}

fn client(script: &Arc<Script>) -> ApiClient {
    at("https://api.example.com", &[], script).build().unwrap()
}

fn session(text: &str) -> Step {
    answer(200, &[], text)
}

/// A server that answers the n-th login with `login(n)`, and other requests with `api`.
fn server(
    login: impl Fn(usize) -> Step + Send + 'static,
    api: impl Fn(&Request<bytes::Bytes>) -> Step + Send + 'static,
) -> Arc<Script> {
    let logins = AtomicUsize::new(0);
    Arc::new(Script::with(move |request| match request.uri().path() {
        "/login" => login(logins.fetch_add(1, Ordering::Relaxed)),
        _ => api(request),
    }))
}

/// The server of one session.
fn serving(session_text: &str) -> Arc<Script> {
    let text = session_text.to_owned();
    server(move |_| session(&text), |_| answer(200, &[], "{}"))
}

fn numbered(n: usize) -> Step {
    session(&format!(r#"{{"token":"token-{n}"}}"#))
}

fn logins(script: &Script) -> usize {
    script.requests().iter().filter(|request| request.uri().path() == "/login").count()
}

#[tokio::test(start_paused = true)]
async fn many_calls_make_one_login_until_it_expires() {
    let script = server(numbered, |_| answer(200, &[], "{}"));
    let client = client(&script);
    for round in 1..=2 {
        let mut calls = JoinSet::new();
        for _ in 0..50 {
            let client = client.clone();
            calls.spawn(async move { client.call(call(Operation::List)).await.map(drop) });
        }
        calls.join_all().await.into_iter().collect::<Result<(), _>>().unwrap();
        assert_eq!((logins(&script), script.count()), (round, 51 * round));
        advance(DAY).await;
    }
    let sent = authorizations(&script);
    assert_eq!(sent[0], "Basic bG9naW4ta2V5OmNhbmFyeS1zZWNyZXQtb2YtdGhlLWxvZ2lu");
    assert_eq!(sent.iter().filter(|value| value.starts_with("Basic")).count(), 2, "the logins");
    assert_eq!(sent[101], "Bearer token-1");
}

#[tokio::test(start_paused = true)]
async fn refused_session_is_renewed_once_in_a_call() {
    let expired = |request: &Request<_>| request.headers()["authorization"] == "Bearer token-0";
    let renewing = server(numbered, move |it| status(if expired(it) { 401 } else { 200 }));
    client(&renewing).call(call(Operation::Issue)).await.unwrap();
    assert_eq!(renewing.targets().len(), 4, "login, refusal, login, one create");

    let refusing = server(numbered, |_| status(401));
    let client = client(&refusing);
    for calls in 1..=3 {
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
        assert!(logins(&refusing) <= 1 + calls, "{} logins", logins(&refusing));
    }
}

#[tokio::test(start_paused = true)]
async fn login_that_hangs_ends_at_the_deadline() {
    let script = server(|_| Step::Hang, |_| status(200));
    let client = at("https://api.example.com", &[], &script);
    let client = client.deadline(Duration::from_secs(5)).build().unwrap();
    let began = Instant::now();
    let error = client.call(call(Operation::Issue)).await.unwrap_err();
    assert!(began.elapsed() <= Duration::from_secs(5));
    assert_eq!((error.effect(), logins(&script)), (Effect::NotSent, script.count()));
}

#[tokio::test(start_paused = true)]
async fn login_is_retried_and_its_failure_names_it() {
    let flaky =
        server(|n| if n < 2 { status(503) } else { numbered(n) }, |_| answer(200, &[], "{}"));
    client(&flaky).call(call(Operation::Issue)).await.unwrap();
    assert_eq!(logins(&flaky), 3);

    let refused = server(|_| status(401), |_| status(200));
    let error = client(&refused).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::NotSent));
    let shared = std::error::Error::source(&error).unwrap();
    let source = shared.source().unwrap_or(shared).to_string();
    assert!(source.contains("cannot log in at example"), "{error}: {source}");
    assert_eq!(refused.count(), logins(&refused));
}

#[tokio::test(start_paused = true)]
async fn expired_session_is_not_used() {
    let script = serving(r#"{"token":"token-0","lasts":0}"#);
    let client = client(&script);
    for calls in 1..=3 {
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert_eq!(error.effect(), Effect::NotSent);
        assert_eq!((logins(&script), script.count()), (calls, calls));
    }
}

#[tokio::test(start_paused = true)]
async fn calls_go_to_the_url_of_the_session() {
    for (url, target) in [
        ("https://api005.example.com", "https://api005.example.com/v1/keys"),
        ("https://example.com/", "https://example.com/v1/keys"),
        ("https://API005.Example.com/b2", "https://api005.example.com/b2/v1/keys"),
        ("https://xn--bcher-kva.example.com", "https://xn--bcher-kva.example.com/v1/keys"),
    ] {
        let script = serving(&format!(r#"{{"token":"token-0","url":"{url}"}}"#));
        let client = client(&script);
        client.call(call(Operation::List)).await.unwrap();
        let login = "GET https://api.example.com/login".to_owned();
        assert_eq!(script.targets(), [login, format!("GET {target}")]);

        // Where an issued key works, the account's session does not say.
        let holder = Credential::bearer("example", "held").unwrap();
        client.call(call(Operation::Verify).as_holder(&holder)).await.unwrap();
        assert_eq!(script.targets()[2], "GET https://api.example.com/v1/keys");
    }
}

#[tokio::test(start_paused = true)]
async fn session_at_a_foreign_host_is_refused_before_the_token_is_sent() {
    let provider = ("https://api.example.com", &[][..]);
    let loopback = ("http://127.0.0.1:8787", &[][..]);
    let mock = ("http://mock.internal:8080", &["mock.internal"][..]);
    let plain_provider = ("http://api.example.com", &["api.example.com"][..]);
    for ((base_url, allowed), url) in [
        (provider, "https://evil.example"),
        (provider, "https://evilexample.com"),
        (provider, "https://example.com.evil.example"),
        (provider, "https://example.com.evil.example/example.com"),
        (provider, "https://evil.example/.example.com"),
        (provider, "https://evil.example#.example.com"),
        (provider, "https://evil.example?.example.com"),
        (provider, "https://evil.example\\\\.example.com"),
        (provider, "https://api.example.com@evil.example"),
        (provider, "https://user@api.example.com"),
        (provider, "https://api.example.com:8443"),
        (provider, "https://api.example.com:443"),
        (provider, "https://api.example.com."),
        (provider, "https://.example.com"),
        (provider, "https://api.example.com?a=b"),
        (provider, "https://api.example.com#a"),
        (provider, "https://api.example.com/a%2fb"),
        (provider, "https://api%2eexample.com"),
        (provider, "https://api.ex\u{430}mple.com"),
        (provider, "https://api\u{3002}example.com"),
        (provider, "https://127.0.0.1"),
        (provider, "https://[::1]"),
        (provider, "https://2130706433"),
        (provider, "http://api.example.com"),
        (provider, "ftp://api.example.com"),
        (provider, "//api.example.com"),
        (provider, "api.example.com"),
        (provider, " https://api.example.com"),
        (provider, ""),
        (loopback, "https://api.example.com"),
        (loopback, "http://127.0.0.1:8788"),
        (loopback, "http://127.0.0.1:8787@evil.example"),
        (loopback, "https://127.0.0.1:8787"),
        (mock, "https://api.example.com"),
        (mock, "http://mock.internal"),
        (plain_provider, "https://api005.example.com"),
    ] {
        let script = serving(&format!(r#"{{"token":"token-0","url":"{url}"}}"#));
        let client = at(base_url, allowed, &script).build().unwrap();
        let error = client.call(call(Operation::Issue)).await.expect_err(url);
        let expected = (ErrorKind::CredentialUnavailable, Effect::NotSent);
        assert_eq!((error.kind(), error.effect()), expected, "{url}");
        assert_eq!(script.count(), 1, "{url}: only the login was sent");
        assert!(url.is_empty() || !format!("{error:#}").contains("evil"), "{error:#}");
    }
    for ((base_url, allowed), url) in
        [(loopback, "http://127.0.0.1:8787/b2"), (mock, "http://mock.internal:8080")]
    {
        let script = serving(&format!(r#"{{"token":"token-0","url":"{url}"}}"#));
        let client = at(base_url, allowed, &script).build().unwrap();
        client.call(call(Operation::List)).await.unwrap();
        assert_eq!(script.targets()[1], format!("GET {url}/v1/keys"));
    }
}

#[tokio::test(start_paused = true)]
async fn renewed_session_leads_to_its_own_url_with_its_own_facts() {
    let login = |n| {
        session(&format!(
            r#"{{"token":"token-{n}","account":"acc","url":"https://api{n}.example.com"}}"#
        ))
    };
    let api = |request: &Request<_>| {
        let is_first = request.uri().host() == Some("api0.example.com");
        status(if is_first { 401 } else { 200 })
    };
    let script = server(login, api);
    let list = Call::new(Operation::List, Method::POST, "/list").with_fact("account");
    client(&script).call(list).await.unwrap();
    assert_eq!(script.targets()[3], "POST https://api1.example.com/list");
    assert_eq!(script.last_body(), r#"{"account":"acc"}"#);
    assert_eq!(script.last_headers()["content-type"], "application/json");
}

/// A source can return a session first, and then a credential without one.
#[tokio::test(start_paused = true)]
async fn credential_without_a_session_is_not_sent_to_that_of_the_refused_one() {
    let script = server(|_| status(500), |_| status(401));
    let source = from_fn(|ask| async move {
        Ok(match ask {
            Ask::AfterRefusal(_) => AccountCredential::bearer("token-1")?,
            _ => AccountCredential::bearer("token-0")?.with_base_url("https://api9.example.com"),
        })
    });
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    let client = ApiClient::builder("example", base_url, Arc::new(source))
        .transport(script.clone())
        .session_domains(&["example.com"])
        .build()
        .unwrap();
    client.call(Call::new(Operation::List, Method::GET, "/list")).await.unwrap_err();
    let targets = ["GET https://api9.example.com/list", "GET https://api.example.com/list"];
    assert_eq!(script.targets(), targets);
}

#[tokio::test(start_paused = true)]
async fn fact_fills_each_of_its_places_and_is_one_member() {
    let script = serving(r#"{"token":"t","account":"acc"}"#);
    let copy = Call::new(Operation::List, Method::GET, "/{account}/copy/{account}");
    client(&script).call(copy.with_fact("account")).await.unwrap();
    assert_eq!(script.targets()[1], "GET https://api.example.com/acc/copy/acc");
    let list = Call::new(Operation::List, Method::POST, "/list").with_fact("account");
    client(&script).call(list.with_fact("account")).await.unwrap();
    assert_eq!(script.last_body(), r#"{"account":"acc"}"#);
}

#[test]
fn session_domains_are_names_below_a_top_level_domain() {
    const DOMAINS: [&[&str]; 7] = [
        &["com"],
        &[".example.com"],
        &["Example.com"],
        &["10.0.0.1"],
        &[""],
        &["*.example.com"],
        &["example.com", "https://example.com"],
    ];
    for domains in DOMAINS {
        let builder = at("https://api.example.com", &[], &serving("{}"));
        let error = builder.session_domains(domains).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{domains:?}");
    }
}

static GRANTS: [Grant; 1] = [Grant::new("list", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);

#[tokio::test(start_paused = true)]
async fn placeholders_are_filled_once_and_nowhere_else() {
    // A key name that looks like a placeholder, and an account that looks like JSON and a path.
    let name = KeyName::new(r#"{account}","account":"{account}"#).unwrap();
    let account = r#"a"/../{org}\é"#;
    let body = format!(r#"{{"name":{}}}"#, Value::from(name.as_str()));
    let translation = TABLE.translate(&ScopeRequest::needs([Permission::PinsList])).unwrap();
    let plan = Plan::new(translation, Method::POST, "/v1/{org}/keys", body);
    let plan = plan.with_placeholder("org").with_placeholder("account");
    let credential = AccountCredential::bearer("token").unwrap();
    let credential = credential.with_fact("org", account).with_fact("account", account);
    let script = Script::repeating([answer(200, &[], "{}")]);
    let client = ApiClient::builder(
        "example",
        BaseUrl::parse("https://api.example.com", &[]).unwrap(),
        Arc::new(credential),
    );
    let client = client.transport(script.clone()).build().unwrap();
    client.call(Call::from_plan(plan.clone(), &name)).await.unwrap();
    let sent = String::from_utf8(script.last_body().to_vec()).unwrap();
    assert!(plan.is_sent_as(&sent), "{sent}");
    let sent: Value = serde_json::from_str(&sent).unwrap();
    assert_eq!((&sent["account"], &sent["name"]), (&account.into(), &name.as_str().into()));
    let path = "/v1/a%22%2F..%2F%7Borg%7D%5C%C3%A9/keys";
    assert_eq!(script.requests()[0].uri().path(), path);

    let list = Call::new(Operation::List, Method::GET, "/v1/keys").segment("{org}");
    client.call(list.query("name", "{account}").query_fact("id", "org")).await.unwrap();
    let expected = "/v1/keys/%7Borg%7D?name=%7Baccount%7D&id=a%22%2F..%2F%7Borg%7D%5C%C3%A9";
    assert_eq!(script.requests()[1].uri().path_and_query().unwrap(), expected);
}

#[tokio::test(start_paused = true)]
async fn filled_body_is_that_of_the_plan_however_it_is_spaced() {
    let name = KeyName::new("n").unwrap();
    for (body, expected) in [
        ("{}", r#"{"account":"a","org":"o"}"#),
        ("{ }", r#"{"account":"a","org":"o"}"#),
        ("{\n  \"b\": 1 }", r#"{"account":"a","org":"o","b": 1 }"#),
    ] {
        let translation = TABLE.translate(&ScopeRequest::reader()).unwrap();
        let plan = Plan::new(translation, Method::POST, "/v1/keys", body.to_owned());
        let plan = plan.with_placeholder("account").with_placeholder("org");
        let script = Script::repeating([status(200)]);
        let credential = AccountCredential::bearer("token").unwrap();
        let credential = credential.with_fact("account", "a").with_fact("org", "o");
        let client = crate::support::client_with(credential, &script);
        client.call(Call::from_plan(plan.clone(), &name)).await.unwrap();
        let sent = String::from_utf8(script.last_body().to_vec()).unwrap();
        assert_eq!(sent, expected);
        assert!(plan.is_sent_as(&sent), "{sent}");
    }
}

#[tokio::test(start_paused = true)]
async fn call_without_its_fact_is_not_sent() {
    let bare = || AccountCredential::bearer("token").unwrap();
    let holder = Credential::bearer("example", "held").unwrap();
    let path = |operation| Call::new(operation, Method::GET, "/v1/{account}/keys");
    let list = || path(Operation::List).with_fact("account");
    for (credential, call, kind) in [
        (bare(), list(), ErrorKind::CredentialUnavailable),
        (bare().with_fact("accounts", "a"), list(), ErrorKind::CredentialUnavailable),
        (bare().with_fact("account", ".."), list(), ErrorKind::CredentialUnavailable),
        (bare().with_fact("account", ""), list(), ErrorKind::CredentialUnavailable),
        (bare(), call(Operation::Issue).with_fact("account"), ErrorKind::CredentialUnavailable),
        (
            bare().with_fact("account", "a"),
            call(Operation::Issue).json("[]").with_fact("account"),
            ErrorKind::InvalidInput,
        ),
        (bare().with_fact("account", "a"), list().as_holder(&holder), ErrorKind::InvalidInput),
    ] {
        let script = Script::repeating([status(200)]);
        let client = crate::support::client_with(credential, &script);
        let error = client.call(call).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (kind, Effect::NotSent), "{error:#}");
        assert_eq!(script.count(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn credential_of_another_account_is_not_sent() {
    // The second credential arrives like a renewal; the last one names no account.
    let accounts = [Some("first"), Some("second"), Some("first"), None];
    let asked = AtomicUsize::new(0);
    let source = from_fn(move |_ask: Ask| {
        let n = asked.fetch_add(1, Ordering::Relaxed);
        let credential = AccountCredential::bearer(format!("token-{n}"));
        async move {
            Ok(match accounts[n] {
                Some(account) => credential?.with_account_id(account),
                None => credential?,
            })
        }
    });
    let script = Script::repeating([status(200)]);
    let client = crate::support::client_with(source, &script);
    for account in accounts {
        let result = client.call(call(Operation::Issue)).await;
        assert_eq!(result.is_ok(), account == Some("first"), "{account:?}");
        if let Err(error) = result {
            assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
            assert_eq!((error.effect(), error.provider()), (Effect::NotSent, Some("example")));
        }
    }
    assert_eq!(authorizations(&script), ["Bearer token-0", "Bearer token-2"]);
}

#[tokio::test(start_paused = true)]
async fn account_changes_neither_by_renewal_nor_at_another_base_url() {
    let login = |n| session(&format!(r#"{{"token":"token-{n}","account":"account-{n}"}}"#));
    let script = server(login, |_| status(401));
    let client = client(&script);
    assert_eq!(client.account().await.unwrap(), Some(Account::new("account-0")));
    let error = client.call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Unauthenticated, Effect::Rejected));
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("belongs to another account"), "{source}");
    // The login is now one of the other account.
    let sibling = BaseUrl::parse("https://uploads.example.com", &[]).unwrap();
    let sibling = client.builder_at(sibling).build().unwrap();
    for client in [&client, &sibling] {
        let error = client.account().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!(error.effect(), Effect::NotSent);
    }
    assert_eq!(script.count(), 3, "login, refusal, login");
}

#[tokio::test(start_paused = true)]
async fn configured_account_is_required() {
    for (account, is_served) in [(Some("mine"), true), (Some("other"), false), (None, false)] {
        let text = account.map_or(String::new(), |account| format!(r#","account":"{account}""#));
        let script = serving(&format!(r#"{{"token":"token-0"{text}}}"#));
        let client = at("https://api.example.com", &[], &script).account("mine").build().unwrap();
        assert_eq!(client.call(call(Operation::Issue)).await.is_ok(), is_served, "{account:?}");
        assert_eq!(script.count(), if is_served { 2 } else { 1 });
    }
}

#[tokio::test(start_paused = true)]
async fn no_secret_of_a_login_is_shown() {
    const TOKEN: &str = "canarytokenofthesession";
    let secrets = Secrets::of([SECRET, TOKEN]);
    // A server repeats what it was sent, or sends what cannot be read.
    let refusing = server(|_| answer(400, &[], SECRET), |_| status(200));
    let unreadable = serving(&format!("{SECRET} {TOKEN}"));
    let session_text = format!(r#"{{"token":"{TOKEN}","account":"a","url":"https://{TOKEN}.x"}}"#);
    let foreign = serving(&session_text);
    let good = session_text.replace(".x", ".example.com");
    let later = server(move |_| session(&good), |_| answer(400, &[], TOKEN));
    for script in [refusing, unreadable, foreign, later] {
        let read = |answer: &pinning_keys_http::Answer| {
            let text = String::from_utf8_lossy(answer.body()).into_owned();
            pinning_keys_http::Failure::new().with_message(text)
        };
        let builder = at("https://api.example.com", &[], &script).failure_reader(read);
        secrets.assert_not_in("builder", &format!("{builder:?}"));
        let client = builder.build().unwrap();
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        let mut texts = vec![format!("{client:?}"), format!("{error:?}"), format!("{error:#}")];
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            texts.push(format!("{inner} {inner:?}"));
            source = inner.source();
        }
        for text in texts {
            secrets.assert_not_in("output", &text);
        }
    }
    let credential = AccountCredential::bearer(TOKEN).unwrap().with_base_url(TOKEN);
    secrets.assert_not_in("credential", &format!("{:?}", credential.with_fact("f", TOKEN)));
}
