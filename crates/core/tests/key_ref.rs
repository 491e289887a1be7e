//! References to keys, and their stored form.

use pinning_keys_core::{ErrorKind, KeyRef};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_reference_survives_its_text_and_json(
        provider in "[a-z0-9-]{1,12}",
        key in any::<String>().prop_filter("a key has a text", |key| !key.is_empty()),
        id in any::<Option<String>>(),
    ) {
        let mut key_ref = KeyRef::new(&*provider, &*key).unwrap();
        if let Some(id) = &id {
            key_ref = key_ref.with_id(&**id);
        }
        let read: KeyRef = key_ref.to_string().parse().unwrap();
        prop_assert_eq!(read.provider(), provider);
        prop_assert_eq!(read.api_key(), key);
        prop_assert_eq!(read.id(), id.as_deref().filter(|id| !id.is_empty()));
        let json = serde_json::to_string(&key_ref).unwrap();
        prop_assert_eq!(serde_json::from_str::<KeyRef>(&json).unwrap(), key_ref);
    }

    #[test]
    fn a_reference_prints_as_one_plain_word(key in any::<String>(), id in any::<String>()) {
        let key_ref = KeyRef::new("pinata", format!("k{key}")).unwrap().with_id(id);
        let text = key_ref.to_string();
        prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
        prop_assert!(!text.contains(['?', '#', '"', '\'', '\\', '<', '&']), "{}", text);
    }

    #[test]
    fn reading_any_text_gives_a_reference_or_an_error(
        text in any::<String>(),
        tail in "(:[a-z%0-9]{0,4}){0,5}",
    ) {
        for text in [text, format!("v1{tail}")] {
            if let Ok(key_ref) = text.parse::<KeyRef>() {
                prop_assert_eq!(key_ref.to_string().parse::<KeyRef>().unwrap(), key_ref);
            }
        }
    }
}

#[test]
fn what_separates_is_escaped_and_base_64_stays_readable() {
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
        assert_eq!(text.parse::<KeyRef>().unwrap(), key_ref);
    }
}

#[test]
fn what_is_no_reference_is_refused() {
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
        let json = serde_json::from_str::<KeyRef>(&format!("{text:?}")).unwrap_err();
        assert!(json.to_string().starts_with("not a key reference"), "{json}");
    }
}

#[test]
fn a_reference_needs_a_provider_id_and_a_key() {
    for (provider, key) in [("", "key"), ("Pinata", "key"), ("pin:ata", "key"), ("pinata", "")] {
        assert_eq!(KeyRef::new(provider, key).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn a_later_form_asks_for_a_later_library() {
    for text in ["v2:pinata:key", "v3:anything at all", "v10"] {
        let error = text.parse::<KeyRef>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let text = format!("{error:#}");
        assert!(text.contains("newer form") && text.contains("update this program"), "{text}");
    }
}

#[test]
fn what_stands_around_a_stored_reference_is_no_part_of_it() {
    for text in
        ["v1:pinata:abc\n", "v1:pinata:abc ", "v1:pinata:\tabc", "v1:pinata:a?c", "v1:pinata:é"]
    {
        assert!(text.parse::<KeyRef>().is_err(), "{text:?}");
    }
}
