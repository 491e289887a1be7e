//! `diff`: what is not as declared is shown, and nothing is changed.

use http::Method;
use pinning_keys_emulator::{Fault, FaultRule, Stage};
use pinning_keys_lifecycle::Lease;
use serde_json::json;

use crate::declared::{CI, SITE, actions, declaring};
use crate::past::DAY;

const DIFF: &str = "diff --json --exit-code";

#[test]
fn people_see_what_is_missing_and_no_store_is_made() {
    let stand = declaring(&format!("{CI}{SITE}"));
    stand.pinata_key("site");
    let run = stand.run("diff").exits(0);
    let foreign = stand.emulator().pinata().keys()[0].key.clone();
    assert_eq!(
        run.stdout,
        format!(
            "          name   profile   why                                                       to\n\
             issue     ci     main      missing                                                   ci.json\n\
             issue     site   main      missing                                                   site.json\n\
             foreign   site   main      not managed, left alone: v1:pinata:{foreign}\n"
        )
    );
    assert_eq!(run.stderr, "2 changes: 2 to issue\n");
    stand.run("diff --exit-code").exits(2);
    assert!(!stand.store().exists());
    assert_eq!(stand.keys(), (1, 1));
}

#[test]
fn what_was_applied_is_as_declared() {
    let stand = declaring(CI);
    stand.run("apply --yes").exits(0);
    let run = stand.run("diff --exit-code").exits(0);
    assert_eq!(run.stdout, "             name   profile   why   to\nup to date   ci     main\n");
    assert_eq!(run.stderr, "every declared key is as declared\n");
    // A foreign key of the name is information.
    stand.pinata_key("ci");
    assert_eq!(actions(&stand.run(DIFF).exits(0)), ["up_to_date ci", "foreign ci"]);
}

#[test]
fn every_kind_of_drift_is_shown() {
    let stand = declaring(CI);
    stand.issued_ago("ci", 31 * DAY, Lease::of(90 * DAY));
    let declared = |more: &str| {
        stand.declare(&format!("{CI}{more}\n"));
        actions(&stand.run(DIFF).exits(2)).join("; ")
    };
    for (more, expected) in [
        ("", "rotate ci lease"),
        ("lease = \"30d\"", "rotate ci lease"),
        ("lease = \"90d\"\nmax_lease = \"180d\"", "rotate ci max_lease"),
        ("lease = \"90d\"\nrotate = \"30d\"", "rotate ci due"),
        ("lease = \"90d\"\nmax_uses = 5", "rotate ci max_uses"),
    ] {
        assert_eq!(declared(more), expected, "{more}");
    }
    stand.declare(&format!("{CI}lease = \"90d\"\n").replace("reader", "manager"));
    assert_eq!(actions(&stand.run(DIFF).exits(2)), ["rotate ci narrower"]);
    stand.declare(&format!("{CI}lease = \"90d\"\n").replace("\"main\"", "\"w3\""));
    assert_eq!(actions(&stand.run(DIFF).exits(2)), ["rotate ci moved"]);
    stand.declare(&format!("{CI}lease = \"90d\"\n"));
    stand.run(DIFF).exits(0);
    let key = stand.emulator().pinata().keys()[0].key.clone();
    stand.revoke_at_pinata(&json!({ "pinata_api_key": key }));
    assert_eq!(actions(&stand.run(DIFF).exits(2)), ["rotate ci revoked"]);
}

#[test]
fn a_delivery_that_is_not_confirmed_is_waited_for_until_it_is_given_up() {
    let stand = declaring(CI);
    let manager = stand.manager_ago(DAY / 24 / 60);
    let request = pinning_keys::KeyRequest::new("ci", pinning_keys::ScopeRequest::reader());
    let keys = manager.account("main").expect("the account");
    let delivery = stand.block_on(keys.issue(&request.expect("valid"), Lease::none()));
    let id = delivery.expect("a key").id().to_string();
    let run = stand.run(DIFF).exits(2);
    let line = &run.objects()[0];
    assert_eq!((&line["action"], &line["id"]), (&json!("wait"), &json!(id)));
    assert!(line["until"].as_str().expect("a time").ends_with('Z'));
    assert!(
        stand.run("diff").exits(0).stdout.contains("its delivery is not confirmed; given up at 2")
    );
}

#[test]
fn a_managed_key_that_is_not_declared_counts_only_with_prune() {
    let stand = declaring(&format!("{CI}{SITE}"));
    stand.run("apply --yes").exits(0);
    stand.declare(CI);
    assert_eq!(actions(&stand.run(DIFF).exits(0)), ["up_to_date ci", "undeclared site"]);
    assert_eq!(
        actions(&stand.run(&format!("{DIFF} --prune")).exits(2)),
        ["up_to_date ci", "revoke site"]
    );
}

#[test]
fn a_key_that_the_store_has_lost_is_a_stray() {
    let stand = declaring(SITE);
    stand.run("apply --yes").exits(0);
    let backup = std::fs::read(stand.store()).expect("the store exists");
    stand.declare(&format!("{SITE}{CI}"));
    stand.run("apply --yes").exits(0);
    std::fs::write(stand.store(), backup).expect("it can be written");
    // It may be the key that its holder works with, so that nothing is issued before somebody has
    // decided.
    let run = stand.run(DIFF).exits(1);
    assert_eq!(actions(&run), ["up_to_date site", "issue ci missing", "stray ci"]);
    assert_eq!(run.objects()[1]["error"]["kind"], "stray");
    stand.run("apply --yes").exits(1);
    assert_eq!(stand.keys(), (2, 2));
}

