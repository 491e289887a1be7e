//! Giving a key up.

use pinning_keys_lifecycle::Lease;
use serde_json::json;

use crate::past::{DAY, HOUR};
use crate::support::Stand;

#[test]
fn forgotten_key_goes_on_working_and_nobody_ends_it() {
    let mut stand = Stand::pinata();
    stand.issued("ci", 3 * HOUR, Lease::of(HOUR));
    stand.issued("site", 2 * HOUR, Lease::of(DAY));
    let jwt = stand.variable("PINNING_KEYS_JWT").to_owned();
    stand.set_variable("PINNING_KEYS_JWT", "");
    let refused = stand.run("forget ci").exits(1);
    assert!(refused.stderr.contains("--yes"), "{}", refused.stderr);
    let planned = stand.run("forget ci --dry-run").exits(0);
    assert!(planned.stdout.starts_with("forget    ci\n"), "{}", planned.stdout);
    let run = stand.run("forget ci --yes").exits(0);
    assert!(run.stdout.contains("the key keeps working, and nothing ends it"), "{}", run.stdout);
    assert!(run.stderr.contains("pinning-keys revoke v1:pinata:"), "{}", run.stderr);
    stand.set_variable("PINNING_KEYS_JWT", &jwt);
    stand.run("run --once").exits(0);
    assert_eq!(stand.emulator().keys_live(), 2);
    let run = stand.run("forget site --yes --json").exits(0);
    let forgotten = run.objects().remove(0);
    assert_eq!(
        (&forgotten["state"], &forgotten["result"]),
        (&json!("forgotten"), &json!("forgotten"))
    );
    let again = stand.run("forget site --yes").exits(1).stderr;
    assert!(again.starts_with("error: the key \"site\" was forgotten at 20"), "{again}");
}

#[test]
fn unknown_key_is_refused_and_a_secret_is_not_repeated() {
    let stand = Stand::pinata();
    stand.run("forget ci --yes").exits(1);
    assert!(!stand.store().exists());
    stand.issued("ci-deploy", HOUR, Lease::none());
    let run = stand.run("forget ci-deplay --yes").exits(1);
    assert!(run.stderr.contains("pinning-keys forget ci-deploy"), "{}", run.stderr);
    let jwt = stand.variable("PINNING_KEYS_JWT").to_owned();
    let run = stand.run(&format!("forget {jwt} --yes")).exits(64);
    assert!(!run.stderr.contains(&jwt), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn question_says_what_it_means_and_takes_no_for_the_default() {
    use crate::support::terminal::on_terminal;
    let stand = Stand::pinata();
    stand.issued("ci", HOUR, Lease::of(DAY));
    for (answer, state) in [("", "live"), ("y", "forgotten")] {
        let mut terminal = on_terminal(stand.command(["forget", "ci"]));
        terminal.exp_string("the key keeps working, and nothing ends it").expect("the meaning");
        terminal.exp_string("Forget \"ci\"? [y/N] ").expect("the question");
        terminal.send_line(answer).expect("an answer");
        terminal.exp_eof().expect("the end");
        let status = stand.run("status --json").exits(0).objects().remove(0);
        assert_eq!(status["accounts"][0]["keys"][state], 1, "{answer:?}");
    }
}
