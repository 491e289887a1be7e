//! Dates in responses follow the time that a test sets.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::common::{Bench, w3ipfs};

/// 2024-06-12T15:34:50Z.
fn june() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_718_206_490)
}

#[tokio::test]
async fn pinata_dates_keys_by_the_set_time() {
    let bench = Bench::new().await;
    for (time, name) in [(june(), "old"), (june() - Duration::from_secs(86_400), "older")] {
        bench.emulator.set_time(time);
        bench.make(name, json!({ "admin": true })).await;
    }
    let (_, listed) = bench.call("GET", "/v3/api_keys").await;
    assert_eq!(listed["keys"][0]["createdAt"], "2024-06-11T15:34:50.000Z");
    assert_eq!(listed["keys"][1]["createdAt"], "2024-06-12T15:34:50.000Z");
}

#[tokio::test]
async fn w3ipfs_dates_keys_by_the_set_time() {
    let bench = w3ipfs::Bench::new().await;
    bench.emulator.set_time(june());
    bench.make("old", w3ipfs::admin()).await;
    bench.make("a second younger", w3ipfs::admin()).await;
    let listed = bench.list("").await;
    assert_eq!(listed["api_keys"][0]["created_at"], "2024-06-12T15:34:51.000000Z");
    assert_eq!(listed["api_keys"][1]["created_at"], "2024-06-12T15:34:50.000000Z");
    assert_eq!(listed["api_keys"][2]["created_at"], "2025-01-01T00:00:03.000000Z");
}