#[test]
fn all_problems_of_the_file_are_reported_with_their_lines() {
    let stand = declaring(&format!("{CI}{CI}leese = \"1d\"\n").replace("\"main\"", "\"mian\""));
    let run = stand.run("diff").exits(78);
    assert_eq!(
        run.stderr,
        "error: the declared keys have 5 problems\n  \
           keys.toml:3: ci: unknown profile; did you mean main?\n  \
           keys.toml:7: ci: name is the same as on line 2\n  \
           keys.toml:8: ci: unknown profile; did you mean main?\n  \
           keys.toml:10: ci: to is the same as on line 5\n  \
           keys.toml:11: ci: unknown key \"leese\"; did you mean \"lease\"?\n"
    );
    stand.run("apply --yes").exits(78);
    let run = stand.run("diff --file nosuchfile").exits(78);
    assert!(
        run.stderr.starts_with("error: the file of --file: file not found\n"),
        "{}",
        run.stderr
    );
    stand.run("diff --profile main").exits(64);
    let run = crate::support::run(stand.command(["diff"]).env("PINNING_KEYS_JWT", "x")).exits(78);
    assert!(run.stderr.contains("PINNING_KEYS_JWT cannot be combined"), "{}", run.stderr);
    assert_eq!(stand.keys(), (0, 0));
}

#[test]
fn what_cannot_be_granted_or_delivered_is_a_problem_of_its_key() {
    let refused =
        "[[key]]\nname = \"jobs\"\nprofile = \"w3\"\nneeds = [\"swaps:write\"]\nto = \"file:a\"\n";
    let stand = declaring(&format!("{refused}{CI}{SITE}"));
    stand.write("site.json", "mine");
    let run = stand.run("diff --json").exits(1);
    let lines = run.objects();
    assert_eq!(actions(&run), ["unknown jobs", "issue ci missing", "issue site missing"]);
    assert!(
        lines[0]["error"]["message"].as_str().expect("a text").contains("cannot grant"),
        "{lines:?}"
    );
    assert_eq!(lines[1].get("error"), None);
    assert_eq!(lines[2]["error"]["kind"], "not_delivered");
}

#[test]
fn a_change_that_is_not_possible_is_counted_and_shown_with_both_reasons() {
    let command = |preset: &str, program: &str| {
        let key = CI.replace("file:ci.json", &format!("command:{program}"));
        key.replace("reader", preset) + "field = \"jwt\"\n"
    };
    let stand = declaring(&command("reader", "cat"));
    stand.run("apply --yes").exits(0);
    stand.declare(&format!("{}{SITE}", command("manager", "nosuchprogram")));
    let run = stand.run("diff").exits(1);
    let why = "but the program nosuchprogram is not in PATH";
    assert!(run.stdout.contains("   adds pins:add-file, "), "{run:?}");
    assert!(run.stdout.contains(&format!(", {why}")), "{run:?}");
    assert_eq!(
        run.stderr,
        "2 changes: 1 to issue, 1 to rotate; 1 of them is not possible\n\
         error: ci: the program nosuchprogram is not in PATH\n  \
           install it, or name it with its path\n"
    );
    let run = stand.run("diff --json --exit-code").exits(1);
    assert_eq!(actions(&run), ["rotate ci narrower", "issue site missing"]);
    assert_eq!(run.objects()[0]["error"]["kind"], "not_delivered");
    assert!(run.stderr.contains("\"kind\":\"not_delivered\""), "{}", run.stderr);
    stand.write("site.json", "mine");
    let run = stand.run("apply --dry-run").exits(1);
    assert!(run.stdout.contains("missing, but site.json exists"), "{}", run.stdout);
    assert_eq!(
        run.stderr,
        "2 changes: 1 to issue, 1 to rotate; 2 of them are not possible\n\
         nothing was changed\n\
         error: 2 keys cannot be compared or changed\n  \
           ci: the program nosuchprogram is not in PATH\n    \
             install it, or name it with its path\n  \
           site: site.json exists\n    \
             choose another path, or move the file away\n"
    );
}

#[test]
fn an_account_whose_list_cannot_be_read_does_not_hide_the_others() {
    let w3 = CI.replace("\"main\"", "\"w3\"").replace("ci", "w3-ci");
    let stand = declaring(&format!("{CI}{w3}"));
    let refused = Fault::status(http::StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    let rule = FaultRule::new(refused).method(Method::GET).path("/v3/api_keys");
    stand.emulator().faults().add(rule);
    let run = stand.run("diff --json").exits(4);
    assert_eq!(actions(&run), ["unknown ci", "issue w3-ci missing"]);
}

#[test]
fn the_schema_of_the_file_is_printed_for_editors() {
    let run = declaring("").run("config schema --keys").exits(0);
    assert_eq!(run.stdout, include_str!("../../../../docs/cli/keys.schema.json"));
}

#[test]
fn the_examples_of_the_help_work() {
    let stand = declaring(CI);
    let examples = ["help diff", "help apply"].map(|line| stand.run(line).exits(0).stdout);
    let lines = examples.iter().flat_map(|help| help.lines());
    let lines: Vec<_> = lines.filter_map(|line| line.strip_prefix("    pinning-keys ")).collect();
    for (line, code) in lines.iter().zip([0, 2, 1, 0]) {
        stand.run(line).exits(code);
    }
    assert_eq!(lines.len(), 4, "{lines:?}");
}
