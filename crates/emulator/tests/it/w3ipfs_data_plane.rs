//! Pins and NFTs of W3IPFS behave: what goes in is listed, changes, and goes away.

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::common::answer;
use crate::common::w3ipfs::{Bench, fail};

const CID: &str = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e";

fn form(content: &'static str, metadata: &Value) -> Form {
    let part = Part::text(content).file_name("file.txt").mime_str("text/plain").unwrap();
    Form::new().part("file", part).text("metadata", metadata.to_string())
}

async fn data(bench: &Bench, method: &str, path: &str) -> Value {
    let (status, body) = answer(bench.session(method, path)).await;
    assert_eq!((status, &body["status"]), (200, &json!("success")), "{method} {path}: {body}");
    body["data"].clone()
}

/// The names of listed pins, or of NFTs.
async fn names(bench: &Bench, path: &str, member: &str) -> Vec<String> {
    let rows = data(bench, "GET", path).await[member].take();
    let metadata = if member == "pins" { "metadata" } else { "metadata_asset" };
    let rows = rows.as_array().into_iter().flatten();
    rows.map(|row| row[metadata]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn pin_lives_from_upload_to_unpin() {
    let bench = Bench::new().await;
    let metadata = json!({ "name": "greeting", "keyvalues": { "env": "test" } });
    let upload = || bench.session("POST", "/pinning/").multipart(form("hello world", &metadata));
    let (status, body) = answer(upload()).await;
    assert_eq!((status, &body["status"]), (201, &json!("success")));
    let pin = &body["data"];
    let described = |env: &str| {
        let keyvalues = json!({ "env": env });
        json!({ "name": "greeting", "type": "text/plain", "keyvalues": keyvalues })
    };
    // Documented: the members, and that unpinning returns the pin. Inferred: the values here.
    let mut expected = json!({
        "root_hash": CID, "cid": CID, "size": 11, "date_unpinned": "0001-01-01T00:00:00Z",
        "pinned": true, "is_pin_by_hash": false, "sub_hash_status": "", "is_dir": false,
        "metadata": described("test"), "status": "pinned",
    });
    for assigned in ["id", "file_record_id", "user_id", "date_pinned"] {
        assert!(pin[assigned].is_string(), "{pin}");
        expected[assigned] = pin[assigned].clone();
    }
    assert_eq!(*pin, expected);
    assert_eq!(answer(upload()).await, (409, fail("Pin with that hash already exists")));

    let id = pin["id"].as_str().unwrap();
    assert_eq!(data(&bench, "GET", &format!("/pinning/{id}")).await, *pin);
    let changed = json!({ "id": id, "metadata": { "keyvalues": { "env": "live" } } });
    let (status, body) = answer(bench.session("PUT", "/pinning/metadata/").json(&changed)).await;
    assert_eq!((status, &body["data"]["metadata"]), (200, &described("live")));

    let listed = data(&bench, "GET", "/pinning/pins").await;
    assert_eq!(listed["totals"], json!({ "files": 1, "size": 11 }));
    assert_eq!(listed["pins"][0]["id"], id);

    let unpin = format!("/pinning/unpin/{id}");
    let unpinned = data(&bench, "DELETE", &unpin).await;
    assert_eq!((&unpinned["id"], &unpinned["pinned"]), (&pin["id"], &json!(false)));
    assert!(unpinned["date_unpinned"].as_str() > pin["date_pinned"].as_str(), "{unpinned}");
    let again = answer(bench.session("DELETE", &unpin)).await;
    assert_eq!(again, (404, fail("record not found")));
    let listed = data(&bench, "GET", "/pinning/pins/?pinned=true").await;
    assert_eq!(listed, json!({ "totals": { "files": 0, "size": 0 }, "pins": null }));
    assert_eq!(names(&bench, "/pinning/pins/?pinned=false", "pins").await, ["greeting"]);
    assert_eq!(answer(upload()).await.0, 201);
    // Documented: all, unless the query says otherwise.
    for path in ["/pinning/pins/?pinned=all", "/pinning/pins/"] {
        assert_eq!(names(&bench, path, "pins").await.len(), 2, "{path}");
    }
}

#[tokio::test]
async fn hash_is_pinned_once() {
    let bench = Bench::new().await;
    for path in ["/pinning/pinByHash", "/pinning/pinByHash/"] {
        let body = json!({ "hash_to_pin": path, "metadata": { "name": "n" } });
        let pin = || answer(bench.session("POST", path).json(&body));
        let (status, answered) = pin().await;
        assert_eq!((status, &answered["data"]["cid"]), (200, &json!(path)));
        assert_eq!(pin().await.0, 409);
    }
    let (status, _) = answer(bench.session("POST", "/pinning/pinByHash").json(&json!({}))).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn lists_are_sorted_filtered_and_paged() {
    let bench = Bench::new().await;
    for (name, content, env) in [("b", "333", "test"), ("c", "1", "live"), ("a", "22", "test")] {
        let metadata = json!({ "name": name, "keyvalues": { "env": env } });
        let upload = bench.session("POST", "/pinning").multipart(form(content, &metadata));
        assert_eq!(answer(upload).await.0, 201);
    }
    for (query, expected) in [
        ("", &["a", "c", "b"][..]),
        ("?sortOrder=ASC", &["b", "c", "a"]),
        ("?sortBy=created_at&sortOrder=DESC&pinned=true", &["a", "c", "b"]),
        ("?sortBy=name&sortOrder=ASC", &["a", "b", "c"]),
        ("?sortBy=size", &["b", "a", "c"]),
        ("?offset=1&limit=1", &["c"]),
        ("?metadata=%7B%22env%22%3A%22test%22%7D", &["a", "b"]),
        // Seen: what the provider's own client sends if no key-values are wanted.
        ("?offset=0&limit=10&metadata=null", &["a", "c", "b"]),
        ("?pinned=false", &[]),
    ] {
        let path = format!("/pinning/pins/{query}");
        assert_eq!(names(&bench, &path, "pins").await, expected, "{query}");
    }
    for query in ["?sortBy=luck", "?sortOrder=up", "?pinned=maybe", "?metadata=x", "?limit=x"] {
        let path = format!("/pinning/pins/{query}");
        assert_eq!(answer(bench.session("GET", &path)).await.0, 400, "{query}");
    }
}

#[tokio::test]
async fn nfts_are_separate_from_pins() {
    let bench = Bench::new().await;
    let metadata = json!({ "name": "picture" });
    let (status, body) =
        answer(bench.session("POST", "/nft/").multipart(form("nft", &metadata))).await;
    let mut expected = json!({
        // Documented: the members. The CIDs, computed with Python's hashlib, are those of `nft`
        // and `{"name":"picture"}`.
        "asset_cid": "bafkreifyzmiaweuappmkqjtyabdx5zn2jpjyp2caxpw7alrrpb6ksqylwa",
        "metadata_cid": "bafkreifcvnj6ztzyp3ew7qkkbcsj54pikpqf3qcwm7xduykid6gytxbtjy",
        "size": 3, "pinned": true,
        "metadata_asset": { "name": "picture", "type": "text/plain" }, "status": "pinned",
    });
    let assigned = ["id", "asset_pin_id", "metadata_pin_id", "user_id", "created_at", "updated_at"];
    for assigned in assigned {
        assert!(body["data"][assigned].is_string(), "{body}");
        expected[assigned] = body["data"][assigned].clone();
    }
    assert_eq!((status, &body["data"]), (201, &expected));
    let (status, body) = answer(bench.session("POST", &format!("/nft/?cid={CID}"))).await;
    assert_eq!((status, &body["data"]["asset_cid"]), (201, &json!(CID)));
    let id = body["data"]["id"].as_str().unwrap();

    assert_eq!(names(&bench, "/nft/nfts/", "nfts").await, [CID, "picture"]);
    assert_eq!(names(&bench, "/pinning/pins/", "pins").await, Vec::<String>::new());
    assert_eq!(data(&bench, "GET", &format!("/nft/{id}")).await, body["data"]);
    let changed = json!({ "id": id, "metadata": { "name": "other" } });
    assert_eq!(answer(bench.session("PUT", "/pinning/metadata/").json(&changed)).await.0, 200);
    assert_eq!(data(&bench, "DELETE", &format!("/nft/unpin/{id}")).await, json!({}));
    assert_eq!(names(&bench, "/nft/nfts/?pinned=true", "nfts").await, ["picture"]);
    assert_eq!(names(&bench, "/nft/nfts/", "nfts").await, ["other", "picture"]);
}

#[tokio::test]
async fn unknown_id_is_404_and_invalid_body_400() {
    let bench = Bench::new().await;
    for (method, path) in [
        ("GET", "/pinning/none"),
        ("DELETE", "/pinning/unpin/none"),
        ("GET", "/nft/none"),
        ("DELETE", "/nft/unpin/none"),
    ] {
        let (status, body) = answer(bench.session(method, path)).await;
        assert_eq!((status, body), (404, fail("record not found")), "{method} {path}");
    }
    let metadata = json!({ "id": "none", "metadata": {} });
    let put = || bench.session("PUT", "/pinning/metadata/");
    assert_eq!(answer(put().json(&metadata)).await.0, 404);
    assert_eq!(answer(put().json(&json!({ "id": "none" }))).await.0, 400);
    for path in ["/pinning/", "/nft/"] {
        let bad = [
            bench.session("POST", path).body("text"),
            bench.session("POST", path).multipart(Form::new().text("name", "no file")),
            bench
                .session("POST", path)
                .multipart(Form::new().part("file", Part::text("x")).text("metadata", "no json")),
        ];
        for request in bad {
            assert_eq!(answer(request).await.0, 400, "{path}");
        }
    }
}
