//! Searching names through a filter in which some characters are special.

/// A search for names that contain a text.
///
/// Pinata's `name` filter is an SQL `ilike` on a substring (documented), so `%` and `_` match
/// anything and `\` escapes what follows (inferred from SQL). The filter therefore sends the
/// longest part of the text without these characters and checks the rows that come back.
pub(crate) struct NameFilter<'a> {
    text: &'a str,
    sent: &'a str,
}

impl<'a> NameFilter<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let literal_parts = text.split(['%', '_', '\\']);
        Self { text, sent: literal_parts.max_by_key(|part| part.len()).unwrap_or_default() }
    }

    /// The value of the query parameter, or `None` if the text has no literal part.
    pub(crate) fn parameter(&self) -> Option<&'a str> {
        Some(self.sent).filter(|sent| !sent.is_empty())
    }

    /// Whether the name of a row that came back contains the text.
    ///
    /// If the whole text was sent, the server has decided: it folds case in its own way.
    pub(crate) fn admits(&self, name: &str) -> bool {
        self.sent == self.text || name.to_lowercase().contains(&self.text.to_lowercase())
    }
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
    fn longest_literal_part_is_sent_and_rest_is_checked() {
        let filter = NameFilter::new("a_long part%b");
        assert_eq!(filter.parameter(), Some("long part"));
        assert!(filter.admits("x A_Long part%B y"));
        assert!(!filter.admits("axlong part--b"));
    }

    #[test]
    fn wildcards_alone_send_no_parameter() {
        let filter = NameFilter::new(r"%\_");
        assert_eq!(filter.parameter(), None);
        assert!(filter.admits(r"50%\_"));
        assert!(!filter.admits("50 percent"));
    }
}
