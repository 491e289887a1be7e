//! What the store holds, and what needs attention.

use http::{Method, StatusCode};
use pinning_keys_emulator::{BodyFault, Cut, Fault, FaultRule, Stage};
use pinning_keys_lifecycle::Lease;
use pinning_keys_sinks::SinkSpec;
use serde_json::{Value, json};

use crate::past::{DAY, HOUR};
use crate::support::{Run, Stand};

fn object(run: &Run) -> Value {
    run.objects().remove(0)
}

/// The words of the concerns, in their order.
fn concerns(stand: &Stand) -> Vec<String> {
    let status = object(&stand.run("status --json").exits(0));
    let concerns = status["concerns"].as_array().expect("a list").iter();
    concerns.map(|it| it["concern"].as_str().expect("a word").to_owned()).collect()
}

#[test]
fn healthy_store_is_counted_without_a_credential() {
    let mut stand = Stand::pinata();
    stand.issued("ci", 2 * HOUR, Lease::of(DAY));
    stand.run("run --once").exits(0);
    stand.set_variable("PINNING_KEYS_JWT", "");
    let requests = stand.emulator().requests();
    let run = stand.run("status --exit-code").exits(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("store    sqlite:"), "{lines:?}");
    assert!(
        lines[1].starts_with("worker   ran 20") && lines[1].ends_with(", just now"),
        "{lines:?}"
    );
    assert!(lines.contains(&"pinata    pinata     1      0         0          0        0       0"));
    assert_eq!(lines.last(), Some(&"nothing needs attention"));
    assert_eq!(stand.emulator().requests(), requests);
    let status = object(&stand.run("status --json").exits(0));
    assert_eq!(
        (&status["accounts"][0]["keys"]["live"], &status["concerns"]),
        (&json!(1), &json!([]))
    );
}

#[test]
fn no_store_is_no_failure() {
    let stand = Stand::pinata();
    let run = stand.run("status --exit-code").exits(0);
    assert!(run.stderr.starts_with("no store yet"), "{}", run.stderr);
    assert_eq!(object(&stand.run("status --json").exits(0))["store"], Value::Null);
    assert!(!stand.store().exists());
    stand.run("status --acknowledge").exits(1);
    stand.run("status --store sqlite:no/such.db").exits(78);
}

#[test]
fn mistyped_store_is_not_created_as_an_empty_one() {
    let stand = Stand::pinata();
    stand.run("issue ci --preset reader --to file:ci.json --store sqlite:keys.db").exits(0);
    for words in [
        "list",
        "show ci",
        "status",
        "audit",
        "strays",
        "renew ci",
        "rotate ci --to file:ci.json",
        "revoke ci --yes",
        "revoke --prefix ci --yes",
        "forget ci --yes",
    ] {
        let run = stand.run(&format!("{words} --store sqlite:kyes.db")).exits(78);
        let expected = "error: sqlite:kyes.db: the store does not exist\n";
        assert!(run.stderr.starts_with(expected), "{words}: {}", run.stderr);
        assert!(run.stderr.contains("--store names it"), "{words}: {}", run.stderr);
    }
    assert!(!stand.home().join("kyes.db").exists());
    assert_eq!(stand.emulator().keys_live(), 1);
    // A worker may be started before the first key is issued.
    let run = stand.run("run --once --store sqlite:kyes.db").exits(0);
    let expected = "warning: sqlite:kyes.db: the store did not exist, and was created\n";
    assert!(run.stderr.starts_with(expected), "{}", run.stderr);
}

#[test]
fn overdue_keys_have_an_exit_code_and_the_command_that_ends_them() {
    let stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(HOUR));
    let run = stand.run("status --exit-code").exits(6);
    assert!(
        run.stdout.contains("overdue   pinata: 1 key should have ended and may still work: ci\n"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("pinning-keys run --once"), "{}", run.stdout);
    assert_eq!(concerns(&stand), ["worker", "overdue"]);
    // Without the flag, the text is for people.
    stand.run("status").exits(0);
    stand.run("run --once").exits(0);
    stand.run("status --exit-code").exits(0);
}

#[test]
fn anything_else_that_needs_attention_is_2() {
    let stand = Stand::pinata();
    stand.issued("ci", 2 * HOUR, Lease::of(DAY));
    let run = stand.run("status --exit-code").exits(2);
    assert!(run.stdout.contains("no worker has run yet"), "{}", run.stdout);
    let cut = Fault::CutConnection(Cut::AfterCommit);
    stand.emulator().faults().add(FaultRule::new(cut).method(Method::POST).first(1));
    stand.run("issue lost --preset reader --to file:lost.json").exits(3);
    assert_eq!(concerns(&stand).last().map(String::as_str), Some("in_doubt"));
    let run = stand.run("status --exit-code").exits(2);
    assert!(run.stdout.contains(
        "in doubt   pinata: 1 key may have been issued, and nobody has the secret: lost\n"
    ));
}

