//! `env:`: one line of NAME, and every other line as it was.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use pinning_keys_core::KeyRef;
use pinning_keys_sinks::{DeliveryEffect, Field, SinkError};

use crate::stand::{Folder, SECRET, TOKEN, deliver, pinata, pinata_named, secrets, with_token};

/// The refusal, after which the file is what it was.
#[track_caller]
fn refusal(result: Result<(), SinkError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
    secrets().assert_not_in("an error", &format!("{error:#} {error:?}"));
    error.to_string()
}

/// The file after the token was delivered to it as `A`.
async fn set(before: &str) -> String {
    let folder = Folder::new();
    folder.write(".env", before);
    let spec = folder.spec("env:", ".env", "#A").with_overwrite(true);
    deliver(spec, &pinata("ci")).await.unwrap();
    assert_eq!(folder.names(), [".env"]);
    folder.read(".env").replace(TOKEN, "T")
}

#[tokio::test]
async fn new_file_has_one_line_and_is_private() {
    let folder = Folder::new();
    deliver(folder.spec("env:", ".env", "#A"), &pinata("ci")).await.unwrap();
    assert_eq!(folder.read(".env"), format!("A={TOKEN}\n"));
    let mode = folder.file(".env").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn every_line_of_the_name_is_replaced_by_one() {
    let cases = [
        ("", "A=T\n"),
        ("B=1\n", "B=1\nA=T\n"),
        ("B=1", "B=1\nA=T\n"),
        ("A=old\nB=1\n", "A=T\nB=1\n"),
        ("A=old", "A=T"),
        ("B=1\nA=old\nC=2\nA=older\n", "B=1\nA=T\nC=2\n"),
        ("export A=old\nA=older\n", "export A=T\n"),
        ("  export \t A = 'old' # it's old\n", "  export \t A=T\n"),
        ("# A=old\nAA=1\nBA=2\nA.B=3\nexportA=4\n", "# A=old\nAA=1\nBA=2\nA.B=3\nexportA=4\nA=T\n"),
        ("B=1\r\nA=old\r\n", "B=1\r\nA=T\r\n"),
        ("B=1\r\n", "B=1\r\nA=T\r\n"),
        ("\n\nB='x\ny'\n", "\n\nB='x\ny'\nA=T\n"),
    ];
    for (before, after) in cases {
        assert_eq!(set(before).await, after, "{before:?}");
    }
}

#[tokio::test]
async fn existing_name_needs_a_rotation_or_overwrite() {
    let folder = Folder::new();
    folder.write(".env", "A=old\nB=1\n");
    let spec = || folder.spec("env:", ".env", "#A");
    let message = refusal(deliver(spec(), &pinata("ci")).await);
    assert_eq!(message, format!("A is already set in {}", folder.file(".env").display()));
    assert_eq!(folder.read(".env"), "A=old\nB=1\n");

    let rotated = KeyRef::new("pinata", "old").unwrap();
    deliver(spec().with_predecessor(rotated), &pinata("ci")).await.unwrap();
    assert_eq!(folder.read(".env"), format!("A={TOKEN}\nB=1\n"));
    deliver(folder.spec("env:", ".env", "#C"), &pinata("ci")).await.unwrap();
}

#[test]
fn deliveries_at_once_keep_each_others_lines() {
    let folder = Folder::new();
    folder.write(".env", "A=1\n");
    let names: Vec<_> = (0..8).map(|n| format!("KEY_{n}")).collect();
    std::thread::scope(|threads| {
        for name in &names {
            let spec = folder.spec("env:", ".env", &format!("#{name}"));
            threads.spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                runtime.block_on(deliver(spec, &pinata("ci"))).unwrap();
            });
        }
    });
    let text = folder.read(".env");
    let mut lines: Vec<_> = text.lines().filter_map(|line| line.strip_suffix(TOKEN)).collect();
    lines.sort_unstable();
    assert_eq!(lines, names.iter().map(|name| format!("{name}=")).collect::<Vec<_>>());
    assert!(text.starts_with("A=1\n"));
}

