//! Signing uploads: what is sent and where, what is refused before anything is, and that only a URL
//! of the host for uploads is accepted.

mod support;

use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{Effect, Error, ErrorKind, KeyIssuer, KeyQuery, Operation};
use pinning_keys_http::credentials::{AccountCredential, from_fn};
use pinning_keys_pinata::{
    Network, PAIR_HEADERS, PinataConfig, PinataIssuer, Route, SignedUpload, UploadRequest,
};
use pinning_keys_testkit::script::Step;
use pinning_keys_testkit::secrets::all_of;
use serde_json::json;
use support::{
    ACCOUNT_JWT, ACCOUNT_PAIR, Answers, EMPTY, ROUTES, Script, advice, answer, fixture, recorded,
};

const UPLOADS: &str = "https://uploads.test";

/// The time of the requests.
const NOW: Duration = Duration::from_secs(1_700_000_000);

fn request() -> UploadRequest {
    UploadRequest::new(Duration::from_secs(300), NonZeroU64::new(1_000_000).unwrap())
        .with_time(SystemTime::UNIX_EPOCH + NOW)
}

/// A signed URL of the documented form, in which everything but the origin is secret.
fn url(origin: &str) -> String {
    format!(
        "{origin}/v3/files/canary-id?X-Algorithm=PINATA2&X-Date=1700000000&X-Expires=300\
         &X-Method=[\"HEAD\",\"PATCH\",\"POST\"]&X-User-ID=canary-user&X-Signature=canary5f3a"
    )
}

fn signed(url: &str) -> Step {
    answer(200, json!({ "data": url }).to_string())
}

fn issuer(script: &Script) -> PinataIssuer {
    script.config().with_jwt(ACCOUNT_JWT).with_upload_url(UPLOADS).build().unwrap()
}

/// The error of a request that must fail, which shows no secret.
async fn failed(issuer: &PinataIssuer, request: &UploadRequest) -> Error {
    let error = issuer.sign_upload(request).await.unwrap_err();
    assert!(!all_of(&error).contains("canary"), "{error:?}");
    assert_eq!(error.operation(), Some(Operation::SignUpload));
    assert_eq!((error.provider(), error.key_name()), (Some("pinata"), None));
    error
}

#[tokio::test]
async fn request_is_sent_as_documented() {
    let script = Script::new([signed(&url(UPLOADS))]);
    let request = request()
        .with_network(Network::Public)
        .with_mime_type("image/*")
        .with_mime_type("application/pdf")
        .with_file_name("avatar")
        .with_group("group-1")
        .with_key_value("user", "42")
        .with_key_value("kind", "document")
        .with_key_value("kind", "avatar");
    issuer(&script).sign_upload(&request).await.unwrap();

    let mut documented = fixture("requests/sign_upload.json");
    documented.as_object_mut().unwrap().remove("source");
    documented["headers"]["authorization"] = format!("Bearer {ACCOUNT_JWT}").into();
    assert_eq!(script.last_request(), documented);
    assert_eq!(script.targets(), ["POST https://uploads.test/v3/files/sign"]);
}

#[tokio::test]
async fn limits_that_are_not_set_are_not_sent() {
    let script = Script::new([signed(&url(UPLOADS))]);
    issuer(&script).sign_upload(&request()).await.unwrap();
    assert_eq!(
        script.last_request()["body"],
        json!({
            "date": 1_700_000_000, "expires": 300, "max_file_size": 1_000_000,
            "network": "private",
        })
    );
}

#[tokio::test]
async fn url_is_shown_by_one_method_only() {
    let script = Script::new([signed(&url(UPLOADS))]);
    let issuer = issuer(&script);
    let upload: SignedUpload = issuer.sign_upload(&request()).await.unwrap();
    assert_eq!(upload.expose_url(), url(UPLOADS));
    assert_eq!(upload.expires_at(), SystemTime::UNIX_EPOCH + NOW + Duration::from_secs(300));
    let shown = format!("{upload:?} {upload:#?} {:?} {issuer:?}", upload.clone());
    assert!(!shown.contains("canary") && !shown.contains("uploads.test/"), "{shown}");
    assert!(shown.contains("expires_at"), "{shown}");
}

