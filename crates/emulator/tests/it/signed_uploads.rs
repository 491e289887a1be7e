//! Signed URLs accept uploads without a key, within their limits.

use std::time::SystemTime;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::common::table::UPLOAD;
use crate::common::{Bench, Made, answer};

fn form(content: &'static str, mime_type: &str) -> Form {
    let part = Part::text(content).file_name("mine").mime_str(mime_type).unwrap();
    Form::new().part("file", part)
}

/// Seconds since 1970.
fn now() -> u64 {
    SystemTime::UNIX_EPOCH.elapsed().map(|time| time.as_secs()).unwrap()
}

/// The path and query of a URL signed with these options.
async fn sign(bench: &Bench, maker: &Made, options: &Value) -> String {
    let (status, body) = answer(bench.bearer("POST", "/v3/files/sign", maker).json(options)).await;
    assert_eq!(status, 200, "{body}");
    let url = body["data"].as_str().unwrap();
    url.strip_prefix(bench.emulator.pinata().base_url()).unwrap().to_owned()
}

#[tokio::test]
async fn signed_url_accepts_an_upload_without_a_key() {
    let bench = Bench::new().await;
    let options =
        json!({ "date": now(), "expires": 60, "filename": "signed", "network": "private" });
    let path = sign(&bench, &bench.admin(), &options).await;
    let upload = |path: &str| answer(bench.bare("POST", path).multipart(form("x", "text/plain")));

    let (status, body) = upload(&path).await;
    assert_eq!((status, &body["data"]["name"]), (200, &json!("signed")));
    assert_eq!(body["data"]["network"], "private");

    let pinata = bench.emulator.pinata();
    assert!(!pinata.may(&http::HeaderMap::new(), &http::Method::POST, &path));
    let forged = path.replace("X-Signature=", "X-Signature=0");
    assert_eq!(upload(&forged).await.0, 401);
    let unknown = bench.bare("POST", &format!("/v3/files/{UPLOAD}")).body("x");
    assert_eq!(answer(unknown).await.0, 401);
}

#[tokio::test]
async fn signed_url_enforces_its_limits() {
    let bench = Bench::new().await;
    let options = json!({
        "date": now(), "expires": 60, "max_file_size": 3, "allow_mime_types": ["text/*", "image/png"],
    });
    let path = sign(&bench, &bench.admin(), &options).await;
    for (content, mime_type, expected) in [
        ("123", "text/plain", 200),
        ("123", "image/png", 200),
        ("1234", "text/plain", 413),
        ("123", "image/jpeg", 400),
    ] {
        let request = bench.bare("POST", &path).multipart(form(content, mime_type));
        let (status, body) = answer(request).await;
        assert_eq!(status, expected, "{content} {mime_type}: {body}");
    }
    let (_, files) = bench.call("GET", "/v3/files/private").await;
    assert_eq!(files["data"]["files"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn signed_url_expires() {
    let bench = Bench::new().await;
    for (date, expected) in [(now(), 200), (now() - 30, 200), (now() - 60, 401), (1, 401)] {
        let options = json!({ "date": date, "expires": 60 });
        let path = sign(&bench, &bench.admin(), &options).await;
        let request = bench.bare("POST", &path).multipart(form("x", "text/plain"));
        assert_eq!(answer(request).await.0, expected, "{date}");
    }
}

#[tokio::test]
async fn signed_url_has_its_documented_form() {
    let bench = Bench::new().await;
    let path = sign(&bench, &bench.admin(), &json!({ "date": 7, "expires": 60 })).await;
    let url = reqwest::Url::parse(&format!("https://uploads.example{path}")).unwrap();
    let (names, values): (Vec<_>, Vec<_>) = url.query_pairs().unzip();
    assert_eq!(
        names,
        ["X-Algorithm", "X-Date", "X-Expires", "X-Method", "X-User-ID", "X-Signature"]
    );
    assert_eq!(values[..4], ["PINATA2", "7", "60", r#"["HEAD","PATCH","POST"]"#]);
}

#[tokio::test]
async fn signed_url_outlives_its_maker() {
    let bench = Bench::new().await;
    let maker = bench.make("maker", json!({ "resources": ["org:files:write"] })).await;
    let path = sign(&bench, &maker, &json!({ "date": now(), "expires": 60 })).await;
    bench.revoke(&maker).await;
    for _ in 0..2 {
        let request = bench.bare("POST", &path).multipart(form("x", "text/plain"));
        assert_eq!(answer(request).await.0, 200);
    }
    assert_eq!(bench.emulator.pinata().keys()[0].uses, 1);
}
