//! No list ignores a filter, an order or a limit that its provider knows: it honours it or refuses
//! it with 501 and its name. A client that deletes what it lists would delete too much.

use std::collections::BTreeSet;

use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::common::{Bench, answer, w3ipfs};

/// A documented parameter of a list.
struct Row {
    list: &'static str,
    parameter: &'static str,
    query: &'static str,
    /// The names of the rows, or 501.
    expected: Vec<&'static str>,
}

fn documented(of: fn(&str) -> bool) -> Vec<Row> {
    let table = include_str!("../fixtures/list_parameters.txt").lines();
    let lines = table.filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [list, parameter, query, expected @ ..] = &words[..] else { panic!("{line}") };
        Row { list, parameter, query, expected: expected.to_vec() }
    });
    let rows: Vec<Row> = rows.filter(|row| of(row.list)).collect();
    assert!(rows.len() > 10, "the table was not read");
    rows
}

fn is_w3ipfs(list: &str) -> bool {
    list.starts_with("/api/")
}

/// Percent-encodes what is not allowed in a query; `=`, `&` and brackets stay.
fn encoded(query: &str) -> String {
    let encode = |text: String, (plain, code): (&str, &str)| text.replace(plain, code);
    [("{", "%7B"), ("}", "%7D"), ("\"", "%22")].into_iter().fold(query.to_owned(), encode)
}

/// The names of the rows in a response, whatever the list calls both.
fn names(body: &Value) -> Vec<String> {
    let data = body.get("data").unwrap_or(body);
    let members = ["keys", "files", "jobs", "groups", "rows", "api_keys", "pins", "nfts"];
    let rows = members.iter().find_map(|member| data.get(member)).unwrap();
    let name = |row: &Value| {
        let pointers = ["/name", "/domain", "/metadata/name", "/metadata_asset/name"];
        let name = pointers.iter().find_map(|pointer| row.pointer(pointer));
        name.unwrap().as_str().unwrap().to_owned()
    };
    rows.as_array().into_iter().flatten().map(name).collect()
}

