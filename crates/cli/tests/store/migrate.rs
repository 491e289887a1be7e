//! Moving keys to another account.

use http::{Method, StatusCode};
use pinning_keys_emulator::{Cut, Fault, FaultRule, Stage};

use crate::accounts::{both, documented, golden, issue, live, object, results, stored, typed};
use crate::support::{Run, Stand};

const ALL: &str = "migrate --all --into w3 --to file:keys --without pins:list-jobs";

/// Pairs of a name and a result.
fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(key, result): &(&str, &str)| ((*key).to_owned(), (*result).to_owned());
    expected.iter().map(owned).collect()
}

/// Two keys that W3IPFS can take over without listing jobs, and one that it cannot.
fn three_keys() -> Stand {
    let stand = both();
    for name in ["one", "two"] {
        issue(&stand, name, "");
    }
    let link = "issue link --needs links:create --tolerates pinata:org:files:write";
    stand.run(&format!("{link} --to file:link.json")).exits(0);
    stand
}

/// Makes the next create at W3IPFS go wrong.
fn next_create(stand: &Stand, fault: Fault) {
    let rule = FaultRule::new(fault).method(Method::POST).path("/api/apiKeys/").first(1);
    stand.emulator().faults().add(rule);
}

#[test]
fn what_can_be_expressed_moves_and_the_rest_stays() {
    let stand = three_keys();
    let requests = stand.emulator().requests();
    let mut shown = String::new();
    for line in
        ["migrate --all --into w3 --to file:keys --dry-run".to_owned(), format!("{ALL} --dry-run")]
    {
        let run = stand.run(&line).exits(1);
        shown += &typed(&line, &run);
    }
    assert_eq!(stand.emulator().requests(), requests);
    let line = format!("{ALL} --yes");
    let run = stand.run(&line).exits(1);
    shown += &typed(&line, &run);
    golden("migrate.txt", &shown);
    assert_eq!(live(&stand), (1, 2));
    for name in ["one", "two"] {
        stand.run(&format!("verify --file keys/{name}.json --profile w3")).exits(0);
        let secret = stored(&stand, &format!("keys/{name}.json"), "api_secret");
        assert!(!shown.contains(&secret));
    }
    // The same command again does nothing more.
    let again = stand.run(&format!("{line} --json")).exits(1);
    assert_eq!(results(&again), pairs(&[("link", "stays")]));
    let named = stand.run("migrate one --into w3 --to file:keys --yes --json").exits(0);
    assert_eq!(results(&named), pairs(&[("one", "already_moved")]));
    assert_eq!(live(&stand), (1, 2));
}

#[test]
fn programs_get_a_line_for_each_key() {
    let stand = three_keys();
    let planned = stand.run(&format!("{ALL} --dry-run --json")).exits(1);
    let moved = stand.run(&format!("{ALL} --overlap 1h --yes --json")).exits(1);
    golden("migrate.jsonl", &format!("{}{}", planned.stdout, moved.stdout));
    [&planned, &moved].into_iter().for_each(documented);
    assert_eq!(results(&moved), pairs(&[("one", "moved"), ("two", "moved"), ("link", "stays")]));
    // The old keys work for the overlap if a worker ends them, and are not moved again.
    assert!(moved.stderr.contains("only if a worker runs"), "{}", moved.stderr);
    assert_eq!(live(&stand), (3, 2));
    stand.run("verify --file one.json").exits(0);
    let again = stand.run(&format!("{ALL} --yes --json")).exits(1);
    assert_eq!(results(&again), pairs(&[("link", "stays")]));
}

#[test]
fn without_terminal_and_yes_nothing_is_moved() {
    let stand = three_keys();
    let requests = stand.emulator().requests();
    let refused = stand.run(ALL).exits(1);
    assert!(refused.stderr.contains("pass --yes to confirm"), "{}", refused.stderr);
    assert_eq!(stand.emulator().requests(), requests);
}

#[cfg(unix)]
#[test]
fn question_says_how_many_keys_move_and_from_where_to_where() {
    let stand = three_keys();
    let requests = stand.emulator().requests();
    let command = stand.command(format!("{ALL} --overlap 1h").split(' '));
    let mut session = crate::support::terminal::on_terminal(command);
    session.exp_string("loses").expect("the plan");
    session.exp_string("to go without:   --without ").expect("what would move the rest");
    let question = "move 2 of 3 keys from production (pinata) to w3 (w3ipfs), and revoke the old \
                    keys 1h after the new ones are delivered? [y/N]";
    session.exp_string(question).expect("the question");
    session.send_line("n").expect("an answer");
    session.exp_string("declined; nothing was changed").expect("the end");
    session.exp_eof().expect("the end");
    assert_eq!(stand.emulator().requests(), requests);
}

