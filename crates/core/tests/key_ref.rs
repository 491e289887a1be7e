//! References to keys: their identity, and their stored form.

use std::collections::{BTreeSet, HashSet};
use std::fmt::{Debug, Display, Write as _};

use pinning_keys_core::{Effect, ErrorKind, KeyName, KeyRef};
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
            key_ref = key_ref.with_id(&**id).unwrap();
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
    fn text_with_a_jwt_is_refused_and_never_shown(
        jwt in "eyJ[A-Za-z0-9_-]{9,40}\\.(eyJ|e30)[A-Za-z0-9_-]{9,60}\\.[A-Za-z0-9_-]{12,43}",
        cut in any::<bool>(),
        encoding in 0_usize..4,
        // A percent sign would make an escape of it and the beginning of the JWT.
        before in "[ -$&-~\\n\u{feff}\u{200b}]{0,8}",
        after in "[ -~\\r\\n]{0,8}",
    ) {
        // Without its signature, it still has the payload.
        let signature = jwt.rfind('.').unwrap();
        let is_cut = cut && jwt.contains(".eyJ");
        let text = format!("{before}{}{after}", if is_cut { &jwt[..signature] } else { &jwt });
        let text = match encoding {
            0 => text,
            1 => encoded(&text, |c| !c.is_ascii_alphanumeric()),
            2 => encoded(&text, |_| true),
            _ => encoded(&encoded(&text, |c| c == '.'), |_| true),
        };
        let key_ref = KeyRef::new("pinata", "0d2a").unwrap();
        let stored = encoded(&text, |c| !c.is_ascii_alphanumeric());
        let json = format!("\"v1:pinata:{stored}\"");
        let parts = [&jwt[..signature], &jwt[jwt.find('.').unwrap() + 1..]];
        for (shown, refused) in [
            shown(KeyRef::new("pinata", &*text)),
            shown(key_ref.clone().with_id(&*text)),
            shown(KeyRef::new(&*text, "0d2a")),
            shown(text.parse::<KeyRef>()),
            shown(format!("v1:pinata:{text}").parse::<KeyRef>()),
            shown(format!("v1:pinata:{stored}").parse::<KeyRef>()),
            shown(format!("v1:pinata:0d2a:{stored}").parse::<KeyRef>()),
            shown(serde_json::from_str::<KeyRef>(&json)),
            shown(KeyName::new(format!("a {text} b"))),
            shown(KeyName::unique(&text)),
        ] {
            prop_assert!(refused, "{}", text);
            for part in parts.into_iter().chain([&*text, &stored]) {
                prop_assert!(!shown.contains(part), "{}", shown);
            }
        }
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

/// What a result shows, and whether it is an error.
fn shown<T: Debug, E: Debug + Display>(result: Result<T, E>) -> (String, bool) {
    match result {
        Ok(value) => (format!("{value:?}"), false),
        Err(error) => (format!("{error} {error:#} {error:?}"), true),
    }
}

/// The text with these characters percent-encoded.
fn encoded(text: &str, is_encoded: impl Fn(char) -> bool) -> String {
    let mut encoded = String::new();
    for c in text.chars() {
        if is_encoded(c) {
            c.to_string().bytes().for_each(|byte| write!(encoded, "%{byte:02X}").unwrap());
        } else {
            encoded.push(c);
        }
    }
    encoded
}

#[test]
fn jwt_or_stored_reference_instead_of_a_public_part_is_refused() {
    let jwt = "a JWT was passed as the API key of a key reference";
    let stored = "a stored key reference was passed as the API key of a key reference";
    let cases = [
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", jwt),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl", jwt),
        ("\"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl\"\n", jwt),
        ("eyJhbGciOiJIUzI1NiJ9%2EeyJzdWIiOiJhIn0%2Ec2lnbmF0dXJl", jwt),
        ("eyJhbGciOiJub25lIn0.e30.", jwt),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0", jwt),
        ("v1:pinata:0d2a", stored),
        ("v1:w3ipfs:c2FtcGxlLWtleQ==:5e0f", stored),
        ("v2:pinata:0d2a", stored),
        (" 'v1:pinata:0d2a'\n", stored),
        ("v1%3Apinata%3A0d2a", stored),
    ];
    for (text, reason) in cases {
        let error = KeyRef::new("pinata", text).unwrap_err();
        assert_eq!(error.to_string(), reason);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert!(error.next_step().is_some());
        let key_ref = KeyRef::new("pinata", "0d2a").unwrap();
        let error = key_ref.with_id(text).unwrap_err();
        assert_eq!(error.to_string(), reason.replace("as the API key", "as the id"));
    }
    let unescaped = "v1:pinata:%2eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.";
    let error = unescaped.parse::<KeyRef>().unwrap_err();
    assert_eq!(error.to_string(), "a JWT was passed as the text of a key reference");
}

#[test]
fn public_part_of_an_unknown_form_is_accepted() {
    let others = [
        "0D2A",
        "a-key_of.tomorrow",
        "eyJhbGciOi",
        "eyJ.txt",
        "v1",
        "v1:",
        "v1:0d2a",
        "x:pinata:0",
    ];
    for key in others.map(str::to_owned).into_iter().chain(["0d2a".repeat(16)]) {
        assert_eq!(KeyRef::new("pinata", &*key).unwrap().with_id(&*key).unwrap().api_key(), key);
    }
}

#[test]
fn identity_is_provider_and_api_key_without_the_id() {
    let key_ref = |provider, key| KeyRef::new(provider, key).unwrap();
    let with_id = |key, id| key_ref("pinata", key).with_id(id).unwrap();
    let all = [
        with_id("b", "1"),
        key_ref("w3ipfs", "a"),
        with_id("a", "3"),
        with_id("b", "2"),
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
        let key_ref = id.into_iter().fold(key_ref, |key_ref, id| key_ref.with_id(id).unwrap());
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
    let secret = "0d2a".repeat(16);
    for (provider, key) in
        [("", "key"), ("Pinata", "key"), ("pin:ata", "key"), ("pinata", ""), (&secret, "pinata")]
    {
        let error = KeyRef::new(provider, key).unwrap_err();
        assert_eq!(error.to_string(), "not a key reference");
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
