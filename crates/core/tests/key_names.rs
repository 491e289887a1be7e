//! Names of keys, and requests for keys.

use std::collections::HashSet;

use pinning_keys_core::{
    Effect, ErrorKind, KeyName, KeyRequest, Permission, ScopeError, ScopeRequest, Tolerance,
};
use proptest::prelude::*;

/// Characters that people see, of scripts and emoji with and without joiners.
const VISIBLE: &[char] =
    &['a', '7', 'é', 'ж', '漢', 'م', 'ی', 'क', '\u{94d}', '❤', '👩', '🏴', '\u{20e3}'];

/// Characters that people do not see, and that are ordinary text in some places.
const HIDDEN: &[char] =
    &['\u{200c}', '\u{200d}', '\u{fe0e}', '\u{fe0f}', '\u{e0100}', '\u{e0067}', '\u{e007f}'];

/// Those that are not, and those that change the direction of the text.
const NEVER: &[char] =
    &['\u{200b}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{2800}', '\u{200f}', '\u{202e}', '\u{2066}'];

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
    fn hidden_character_is_kept_in_its_place_or_named(
        text in prop::collection::vec(prop::sample::select([VISIBLE, HIDDEN, NEVER].concat()), 1..12)
            .prop_map(String::from_iter),
    ) {
        match KeyName::new(&*text) {
            Ok(name) => {
                prop_assert_eq!(name.to_string(), &*text);
                prop_assert!(!text.contains(NEVER), "{:?}", text);
            }
            Err(error) => {
                let hidden = text.chars().zip(1..).filter(|(c, _)| !VISIBLE.contains(c));
                let mut ends = hidden.map(|(c, position)| {
                    format!(" (U+{:04X}) at position {position}", u32::from(c))
                });
                let error = error.to_string();
                prop_assert!(ends.any(|end| error.ends_with(&end)), "{:?}: {}", text, error);
            }
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
    let invisible = "the name has an invisible character";
    let turning = "the name has a character that changes the text direction";
    let cases = [
        ("", "the name is empty"),
        (" \t ", "the name is empty"),
        (" a", blank),
        ("a\n", blank),
        ("a\u{a0}", blank),
        ("a\nb", "the name has a control character (U+000A) at position 2"),
        ("é\u{7f}b", "the name has a control character (U+007F) at position 2"),
        ("a\u{2028}b", "the name has a line separator (U+2028) at position 2"),
        ("ab\u{202e}", &format!("{turning} (U+202E) at position 3")),
        ("漢\u{200f}", &format!("{turning} (U+200F) at position 2")),
        ("\u{2066}a\u{2069}", &format!("{turning} (U+2066) at position 1")),
        ("\u{61c}a", &format!("{turning} (U+061C) at position 1")),
        ("a\u{200b}b", &format!("{invisible} (U+200B) at position 2")),
        ("a\u{2060}b", &format!("{invisible} (U+2060) at position 2")),
        ("\u{feff}a", &format!("{invisible} (U+FEFF) at position 1")),
        ("a\u{ad}b", &format!("{invisible} (U+00AD) at position 2")),
        ("a\u{2800}", &format!("{invisible} (U+2800) at position 2")),
        // A joiner between ASCII letters, at an end, and beside a blank.
        ("x\u{200d}y", &format!("{invisible} (U+200D) at position 2")),
        ("م\u{200c}", &format!("{invisible} (U+200C) at position 2")),
        ("\u{200c}م", &format!("{invisible} (U+200C) at position 1")),
        ("می\u{200c} خواهم", &format!("{invisible} (U+200C) at position 3")),
        ("👩\u{200d}", &format!("{invisible} (U+200D) at position 2")),
        ("👩\u{200c}💻", &format!("{invisible} (U+200C) at position 2")),
        // Selectors that select nothing.
        ("a\u{fe0f}", &format!("{invisible} (U+FE0F) at position 2")),
        ("1\u{fe0f}", &format!("{invisible} (U+FE0F) at position 2")),
        ("❤\u{fe0f}\u{fe0f}", &format!("{invisible} (U+FE0F) at position 3")),
        ("a\u{e0100}", &format!("{invisible} (U+E0100) at position 2")),
        // Tags that are no flag: a text, a flag without its end, and one without its beginning.
        (
            "🏴\u{e0068}\u{e0069}\u{e0020}\u{e0074}\u{e007f}",
            &format!("{invisible} (U+E0068) at position 2"),
        ),
        ("🏴\u{e0067}\u{e0062}\u{e0073}", &format!("{invisible} (U+E0067) at position 2")),
        ("\u{e0067}\u{e0062}\u{e0073}\u{e007f}", &format!("{invisible} (U+E0067) at position 1")),
        ("🏴\u{e007f}", &format!("{invisible} (U+E007F) at position 2")),
        ("eyJhbGciOiJub25lIn0.e30.", "the name contains a JWT"),
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
fn ordinary_words_and_emoji_are_names() {
    let names = [
        // No JWT, although its first word contains what a JWT begins with.
        "apiKeyJenkins.prod.eu",
        "monkeyJar.v1.2",
        "می\u{200c}خواهم",
        "iPhone\u{200c}ها",
        "۵\u{200c}ام",
        "പ്രവീണ്\u{200d}",
        "ಸಾಫ್ಟ್\u{200c}ವೇರ್\u{200c} 2",
        "क्\u{200d}ष",
        "র\u{200d}্য",
        "ක්\u{200d}ෂ",
        "ᠰᠠᠶᠢᠨ\u{180e}ᠠ",
        "辻\u{e0100}",
        "👩\u{200d}💻",
        "👩🏽\u{200d}🚀",
        "👨\u{200d}👩\u{200d}👧\u{200d}👦",
        "❤\u{fe0f}.png",
        "❤\u{fe0f}\u{200d}🔥",
        "🏳\u{fe0f}\u{200d}⚧\u{fe0f}",
        "☎\u{fe0e} 1\u{fe0f}\u{20e3}",
        "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f} Edinburgh",
        "🇳🇵 25\u{202f}000",
        "שלום",
    ];
    for text in names {
        let name = KeyName::new(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((name.as_str(), &*name.to_string()), (text, text));
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(serde_json::from_str::<KeyName>(&json).unwrap(), name);
        assert!(KeyName::unique(text).unwrap().as_str().starts_with(text));
    }
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
