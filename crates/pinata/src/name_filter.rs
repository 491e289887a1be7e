//! Searching names through a filter in which some characters are special.

use std::borrow::Cow;

use pinning_keys_core::KeyName;

/// A search for names that contain a text.
///
/// Pinata's `name` filter is an SQL `ilike` on a substring (documented), so `%` and `_` match
/// anything and `\` escapes what follows (inferred from SQL). What matches anything also matches
/// itself, so a text with `%` or `_` is sent as it is, and the rows that come back are checked. Of
/// a text with `\`, the longest part without it is sent, and of a text longer than any name the
/// beginning, because the length of an address is limited.
pub(crate) struct NameFilter<'a> {
    text: &'a str,
    sent: &'a str,
}

impl<'a> NameFilter<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let part = text.split('\\').max_by_key(|part| part.len()).unwrap_or_default();
        let end = part.char_indices().nth(KeyName::MAX_CHARS).map_or(part.len(), |(end, _)| end);
        Self { text, sent: &part[..end] }
    }

    /// The value of the query parameter, or `None` if no part of the text can be sent.
    pub(crate) fn parameter(&self) -> Option<&'a str> {
        Some(self.sent).filter(|sent| !sent.is_empty())
    }

    /// Whether the name of a row that came back contains the text.
    ///
    /// If the server searched for exactly this text, it has decided: it folds case in its own way.
    pub(crate) fn admits(&self, name: &str) -> bool {
        let is_exact = self.sent == self.text && !self.sent.contains(['%', '_']);
        is_exact || folded(name).contains(&*folded(self.text))
    }
}

/// A text without the difference between upper and lower case, character by character: the form
/// of some letters in lower case depends on their neighbours, which a part of a name lacks.
fn folded(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return text.to_ascii_lowercase().into();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::NameFilter;

    #[test]
    fn plain_text_is_sent_whole_and_server_decides() {
        let filter = NameFilter::new("user 1");
        assert_eq!(filter.parameter(), Some("user 1"));
        assert!(filter.admits("whatever the server sent"));
    }

    #[test]
    fn text_with_wildcards_is_sent_whole_and_rows_are_checked() {
        let filter = NameFilter::new("a_long part%b");
        assert_eq!(filter.parameter(), Some("a_long part%b"));
        assert!(filter.admits("x A_Long part%B y"));
        assert!(!filter.admits("axlong part--b"));
    }

    #[test]
    fn longest_part_without_an_escape_is_sent_and_rows_are_checked() {
        let filter = NameFilter::new(r"a\_long part\b");
        assert_eq!(filter.parameter(), Some("_long part"));
        assert!(filter.admits(r"x A\_Long part\B y"));
        assert!(!filter.admits("a_long partb"));
    }

    #[test]
    fn escapes_alone_send_no_parameter() {
        for text in ["", r"\", r"\\"] {
            assert_eq!(NameFilter::new(text).parameter(), None);
        }
        assert!(NameFilter::new(r"\").admits(r"back\slash"));
        assert!(!NameFilter::new(r"\").admits("50 percent"));
    }

    #[test]
    fn case_is_folded_whatever_the_neighbours_are() {
        // Sigma has another form at the end of a word.
        for (text, name) in [("Σ_1", "ΑΣ_1"), ("ΑΣ_", "ΑΣ_Α"), ("_İ", "x_İ"), ("_ß", "A_ß")]
        {
            assert!(NameFilter::new(text).admits(name), "{text} in {name}");
        }
    }

    #[test]
    fn text_longer_than_a_name_is_cut_between_characters() {
        let text = "ключ_".repeat(100);
        let filter = NameFilter::new(&text);
        assert_eq!(filter.parameter().map(|sent| sent.chars().count()), Some(256));
        assert!(text.starts_with(filter.parameter().unwrap()));
        assert!(filter.admits(&text) && !filter.admits(filter.parameter().unwrap()));
    }
}
