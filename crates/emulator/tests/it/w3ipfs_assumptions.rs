//! Each switch of W3IPFS makes a difference that a client can see.

use http::{Method, StatusCode};
use pinning_keys_emulator::{
    DeleteAnswer, ListOrder, ListTotal, ListedScopes, ListedSecret, MissingFlag, RedirectSlash,
};
use serde_json::{Value, json};

use crate::common::answer;
use crate::common::w3ipfs::{Bench, Pair, admin, fail, scopes};

const TEST: &str = "/apiKeys/testAuthentication";

#[tokio::test]
async fn key_pair_manages_keys_if_assumed() {
    for (by_pair, expected) in [(true, 200), (false, 401)] {
        let bench = Bench::with(|assume| assume.key_pair_manages_keys(by_pair)).await;
        let made = bench.make("k", admin()).await;
        let body = json!({ "name": "by it", "scopes": admin() });
        let create = bench.pair("POST", "/apiKeys/", &made).json(&body);
        let list = bench.pair("GET", "/apiKeys/list", &bench.own());
        let id = bench.id(&made.key).await;
        let delete = bench.pair("DELETE", &format!("/apiKeys/{id}"), &made);
        for request in [create, list, delete] {
            let (status, body) = answer(request).await;
            assert_eq!(status, expected);
            assert!(by_pair || body == fail("You are not logged in"), "{body}");
        }
        assert_eq!(bench.emulator.keys_made(), 1 + usize::from(by_pair));
        // Other routes take pairs either way.
        let get = bench.pair("GET", "/pinning/pins/", &bench.own());
        assert_eq!(answer(get).await.0, 200);
    }
}

#[tokio::test]
async fn slash_is_redirected_if_assumed() {
    let body = json!({ "name": "k", "scopes": admin() });
    for (redirect, served, redirected) in [
        (RedirectSlash::ToSlash, "/apiKeys/", "/apiKeys"),
        (RedirectSlash::ToBare, "/apiKeys", "/apiKeys/"),
    ] {
        let bench = Bench::with(|assume| assume.redirect_slash(redirect)).await;
        // Before the credential is checked, so that nothing is created.
        let response = bench.bare("POST", redirected).json(&body).send().await.unwrap();
        assert_eq!(response.status(), 307);
        assert_eq!(response.headers()["location"], format!("/api{served}"));
        assert_eq!(bench.emulator.keys_made(), 0);
        assert_eq!(answer(bench.session("POST", served).json(&body)).await.0, 200);

        // A form that all sources agree on is right under either setting.
        for (path, location) in [
            ("/pinning/pins?limit=1&offset=0", "/api/pinning/pins/?limit=1&offset=0"),
            ("/apiKeys/list/", "/api/apiKeys/list"),
        ] {
            let response = bench.session("GET", path).send().await.unwrap();
            assert_eq!((response.status().as_u16(), path), (301, path));
            assert_eq!(response.headers()["location"], location);
            assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
            assert!(response.text().await.unwrap().contains(">Moved Permanently</a>"));
        }
        let may = |path| bench.w3ipfs().may(&bench.own().headers(), &Method::POST, path);
        assert!(may("/api/apiKeys") && may("/api/apiKeys/"));
    }
    let bench = Bench::new().await;
    for path in ["/apiKeys/list/", "/pinning/pins", "/nft/nfts", TEST] {
        assert_eq!(answer(bench.session("GET", path)).await.0, 200, "{path}");
    }
}

#[tokio::test]
async fn create_switches_change_status_and_scopes() {
    let lax =
        Bench::with(|assume| assume.create_status(StatusCode::CREATED).all_seven_is_admin(true))
            .await;
    let strict = Bench::new().await;
    for (bench, status, becomes_admin) in [(&lax, 201, true), (&strict, 200, false)] {
        let (created, body) = bench.try_make("all", scopes(|_| true)).await;
        assert_eq!(created, status);
        let list = answer(bench.pair("GET", "/apiKeys/list", &Pair::of(&body))).await;
        assert_eq!(list.0 == 200, becomes_admin);
        let listed = bench.list("").await["api_keys"][0]["scopes"]["admin"].clone();
        assert_eq!(listed, json!(becomes_admin));
    }
}

#[tokio::test]
async fn number_of_keys_is_limited() {
    const TOO_MANY: &str =
        "Maximum number of API keys exceeded. Please delete some keys before creating a new one.";
    let bench = Bench::with(|assume| assume.max_keys(2)).await;
    let first = bench.make("a", admin()).await;
    bench.make("b", admin()).await;
    assert_eq!(bench.try_make("c", admin()).await, (400, fail(TOO_MANY)));
    bench.delete(&first).await;
    bench.make("c", admin()).await;

    let bench = Bench::with(|assume| {
        assume
            .max_keys(0)
            .max_keys_status(StatusCode::FORBIDDEN)
            .default_key_status(StatusCode::INTERNAL_SERVER_ERROR)
    })
    .await;
    assert_eq!(bench.try_make("a", admin()).await, (403, fail(TOO_MANY)));
    let (status, body) = bench.try_make("Default", admin()).await;
    // A server error has another word.
    assert_eq!((status, &body["status"]), (500, &json!("error")));
    assert_eq!(bench.delete(&bench.own()).await.0, 500);

    let bench = Bench::new().await;
    for number in 0..100 {
        bench.make(&number.to_string(), admin()).await;
    }
    assert_eq!(bench.try_make("one more", admin()).await.0, 400);
    assert_eq!(bench.names("?limit=1000").await.len(), 101);
}

