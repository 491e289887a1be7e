//! Files, groups and the rest behave: what goes in is listed, changes, and goes away.

mod common;

use common::{Bench, answer};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

/// A form as the official client sends it.
fn form(name: &str, content: &'static str) -> Form {
    let part = Part::text(content).file_name("data.json").mime_str("application/json").unwrap();
    Form::new().part("file", part).text("network", "public").text("name", name.to_owned())
}

async fn upload(bench: &Bench, form: Form) -> Value {
    let (status, body) = answer(bench.as_admin("POST", "/v3/files").multipart(form)).await;
    assert_eq!(status, 200, "{body}");
    body["data"].clone()
}

async fn data(bench: &Bench, method: &str, path: &str) -> Value {
    let (status, body) = answer(bench.as_admin(method, path)).await;
    assert_eq!(status, 200, "{method} {path}: {body}");
    body["data"].clone()
}

async fn file_names(bench: &Bench, path: &str) -> Vec<String> {
    let data = data(bench, "GET", path).await;
    let files = data["files"].as_array().unwrap();
    files.iter().map(|file| file["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_upload_has_the_shape_that_the_client_reads() {
    let bench = Bench::new().await;
    let form = form("greeting", "hello world").text("keyvalues", r#"{"env":"test"}"#);
    let uploaded = upload(&bench, form).await;
    let mut members: Vec<&String> = uploaded.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        [
            "cid",
            "created_at",
            "group_id",
            "id",
            "keyvalues",
            "mime_type",
            "name",
            "network",
            "number_of_files",
            "size",
            "vectorized"
        ]
    );
    assert_eq!(uploaded["cid"], "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e");
    assert_eq!(uploaded["name"], "greeting");
    assert_eq!(uploaded["size"], json!(11));
    assert_eq!(uploaded["mime_type"], "application/json");
    assert_eq!(uploaded["keyvalues"], json!({ "env": "test" }));
    assert_eq!(uploaded["group_id"], Value::Null);
    assert_eq!(uploaded["network"], "public");
}

#[tokio::test]
async fn a_file_lives_from_upload_to_delete() {
    let bench = Bench::new().await;
    let id = upload(&bench, form("one", "1")).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v3/files/public/{id}");
    assert_eq!(data(&bench, "GET", &path).await["name"], "one");
    assert_eq!(answer(bench.as_admin("GET", &format!("/v3/files/private/{id}"))).await.0, 404);

    let change = json!({ "name": "uno", "keyvalues": { "a": "b" } });
    let (status, body) = answer(bench.as_admin("PUT", &path).json(&change)).await;
    assert_eq!((status, &body["data"]["name"]), (200, &json!("uno")));
    assert_eq!(file_names(&bench, "/v3/files/public?keyvalues[a]=b").await, ["uno"]);
    assert_eq!(file_names(&bench, "/v3/files/public?keyvalues%5Ba%5D=c").await.len(), 0);

    assert_eq!(data(&bench, "DELETE", &path).await, Value::Null);
    assert_eq!(answer(bench.as_admin("DELETE", &path)).await.0, 404);
    assert_eq!(file_names(&bench, "/v3/files/public").await.len(), 0);
}

#[tokio::test]
async fn files_are_filtered_and_paged() {
    let bench = Bench::new().await;
    for name in ["a1", "a2", "a3", "b1", "b2"] {
        upload(&bench, form(name, "same")).await;
    }
    assert_eq!(file_names(&bench, "/v3/files/public").await, ["b2", "b1", "a3", "a2", "a1"]);
    assert_eq!(file_names(&bench, "/v3/files/public?name=b&order=ASC").await, ["b1", "b2"]);
    assert_eq!(file_names(&bench, "/v3/files/public?cid=bafynone").await.len(), 0);
    assert_eq!(file_names(&bench, "/v3/files/public?mimeType=text/html").await.len(), 0);
    assert_eq!(file_names(&bench, "/v3/files/private").await.len(), 0);

    let (mut token, mut pages) = (String::new(), Vec::new());
    loop {
        let path = format!("/v3/files/public?limit=2&pageToken={token}");
        let page = data(&bench, "GET", &path).await;
        pages.push(page["files"].as_array().unwrap().len());
        page["next_page_token"].as_str().unwrap().clone_into(&mut token);
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(pages, [2, 2, 1]);
}

#[tokio::test]
async fn groups_hold_files() {
    let bench = Bench::new().await;
    let body = json!({ "name": "team" });
    let (status, group) = answer(bench.as_admin("POST", "/v3/groups/public").json(&body)).await;
    assert_eq!(status, 200);
    let group = group["data"]["id"].as_str().unwrap().to_owned();
    let loose = upload(&bench, form("loose", "1")).await["id"].as_str().unwrap().to_owned();
    upload(&bench, form("inside", "2").text("group_id", group.clone())).await;
    let in_group = format!("/v3/files/public?group={group}");
    assert_eq!(file_names(&bench, &in_group).await, ["inside"]);
    assert_eq!(file_names(&bench, "/v3/files/public?group=null").await, ["loose"]);

    let member = format!("/v3/groups/public/{group}/ids/{loose}");
    data(&bench, "PUT", &member).await;
    assert_eq!(file_names(&bench, &in_group).await, ["inside", "loose"]);
    data(&bench, "DELETE", &member).await;
    assert_eq!(file_names(&bench, &in_group).await, ["inside"]);

    let path = format!("/v3/groups/public/{group}");
    let rename = json!({ "name": "crew" });
    assert_eq!(answer(bench.as_admin("PUT", &path).json(&rename)).await.0, 200);
    let listed = data(&bench, "GET", "/v3/groups/public?name=CR").await;
    assert_eq!(listed["groups"][0]["name"], "crew");
    assert_eq!(listed["groups"][0]["is_public"], json!(false));
    assert!(listed["groups"][0]["createdAt"].is_string());
    assert_eq!(data(&bench, "DELETE", &path).await, Value::Null);
    assert_eq!(answer(bench.as_admin("GET", &path)).await.0, 404);
    assert_eq!(file_names(&bench, "/v3/files/public?group=null").await, ["inside", "loose"]);
}

#[tokio::test]
async fn no_route_puts_a_file_into_a_group_that_is_not_there() {
    let bench = Bench::new().await;
    let v3 = form("f", "1").text("group_id", "none");
    let options = r#"{"groupId":"none"}"#;
    let legacy = form("f", "1").text("pinataOptions", options);
    let json = json!({ "pinataContent": {}, "pinataOptions": { "groupId": "none" } });
    let hash = json!({ "hashToPin": "bafy", "pinataOptions": { "groupId": "none" } });
    let cid = json!({ "cid": "bafy", "group_id": "none" });
    let post = |path: &str| bench.as_admin("POST", path);
    for (is_v3, request) in [
        (true, post("/v3/files").multipart(v3)),
        (true, post("/v3/files/public/pin_by_cid").json(&cid)),
        (false, post("/pinning/pinFileToIPFS").multipart(legacy)),
        (false, post("/pinning/pinJSONToIPFS").json(&json)),
        (false, post("/pinning/pinByHash").json(&hash)),
    ] {
        let (status, body) = answer(request).await;
        assert_eq!((status, body["error"]["code"].is_number()), (404, is_v3), "{body}");
    }
    assert_eq!(file_names(&bench, "/v3/files/public").await.len(), 0);

    let group = json!({ "name": "team" });
    let (_, group) = answer(post("/v3/groups/public").json(&group)).await;
    let json = json!({ "pinataContent": {}, "pinataOptions": { "groupId": group["data"]["id"] } });
    let (status, pinned) = answer(post("/pinning/pinJSONToIPFS").json(&json)).await;
    assert_eq!((status, &pinned["GroupId"]), (200, &group["data"]["id"]));
}

#[tokio::test]
async fn pins_by_cid_queue_up() {
    let bench = Bench::new().await;
    let queue = "/v3/files/public/pin_by_cid";
    let body = json!({ "cid": "bafyone", "name": "one" });
    let (_, job) = answer(bench.as_admin("POST", queue).json(&body)).await;
    assert_eq!(job["data"]["status"], "prechecking");
    let body = json!({ "hashToPin": "bafytwo", "pinataMetadata": { "name": "two" } });
    let (status, legacy) = answer(bench.as_admin("POST", "/pinning/pinByHash").json(&body)).await;
    assert_eq!((status, &legacy["ipfsHash"]), (200, &json!("bafytwo")));

    assert_eq!(data(&bench, "GET", queue).await["jobs"].as_array().unwrap().len(), 2);
    let (_, jobs) = answer(bench.as_admin("GET", "/pinning/pinJobs")).await;
    assert_eq!((&jobs["count"], &jobs["rows"][1]["name"]), (&json!(2), &json!("two")));

    let path = format!("{queue}/{}", job["data"]["id"].as_str().unwrap());
    data(&bench, "DELETE", &path).await;
    assert_eq!(answer(bench.as_admin("DELETE", &path)).await.0, 404);
    assert_eq!(data(&bench, "GET", queue).await["jobs"][0]["cid"], "bafytwo");
}

#[tokio::test]
async fn legacy_uploads_are_public_files() {
    let bench = Bench::new().await;
    let part = Part::bytes(b"hello world".to_vec()).file_name("a.txt");
    let form = Form::new().part("file", part).text("pinataMetadata", r#"{"name":"a"}"#);
    let (status, pinned) =
        answer(bench.pair("POST", "/pinning/pinFileToIPFS", &bench.admin()).multipart(form)).await;
    assert_eq!((status, &pinned["PinSize"]), (200, &json!(11)));
    let cid = pinned["IpfsHash"].as_str().unwrap().to_owned();

    let body = json!({ "pinataContent": { "a": 1 }, "pinataMetadata": { "name": "b" } });
    let request = || bench.as_admin("POST", "/pinning/pinJSONToIPFS").json(&body);
    let (_, first) = answer(request()).await;
    let (_, again) = answer(request()).await;
    assert_eq!(first["IpfsHash"], "bafkreiablk6x6xgfpiw5ss3vsdyevwaiijzzaxxdh3c45pvomitwvf7ymi");
    assert_eq!(
        (first["isDuplicate"].as_bool(), again["isDuplicate"].as_bool()),
        (None, Some(true))
    );

    assert_eq!(file_names(&bench, "/v3/files/public").await, ["b", "a"]);
    let (_, pins) = answer(bench.as_admin("GET", "/data/pinList?pageLimit=1&pageOffset=1")).await;
    assert_eq!((&pins["count"], &pins["rows"][0]["ipfs_pin_hash"]), (&json!(2), &json!(cid)));
    let (_, total) = answer(bench.as_admin("GET", "/data/userPinnedDataTotal")).await;
    assert_eq!((&total["pin_count"], &total["pin_size_total"]), (&json!(2), &json!(18)));

    let change = json!({ "ipfsPinHash": cid, "name": "renamed" });
    let changed = answer(bench.as_admin("PUT", "/pinning/hashMetadata").json(&change)).await;
    assert_eq!(changed, (200, json!("OK")));
    assert_eq!(file_names(&bench, "/v3/files/public?name=renamed").await.len(), 1);
    let path = format!("/pinning/unpin/{cid}");
    assert_eq!(answer(bench.as_admin("DELETE", &path)).await, (200, json!("OK")));
    assert_eq!(answer(bench.as_admin("DELETE", &path)).await.0, 404);
}

#[tokio::test]
async fn signatures_swaps_links_gateways_and_analytics() {
    let bench = Bench::new().await;
    let signature = "/v3/files/public/signature/bafyone";
    let body = json!({ "signature": "0xsig", "address": "0xaddress" });
    assert_eq!(answer(bench.as_admin("POST", signature).json(&body)).await.0, 200);
    assert_eq!(data(&bench, "GET", signature).await["signature"], "0xsig");
    data(&bench, "DELETE", signature).await;
    assert_eq!(answer(bench.as_admin("GET", signature)).await.0, 404);

    let swap = "/v3/files/public/swap/bafyone";
    let body = json!({ "swap_cid": "bafytwo" });
    assert_eq!(answer(bench.as_admin("PUT", swap).json(&body)).await.0, 200);
    assert_eq!(data(&bench, "GET", swap).await[0]["mapped_cid"], "bafytwo");
    data(&bench, "DELETE", swap).await;

    let body = json!({ "url": "https://x.example/files/bafy", "date": 1, "expires": 2 });
    let link = answer(bench.as_admin("POST", "/v3/files/private/download_link").json(&body)).await;
    assert!(link.1["data"].as_str().unwrap().starts_with("https://x.example/files/bafy?"));

    let body = json!({ "domain": "mine" });
    let (_, made) = answer(bench.as_admin("POST", "/v3/gateways").json(&body)).await;
    assert_eq!(answer(bench.as_admin("POST", "/v3/gateways").json(&body)).await.0, 400);
    assert_eq!(data(&bench, "GET", "/v3/gateways").await["rows"][0], made["data"]);
    assert_eq!(data(&bench, "GET", "/v3/gateways/exists/mine").await["exists"], json!(true));
    let path = format!("/v3/gateways/{}", made["data"]["id"].as_str().unwrap());
    assert_eq!(data(&bench, "GET", &path).await["domain"], "mine");
    data(&bench, "DELETE", &path).await;
    assert_eq!(answer(bench.as_admin("GET", &path)).await.0, 404);

    assert_eq!(data(&bench, "GET", "/v3/ipfs/gateway_analytics_top?by=cid").await, json!([]));
    let series = data(&bench, "GET", "/v3/analytics/gateways/time_series").await;
    assert_eq!(series["time_periods"], json!([]));
}
