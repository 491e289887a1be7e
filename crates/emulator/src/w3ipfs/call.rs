use serde_json::{Map, Value};

use super::account::State;
use super::answer::{self, Answer};
use super::assumptions::W3ipfsAssumptions;
use crate::faults::lists::Distortion;
use crate::faults::name_limit::NameLimit;
use crate::payload::Payload;
use crate::propagation::Delays;
use crate::query::Query;
pub(crate) use crate::routing::Outcome;

/// A request that was let through, with everything that its handler needs.
pub(crate) struct Call<'a> {
    pub(crate) assumptions: &'a W3ipfsAssumptions,
    pub(crate) state: &'a mut State,
    /// The variable segments of the path, decoded, in order.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Query,
    pub(crate) payload: &'a Payload,
    /// How the page of keys is distorted, if the request lists keys.
    pub(crate) distortion: Option<Distortion>,
    /// The delays of the key that the request makes or deletes.
    pub(crate) delays: Delays,
    /// How much of a name is recorded, if the request creates a key.
    pub(crate) name_limit: Option<NameLimit>,
}

impl Call<'_> {
    /// The identifier in the path.
    pub(crate) fn id(&self) -> &str {
        self.segments.first().map_or("", String::as_str)
    }

    /// The body as a JSON object, or 400.
    pub(crate) fn object(&self) -> Result<Map<String, Value>, Answer> {
        match self.payload.json() {
            Some(Value::Object(object)) => Ok(object),
            _ => Err(answer::bad_request("the body is not a JSON object")),
        }
    }

    /// A list in the answer; an empty one may be null, as Go writes a nil slice.
    pub(crate) fn list<T>(&self, items: Vec<T>) -> Option<Vec<T>> {
        Some(items).filter(|items| !items.is_empty() || !self.assumptions.empty_list_is_null)
    }
}
