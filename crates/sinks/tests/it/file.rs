//! `file:`: one whole file that only its owner can read, which replaces only the predecessor's.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, SystemTime};

use pinning_keys_core::KeyRef;
use pinning_keys_sinks::{Delivery, DeliveryEffect, Field, SinkError, StoredKey};

use crate::stand::{Folder, SECRET, TOKEN, check, deliver, pinata, secrets, w3ipfs};

fn key_ref(name: &str) -> KeyRef {
    KeyRef::new("pinata", name).unwrap()
}

/// The refusal, which came before anything changed.
#[track_caller]
fn refusal(result: Result<(), SinkError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
    assert!(!error.is_usage(), "{error}");
    secrets().assert_not_in("an error", &format!("{error:#} {error:?}"));
    error.to_string()
}

#[tokio::test]
async fn file_is_one_object_that_reads_back() {
    let folder = Folder::new();
    let key = pinata("ci");
    let sink = folder.spec("file:", "key.json", "").open().unwrap();
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000);
    sink.deliver(&Delivery::new(&key).with_expiry(end)).await.unwrap();

    let text = folder.read("key.json");
    assert_eq!(
        text,
        format!(
            "{{\"key_ref\":\"v1:pinata:ci\",\"name\":\"ci\",\"expires_at\":\"2027-01-15T08:00:00Z\",\
             \"provider\":\"pinata\",\"bearer\":\"{TOKEN}\",\"api_key\":\"ci\",\
             \"api_secret\":\"{SECRET}\",\"api_key_header\":\"x-api-key\",\
             \"api_secret_header\":\"x-api-secret\"}}\n"
        )
    );
    let stored = StoredKey::read(folder.file("key.json")).unwrap();
    assert_eq!((stored.key_ref(), stored.name()), (Some(key.key_ref()), Some(key.name())));
    assert_eq!(stored.expiry(), Some(end));
    assert_eq!(stored.credential().expose().api_secret(), Some(SECRET));
    assert_eq!(folder.names(), ["key.json"]);
}

#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    let folder = Folder::new();
    deliver(folder.spec("file:", "key.json", ""), &pinata("ci")).await.unwrap();
    let mode = folder.file("key.json").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn named_field_is_the_whole_content() {
    let folder = Folder::new();
    let cases = [(Field::Jwt, TOKEN), (Field::ApiKey, "ci"), (Field::ApiSecret, SECRET)];
    for (field, value) in cases {
        let name = field.as_str();
        deliver(folder.spec("file:", name, "").with_field(field), &pinata("ci")).await.unwrap();
        assert_eq!(folder.read(name), value);
    }
    deliver(folder.spec("file:", "pair", ""), &w3ipfs("ci")).await.unwrap();
    assert!(folder.read("pair").contains(SECRET));
}

#[tokio::test]
async fn existing_file_is_refused_without_a_predecessor() {
    let folder = Folder::new();
    deliver(folder.spec("file:", "key.json", ""), &pinata("old")).await.unwrap();
    let before = folder.read("key.json");

    let path = folder.file("key.json");
    let message = refusal(deliver(folder.spec("file:", "key.json", ""), &pinata("new")).await);
    assert_eq!(message, format!("{} exists", path.display()));
    assert_eq!(folder.read("key.json"), before);
    assert_eq!(folder.names(), ["key.json"]);
}

#[tokio::test]
async fn only_the_predecessors_file_is_replaced() {
    let folder = Folder::new();
    deliver(folder.spec("file:", "key.json", ""), &pinata("old")).await.unwrap();
    folder.write("other", "{\"provider\":\"pinata\",\"bearer\":\"eyJ\"}");
    folder.write("text", "not a key");

    let rotation =
        |file: &str, of: &str| folder.spec("file:", file, "").with_predecessor(key_ref(of));
    let new = pinata("new");
    let message = refusal(deliver(rotation("key.json", "third"), &new).await);
    assert!(message.ends_with("key.json exists and holds another key"), "{message}");
    let message = refusal(deliver(rotation("other", "old"), &new).await);
    assert!(message.ends_with("other exists and does not say which key it holds"), "{message}");
    let message = refusal(deliver(rotation("text", "old"), &new).await);
    assert!(message.ends_with("text exists and does not hold a key"), "{message}");
    assert_eq!(folder.read("text"), "not a key");

    deliver(rotation("key.json", "old"), &new).await.unwrap();
    let stored = StoredKey::read(folder.file("key.json")).unwrap();
    assert_eq!(stored.key_ref(), Some(new.key_ref()));
    deliver(rotation("absent", "old"), &new).await.unwrap();
    assert_eq!(folder.names(), ["absent", "key.json", "other", "text"]);
}