/// An account of Pinata with a few rows in each list, and the words in braces.
async fn pinata() -> (Bench, [(&'static str, String); 3]) {
    let bench = Bench::new().await;
    for (name, uses) in [("k1", Some(1)), ("k2", Some(2)), ("k3", None), ("k4", None)] {
        let body = json!({ "keyName": name, "permissions": {}, "maxUses": uses });
        let made = bench.create(body).await;
        match name {
            "k1" => drop(answer(bench.bearer("GET", "/data/testAuthentication", &made)).await),
            "k3" => drop(bench.revoke(&made).await),
            _ => {}
        }
    }
    let mut group = Value::Null;
    for (name, is_public) in [("g1", false), ("g2", true)] {
        let body = json!({ "name": name, "is_public": is_public });
        group = bench.send("POST", "/v3/groups/public", &body).await.1["data"]["id"].take();
    }
    for (name, content, keyvalues, options) in [
        ("f1", "1", json!({ "env": "a" }), json!({ "groupId": group })),
        ("f2", "22", json!({ "env": "b", "total": 7 }), json!({})),
        ("u1", "333", json!({ "env": "c" }), json!({})),
        ("f3", "4444", json!({}), json!({})),
    ] {
        let kind = if name == "f1" { "text/plain" } else { "application/json" };
        let part = Part::text(content).file_name(name).mime_str(kind).unwrap();
        let metadata = json!({ "name": name, "keyvalues": keyvalues });
        let form = Form::new()
            .part("file", part)
            .text("pinataMetadata", metadata.to_string())
            .text("pinataOptions", options.to_string());
        let request = bench.as_admin("POST", "/pinning/pinFileToIPFS").multipart(form);
        assert_eq!(answer(request).await.0, 200, "{name}");
    }
    let rows = bench.call("GET", "/data/pinList").await.1["rows"].take();
    let member = |row: usize, name: &str| rows[row][name].as_str().unwrap().to_owned();
    let words = [
        ("{group}", group.as_str().unwrap().to_owned()),
        ("{cid}", member(3, "ipfs_pin_hash")),
        ("{f2_pinned}", member(2, "date_pinned")),
    ];
    let unpin = format!("/pinning/unpin/{}", member(1, "ipfs_pin_hash"));
    assert_eq!(bench.call("DELETE", &unpin).await.0, 200);
    for (cid, name) in [("bafy1", "j1"), ("bafy2", "j2")] {
        let body = json!({ "cid": cid, "name": name });
        assert_eq!(bench.send("POST", "/v3/files/public/pin_by_cid", &body).await.0, 200);
    }
    for domain in ["w1", "w2"] {
        assert_eq!(bench.send("POST", "/v3/gateways", &json!({ "domain": domain })).await.0, 200);
    }
    (bench, words)
}

/// An account of W3IPFS with a few rows in each list.
async fn w3ipfs() -> w3ipfs::Bench {
    let bench = w3ipfs::Bench::new().await;
    for name in ["k1", "k2"] {
        bench.make(name, w3ipfs::admin()).await;
    }
    for (path, unpin, name, content) in [
        ("/pinning/", "", "p1", "333"),
        ("/pinning/", "/pinning/unpin/", "p2", "1"),
        ("/nft/", "", "n1", "333"),
        ("/nft/", "/nft/unpin/", "n2", "1"),
    ] {
        let metadata = json!({ "name": name, "keyvalues": { "n": &name[1..] } });
        let part = Part::text(content).file_name(name);
        let form = Form::new().part("file", part).text("metadata", metadata.to_string());
        let (status, body) = answer(bench.session("POST", path).multipart(form)).await;
        assert_eq!(status, 201, "{body}");
        if !unpin.is_empty() {
            let path = format!("{unpin}{}", body["data"]["id"].as_str().unwrap());
            assert_eq!(answer(bench.session("DELETE", &path)).await.0, 200);
        }
    }
    bench
}

/// Checks every row of the table, and every parameter at every other list of the provider. `get`
/// sends a request and returns status and body.
async fn check(rows: Vec<Row>, get: impl AsyncFn(&str) -> (u16, Value)) {
    let refused = |path: &str, name: &str, (status, body): (u16, Value)| {
        assert_eq!(status, 501, "{path}: {body}");
        assert!(body.to_string().contains(name), "{path}: {body}");
    };
    let parameters: BTreeSet<&str> = rows.iter().map(|row| row.parameter).collect();
    let lists: BTreeSet<&str> = rows.iter().map(|row| row.list).collect();
    for list in lists {
        let all = get(list).await;
        assert_eq!(all.0, 200, "{list}: {}", all.1);
        assert_eq!(get(&format!("{list}?utm_source=x&page_size=1")).await, all, "{list}");

        let own: Vec<&Row> = rows.iter().filter(|row| row.list == list).collect();
        for Row { parameter, query, expected, .. } in &own {
            let path = format!("{list}?{query}");
            let (status, body) = get(&path).await;
            if expected == &["501"] {
                refused(&path, parameter, (status, body));
                continue;
            }
            assert_eq!(status, 200, "{path}: {body}");
            let expected: Vec<&str> =
                expected.iter().copied().filter(|name| *name != "-").collect();
            assert_eq!(names(&body), expected, "{path}");
            assert_ne!(names(&body), names(&all.1), "{path} changes nothing");
        }
        for foreign in
            parameters.iter().filter(|name| own.iter().all(|row| row.parameter != **name))
        {
            let path = format!("{list}?{foreign}=1");
            refused(&path, foreign, get(&path).await);
        }
    }
}

#[tokio::test]
async fn pinata_honours_or_refuses_every_documented_parameter() {
    let (bench, words) = pinata().await;
    let fill = |text: String, (word, value): &(&str, String)| text.replace(word, value);
    check(documented(|list| !is_w3ipfs(list)), async |path: &str| {
        let path = words.iter().fold(path.to_owned(), fill);
        bench.call("GET", &encoded(&path)).await
    })
    .await;
}

#[tokio::test]
async fn w3ipfs_honours_or_refuses_every_documented_parameter() {
    let bench = w3ipfs().await;
    check(documented(is_w3ipfs), async |path: &str| {
        let path = encoded(path.strip_prefix("/api").unwrap());
        answer(bench.session("GET", &path)).await
    })
    .await;
}
