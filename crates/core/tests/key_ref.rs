//! References to keys: their identity, and their stored form.

use std::collections::{BTreeSet, HashSet};

use pinning_keys_core::{ErrorKind, KeyRef};
use proptest::prelude::*;

proptest! {
    #[test]
    fn reference_survives_its_text_and_json(
        provider in "[a-z0-9-]{1,12}",
        key in any::<String>().prop_filter("a key is not empty", |key| !key.is_empty()),
        id in any::<Option<String>>(),
    ) {
        let mut key_ref = KeyRef::new(&*provider, &*key).unwrap();
        if let Some(id) = &id {
            key_ref = key_ref.with_id(&**id);
        }
        let text = key_ref.to_string();
        let read: KeyRef = text.parse().unwrap();
        prop_assert_eq!((read.provider(), read.api_key()), (&*provider, &*key));
        prop_assert_eq!(read.id(), id.as_deref().filter(|id| !id.is_empty()));
        let json = serde_json::to_string(&key_ref).unwrap();
        prop_assert_eq!(serde_json::from_str::<KeyRef>(&json).unwrap().to_string(), &*text);
        // It can be pasted into a shell, a URL or a page.
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
        prop_assert!(!text.contains(['?', '#', '"', '\'', '\\', '<', '&']), "{}", text);
    }

    #[test]
    fn any_text_reads_as_a_reference_or_an_error(
        text in any::<String>(),
        tail in "(:[a-z%0-9]{0,4}){0,5}",
    ) {
        for text in [text, format!("v1{tail}")] {
            if let Ok(key_ref) = text.parse::<KeyRef>() {
                let again = key_ref.to_string().parse::<KeyRef>().unwrap();
                prop_assert_eq!((again.id(), &again), (key_ref.id(), &key_ref));
            }
        }
    }
}

#[test]
fn identity_is_provider_and_api_key_without_the_id() {
    let key_ref = |provider, key| KeyRef::new(provider, key).unwrap();
    let all = [
        key_ref("pinata", "b").with_id("1"),
        key_ref("w3ipfs", "a"),
        key_ref("pinata", "a").with_id("3"),
        key_ref("pinata", "b").with_id("2"),
        key_ref("pinata", "b"),
    ];
    assert_eq!(all[0], all[4]);
    assert_ne!(all[1], all[2], "another provider");
    assert_ne!(all[2], all[3], "another key");
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 3);
    let sorted = all.iter().collect::<BTreeSet<_>>();
    let sorted: Vec<_> = sorted.iter().map(|key| (key.provider(), key.api_key())).collect();
    assert_eq!(sorted, [("pinata", "a"), ("pinata", "b"), ("w3ipfs", "a")]);
}

#[test]
fn separators_are_escaped_and_base_64_stays_readable() {
    let cases = [
        ("abc", None, "v1:pinata:abc"),
        ("a+b/c==", None, "v1:pinata:a+b/c=="),
        ("a:b", Some("7"), "v1:pinata:a%3Ab:7"),
        ("a?b#c%d", Some("x:y"), "v1:pinata:a%3Fb%23c%25d:x%3Ay"),
        ("../..", Some(".."), "v1:pinata:../..:.."),
        ("ä\n ", Some(""), "v1:pinata:%C3%A4%0A%20"),
    ];
    for (key, id, text) in cases {
        let key_ref = KeyRef::new("pinata", key).unwrap();
        let key_ref = id.into_iter().fold(key_ref, KeyRef::with_id);
        assert_eq!(key_ref.to_string(), text);
        let read: KeyRef = text.parse().unwrap();
        assert_eq!((read.id(), &read), (key_ref.id(), &key_ref));
    }
}

#[test]
fn malformed_reference_is_refused() {
    let texts = [
        "",
        "v1",
        "v1:",
        "v1:pinata",
        "v1:pinata:",
        "v1::key",
        "v1:Pinata:key",
        "v1:pi nata:key",
        "v1:pinata:key:",
        "v1:pinata:key:id:more",
        "pinata:key",
        "key",
        "V1:pinata:key",
        "v:pinata:key",
        "vx:pinata:key",
        " v1:pinata:key",
        "v1:pinata:key\n",
        "v1:pinata:\tkey",
        "v1:pinata:k?y",
        "v1:pinata:kéy",
        "v1:pinata:%",
        "v1:pinata:%4",
        "v1:pinata:%zz",
        "v1:pinata:%FF",
        "v1:pinata:key:%FF",
        "v1:pinata:key:%",
    ];
    for text in texts {
        let error = text.parse::<KeyRef>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(format!("{error:#}").contains("v1:pinata:0d2a"), "{text}: {error:#}");
        let json = serde_json::from_str::<KeyRef>(&serde_json::to_string(text).unwrap());
        let json = json.unwrap_err().to_string();
        assert!(json.starts_with("not a key reference"), "{json}");
    }
    for (provider, key) in [("", "key"), ("Pinata", "key"), ("pin:ata", "key"), ("pinata", "")] {
        assert_eq!(KeyRef::new(provider, key).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn newer_reference_asks_for_an_update() {
    for text in ["v2:pinata:key", "v3:anything at all", "v10"] {
        let error = text.parse::<KeyRef>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = format!("{error:#}");
        assert!(text.contains("newer form") && text.contains("update this program"), "{text}");
    }
}
