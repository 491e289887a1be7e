use serde_json::{Map, Value};

use super::account::{Account, State};
use super::answer::Answer;
use super::assumptions::PinataAssumptions;
use super::payload::Payload;

/// What a handler returns: an answer either way, so that `?` serves for refusals.
pub(crate) type Outcome = Result<Answer, Answer>;

/// A request that was let through, with all that its handler needs.
pub(crate) struct Call<'a> {
    pub(crate) account: &'a Account,
    pub(crate) state: &'a mut State,
    /// The public key that the request came with.
    pub(crate) key: Option<String>,
    /// The path's variable segments, decoded, in their order.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Query,
    pub(crate) payload: &'a Payload,
}

impl Call<'_> {
    pub(crate) fn assumptions(&self) -> &PinataAssumptions {
        &self.account.assumptions
    }

    /// The variable segment at this place of the route's path, counted from 0.
    pub(crate) fn segment(&self, place: usize) -> &str {
        self.segments.get(place).map_or("", String::as_str)
    }

    /// The body as a JSON object, or v3's 400.
    pub(crate) fn v3_object(&self) -> Result<Map<String, Value>, Answer> {
        match self.payload.json() {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(Answer::v3_bad_request("the body is not a JSON object")),
        }
    }

    /// The body as a JSON object, or the legacy routes' 400.
    pub(crate) fn legacy_object(&self) -> Result<Map<String, Value>, Answer> {
        match self.payload.json() {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(Answer::legacy_bad_request("the body is not a JSON object")),
        }
    }
}

/// The pairs after the question mark, decoded.
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    /// The first value of this name, unless it is empty.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|(known, _)| known == name);
        pair.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A value that is `true` or `false`, or v3's 400.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Answer> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Answer::v3_bad_request(&format!("{name} must be true or false"))),
        }
    }

    /// A value that is a whole number, or v3's 400.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Answer> {
        self.number_or(name, Answer::v3_bad_request)
    }

    /// A value that is a whole number, or this refusal of it.
    pub(crate) fn number_or(
        &self,
        name: &str,
        refusal: fn(&str) -> Answer,
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
