//! Names of keys, and requests for keys.

use std::collections::HashSet;

use pinning_keys_core::{
    Effect, ErrorKind, KeyName, KeyRequest, Permission, ScopeError, ScopeRequest, Tolerance,
};
use proptest::prelude::*;

proptest! {
    #[test]
    fn name_is_kept_unchanged_or_refused(text in any::<String>()) {
        match KeyName::new(&*text) {
            Ok(name) => {
                prop_assert_eq!((name.as_str(), name.as_ref()), (&*text, &*text));
                prop_assert_eq!(name.to_string(), &*text);
                prop_assert_eq!(text.parse::<KeyName>().unwrap(), name.clone());
                prop_assert_eq!(KeyName::try_from(text).unwrap(), name.clone());
                let json = serde_json::to_string(&name).unwrap();
                prop_assert_eq!(serde_json::from_str::<KeyName>(&json).unwrap(), name);
            }
            Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidInput),
        }
    }

    #[test]
    fn ordinary_name_is_accepted(
        text in "[a-zA-Z0-9äß漢🔑]([a-zA-Z0-9 _%/.:\"äß漢🔑-]{0,254}[a-zA-Z0-9])?"
    ) {
        prop_assert!(KeyName::new(text).is_ok());
    }

    #[test]
    fn control_character_is_refused_at_any_position(
        before in "[a-z]{1,9}",
        control in proptest::char::range('\0', '\u{1f}'),
        after in "[a-z]{1,9}",
    ) {
        let error = KeyName::new(format!("{before}{control}{after}")).unwrap_err();
        let position = format!("at position {}", before.len() + 1);
        prop_assert!(error.to_string().contains(&position), "{}", error);
    }
}

#[test]
fn invalid_name_is_refused_with_the_reason() {
    let long = "ä".repeat(KeyName::MAX_CHARS + 1);
    let blank = "the name begins or ends with a blank";
    let control = "the name has a control character at position 2";
    let cases = [
        ("", "the name is empty"),
        (" \t ", "the name is empty"),
        (" a", blank),
        ("a\n", blank),
        ("a\u{a0}", blank),
        ("a\nb", control),
        ("é\u{7f}b", control),
        ("a\u{2028}b", control),
        ("ab\u{202e}", "the name has a control character at position 3"),
        ("a\u{200b}b", control),
        (&long, "the name has 257 characters, and the limit is 256"),
    ];
    for (name, reason) in cases {
        let error = KeyName::new(name).unwrap_err();
        assert_eq!(error.to_string(), reason);
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        let json = serde_json::to_string(name).unwrap();
        let unread = serde_json::from_str::<KeyName>(&json).unwrap_err();
        assert!(unread.to_string().starts_with(reason), "{unread}");
        assert_eq!(KeyRequest::new(name, ScopeRequest::reader()).unwrap_err().to_string(), reason);
    }
    assert!(KeyName::new("ä".repeat(KeyName::MAX_CHARS)).is_ok(), "counted in characters");
}

#[test]
fn unique_names_differ_and_keep_the_rules() {
    let names: HashSet<_> = (0..10_000).map(|_| KeyName::unique("user").unwrap()).collect();
    assert_eq!(names.len(), 10_000);
    for name in names {
        let suffix = name.as_str().strip_prefix("user-").unwrap();
        assert_eq!(suffix.len(), 13);
        assert!(suffix.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    }
    let longest = "x".repeat(KeyName::MAX_CHARS - "-".len() - 13);
    assert_eq!(KeyName::unique(&longest).unwrap().as_str().len(), KeyName::MAX_CHARS);
    for prefix in [format!("{longest}x"), " user".to_owned(), "us\ner".to_owned()] {
        assert_eq!(KeyName::unique(&prefix).unwrap_err().kind(), ErrorKind::InvalidInput);
    }
}

#[test]
fn request_with_a_faulty_scope_is_refused() {
    use Permission::{KeysManage, PinsList};
    let needs = || ScopeRequest::needs([PinsList]);
    let cases = [
        (ScopeRequest::needs([]), ScopeError::Empty),
        (ScopeRequest::admin().prefers([PinsList]), ScopeError::AdminWithBounds),
        (ScopeRequest::admin().tolerates("pinata:org:read"), ScopeError::AdminWithBounds),
    ];
    for (scope, expected) in cases {
        let error = KeyRequest::new("user", scope).unwrap_err();
        assert_eq!(error.scope_error(), Some(&expected));
        assert_eq!((error.kind(), error.effect()), (ErrorKind::InvalidInput, Effect::NotSent));
        assert_eq!(error.to_string(), expected.to_string());
    }
    for scope in [needs().prefers([KeysManage]), needs().tolerates([KeysManage])] {
        let error = KeyRequest::new("user", scope).unwrap_err();
        assert!(matches!(error.scope_error(), Some(ScopeError::Escalating { .. })), "{error}");
    }
    for text in ["pins:remov", "remove", "", ":", "pinata:", ":write"] {
        let error = KeyRequest::new("user", needs().tolerates(text)).unwrap_err();
        assert!(matches!(error.scope_error(), Some(ScopeError::MalformedTolerance(_))), "{error}");
    }
}

#[test]
fn request_text_lists_what_it_asks_for() {
    use Permission::{GroupsWrite, PinsAddFile, PinsAddJson, PinsList, PinsRemove};
    let needs = || ScopeRequest::needs([PinsAddFile]);
    let native = Tolerance::from("pinata:org:files:write".to_owned());
    let neutral = Tolerance::from("pins:remove".to_owned());
    let cases = [
        (needs(), "needs pins:add-file"),
        (ScopeRequest::admin(), "admin"),
        (needs().prefers([PinsAddFile]), "needs pins:add-file"),
        (needs().prefers([GroupsWrite]), "needs pins:add-file · prefers groups:read groups:write"),
        (
            needs().tolerates(native).tolerates(PinsList).tolerates(neutral),
            "needs pins:add-file · tolerates pins:list pins:remove pinata:org:files:write",
        ),
        (
            needs().prefers([PinsAddJson]).tolerates([PinsRemove]),
            "needs pins:add-file · prefers pins:add-json · tolerates pins:remove",
        ),
    ];
    for (request, text) in cases {
        assert_eq!(request.to_string(), text);
    }
}
