use serde_json::{Map, Value};

use super::account::State;
use super::answer::{self, Answer};
use super::assumptions::W3ipfsAssumptions;
use crate::faults::lists::Distortion;
use crate::payload::Payload;
use crate::propagation::Delays;
use crate::query::Query;
pub(crate) use crate::routing::Outcome;

/// A request that was let through, with all that its handler needs.
pub(crate) struct Call<'a> {
    pub(crate) assumptions: &'a W3ipfsAssumptions,
    pub(crate) state: &'a mut State,
    /// The path's variable segments, decoded, in their order.
    pub(crate) segments: Vec<String>,
    pub(crate) query: Query,
    pub(crate) payload: &'a Payload,
    /// What is to be wrong with the list of keys, if this is one.
    pub(crate) distortion: Option<Distortion>,
    /// Those of the key that is made or deleted, if one is.
    pub(crate) delays: Delays,
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

    /// A list of the answer; an empty one may be null, as Go writes a slice without memory.
    pub(crate) fn list<T>(&self, items: Vec<T>) -> Option<Vec<T>> {
        Some(items).filter(|items| !items.is_empty() || !self.assumptions.empty_list_is_null)
    }
}