#[tokio::test]
async fn replaced_file_becomes_private() {
    let folder = Folder::new();
    deliver(folder.spec("file:", "key.json", ""), &pinata("old")).await.unwrap();
    let path = folder.file("key.json");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o644)).unwrap();
    let spec = folder.spec("file:", "key.json", "").with_predecessor(key_ref("old"));
    deliver(spec, &pinata("new")).await.unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn file_that_appears_after_the_check_is_kept() {
    let folder = Folder::new();
    let key = pinata("ci");
    let sink = folder.spec("file:", "key.json", "").open().unwrap();
    check(&*sink, &key).await.unwrap();
    folder.write("key.json", "someone else's");

    refusal(sink.deliver(&Delivery::new(&key)).await);
    assert_eq!(folder.read("key.json"), "someone else's");
    assert_eq!(folder.names(), ["key.json"]);
}

#[tokio::test]
async fn symbolic_links_are_refused() {
    let folder = Folder::new();
    deliver(folder.spec("file:", "target", ""), &pinata("old")).await.unwrap();
    symlink(folder.file("target"), folder.file("link")).unwrap();
    symlink(folder.file("nowhere"), folder.file("dangling")).unwrap();
    for name in ["link", "dangling"] {
        let spec = folder.spec("file:", name, "").with_predecessor(key_ref("old"));
        let message = refusal(deliver(spec, &pinata("new")).await);
        assert!(message.ends_with("is a symbolic link"), "{message}");
    }
    assert_eq!(folder.names(), ["dangling", "link", "target"]);
}

#[tokio::test]
async fn folder_that_everyone_can_write_to_is_refused() {
    for mode in [0o777, 0o1777, 0o702] {
        let folder = Folder::new();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(mode)).unwrap();
        let message = refusal(deliver(folder.spec("file:", "key.json", ""), &pinata("ci")).await);
        assert!(message.starts_with("everyone can write to the folder"), "{message}");
        assert!(folder.names().is_empty());
    }
}

#[tokio::test]
async fn other_things_than_files_are_refused() {
    let folder = Folder::new();
    std::fs::create_dir(folder.file("folder")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(folder.file("socket")).unwrap();
    folder.write("file", "");
    let cases = [
        ("folder", "is a folder"),
        ("socket", "is not a regular file"),
        ("file/key.json", "is not a folder"),
        ("absent/key.json", "does not exist"),
        ("folder/..", "does not name a file"),
        ("absent/", "does not name a file"),
        ("absent/.", "does not name a file"),
    ];
    for (name, end) in cases {
        let spec = folder.spec("file:", name, "").with_predecessor(key_ref("old"));
        let message = refusal(deliver(spec, &pinata("ci")).await);
        assert!(message.ends_with(end), "{message}");
    }
    assert_eq!(folder.names(), ["file", "folder", "socket"]);
}

#[tokio::test]
async fn unknown_names_of_files_are_no_obstacle() {
    use std::os::unix::ffi::OsStringExt as _;
    let folder = Folder::new();
    let name = std::ffi::OsString::from_vec(b"k\xffy\n.json".to_vec());
    let file = folder.path().join(&name);
    let spec = std::ffi::OsString::from_iter(["file:".into(), file.clone().into_os_string()]);
    let spec = pinning_keys_sinks::SinkSpec::parse(spec).unwrap();
    let shown = spec.clone().open().unwrap().to_string();
    assert!(shown.ends_with("k\\xffy\\u{a}.json"), "{shown}");
    deliver(spec, &pinata("ci")).await.unwrap();
    assert!(StoredKey::read(file).is_ok());
}

#[tokio::test]
async fn missing_folder_is_named_in_a_command_to_type() {
    let folder = Folder::new();
    let error = deliver(folder.spec("file:", "my keys/key.json", ""), &pinata("ci")).await;
    let missing = folder.file("my keys");
    let advice = format!("create it:  mkdir -p -m 700 '{}'", missing.display());
    assert_eq!(error.unwrap_err().advice(), Some(&*advice));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn folder_without_permission_is_found_by_the_check() {
    let sink = pinning_keys_sinks::SinkSpec::parse("file:/proc/key.json").unwrap().open().unwrap();
    let message = refusal(check(&*sink, &pinata("ci")).await);
    assert!(message.starts_with("cannot create a file in /proc"), "{message}");
}
