//! URLs to which one may upload without a key, within what they were made for.

mod common;

use common::{Bench, Made, answer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

fn form(content: &'static str, mime_type: &str) -> Form {
    let part = Part::text(content).file_name("mine").mime_str(mime_type).unwrap();
    Form::new().part("file", part)
}

/// The path and query of a URL made with these options.
async fn sign(bench: &Bench, maker: &Made, options: &Value) -> String {
    let (status, body) = answer(bench.bearer("POST", "/v3/files/sign", maker).json(options)).await;
    assert_eq!(status, 200, "{body}");
    let url = body["data"].as_str().unwrap();
    url.strip_prefix(bench.emulator.pinata().base_url()).unwrap().to_owned()
}

#[tokio::test]
async fn a_signed_url_takes_an_upload_without_a_key() {
    let bench = Bench::new().await;
    let options = json!({ "date": 1, "expires": 60, "filename": "signed", "network": "private" });
    let path = sign(&bench, &bench.admin(), &options).await;
    let upload = |path: &str| answer(bench.bare("POST", path).multipart(form("x", "text/plain")));

    let (status, body) = upload(&path).await;
    assert_eq!((status, &body["data"]["name"]), (200, &json!("signed")));
    assert_eq!(body["data"]["network"], "private");

    let pinata = bench.emulator.pinata();
    assert!(!pinata.may(&http::HeaderMap::new(), &http::Method::POST, &path));
    let forged = path.replace("X-Signature=", "X-Signature=0");
    assert_eq!(upload(&forged).await.0, 401);
    assert_eq!(answer(bench.bare("POST", "/v3/files/unknown").body("x")).await.0, 401);
}

#[tokio::test]
async fn a_signed_url_holds_uploads_to_its_limits() {
    let bench = Bench::new().await;
    let options = json!({
        "date": 1, "expires": 60, "max_file_size": 3, "allow_mime_types": ["text/*", "image/png"],
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
    let (_, files) = answer(bench.as_admin("GET", "/v3/files/public")).await;
    assert_eq!(files["data"]["files"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_signed_url_works_again_and_after_its_maker_is_revoked() {
    let bench = Bench::new().await;
    let maker = bench.make("maker", json!({ "resources": ["org:files:write"] })).await;
    let path = sign(&bench, &maker, &json!({ "date": 1, "expires": 60 })).await;
    bench.revoke(&maker).await;
    for _ in 0..2 {
        let request = bench.bare("POST", &path).multipart(form("x", "text/plain"));
        assert_eq!(answer(request).await.0, 200);
    }
    assert_eq!(bench.emulator.pinata().keys()[0].uses, 1);
}
