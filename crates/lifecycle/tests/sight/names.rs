//! Names in listings are foreign text.

use pinning_keys_lifecycle::{Suffix, Timestamp};
use proptest::prelude::*;

/// A name that resembles one of a store.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[0-9a-z]{8}",
        "[0-9a-z]{13}",
        "[0-9]{6}",
        "[.\\-_%\\\\ \u{200b}é🦀\u{0}]",
        any::<String>(),
    ];
    prop_oneof![
        any::<String>(),
        prop::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat()),
        (any::<String>(), "[.:]", "[0-9A-Za-z]{8}", "[-_]", "[0-9a-z]{13}", "-", "[0-9]{6}")
            .prop_map(|(name, dot, label, dash, id, line, day)| {
                format!("{name}{dot}{label}{dash}{id}{line}{day}")
            }),
    ]
}

proptest! {
    #[test]
    fn suffix_of_any_name_is_its_very_end(name in hostile()) {
        if let Some(suffix) = Suffix::of_name(&name) {
            let text = suffix.to_string();
            prop_assert!(name.len() > text.len() && name.ends_with(&text));
            prop_assert_eq!(text.len(), Suffix::CHARS);
            prop_assert_eq!(Suffix::of_name(&format!("x{text}")), Some(suffix));
        }
    }

    #[test]
    fn suffix_reads_back_as_it_was_written(
        label in "[0-9a-hjkmnp-tv-z]{8}",
        id in "[0-9a-hjkmnp-tv-z]{13}",
        days in prop::option::of(1_i64..47_000),
        name in any::<String>(),
    ) {
        const DAY: i64 = 86_400_000_000;
        let day = days.map(|days| Timestamp::from_micros(days * DAY));
        let digits = day.map_or("000000".to_owned(), |day| {
            let date = day.to_string();
            format!("{}{}{}", &date[2..4], &date[5..7], &date[8..10])
        });
        let text = format!(".{label}-{id}-{digits}");
        let suffix = Suffix::of_name(&format!("n{name}{text}"));
        let in_this_century = days.is_none_or(|days| (10_957..47_482).contains(&days));
        prop_assume!(in_this_century);
        let suffix = suffix.expect("a suffix");
        prop_assert_eq!(suffix.to_string(), text);
        prop_assert_eq!(suffix.label().as_str(), label);
        prop_assert_eq!(suffix.id().as_str(), id);
        prop_assert_eq!(suffix.max_until(), day);
    }
}