#[tokio::test]
async fn url_is_never_valid_for_longer_than_asked() {
    let script = Script::new([signed(&url(UPLOADS))]);
    let size = NonZeroU64::MIN;
    let request = UploadRequest::new(Duration::from_millis(1_999), size);
    let before = SystemTime::now();
    let upload = issuer(&script).sign_upload(&request).await.unwrap();
    assert_eq!(script.last_request()["body"]["expires"], 1);
    assert!(upload.expires_at() <= SystemTime::now() + Duration::from_secs(1));
    // The system's time, cut to whole seconds, and a second.
    assert!(upload.expires_at() > before);
}

/// The account's token goes to the host that was meant, counted by host.
#[tokio::test]
async fn token_goes_to_the_upload_host_only_if_it_is_set_or_nothing_is() {
    for (base_url, upload_url, expected) in [
        (None, None, Some("https://uploads.pinata.cloud")),
        (None, Some(UPLOADS), Some(UPLOADS)),
        (Some("https://pinata.test"), Some(UPLOADS), Some(UPLOADS)),
        (Some("https://pinata.test"), None, None),
        (Some("https://api.pinata.cloud"), None, None),
        (Some("http://127.0.0.1:8787"), None, None),
    ] {
        let script = Script::with(move |request| match request.method().as_str() {
            "GET" => answer(200, EMPTY),
            _ => signed(&url(expected.unwrap())),
        });
        let mut config = PinataConfig::new().with_jwt(ACCOUNT_JWT);
        if let Some(url) = base_url {
            config = config.with_base_url(url);
        }
        if let Some(url) = upload_url {
            config = config.with_upload_url(url);
        }
        let issuer = config.with_transport(Arc::new(script.clone())).build().unwrap();
        issuer.list(&KeyQuery::new()).await.unwrap();
        let outcome = issuer.sign_upload(&request()).await;

        let base_url = base_url.unwrap_or("https://api.pinata.cloud");
        let mut targets = vec![format!("GET {base_url}/v3/api_keys")];
        if let Some(expected) = expected {
            outcome.unwrap();
            targets.push(format!("POST {expected}/v3/files/sign"));
        } else {
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
            assert_eq!(
                error.to_string(),
                "cannot sign an upload URL at pinata: base_url is set, but upload_url is not; \
                 nothing was sent"
            );
            assert!(advice(&error).contains("PINNING_KEYS_UPLOAD_URL"), "{error:#}");
        }
        assert_eq!(script.targets(), targets);
    }
}

#[tokio::test]
async fn every_route_signs_with_a_jwt_and_none_with_a_key_pair() {
    let (key, secret) = ACCOUNT_PAIR;
    for (_, route) in ROUTES {
        let script = Script::new([signed(&url(UPLOADS))]);
        let config = script.config().with_route(route).with_upload_url(UPLOADS);
        config.with_jwt(ACCOUNT_JWT).build().unwrap().sign_upload(&request()).await.unwrap();
        let headers = script.last_headers();
        assert_eq!(headers["authorization"], format!("Bearer {ACCOUNT_JWT}"));

        let script = Script::default();
        let source =
            from_fn(
                move |_| async move { AccountCredential::key_pair(&PAIR_HEADERS, key, secret) },
            );
        let config = script.config().with_route(route).with_upload_url(UPLOADS);
        let issuer = config.with_credentials(Arc::new(source)).build().unwrap();
        let error = failed(&issuer, &request()).await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Configuration, Effect::NotSent));
        assert!(error.to_string().contains("only a JWT"), "{error}");
    }
    let config = Script::default().config().with_route(Route::Legacy).with_upload_url(UPLOADS);
    let issuer = config.with_key_pair(key, secret).build().unwrap();
    let error = failed(&issuer, &request()).await;
    assert_eq!(
        format!("{error:#}"),
        "cannot sign an upload URL at pinata: the account's credential is a key pair, and signing \
         accepts only a JWT; nothing was sent\n  set jwt (PINNING_KEYS_JWT) instead of the key pair"
    );
}

