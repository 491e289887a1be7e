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

    /// The pairs of the form `name[key]=value`, as key and value.
    pub(crate) fn entries(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().filter_map(move |(text, value)| Some((key_in(name, text)?, value.as_str())))
    }

    /// The first parameter that has one of these names and that a list does not honour.
    ///
    /// `known` are names without brackets. `honoured` are full names, of which `name[{key}]` stands
    /// for any key. All other parameters are unknown, and ignored.
    pub(crate) fn not_honoured(&self, known: &[&str], honoured: &[&str]) -> Option<&str> {
        let is_known = |name: &str| known.contains(&name.split('[').next().unwrap_or(name));
        let is_honoured = |name: &str| {
            honoured.iter().any(|honoured| match honoured.strip_suffix("[{key}]") {
                Some(stem) => key_in(stem, name).is_some(),
                None => *honoured == name,
            })
        };
        let mut names = self.0.iter().map(|(name, _)| name.as_str());
        names.find(|name| is_known(name) && !is_honoured(name))
    }
}

/// The key of a parameter `name[key]`.
fn key_in<'a>(name: &str, parameter: &'a str) -> Option<&'a str> {
    let key = parameter.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
    Some(key).filter(|key| !key.contains(['[', ']']))
}

/// The length of a page: at least one, or clients that read until the end would never finish.
pub(crate) fn at_least_one(limit: usize) -> usize {
    limit.max(1)
}
