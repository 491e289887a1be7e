//! Every row of W3IPFS's table of routes, with keys that have exactly the flag of the row, and
//! everything but it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{HeaderMap, HeaderValue, Method};
use pinning_keys_emulator::Emulator;
use serde_json::{Value, json};

use crate::common::answer;
use crate::common::table::{self, Row, bearer, is_refused};
use crate::common::w3ipfs::{Bench, FLAGS, Pair, admin, fail, scopes};

/// The rows with the part of the path after `/api`, in both forms if a row has both.
fn rows() -> Vec<Row> {
    let rows = table::rows(include_str!("../fixtures/w3ipfs_scope_table.txt"));
    let rows = rows.into_iter().flat_map(|row| {
        let path = row.path.strip_prefix("/api").unwrap();
        let forms = match path.strip_suffix("[/]") {
            Some(stem) => vec![stem.to_owned(), format!("{stem}/")],
            None => vec![path.to_owned()],
        };
        forms.into_iter().map(move |path| Row { path, ..row })
    });
    rows.collect()
}

/// Sends a request and checks `may` against the answer.
async fn send(bench: &Bench, row: &Row, headers: &HeaderMap) -> (u16, Value) {
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let may = bench.w3ipfs().may(headers, &method, &format!("/api{}", row.path));
    let (status, body) = answer(bench.bare(row.method, &row.path).headers(headers.clone())).await;
    assert_eq!(may, !is_refused(status), "`may` disagrees on {} {}", row.method, row.path);
    (status, body)
}

#[tokio::test]
async fn each_flag_alone_opens_exactly_its_routes() {
    let bench = Bench::new().await;
    let message = "Congratulations! You are communicating with the Web3 IPFS API!";
    let tested = (200, json!({ "message": message }));
    let session_only = (401, fail("You are not logged in"));
    let lacking = (403, fail("This API key does not have the required scope"));
    for flag in FLAGS {
        let holder = bench.make(flag, scopes(|name| name == flag)).await;
        let mut opened = 0;
        for row in rows() {
            let label = format!("{} {} by {flag}", row.method, row.path);
            let answered = send(&bench, &row, &holder.headers()).await;
            match row.permission {
                "any-key" => assert_eq!(answered, tested, "{label}"),
                "session" => assert_eq!(answered, session_only, "{label}"),
                "refresh-token" => assert_eq!(answered.0, 403, "{label}"),
                name if name == flag => {
                    assert!(!is_refused(answered.0), "{label} is refused: {}", answered.1);
                    opened += 1;
                }
                _ => assert_eq!(answered, lacking, "{label}"),
            }
        }
        assert!(opened > 0, "{flag} opens nothing");
    }
    // The refused creates and deletes had no effect.
    let keys = (bench.emulator.keys_made(), bench.emulator.keys_live());
    assert_eq!(keys, (FLAGS.len(), FLAGS.len()));
}

#[tokio::test]
async fn all_flags_but_one_do_not_open_its_routes() {
    let bench = Bench::new().await;
    for flag in FLAGS {
        let other = bench.make(flag, scopes(|name| name != flag)).await;
        for row in rows().iter().filter(|row| row.permission == flag) {
            let (status, _) = send(&bench, row, &other.headers()).await;
            assert_eq!(status, 403, "{} {}", row.method, row.path);
        }
    }
    // Nor do all seven open the routes for admins.
    let all = bench.make("all", scopes(|_| true)).await;
    for row in rows().iter().filter(|row| matches!(row.permission, "admin" | "manage-keys")) {
        assert_eq!(send(&bench, row, &all.headers()).await.0, 403, "{} {}", row.method, row.path);
    }
}

#[tokio::test]
async fn other_credentials_open_their_routes() {
    let bench = Bench::new().await;
    let made = bench.make("admin", admin()).await.headers();
    let session = bearer(&bench.w3ipfs().jwt());
    let token = HeaderValue::from_str(&bench.w3ipfs().refresh_token()).unwrap();
    let mut refresh = HeaderMap::new();
    refresh.insert("refresh_token", token);
    for row in rows() {
        let for_keys = !matches!(row.permission, "session" | "refresh-token");
        let to_refresh = row.permission == "refresh-token";
        for (headers, opens) in [
            (&bench.own().headers(), for_keys),
            (&made, for_keys),
            (&session, !to_refresh),
            (&refresh, to_refresh),
            (&HeaderMap::new(), false),
            (&Pair::unknown().headers(), false),
            (&bearer("a.b.c"), false),
            (&bearer("wrong"), false),
        ] {
            let (status, body) = send(&bench, &row, headers).await;
            assert_eq!(!is_refused(status), opens, "{} {}: {body}", row.method, row.path);
        }
    }
    assert!(bench.w3ipfs().may(&made, &Method::GET, "/api/pinning/pins?limit=1"));
}

/// Otherwise a test of what a key may not do would stay green after a typing error.
#[test]
fn may_panics_on_an_unknown_route() {
    let emulator = Emulator::in_memory();
    let panic = |ask: &dyn Fn() -> bool| {
        let panic = catch_unwind(AssertUnwindSafe(ask)).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    let no_headers = HeaderMap::new();
    let message = panic(&|| emulator.w3ipfs().may(&no_headers, &Method::GET, "/api/pining/pins/"));
    assert_eq!(message, "the emulated W3IPFS has no route GET /api/pining/pins/");
    let message = panic(&|| emulator.pinata().may(&no_headers, &Method::POST, "/v3/api_kys"));
    assert_eq!(message, "the emulated Pinata has no route POST /v3/api_kys");
}
