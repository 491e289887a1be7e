//! `command:`: no shell, the secret on stdin and nowhere else, and an exit code that decides.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;

use pinning_keys_core::Credential;
use pinning_keys_sinks::{DeliveryEffect, Environment, Field, SinkError, SinkSpec};

use crate::stand::{Folder, SECRET, TOKEN, check, deliver, pinata, secrets};

/// A command of a shell that is started as any other program.
fn shell(script: &str) -> SinkSpec {
    SinkSpec::parse(format!("command:sh -c {}", shlex::try_quote(script).unwrap())).unwrap()
}

/// What a command prints on stderr before it fails, as an error shows it.
async fn printed(script: &str) -> String {
    let error = deliver(shell(&format!("{{ {script}; }} >&2; exit 3")), &pinata("ci")).await;
    let message = failure(error);
    let printed = message.strip_prefix("the command sh failed with exit code 3");
    printed.expect(&message).trim_start_matches(": ").to_owned()
}

/// The failure of a command that may have delivered the secret.
#[track_caller]
fn failure(result: Result<(), SinkError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.effect(), DeliveryEffect::Unknown);
    secrets().assert_not_in("an error", &format!("{error:#} {error:?}"));
    error.to_string()
}

/// The refusal of a command that was not run.
#[track_caller]
fn refusal(result: Result<(), SinkError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
    error.to_string()
}

#[tokio::test]
async fn secret_arrives_on_stdin_without_a_line_break() {
    let folder = Folder::new();
    for (field, value) in [(Field::Jwt, TOKEN), (Field::ApiSecret, SECRET)] {
        let script = format!("cat > {}", folder.file("got").display());
        deliver(shell(&script).with_field(field), &pinata("ci")).await.unwrap();
        assert_eq!(folder.read("got"), value);
    }
}

#[tokio::test]
async fn words_are_passed_on_without_a_shell() {
    let folder = Folder::new();
    let (script, got) = (folder.file("tool"), folder.file("got"));
    let text = format!("#!/bin/sh\nprintf '<%s>' \"$@\" > {}\n", got.display());
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, PermissionsExt::from_mode(0o700)).unwrap();
    let words = "$HOME '*' \"a b\" `id` | ; > x && 'it'\\''s' ''";
    let spec = SinkSpec::parse(format!("command:{} {words}", script.display())).unwrap();
    deliver(spec, &pinata("ci")).await.unwrap();
    assert_eq!(
        folder.read("got"),
        "<$HOME><*><a b><`id`><|><;><><x><&&><it's><>".replace("<><x>", "<>><x>")
    );
}

#[tokio::test]
async fn words_that_are_not_unicode_are_passed_on() {
    use std::os::unix::ffi::OsStringExt as _;
    let folder = Folder::new();
    let script = format!("printf %s \"$1\" > {}", folder.file("got").display());
    let mut text = format!("command:sh -c '{script}' sh ").into_bytes();
    text.extend(b"a\xffb");
    let spec = SinkSpec::parse(OsString::from_vec(text)).unwrap();
    assert!(spec.clone().open().unwrap().to_string().ends_with("a\\xffb"));
    deliver(spec, &pinata("ci")).await.unwrap();
    assert_eq!(std::fs::read(folder.file("got")).unwrap(), b"a\xffb");
}

#[tokio::test]
async fn variables_of_the_account_and_the_secret_are_not_in_the_environment() {
    let folder = Folder::new();
    let path = std::env::var_os("PATH").unwrap();
    let vars = [
        ("PATH", path),
        ("GH_TOKEN", "kept".into()),
        ("PINATA_JWT", "account-secret".into()),
        ("PINNING_KEYS_JWT_FILE", "account-secret".into()),
        ("AIOZ_PIN_X", "account-secret".into()),
        ("PINNING_SECRET_KEY", "account-secret".into()),
    ];
    let script = format!("env > {}; cat > /dev/null", folder.file("got").display());
    let spec = shell(&script).with_environment(Environment::from_vars(vars));
    deliver(spec, &pinata("ci")).await.unwrap();
    let got = folder.read("got");
    // A shell sets some by itself.
    let own = |name: &&str| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name);
    let names = got.lines().filter_map(|line| Some(line.split_once('=')?.0));
    let mut names: Vec<_> = names.filter(own).collect();
    names.sort_unstable();
    assert_eq!(names, ["GH_TOKEN", "PATH"], "neither the account's nor those of this process");
    secrets().assert_not_in("the environment of a command", &got);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn secret_is_not_an_argument() {
    let folder = Folder::new();
    let script = format!("cat /proc/$$/cmdline > {}", folder.file("got").display());
    deliver(shell(&script), &pinata("ci")).await.unwrap();
    assert!(folder.read("got").starts_with("sh\0-c\0"));
    secrets().assert_not_in("the arguments of a command", &folder.read("got"));
}

#[tokio::test]
async fn exit_code_decides() {
    deliver(shell("echo trouble >&2"), &pinata("ci")).await.unwrap();
    deliver(SinkSpec::parse("command:true").unwrap(), &pinata("ci")).await.unwrap();
    let message = failure(deliver(SinkSpec::parse("command:false").unwrap(), &pinata("ci")).await);
    assert_eq!(message, "the command false failed with exit code 1");
    let message = failure(deliver(shell("kill -9 $$"), &pinata("ci")).await);
    assert_eq!(message, "the command sh failed with signal 9");
}

