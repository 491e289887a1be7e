//! Every row of W3IPFS's table of routes, with a key that has exactly the flag of the row, and
//! with one that has everything but it.

mod common;

use common::answer;
use common::table::{self, Row};
use common::w3ipfs::{Bench, FLAGS, Pair, admin, fail, scopes};
use http::{HeaderMap, HeaderValue, Method, header::AUTHORIZATION};
use serde_json::Value;

/// What follows `/api` in the paths, in both forms where a row has both.
fn rows() -> Vec<Row> {
    let rows = table::rows(include_str!("fixtures/w3ipfs_scope_table.txt"));
    assert!(rows.len() > 10, "the table was not read");
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

fn refused(status: u16) -> bool {
    status == 401 || status == 403
}

/// Sends a request, and holds `may` against its answer.
async fn send(bench: &Bench, row: &Row, headers: &HeaderMap) -> (u16, Value) {
    let method = Method::from_bytes(row.method.as_bytes()).unwrap();
    let may = bench.w3ipfs().may(headers, &method, &format!("/api{}", row.path));
    let (status, body) = answer(bench.bare(row.method, &row.path).headers(headers.clone())).await;
    assert_eq!(may, !refused(status), "`may` disagrees on {} {}", row.method, row.path);
    (status, body)
}

fn bearer(token: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&format!("Bearer {token}")).unwrap());
    headers
}

#[tokio::test]
async fn each_flag_alone_opens_exactly_its_routes() {
    let bench = Bench::new().await;
    for flag in FLAGS {
        let holder = bench.make(flag, scopes(|name| name == flag)).await;
        let mut opened = 0;
        for row in rows() {
            let label = format!("{} {} by {flag}", row.method, row.path);
            let (status, body) = send(&bench, &row, &holder.headers()).await;
            match row.permission {
                "any-key" => assert_eq!(status, 200, "{label}"),
                "session" => {
                    assert_eq!((status, body), (401, fail("You are not logged in")), "{label}");
                }
                name if name == flag => {
                    assert!(!refused(status), "{label} is refused: {body}");
                    opened += 1;
                }
                _ => assert_eq!((status, &body["status"]), (403, &"fail".into()), "{label}"),
            }
        }
        assert!(opened > 0, "{flag} opens nothing");
    }
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
    // Nor do all seven open what is for admins.
    let all = bench.make("all", scopes(|_| true)).await;
    for row in rows().iter().filter(|row| matches!(row.permission, "admin" | "manage-keys")) {
        assert_eq!(send(&bench, row, &all.headers()).await.0, 403, "{} {}", row.method, row.path);
    }
}

#[tokio::test]
async fn an_admin_key_opens_all_that_keys_can_open() {
    let bench = Bench::new().await;
    let made = bench.make("admin", admin()).await;
    for pair in [bench.own(), made] {
        for row in rows() {
            let (status, body) = send(&bench, &row, &pair.headers()).await;
            let for_keys = !matches!(row.permission, "session" | "refresh-token");
            assert_eq!(!refused(status), for_keys, "{} {}: {body}", row.method, row.path);
        }
    }
}

#[tokio::test]
async fn the_session_opens_everything_but_the_way_to_another_one() {
    let bench = Bench::new().await;
    for row in rows() {
        let (status, body) = send(&bench, &row, &bearer(&bench.w3ipfs().jwt())).await;
        let expected = row.permission != "refresh-token";
        assert_eq!(!refused(status), expected, "{} {}: {body}", row.method, row.path);
    }
    let mut refresh = HeaderMap::new();
    let token = bench.w3ipfs().refresh_token();
    refresh.insert("refresh_token", HeaderValue::from_str(&token).unwrap());
    for row in rows() {
        let (status, _) = send(&bench, &row, &refresh).await;
        assert_eq!(!refused(status), row.permission == "refresh-token");
    }
}

#[tokio::test]
async fn nobody_opens_nothing() {
    let bench = Bench::new().await;
    let unknown = Pair { key: "A".repeat(24), secret: "A".repeat(44) };
    for headers in [HeaderMap::new(), unknown.headers(), bearer("a.b.c"), bearer("wrong")] {
        for row in rows() {
            let (status, _) = send(&bench, &row, &headers).await;
            assert!(refused(status), "{} {}", row.method, row.path);
        }
    }
    assert!(bench.w3ipfs().may(&bench.own().headers(), &Method::GET, "/api/pinning/pins?limit=1"));
}

/// Both providers' `may` are asked, since neither must be green after a typing error.
#[test]
fn asking_about_a_route_that_is_not_there_is_a_mistake() {
    let emulator = pinning_keys_emulator::Emulator::builder().in_memory();
    let asked = |ask: &dyn Fn() -> bool| {
        let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask)).unwrap_err();
        panic.downcast_ref::<String>().unwrap().clone()
    };
    let no_headers = HeaderMap::new();
    let told = asked(&|| emulator.w3ipfs().may(&no_headers, &Method::GET, "/api/pining/pins/"));
    assert_eq!(told, "the emulated W3IPFS has no route GET /api/pining/pins/");
    let told = asked(&|| emulator.pinata().may(&no_headers, &Method::POST, "/v3/api_kys"));
    assert_eq!(told, "the emulated Pinata has no route POST /v3/api_kys");
}
