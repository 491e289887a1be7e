//! What a credential can really do.

use pinning_keys::ScopeRequest;
use pinning_keys_emulator::{Emulator, Fault, FaultRule, RetryAfter, Stage};
use serde_json::{Value, json};

use crate::support::keys::{jwt, stored};
use crate::support::{Stand, run};

/// An account at the emulated Pinata with the table whose routes show the most.
fn endpoints() -> Stand {
    Stand::start(Emulator::builder(), |emulator| {
        let table = ("PINNING_KEYS_TABLE", "endpoints".to_owned());
        emulator.pinata().vars().into_iter().chain([table]).collect()
    })
}

/// The permissions with this verdict.
fn permissions(objects: &[Value], verdict: &str) -> Vec<String> {
    let with = objects.iter().filter(|object| object["verdict"] == verdict);
    with.map(|object| object["permission"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn table_shows_what_the_key_can_do_and_why() {
    let stand = endpoints();
    let key = stand.issue(&*stand.endpoints_issuer(), ScopeRequest::uploader());
    let run = stand.run_with_stdin("probe -", &stored(&key)).exits(0);
    let expected = "\
pins:list                no        403
pins:list-jobs           no        403
pins:add-file            yes
pins:add-json            no        403
pins:add-cid             no        403
pins:remove              no        403
pins:edit-metadata       no        403
usage:read               no        403
pins:set-policy          unknown   no harmless request can test this
account:set-pin-policy   unknown   no harmless request can test this
";
    assert_eq!(run.stdout, expected);
}

#[test]
fn key_of_another_table_is_probed_on_the_routes_of_its_own() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.endpoints_issuer(), ScopeRequest::uploader());
    let run = stand.run_with_stdin("probe - --json", &stored(&key)).exits(0);
    assert_eq!(permissions(&run.objects(), "yes"), ["pins:add-file"]);
}

#[test]
fn json_has_a_line_per_permission() {
    let stand = endpoints();
    let key = stand.issue(&*stand.endpoints_issuer(), ScopeRequest::uploader());
    let run = stand.run_with_stdin("probe - --json", &stored(&key)).exits(0);
    let objects = run.objects();
    assert_eq!(permissions(&objects, "yes"), ["pins:add-file"]);
    assert_eq!(
        objects[0],
        json!({ "format": 1, "permission": "pins:list", "verdict": "no", "status": 403, "reason": null })
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn limited_key_needs_consent_and_keeps_its_uses_without() {
    let stand = Stand::pinata();
    let key = stand.issue_limited(&*stand.pinata_issuer(), 50);
    let uses = || stand.emulator().pinata().keys()[0].uses;
    let run = stand.run_with_stdin("probe -", &stored(&key)).exits(1);
    assert!(run.stderr.contains("pass --yes"), "{}", run.stderr);
    assert_eq!((run.stdout.as_str(), uses()), ("", 0));

    let run = stand.run_with_stdin("probe - --yes --json", &stored(&key)).exits(0);
    assert!(permissions(&run.objects(), "yes").contains(&"pins:list".to_owned()));
    assert!((1..=7).contains(&uses()), "{}", uses());
}

#[test]
fn consent_is_asked_for_without_an_account_if_uses_can_be_limited() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.write_private("key.json", &stored(&key));
    let mut command = stand.command(["probe", "--file", "key.json"]);
    let refused = run(command.env_remove("PINNING_KEYS_JWT")).exits(1);
    assert!(refused.stderr.contains("no account is configured"), "{}", refused.stderr);
    run(command.arg("--yes")).exits(0);

    let stand = Stand::w3ipfs();
    let key = stand.issue(&*stand.w3ipfs_issuer(), ScopeRequest::reader());
    stand.write_private("key.json", &stored(&key));
    let mut command = stand.command(["probe", "--file", "key.json", "--json"]);
    let probed = run(command.env_remove("PINNING_KEYS_JWT")).exits(0);
    assert_eq!(permissions(&probed.objects(), "yes"), ["pins:list"]);
}

#[test]
fn dead_credential_exits_with_5_after_one_request() {
    let stand = Stand::pinata();
    let issuer = stand.pinata_issuer();
    let key = stand.issue(&*issuer, ScopeRequest::reader());
    let _ = stand.block_on(issuer.revoke(key.key_ref())).expect("it is revoked");
    let before = stand.emulator().requests();
    let run = stand.run_with_stdin("probe - --yes", jwt(key.credential())).exits(5);
    assert_eq!(run.stderr, "error: the credential is not live: revoked\n");
    assert_eq!((run.stdout.as_str(), stand.emulator().requests()), ("", before + 1));
}

#[test]
fn answer_that_is_missing_for_now_exits_with_75() {
    let stand = Stand::pinata();
    let key = stand.issue(&*stand.pinata_issuer(), ScopeRequest::reader());
    stand.emulator().faults().add(
        FaultRule::new(Fault::too_many_requests(RetryAfter::Seconds(3600))).path("/v3/files/*"),
    );
    let run = stand.run_with_stdin("probe - --yes --json", &stored(&key)).exits(75);
    assert_eq!(run.objects()[0]["verdict"], "unknown");
    assert_eq!(run.objects()[0]["status"], 429);
}

#[test]
fn write_that_the_provider_accepts_exits_with_3() {
    let stand = endpoints();
    let key = stand.issue(&*stand.endpoints_issuer(), ScopeRequest::uploader());
    let accepted = Fault::status(http::StatusCode::OK, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(accepted).method(http::Method::DELETE));
    let run = stand.run_with_stdin("probe - --yes", &stored(&key)).exits(3);
    assert!(run.stdout.contains("may have changed something"), "{}", run.stdout);
}

#[cfg(unix)]
#[test]
fn person_at_a_terminal_is_asked() {
    use std::process::Command;

    use crate::support::PROGRAM;
    use crate::support::terminal::on_terminal;

    let stand = Stand::pinata();
    let key = stand.issue_limited(&*stand.pinata_issuer(), 50);
    stand.write_private("key.json", &stored(&key));
    let uses = || stand.emulator().pinata().keys()[0].uses;
    let file = || stand.command(["probe", "--file", "key.json"]);
    // The question goes to the terminal although stdin is taken.
    let stdin = || {
        let mut shell = Command::new("sh");
        shell.args(["-c", "exec \"$0\" probe - < key.json", PROGRAM]).current_dir(stand.home());
        shell.env_clear().envs(file().get_envs().filter_map(|(name, value)| Some((name, value?))));
        shell
    };
    for (program, answer, spends) in
        [(file(), "n", false), (stdin(), "n", false), (file(), "y", true)]
    {
        let before = uses();
        let mut terminal = on_terminal(program);
        terminal.exp_string("spend up to 7 uses? [y/N] ").expect("a question");
        terminal.send_line(answer).expect("typing works");
        terminal.exp_eof().expect("the program ends");
        assert_eq!(uses() > before, spends, "{answer}");
    }
}
