//! Reads the tables of routes among the fixtures.

use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};

/// The identifier of a signed upload that was never signed.
pub(crate) const UPLOAD: &str = "00000000-0000-4000-8000-000000000000";

pub(crate) struct Row {
    pub(crate) method: &'static str,
    /// The path with its variable segments filled in.
    pub(crate) path: String,
    pub(crate) permission: &'static str,
}

pub(crate) fn rows(table: &'static str) -> Vec<Row> {
    let lines = table.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let rows = lines.map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [method, path, permission] = words[..] else { panic!("{line}") };
        let path = path.replace("{network}", "private").replace("{upload}", UPLOAD);
        let path = path.replace(['{', '}'], "");
        Row { method, path, permission }
    });
    let rows: Vec<Row> = rows.collect();
    assert!(rows.len() > 10, "the table was not read");
    rows
}

pub(crate) fn is_refused(status: u16) -> bool {
    matches!(status, 401 | 403)
}

pub(crate) fn bearer(token: &str) -> HeaderMap {
    let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
    HeaderMap::from_iter([(AUTHORIZATION, value)])
}
