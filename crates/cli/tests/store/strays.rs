//! Keys that the store lost.

use http::{Method, StatusCode};
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use serde_json::json;

use crate::support::Stand;

#[test]
fn strays_are_shown_with_the_end_of_their_lease() {
    let stand = Stand::pinata();
    assert!(stand.run("strays").exits(0).stderr.starts_with("no store yet"));
    stand.with_stray("lost");
    let run = stand.run("strays").exits(0);
    assert_eq!(run.stdout.lines().count(), 2, "{}", run.stdout);
    let line = run.stdout.lines().nth(1).unwrap_or_default();
    assert!(
        line.starts_with("lost   pinata    ends in 3") && line.contains("v1:pinata:"),
        "{line}"
    );
    assert!(run.stderr.contains("pinning-keys strays --adopt"), "{}", run.stderr);
    let stray = stand.run("strays --json").exits(0).objects().remove(0);
    assert_eq!((&stray["adopted"], &stray["result"]), (&json!(true), &json!(null)));
}

#[test]
fn adopted_stray_is_kept() {
    let stand = Stand::pinata();
    stand.with_stray("lost");
    let run = stand.run("strays lost --adopt --dry-run").exits(0);
    assert!(run.stdout.contains("keep   lost"), "{}", run.stdout);
    let kept = stand.run("strays lost --adopt --json").exits(0).objects().remove(0);
    assert_eq!((&kept["adopted"], &kept["result"]), (&json!(false), &json!("kept")));
    assert_eq!(stand.emulator().keys_live(), 2);
    assert_eq!(stand.run("strays --adopt").exits(0).stderr, "no strays\n");
}

#[test]
fn revoked_stray_ends_at_once() {
    let stand = Stand::pinata();
    stand.with_stray("lost");
    let refused = stand.run("strays --revoke").exits(1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    stand.run("strays --revoke --dry-run").exits(0);
    assert_eq!(stand.emulator().keys_live(), 2);
    let run = stand.run("strays --revoke --yes").exits(0);
    assert_eq!(run.stdout, "revoked   lost\n");
    assert_eq!(stand.emulator().keys_live(), 1);
}

#[test]
fn revocation_that_fails_is_left_to_the_worker() {
    for (status, code) in [(StatusCode::UNAUTHORIZED, 4), (StatusCode::SERVICE_UNAVAILABLE, 75)] {
        let stand = Stand::pinata();
        stand.with_stray("lost");
        let fault = Fault::status(status, Stage::BeforeCommit);
        stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
        let run = stand.run("strays --revoke --yes").exits(code);
        assert!(run.stdout.starts_with("scheduled   lost"), "{}", run.stdout);
        assert!(run.stdout.contains(status.as_str()), "{}", run.stdout);
        assert!(run.stderr.contains("1 of 1 strays are not revoked yet"), "{}", run.stderr);
        assert!(run.stderr.contains("pinning-keys run --once"), "{}", run.stderr);
    }
}

#[test]
fn unknown_names_and_two_decisions_are_refused() {
    let stand = Stand::pinata();
    stand.with_stray("lost");
    for line in ["strays known --revoke --yes", "strays lost nosuchkey --revoke --yes"] {
        stand.run(line).exits(1);
    }
    stand.run("strays --adopt --revoke").exits(64);
    assert_eq!(stand.emulator().keys_live(), 2);
}
