//! What is read back: a stored key, and nothing of one in an error.

use pinning_keys_sinks::StoredKey;
use proptest::prelude::*;

use crate::stand::{Folder, SECRET, TOKEN, secrets};

#[test]
fn stored_credential_alone_is_read_too() {
    let stored = format!("{{\"provider\":\"pinata\",\"bearer\":\"{TOKEN}\"}}");
    let stored = StoredKey::from_json(stored.as_bytes()).unwrap();
    assert_eq!((stored.key_ref(), stored.name(), stored.expiry()), (None, None, None));
    assert_eq!(stored.credential().expose().bearer(), Some(TOKEN));
    secrets().assert_not_in("Debug", &format!("{stored:?}"));
}

#[test]
fn other_texts_are_refused_without_being_quoted() {
    let credential = format!("\"provider\":\"pinata\",\"bearer\":\"{TOKEN}\"");
    let cases = [
        (String::new(), "it is not JSON"),
        (TOKEN.to_owned(), "it is not JSON"),
        (format!("\"{TOKEN}\""), "not a stored credential"),
        (format!("[\"{TOKEN}\"]"), "not a stored credential"),
        (format!("{{\"bearer\":\"{TOKEN}\"}}"), "not a stored credential"),
        (
            format!("{{\"provider\":\"pinata\",\"api_secret\":\"{SECRET}\"}}"),
            "the stored credential has an api_secret, but no api_key",
        ),
        (format!("{{{credential},\"key_ref\":\"{TOKEN}\"}}"), "its key_ref is not valid"),
        (format!("{{{credential},\"name\":\"{TOKEN}\"}}"), "its name is not valid"),
        (
            format!("{{{credential},\"name\":[\"{TOKEN}\"]}}"),
            "its key_ref, name and expires_at are not texts",
        ),
        (format!("{{{credential},\"expires_at\":\"{TOKEN}\"}}"), "its expires_at is not valid"),
        (format!("{{{credential}}} {TOKEN}"), "it is not JSON"),
    ];
    for (text, message) in cases {
        let error = StoredKey::from_json(text.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), message, "{text}");
        secrets().assert_not_in("an error", &format!("{error:#} {error:?}"));
    }
}

#[test]
fn file_that_cannot_be_read_is_named() {
    let folder = Folder::new();
    folder.write("token", TOKEN);
    std::fs::write(folder.file("large"), vec![b' '; (1 << 20) + 1]).unwrap();
    let cases = [
        ("absent", "does not exist"),
        ("", "is not a regular file"),
        ("large", "is larger than 1 MiB"),
        ("token", "does not hold a key: it is not JSON"),
    ];
    for (name, end) in cases {
        let error = StoredKey::read(folder.file(name)).unwrap_err();
        assert!(error.to_string().ends_with(end), "{error}");
        secrets().assert_not_in("an error", &format!("{error:#} {error:?}"));
    }
}

proptest! {
    #[test]
    fn no_text_beside_the_credential_is_quoted_or_panics(
        member in prop::sample::select(vec!["key_ref", "name", "expires_at", "provider", "api_key"]),
        text in prop_oneof![any::<String>(), "[0-9]{1,12}-[0-9]{2}-[0-9]{2}T[0-9:.]{0,20}Z?", "v1:.{0,9}"],
    ) {
        let value = format!("{text}-canary");
        let stored = serde_json::json!({ "provider": "pinata", "bearer": TOKEN, member: value });
        if let Err(error) = StoredKey::from_json(stored.to_string().as_bytes()) {
            let printed = format!("{error:#} {error:?}");
            prop_assert!(!printed.contains("canary"), "{}", printed);
        }
        let stored = serde_json::json!({ "provider": "pinata", "bearer": TOKEN, member: text });
        let _ = StoredKey::from_json(stored.to_string().as_bytes());
    }
}