#[test]
fn nothing_is_sent_if_no_key_can_be_moved() {
    let stand = three_keys();
    let requests = stand.emulator().requests();
    let line = "migrate --all --into w3 --to file:keys --yes --json";
    let stays = stand.run(line).exits(1);
    assert_eq!(results(&stays), pairs(&[("one", "stays"), ("two", "stays"), ("link", "stays")]));
    assert_eq!(stand.emulator().requests(), requests);
    let none = stand.run("migrate --all --into production --to file:keys --profile w3 --yes");
    assert_eq!(none.exits(0).stderr, "no key is left to move from w3 (w3ipfs)\n");
}

#[test]
fn wrong_flags_are_refused_before_anything_is_sent() {
    let stand = both();
    issue(&stand, "ci", "");
    issue(&stand, "deploy", "");
    std::fs::create_dir(stand.home().join("open")).expect("a folder");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(stand.home().join("open"), mode).expect("its owner is us");
    }
    let requests = stand.emulator().requests();
    for (flags, code, why) in [
        ("ci --all --into w3 --to file:keys", 64, ""),
        ("--into w3 --to file:keys", 64, ""),
        ("ci --to file:keys", 64, "--into"),
        ("ci --into w3", 64, "--to"),
        ("ci --into w3 --to keys", 64, "--to file:DIR"),
        ("ci --into w3 --to env:.env#KEY", 64, "--to file:DIR"),
        ("ci --into w3 --to file:none", 1, "the folder none does not exist"),
        ("ci --into w3 --to file:ci.json", 1, "ci.json is not a folder"),
        ("ci --into w4 --to file:keys", 78, "--into names a profile that does not exist"),
        ("ci --into production --to file:keys", 64, "the account that the keys are already in"),
        ("ci --into w3 --to file:keys --overlap 0h", 64, "--overlap is not a length of time"),
        ("ci --into w3 --to file:keys --without pins:lst", 64, "did you mean pins:list?"),
        ("deploj --into w3 --to file:keys", 1, "pinning-keys migrate deploy"),
    ] {
        let refused = stand.run(&format!("migrate {flags} --yes")).exits(code);
        assert!(refused.stderr.contains(why), "{flags}: {}", refused.stderr);
        assert_eq!(refused.stdout, "", "{flags}");
    }
    #[cfg(unix)]
    {
        let refused = stand.run("migrate ci --into w3 --to file:open --yes").exits(1);
        assert!(refused.stderr.contains("everyone can write to the folder open"), "{refused:?}");
    }
    assert_eq!((stand.emulator().requests(), live(&stand)), (requests, (2, 0)));
}

#[test]
fn accounts_of_the_environment_cannot_be_moved_between() {
    let stand = Stand::pinata();
    let refused = stand.run("migrate --all --into w3 --to file:. --yes").exits(78);
    assert!(refused.stderr.contains("describe both accounts as profiles"), "{}", refused.stderr);
}

#[test]
fn names_and_files_that_do_not_fit_keep_their_keys() {
    let stand = both();
    for (name, flags) in [("team/ci", "file:a.json"), ("ci", "file:b.json"), ("ok", "file:c.json")]
    {
        let line =
            format!("issue {name} --needs pins:list --tolerates pins:list-jobs --to {flags}");
        stand.run(&line).exits(0);
    }
    stand.write("keys/ci.json", "somebody else's");
    let moved = stand.run(&format!("{ALL} --yes --json")).exits(1);
    let expected = [("team/ci", "stays"), ("ci", "stays"), ("ok", "moved")];
    assert_eq!(results(&moved), pairs(&expected));
    let why: Vec<_> = moved.objects().iter().map(|line| line["error"]["message"].clone()).collect();
    assert_eq!(why[0], "its name is not a valid file name");
    assert!(why[1].as_str().is_some_and(|why| why.contains("does not hold a key")), "{why:?}");
    assert_eq!(stand.read("keys/ci.json"), "somebody else's");
    assert_eq!(live(&stand), (2, 1));
}

#[test]
fn file_of_the_old_key_is_replaced() {
    let stand = both();
    stand.run("issue ci --preset reader --to file:keys/ci.json").exits(0);
    let line = "migrate ci --into w3 --to file:keys --without pins:list-jobs --yes";
    stand.run(line).exits(0);
    assert_eq!(stored(&stand, "keys/ci.json", "provider"), "w3ipfs");
    stand.run("verify --file keys/ci.json --profile w3").exits(0);
    assert_eq!(live(&stand), (0, 1));
    // And back again.
    let back = "migrate ci --into production --to file:keys --profile w3 --yes";
    let refused = stand.run(&format!("{back} --json")).exits(1);
    let error = &object(&refused)["error"];
    assert!(error["next"].to_string().contains("--tolerates pinata:org:files:read"), "{error}");
    stand.run(&format!("{back} --tolerates pinata:org:files:read")).exits(0);
    assert_eq!(
        (stored(&stand, "keys/ci.json", "provider"), live(&stand)),
        ("pinata".into(), (1, 0))
    );
}

