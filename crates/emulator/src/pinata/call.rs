use serde_json::{Map, Value};

use super::account::{Account, State};
use super::answer::Answer;
use super::assumptions::PinataAssumptions;
use super::scopes::{Access, Family};
use crate::faults::lists::Distortion;
use crate::faults::name_limit::NameLimit;
use crate::payload::Payload;
use crate::propagation::Delays;
use crate::query::Query;
pub(crate) use crate::routing::Outcome;

/// A request that was let through, with everything that its handler needs.
pub(crate) struct Call<'a> {
    pub(crate) account: &'a Account,
    pub(crate) state: &'a mut State,
    /// What opened the route.
    pub(crate) opens: Access,
    /// The public half of the request's key.
    pub(crate) key: Option<String>,
    /// The variable segments of the path, decoded, in order.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Query,
    pub(crate) payload: &'a Payload,
    /// How the page of keys is distorted, if the request lists keys.
    pub(crate) distortion: Option<Distortion>,
    /// The delays of the key that the request makes or revokes.
    pub(crate) delays: Delays,
    /// How much of a name is recorded, if the request creates a key.
    pub(crate) name_limit: Option<NameLimit>,
}

impl Call<'_> {
    pub(crate) fn assumptions(&self) -> &PinataAssumptions {
        &self.account.assumptions
    }

    /// The variable segment at this place of the route's path, counted from 0.
    pub(crate) fn segment(&self, place: usize) -> &str {
        self.segments.get(place).map_or("", String::as_str)
    }

    /// The family of the route, which determines the form of refusals.
    pub(crate) fn family(&self) -> Family {
        self.opens.family()
    }

    /// The body as a JSON object, or 400.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Answer> {
        match self.payload.json() {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(Answer::bad_request(self.family(), "the body is not a JSON object")),
        }
    }
}

impl Query {
    /// A value that is `true` or `false`, or v3's 400.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Answer> {
        match self.text(name) {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Answer::v3_bad_request(&format!("{name} must be true or false"))),
        }
    }

    /// Whether the order that this parameter names is descending, or this refusal. `DSC` is what
    /// the official client sends [SDK].
    pub(crate) fn descending(
        &self,
        name: &str,
        refusal: impl Fn(&str) -> Answer,
    ) -> Result<Option<bool>, Answer> {
        match self.text(name) {
            None => Ok(None),
            Some("ASC") => Ok(Some(false)),
            Some("DESC" | "DSC") => Ok(Some(true)),
            Some(_) => Err(refusal(&format!("{name} must be ASC or DESC"))),
        }
    }

    /// A value that is a whole number, or v3's 400.
    pub(crate) fn number(&self, name: &str) -> Result<Option<usize>, Answer> {
        self.number_or(name, Answer::v3_bad_request)
    }
}