#[tokio::test]
async fn invalid_request_is_refused_unsent() {
    let (second, size) = (Duration::from_secs(1), NonZeroU64::MIN);
    let before_1970 = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
    let invalid = [
        (UploadRequest::new(Duration::ZERO, size), "less than a second"),
        (UploadRequest::new(Duration::from_millis(999), size), "less than a second"),
        (UploadRequest::new(Duration::MAX, size), "too long"),
        (UploadRequest::new(second, size).with_time(before_1970), "before 1970"),
        (request().with_file_name(""), "the file name is empty"),
        (request().with_group(""), "the id of the group is empty"),
        (request().with_key_value("", "canary"), "the name of a key-value is empty"),
    ];
    let types = ["", "*", "*/*", "image", "image/", "/png", "image/p*", "image /png", "Directory"]
        .into_iter()
        .chain(["text/plain; charset=canary", "image/png,text/plain", "a/b/c", "image/\u{202e}"])
        .map(|mime_type| (request().with_mime_type("image/*").with_mime_type(mime_type), "MIME"));
    for (request, expected) in invalid.into_iter().chain(types) {
        let error = failed(&issuer(&Script::default()), &request).await;
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert!(error.to_string().contains(expected), "{error} {request:?}");
    }
    for mime_type in ["directory", "image/*", "application/vnd.ms-excel", "image/svg+xml"] {
        let script = Script::new([signed(&url(UPLOADS))]);
        issuer(&script).sign_upload(&request().with_mime_type(mime_type)).await.unwrap();
        assert_eq!(script.last_request()["body"]["allow_mime_types"], json!([mime_type]));
    }
}

#[tokio::test]
async fn answer_that_is_not_a_url_of_the_upload_host_is_refused() {
    let data = |url: &str| json!({ "data": url }).to_string();
    for body in [
        data(&url("https://canary.example")),
        data(&url("http://uploads.test")),
        data(&url("https://uploads.test:8443")),
        data(&url("https://uploads.test.canary.example")),
        data(&url("https://canary@uploads.test")),
        data(&url("https://uploads.test@canary.example")),
        data(&url("https://uploads.test\\@canary.example")),
        data(&format!("{} canary", url(UPLOADS))),
        data("/v3/files/canary"),
        data(""),
        json!({ "data": { "url": url(UPLOADS) } }).to_string(),
        json!({ "url": url(UPLOADS) }).to_string(),
        json!([url(UPLOADS)]).to_string(),
        json!(url(UPLOADS)).to_string(),
        "<html>canary</html>".to_owned(),
        String::new(),
    ] {
        let error = failed(&issuer(&Script::answer(200, body.clone())), &request()).await;
        let expected = (ErrorKind::UnreadableAnswer, Effect::Rejected);
        assert_eq!((error.kind(), error.effect()), expected, "{body}");
        assert!(advice(&error).contains("PINNING_KEYS_UPLOAD_URL"), "{error:#}");
    }
    for plain in ["http://127.0.0.1:8787", "http://mock.internal"] {
        let script = Script::new([signed(&url(plain)), signed(&url("http://other.internal"))]);
        let config = script.config().with_jwt(ACCOUNT_JWT).with_plain_http_host("mock.internal");
        let issuer = config.with_upload_url(plain).build().unwrap();
        assert_eq!(issuer.sign_upload(&request()).await.unwrap().expose_url(), url(plain));
        failed(&issuer, &request()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn refusal_leaves_nothing_to_reconcile_and_names_the_scope() {
    let (unauthorized, unknown) =
        (recorded("401_v3_not_authorized"), recorded("401_v3_no_authorization_header_found"));
    for ((status, body), kind, told) in [
        (unauthorized, ErrorKind::Unauthenticated, "org:files:write, which a key that only"),
        (unknown, ErrorKind::PermissionDenied, "one with org:files:write"),
        (recorded("403_account_blocked"), ErrorKind::AccountRestricted, "another key"),
        ((403, "error code: 1010".into()), ErrorKind::Refused, "PINNING_KEYS_UPLOAD_URL"),
        ((400, r#"{"error":{"code":400,"message":"no"}}"#.into()), ErrorKind::Refused, ""),
        ((500, "".into()), ErrorKind::Unavailable, ""),
    ] {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.e30.canary";
        let script = Script::repeating([answer(status, body)]);
        let config = PinataConfig::new().with_jwt(jwt).with_transport(script);
        let error = failed(&config.build().unwrap(), &request()).await;
        assert_eq!((error.kind(), error.effect()), (kind, Effect::Rejected), "{error}");
        assert!(advice(&error).contains(told), "{error:#}");
    }
}

#[tokio::test(start_paused = true)]
async fn signing_is_retried() {
    let script = Script::new([answer(503, ""), answer(429, ""), signed(&url(UPLOADS))]);
    issuer(&script).sign_upload(&request()).await.unwrap();
    assert_eq!(script.count(), 3);
}