#[test]
fn key_that_is_gone_from_the_list_is_missing() {
    let stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(DAY));
    let manager = stand.manager(2 * HOUR);
    stand.block_on(manager.run_due(100)).expect("the store works");
    drop(manager);
    let empty = Fault::Body(BodyFault::Text(json!({ "keys": [], "count": 0 }).to_string()));
    stand.emulator().faults().add(FaultRule::new(empty).method(Method::GET));
    stand.run("run --once").exits(0);
    assert_eq!(concerns(&stand), ["missing"]);
    let run = stand.run("status --exit-code").exits(2);
    assert!(run.stdout.contains("pinning-keys revoke ci   ends it in the store"), "{}", run.stdout);
}

#[test]
fn closed_account_says_why_and_for_how_long() {
    let stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(HOUR));
    let fault = Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
    stand.run("run --once").exits(4);
    let status = object(&stand.run("status --json").exits(0));
    let account = &status["accounts"][0];
    assert!(account["closed_until"].is_string(), "{account}");
    assert!(account["closed_because"].as_str().is_some_and(|why| why.contains("401")), "{account}");
    let closed = &status["concerns"][0];
    assert_eq!((&closed["concern"], &closed["account"]), (&json!("closed"), &json!("pinata")));
}

#[test]
fn restored_store_is_shown_until_somebody_acknowledges_it() {
    let stand = Stand::pinata();
    stand.with_stray("lost");
    assert_eq!(concerns(&stand), ["restored", "stray"]);
    let run = stand.run("status").exits(0);
    assert!(run.stdout.contains("pinning-keys strays"), "{}", run.stdout);
    let run = stand.run("status --acknowledge").exits(0);
    assert_eq!(run.stderr, "acknowledged\n");
    assert_eq!(concerns(&stand), ["stray"]);
    assert_eq!(stand.run("status --acknowledge").exits(0).stderr, "nothing to acknowledge\n");
}

#[test]
fn restore_that_the_store_cannot_notice_is_recorded() {
    let stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(HOUR).renewable_until(30 * DAY));
    stand.run("status --restored").exits(0);
    // The backup does not know whether the lease was renewed since.
    stand.run("run --once").exits(0);
    assert_eq!(stand.emulator().keys_live(), 1);
    stand.run("status --exit-code").exits(2);
    stand.run("status --acknowledge --exit-code").exits(0);
}

#[test]
fn time_is_confirmed_by_a_person() {
    let stand = Stand::pinata();
    stand.issued("old", 3 * HOUR, Lease::of(HOUR));
    stand.emulator().set_date_header(|| None);
    let refused = stand.run("status --confirm-clock").exits(1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let confirmed = stand.run("status --confirm-clock --yes").exits(0);
    assert!(confirmed.stderr.starts_with("confirmed the time 20"), "{}", confirmed.stderr);
    stand.run("run --once").exits(0);
    assert_eq!(stand.emulator().keys_live(), 0);
    stand.run("status --yes").exits(64);
}

#[test]
fn rotation_that_may_have_been_delivered_is_reported_until_it_is_repeated() {
    let stand = Stand::pinata();
    let manager = stand.manager(HOUR);
    let old = stand.confirmed(&manager, "ci", Lease::of(30 * DAY));
    let sink = SinkSpec::parse("command:false").and_then(SinkSpec::open).expect("a sink");
    let rotated = stand.block_on(manager.rotate(old.id()).issue_to(&*sink));
    assert!(rotated.is_err(), "the command has failed");
    stand.run("run --once").exits(0);
    let run = stand.run("status --exit-code --json").exits(2);
    let concerns = run.objects()[0]["concerns"].as_array().expect("concerns").clone();
    let unclear = concerns.iter().find(|it| it["concern"] == "unclear").expect("it is reported");
    assert_eq!(unclear["count"], 1);
    assert_eq!(
        unclear["next"][0],
        "pinning-keys rotate ci --to SINK   replaces both keys and revokes them"
    );
    stand.run("rotate ci --to file:ci.json").exits(0);
    stand.run("run --once").exits(0);
    stand.run("status --exit-code").exits(0);
    assert_eq!(stand.emulator().keys_live(), 1);
}