#[tokio::test]
async fn end_of_stderr_is_shown_on_one_harmless_line() {
    assert_eq!(printed("printf 'HTTP 404: not found\\n'").await, "HTTP 404: not found");
    assert_eq!(printed("echo out; echo 1; echo; echo 2; echo 3").await, "1 / 2 / 3");
    let shown = printed("printf 'a\\033[2Jb\\rc\\n::set-output name=x::y\\n##[group]z'").await;
    assert_eq!(shown, "a\\u{1b}[2Jb\\u{d}c / \\u{3a}:set-output name=x::y / \\u{23}#[group]z");
    assert_eq!(printed("printf 'a\\377b'").await, "a\u{fffd}b");
    let long = printed("head -c 100000 /dev/zero | tr '\\0' x; echo; echo end").await;
    assert!(long.starts_with('…') && long.ends_with(" / end") && long.len() < 400, "{long}");
}

#[tokio::test]
async fn secret_on_stderr_is_masked_in_every_form() {
    assert_eq!(printed("cat").await, "***");
    assert_eq!(printed("printf 'bad token: '; cat; echo '!'").await, "bad token: ***!");
    assert_eq!(printed("base64").await, "*** / *** / ***==");
    assert_eq!(printed("head -c 40").await, "***");
    assert_eq!(printed("tail -c 40").await, "***");
    for script in [
        "fold -w 7",
        "{ printf 'user:'; cat; } | base64 -w 0",
        "{ printf 'u:'; cat; } | base64 -w 0",
        "cut -d . -f 2",
        "cut -d . -f 2 | base64 -d",
        "yes \"$(cat)\" | head -c 200000",
    ] {
        let shown = printed(script).await;
        assert!(shown.contains("***"), "{script}: {shown}");
    }
}

#[tokio::test]
async fn percent_encoded_secret_is_masked() {
    let encoded = SECRET.replace('+', "%2B").replace('/', "%2f").replace('=', "%3D");
    let script = format!("echo 'https://x/?s={encoded}' >&2; exit 3");
    // The test has to put it into the script, and so the error is asked for directly.
    let error = deliver(shell(&script).with_field(Field::ApiSecret), &pinata("ci")).await;
    let message = error.unwrap_err().to_string();
    assert!(!message.contains(&encoded[..12]), "{message}");
    assert!(message.contains("https://x/?s=***"), "{message}");
}

#[tokio::test]
async fn program_is_looked_for_before_the_key_is_issued() {
    let folder = Folder::new();
    folder.write("tool", "#!/bin/sh\ntouch \"$0.ran\"\n");
    let path = Environment::from_vars([("PATH", folder.path())]);
    let check = async |word: &str| {
        let spec = SinkSpec::parse(format!("command:{word}")).unwrap();
        check(&*spec.with_environment(path.clone()).open().unwrap(), &pinata("ci")).await
    };
    let tool = folder.file("tool");
    assert_eq!(refusal(check("nothing").await), "the program nothing is not in PATH");
    assert_eq!(refusal(check("./no/tool").await), "the program ./no/tool does not exist");
    let message = format!("{} is not executable", tool.display());
    assert_eq!(refusal(check("tool").await), message);
    assert_eq!(refusal(check(tool.to_str().unwrap()).await), message);
    std::fs::set_permissions(&tool, PermissionsExt::from_mode(0o700)).unwrap();
    assert_eq!(check("tool").await, Ok(()));
    assert_eq!(check(tool.to_str().unwrap()).await, Ok(()));
    assert_eq!(folder.names(), ["tool"], "a check does not run it");
}

#[tokio::test]
async fn program_of_the_current_folder_needs_a_path() {
    let spec = SinkSpec::parse("command:Cargo.toml").unwrap();
    let spec = spec.with_environment(Environment::from_vars([("PATH", ":")]));
    let message = refusal(deliver(spec, &pinata("ci")).await);
    assert_eq!(message, "the program Cargo.toml is not in PATH");
}

#[tokio::test]
async fn command_that_cannot_start_has_delivered_nothing() {
    let folder = Folder::new();
    folder.write("tool", "#!/no/such/interpreter\n");
    std::fs::set_permissions(folder.file("tool"), PermissionsExt::from_mode(0o700)).unwrap();
    let tool = folder.file("tool");
    let spec = SinkSpec::parse(format!("command:{}", tool.display())).unwrap();
    let message = refusal(deliver(spec, &pinata("ci")).await);
    assert_eq!(message, format!("cannot run {}: entity not found", tool.display()));
}

#[tokio::test]
async fn secret_shorter_than_a_run_is_masked_too() {
    let key = crate::stand::with_token("s3cr3t");
    let error = deliver(shell("echo \"a s3cr3t b\" >&2; exit 1"), &key).await.unwrap_err();
    assert_eq!(error.to_string(), "the command sh failed with exit code 1: a *** b");
    assert!(Credential::bearer("pinata", "s3cr3t").is_ok());
}
