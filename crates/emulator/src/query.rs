use axum::extract::Query as AxumQuery;
use http::Uri;

use crate::answer::Answer;

/// The pairs after the question mark, decoded.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn of(uri: &Uri) -> Self {
        // Every query parses as pairs of strings; a malformed escape is kept as it is.
        let pairs = AxumQuery::<Vec<(String, String)>>::try_from_uri(uri);
        Self(pairs.map(|AxumQuery(pairs)| pairs).unwrap_or_default())
    }

    /// The first value with this name, unless it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A value that is a whole number, or this refusal.
    pub(crate) fn number_or(
        &self,
        name: &str,
        refusal: impl Fn(&str) -> Answer,
    ) -> Result<Option<usize>, Answer> {
        let wrong = |_| refusal(&format!("{name} must be a whole number"));
        self.text(name).map(|text| text.parse().map_err(wrong)).transpose()
    }

    /// The pairs of the form `name[key]=value`.
    pub(crate) fn entries(&self, name: &str) -> Vec<(&str, &str)> {
        let key = |text: &'_ str| -> Option<(usize, usize)> {
            let inner = text.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some((name.len() + 1, name.len() + 1 + inner.len()))
        };
        let pairs = self.0.iter();
        pairs
            .filter_map(|(text, value)| {
                let (from, to) = key(text)?;
                Some((&text[from..to], value.as_str()))
            })
            .collect()
    }
}

/// The length of a page: at least one, or clients that read until the end would never finish.
pub(crate) fn at_least_one(limit: usize) -> usize {
    limit.max(1)
}
