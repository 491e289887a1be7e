//! Uploads through a signed URL by a plain HTTP client without a key: within the limits of the
//! request they succeed, beyond them the provider refuses.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use http::Method;
use pinning_keys::pinata::{Network, PinataIssuer, Table, UploadRequest};
use pinning_keys::{
    ErrorKind, IssuerConfig, KeyIssuer, KeyRequest, NextStep, Permission, ScopeChange, ScopeError,
    ScopeRequest,
};
use pinning_keys_emulator::Emulator;
use serde_json::{Value, json};

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);

/// The issuer that the emulator's own variables configure.
fn issuer(emulator: &Emulator) -> PinataIssuer {
    match IssuerConfig::from_vars(emulator.pinata().vars()).unwrap() {
        IssuerConfig::Pinata(config) => config.build().unwrap(),
        other => panic!("{other:?}"),
    }
}

fn request() -> UploadRequest {
    UploadRequest::new(FIVE_MINUTES, NonZeroU64::new(10).unwrap())
}

/// The answer to an upload to the URL of this request, without any credential.
async fn upload(
    issuer: &PinataIssuer,
    request: &UploadRequest,
    content: &str,
    mime_type: &str,
) -> (u16, Value) {
    let url = issuer.sign_upload(request).await.unwrap();
    // This build of the client comes without a provider, which even plain http needs.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(url.expose_url());
    let request = request.header("content-type", "multipart/form-data; boundary=sample");
    let response = request.body(form(content, mime_type)).send().await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap())
}

/// A form with a file, in which the holder asks for what the URL does not grant.
fn form(content: &str, mime_type: &str) -> String {
    let field = |head: &str, value: &str| {
        format!("--sample\r\ncontent-disposition: form-data; {head}\r\n\r\n{value}\r\n")
    };
    let file = format!("name=\"file\"; filename=\"hello.txt\"\r\ncontent-type: {mime_type}");
    let parts = [
        field("name=\"network\"", "public"),
        field("name=\"name\"", "the holder's name"),
        field("name=\"keyvalues\"", r#"{"user":"1"}"#),
        field(&file, content),
    ];
    format!("{}--sample--\r\n", parts.concat())
}

#[tokio::test]
async fn upload_without_a_key_has_what_the_url_fixes() {
    let emulator = Emulator::start().await.unwrap();
    let issuer = issuer(&emulator);
    let request = request().with_file_name("avatar").with_key_value("user", "42");
    let (status, answer) = upload(&issuer, &request, "hello", "text/plain").await;
    assert_eq!(status, 200, "{answer}");
    let stored = &answer["data"];
    assert_eq!((&stored["name"], &stored["network"]), (&json!("avatar"), &json!("private")));
    assert_eq!((&stored["keyvalues"], &stored["size"]), (&json!({ "user": "42" }), &json!(5)));

    let request = request.with_network(Network::Public);
    let (_, answer) = upload(&issuer, &request, "hello", "text/plain").await;
    assert_eq!(answer["data"]["network"], "public");
    assert_eq!(emulator.keys_made(), 0);
    assert_eq!(emulator.requests_to(&Method::POST, "/v3/files/sign"), 2);
}

#[tokio::test]
async fn upload_beyond_a_limit_of_the_url_is_refused() {
    let emulator = Emulator::start().await.unwrap();
    let issuer = issuer(&emulator);
    let images = request().with_mime_type("image/*").with_mime_type("text/plain");
    let ago = |time| SystemTime::now() - time;
    for (what, request, content, mime_type, expected) in [
        ("size", request(), "ten bytes!", "text/plain", 200),
        ("size", request(), "eleven byte", "text/plain", 413),
        ("type", images.clone(), "x", "text/plain", 200),
        ("type", images.clone(), "x", "image/png", 200),
        ("type", images, "x", "application/pdf", 400),
        ("time", request().with_time(ago(FIVE_MINUTES / 2)), "x", "text/plain", 200),
        ("time", request().with_time(ago(FIVE_MINUTES)), "x", "text/plain", 401),
    ] {
        let (status, answer) = upload(&issuer, &request, content, mime_type).await;
        assert_eq!(status, expected, "{what}: {answer}");
    }
}

#[tokio::test]
async fn key_that_only_manages_keys_signs_nothing() {
    let emulator = Emulator::start().await.unwrap();
    let account = issuer(&emulator);
    for (permission, may_sign) in
        [(Permission::KeysManage, false), (Permission::UploadsDelegate, true)]
    {
        let scope = ScopeRequest::needs([permission]).tolerates("account:read");
        let scope = scope.tolerates("pinata:org:files:write");
        let key = account.issue(&KeyRequest::new("signer", scope).unwrap()).await.unwrap();
        let mut vars = emulator.pinata().vars();
        vars.retain(|(name, _)| *name != "PINNING_KEYS_JWT");
        vars.push(("PINNING_KEYS_JWT", key.credential().expose().bearer().unwrap().to_owned()));
        let IssuerConfig::Pinata(config) = IssuerConfig::from_vars(vars).unwrap() else {
            panic!("the variables are Pinata's")
        };
        let outcome = config.build().unwrap().sign_upload(&request()).await;
        if may_sign {
            outcome.unwrap();
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
            assert!(format!("{error:#}").contains("a key with org:files:write"), "{error:#}");
        }
    }
}

/// Only where a key cannot be limited to uploads, and only if uploads are all that is needed.
#[test]
fn refused_upload_key_points_to_signing() {
    let points = |scope: ScopeRequest| match Table::Resources.table().translate(&scope) {
        Err(refusal @ ScopeError::Inexpressible(_)) => {
            let Some(NextStep::ChangeScope(changes)) = refusal.next_step() else { return false };
            changes.iter().any(|change| {
                matches!(change, ScopeChange::GoWithoutKey(way) if way.contains("sign_upload"))
            })
        }
        other => panic!("{other:?}"),
    };
    assert!(points(ScopeRequest::uploader()));
    assert!(points(ScopeRequest::needs([Permission::PinsAddFile, Permission::PinsAddJson])));
    assert!(!points(ScopeRequest::needs([Permission::PinsAddFile, Permission::PinsList])));
    assert!(!points(ScopeRequest::needs([Permission::PinsRemove])));
}