#[tokio::test]
async fn list_switches_change_the_list() {
    for (total, count) in [
        (ListTotal::All, 4),
        (ListTotal::Page, 3),
        (ListTotal::OneMore, 5),
        (ListTotal::OneLess, 3),
    ] {
        let bench = Bench::with(|assume| {
            assume
                .max_limit(Some(3))
                .list_order(ListOrder::OldestFirst)
                .list_total(total)
                .empty_list_is_null(false)
        })
        .await;
        for name in ["a", "b", "c"] {
            bench.make(name, admin()).await;
        }
        assert_eq!(bench.list("").await["total"], json!(count));
        assert_eq!(bench.names("?limit=2").await, ["Default", "a"]);
        assert_eq!(bench.names("?limit=100").await, ["Default", "a", "b"]);
        assert_eq!(bench.list("?offset=4").await["api_keys"], json!([]));
        let pins = answer(bench.session("GET", "/pinning/pins/")).await.1;
        assert_eq!(pins["data"]["pins"], json!([]));
    }
    // A page has at least one row.
    let bench = Bench::with(|assume| assume.max_limit(Some(0))).await;
    assert_eq!(bench.names("").await, ["Default"]);
}

#[tokio::test]
async fn row_switches_change_listed_keys() {
    for (shown, scopes_shown) in [
        (ListedSecret::Absent, ListedScopes::AsSent),
        (ListedSecret::Empty, ListedScopes::Full),
        (ListedSecret::Masked, ListedScopes::AsSent),
        (ListedSecret::Full, ListedScopes::Full),
    ] {
        let bench =
            Bench::with(|assume| assume.listed_secret(shown).listed_scopes(scopes_shown)).await;
        let made = bench.make("k", admin()).await;
        let row = bench.list("").await["api_keys"][0].clone();
        let expected = match shown {
            ListedSecret::Empty => json!(""),
            ListedSecret::Masked => json!("*".repeat(44)),
            ListedSecret::Full => json!(made.secret),
            _ => Value::Null,
        };
        assert_eq!(row["secret_key"], expected);
        assert_eq!(row.as_object().unwrap().contains_key("secret_key"), !expected.is_null());
        let mut full = scopes(|_| false);
        full["admin"] = json!(true);
        let expected = if scopes_shown == ListedScopes::Full { full } else { admin() };
        assert_eq!(row["scopes"], expected);
    }
}

#[tokio::test]
async fn answer_switches_change_delete_and_refusals() {
    let bench = Bench::with(|assume| {
        assume.delete_answer(DeleteAnswer::Data).missing_flag(MissingFlag::Unauthorized)
    })
    .await;
    let made = bench.make("k", scopes(|name| name == "pinning.unpin")).await;
    assert_eq!(answer(bench.pair("GET", "/pinning/pins/", &made)).await.0, 401);
    let expected = json!({ "data": {}, "status": "success" });
    assert_eq!(bench.delete(&made).await, (200, expected));
}

#[tokio::test]
async fn propagation_is_counted_in_requests() {
    let bench = Bench::with(|assume| assume.new_key_refusals(2).honour_revoked(2)).await;
    let made = bench.make("k", scopes(|name| name == "pinning.unpin")).await;
    let test = || answer(bench.pair("GET", TEST, &made));
    let unknown = (401, fail("Invalid API key or secret key"));
    assert_eq!((test().await, test().await), (unknown.clone(), unknown.clone()));
    assert_eq!((test().await.0, test().await.0), (200, 200));

    bench.delete(&made).await;
    assert_eq!(test().await.0, 200);
    // A request that lacks the flag counts too: the key was treated as live.
    assert_eq!(answer(bench.pair("GET", "/pinning/pins/", &made)).await.0, 403);
    assert_eq!(test().await, unknown);
    // The account's own key was always known.
    assert_eq!(answer(bench.pair("GET", TEST, &bench.own())).await.0, 200);
}

#[tokio::test]
async fn refusals_come_as_200_if_assumed() {
    let bench = Bench::with(|assume| assume.failures_as_200(true)).await;
    let again = || bench.try_make("k", admin());
    assert_eq!(again().await.1["status"], "success");
    assert_eq!(again().await, (200, fail("duplicated key not allowed")));
    assert_eq!(answer(bench.pair("GET", TEST, &Pair::unknown())).await.0, 200);
    let refused = answer(bench.bare("POST", "/apiKeys/").json(&json!({ "name": "k" }))).await;
    assert_eq!(refused, (200, fail("You are not logged in")));
    // Refusals of pins and unknown routes keep their status.
    assert_eq!(answer(bench.bare("GET", "/pinning/pins/")).await.0, 401);
    assert_eq!(answer(bench.session("GET", "/apiKeys/nothing")).await.0, 404);
}

#[tokio::test]
async fn underscore_headers_are_dropped_if_assumed() {
    let bench = Bench::with(|assume| assume.drop_underscore_headers(true)).await;
    let expected = (401, fail("You are not logged in"));
    assert_eq!(answer(bench.pair("GET", TEST, &bench.own())).await, expected);
    assert_eq!(answer(bench.session("GET", TEST)).await.0, 200);
    let token = bench.w3ipfs().refresh_token();
    let refresh = bench.bare("GET", "/auth/refresh").header("refresh_token", token);
    assert_eq!(answer(refresh).await.0, 403);
    assert!(!bench.w3ipfs().may(&bench.own().headers(), &Method::GET, &format!("/api{TEST}")));
}
