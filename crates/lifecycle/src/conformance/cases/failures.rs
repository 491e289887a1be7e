//! store-08: no error shows a secret.

use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::StoreError;
use crate::conformance::bench::{Bench, insert};
use crate::conformance::case::{Stop, Verdict, ensure};
use crate::conformance::dice::plain;

/// Everything that an error shows.
fn shown(error: &StoreError) -> String {
    let mut text = format!("{error} {error:#} {error:?} {error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        // Writing to a string does not fail.
        let _ = write!(text, " {error} {error:?}");
        source = error.source();
    }
    text
}

pub(super) async fn errors_show_no_secret(bench: Arc<Bench>) -> Verdict {
    let Some((secret, mut errors)) = bench.harness.failures().await else {
        return Err(Stop::Skipped("the harness has no secret"));
    };
    ensure!(!secret.is_empty() && !errors.is_empty(), "the harness has a secret but no errors");
    let (store, now) = (bench.open().await?, bench.now());
    errors.extend(insert(&*store, &[plain(1, now), plain(1, now)]).await.err());
    for error in &errors {
        ensure!(!shown(error).contains(&secret), "an error of kind {:?} shows it", error.kind());
    }
    Ok(())
}
