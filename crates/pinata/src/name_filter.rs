//! Searching names through a filter in which some characters mean something else.

/// How a wish for names that contain a text is put to Pinata.
///
/// Its `name` filter is an SQL `ilike` on a substring (documented), so that `%` and `_` match
/// anything and `\` escapes what follows (inferred from SQL). What is sent is therefore the
/// longest part of the text without these; the rest is looked for in the rows that come back.
pub(crate) struct NameFilter<'a> {
    text: &'a str,
    sent: &'a str,
}

impl<'a> NameFilter<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let literal_parts = text.split(['%', '_', '\\']);
        Self { text, sent: literal_parts.max_by_key(|part| part.len()).unwrap_or_default() }
    }

    /// The value of the query parameter, or `None` where the text has no literal part.
    pub(crate) fn parameter(&self) -> Option<&'a str> {
        Some(self.sent).filter(|sent| !sent.is_empty())
    }

    /// Whether a row that came back has the name that was wished for.
    ///
    /// Where the whole text was sent, the server's word holds: it folds case in its own way.
    pub(crate) fn admits(&self, name: &str) -> bool {
        self.sent == self.text || name.to_lowercase().contains(&self.text.to_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::NameFilter;

    #[test]
    fn a_plain_text_is_sent_whole_and_the_server_is_believed() {
        let filter = NameFilter::new("user 1");
        assert_eq!(filter.parameter(), Some("user 1"));
        assert!(filter.admits("whatever the server sent"));
    }

    #[test]
    fn the_longest_literal_part_is_sent_and_the_rest_is_checked_here() {
        let filter = NameFilter::new("a_long part%b");
        assert_eq!(filter.parameter(), Some("long part"));
        assert!(filter.admits("x A_Long part%B y"));
        assert!(!filter.admits("axlong part--b"));
    }

    #[test]
    fn wildcards_alone_send_nothing() {
        let filter = NameFilter::new(r"%\_");
        assert_eq!(filter.parameter(), None);
        assert!(filter.admits(r"50%\_"));
        assert!(!filter.admits("50 percent"));
    }
}