#[tokio::test]
async fn file_becomes_private() {
    let folder = Folder::new();
    folder.write(".env", "");
    std::fs::set_permissions(folder.file(".env"), PermissionsExt::from_mode(0o644)).unwrap();
    deliver(folder.spec("env:", ".env", "#A"), &pinata("ci")).await.unwrap();
    let mode = folder.file(".env").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn value_that_spans_lines_is_not_cut() {
    for before in ["A='x\ny'\n", "A=\"x\ny\"\n", "A=x\\\ny\n"] {
        let folder = Folder::new();
        folder.write(".env", before);
        let spec = folder.spec("env:", ".env", "#A").with_overwrite(true);
        let message = refusal(deliver(spec, &pinata("ci")).await);
        assert!(message.ends_with("spans several lines"), "{message}");
        assert_eq!(folder.read(".env"), before);
        assert_eq!(folder.names(), [".env"]);
    }
}

#[tokio::test]
async fn value_that_readers_disagree_about_is_refused() {
    for token in ["a'b-secret", "a\\\\b-secret", "ab-secret\\"] {
        let folder = Folder::new();
        let error = deliver(folder.spec("env:", ".env", "#A"), &with_token(token)).await;
        let message = refusal(error);
        assert!(message.starts_with("readers of environment files disagree"), "{message}");
        assert!(!message.contains("secret"), "{message}");
        assert!(folder.names().is_empty());
    }
}

#[tokio::test]
async fn shell_reads_what_was_delivered() {
    let odd = with_token("a\"$HOME`id`#;&|<>()*?[]{}!~\\nb");
    let cases = [
        (pinata("ci"), Field::Jwt, TOKEN),
        (pinata("ci"), Field::ApiSecret, SECRET),
        (odd, Field::Jwt, "a\"$HOME`id`#;&|<>()*?[]{}!~\\nb"),
    ];
    for (key, field, value) in cases {
        let folder = Folder::new();
        deliver(folder.spec("env:", ".env", "#A").with_field(field), &key).await.unwrap();
        assert_eq!(sourced(&folder), value);
    }
}

#[tokio::test]
async fn json_survives_any_name() {
    for name in ["Bob's key", "a \"quoted\" name", "back\\slash\\\\", "ünï'\\\"$x"] {
        let folder = Folder::new();
        let key = pinata_named(name, "ci");
        deliver(folder.spec("env:", ".env", "#A").with_field(Field::Json), &key).await.unwrap();
        let stored = pinning_keys_sinks::StoredKey::from_json(sourced(&folder).as_bytes()).unwrap();
        assert_eq!(stored.name(), Some(key.name()));
        assert_eq!(stored.key_ref(), Some(key.key_ref()));
    }
}

/// The value of `A` after a shell has read the file.
pub(crate) fn sourced(folder: &Folder) -> String {
    let mut shell = Command::new("sh");
    shell.args(["-c", ". ./.env && printf %s \"$A\""]).current_dir(folder.path());
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn places_are_checked_as_those_of_files() {
    let folder = Folder::new();
    folder.write("target", "B=1\n");
    symlink(folder.file("target"), folder.file("link")).unwrap();
    std::fs::create_dir(folder.file("folder")).unwrap();
    for (name, end) in
        [("link", "is a symbolic link"), ("folder", "is a folder"), ("no/file", "does not exist")]
    {
        let message = refusal(deliver(folder.spec("env:", name, "#A"), &pinata("ci")).await);
        assert!(message.ends_with(end), "{message}");
    }
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    let message = refusal(deliver(folder.spec("env:", "target", "#A"), &pinata("ci")).await);
    assert!(message.starts_with("everyone can write to the folder"), "{message}");
    assert_eq!(folder.read("target"), "B=1\n");
}