#[test]
fn refused_create_keeps_its_key_and_the_others_move() {
    let stand = both();
    for name in ["one", "two", "three"] {
        issue(&stand, name, "");
    }
    next_create(&stand, Fault::status(StatusCode::UNPROCESSABLE_ENTITY, Stage::BeforeCommit));
    let moved = stand.run(&format!("{ALL} --yes --json")).exits(1);
    assert_eq!(results(&moved), pairs(&[("one", "failed"), ("two", "moved"), ("three", "moved")]));
    assert!(moved.stderr.contains("1 of 3 keys were not moved"), "{}", moved.stderr);
    stand.run("verify --file one.json").exits(0);
    let again = stand.run(&format!("{ALL} --yes --json")).exits(0);
    assert_eq!((results(&again), live(&stand)), (pairs(&[("one", "moved")]), (0, 3)));
}

#[test]
fn unknown_outcome_in_the_middle_is_settled_by_repeating() {
    let stand = both();
    for name in ["one", "two", "three"] {
        issue(&stand, name, "");
    }
    next_create(&stand, Fault::CutConnection(Cut::AfterCommit));
    let moved = stand.run(&format!("{ALL} --yes --json")).exits(3);
    assert_eq!(results(&moved), pairs(&[("one", "unknown"), ("two", "moved"), ("three", "moved")]));
    assert!(moved.stderr.contains("pinning-keys run --once"), "{}", moved.stderr);
    stand.run("verify --file one.json").exits(0);
    let again = stand.run(&format!("{ALL} --yes --json")).exits(0);
    assert_eq!(results(&again), pairs(&[("one", "moved")]));
    // The key that nobody has is the store's to find and revoke.
    assert_eq!(live(&stand).0, 0);
    stand.run("verify --file keys/one.json --profile w3").exits(0);
}

#[test]
fn account_that_refuses_everything_stops_the_rest() {
    let stand = both();
    for name in ["one", "two", "three"] {
        issue(&stand, name, "");
    }
    let fault = Fault::status(StatusCode::UNAUTHORIZED, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::POST).path("/api/apiKeys/"));
    let moved = stand.run(&format!("{ALL} --yes --json")).exits(4);
    let expected = [("one", "failed"), ("two", "not_started"), ("three", "not_started")];
    assert_eq!(results(&moved), pairs(&expected));
    assert!(moved.stderr.contains("run the same command again to continue"), "{}", moved.stderr);
    assert_eq!(live(&stand), (3, 0));
}

#[test]
fn old_keys_that_cannot_be_revoked_are_reported() {
    let stand = both();
    issue(&stand, "one", "");
    let fault = Fault::status(StatusCode::INTERNAL_SERVER_ERROR, Stage::BeforeCommit);
    stand.emulator().faults().add(FaultRule::new(fault).method(Method::DELETE));
    let moved = stand.run(&format!("{ALL} --yes --json")).exits(75);
    assert_eq!(object(&moved)["old_key"], "still_works");
    assert!(moved.stderr.contains("1 old key still works"), "{}", moved.stderr);
}

#[cfg(unix)]
#[test]
fn interrupted_migration_finishes_a_key_and_goes_on_when_repeated() {
    use crate::support::running::Running;
    use rustix::process::Signal;
    use std::time::Duration;
    let stand = both();
    for name in ["one", "two", "three"] {
        issue(&stand, name, "");
    }
    let delay = Duration::from_millis(500);
    let fault = Fault::Latency { delay, stage: Stage::AfterCommit };
    let rule = FaultRule::new(fault).method(Method::POST).path("/api/apiKeys/").first(1);
    let held = stand.emulator().faults().add(rule);
    let line = format!("{ALL} --yes --json");
    let running = Running::start(&mut stand.command(line.split(' ')));
    while held.hits() == 0 {
        std::thread::yield_now();
    }
    running.send(Signal::INT);
    let (stdout, stderr) = running.ends_with_output(130);
    let ended = Run { code: 130, stdout, stderr };
    let expected = [("one", "moved"), ("two", "not_started"), ("three", "not_started")];
    assert_eq!(results(&ended), pairs(&expected));
    let left = "interrupted; 1 of 3 keys were moved, 2 not tried";
    assert!(ended.stderr.contains(left), "{}", ended.stderr);
    assert_eq!(live(&stand), (2, 1));
    let again = stand.run(&line).exits(0);
    assert_eq!(results(&again), pairs(&[("two", "moved"), ("three", "moved")]));
    assert_eq!(live(&stand), (0, 3));
}
