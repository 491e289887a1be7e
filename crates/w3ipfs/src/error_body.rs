//! The words of W3IPFS's error bodies, and whether they are the provider's.
//!
//! No document shows an error body. That the sentence is in `message` is seen in two clients of the
//! provider; a text `status` beside it is inferred.

use http::StatusCode;
use pinning_keys_http::words;
use serde_json::{Map, Value};

/// The provider's sentence for a request without a credential (seen in its dashboard).
pub(crate) const NOT_LOGGED_IN: &str = "You are not logged in";

/// The start of its sentences about a malformed or expired JWT (seen in its dashboard).
pub(crate) const INVALID_JWT: &str = "validate: ";

/// Its sentence about a key that does not exist (inferred: the one of the database library that
/// the provider appears to use).
const NO_RECORD: &str = "record not found";

/// Who an error body comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Author {
    /// A gateway or another server.
    Foreign,
    /// Nothing points to another server.
    Likely,
    /// The body has the shape of the provider's own failures (inferred), which those of gateways
    /// lack.
    Provider,
}

/// An error body, read member by member.
pub(crate) struct ErrorBody {
    pub(crate) sentence: Option<String>,
    author: Author,
}

impl ErrorBody {
    /// Reads the body of an answer with this status.
    pub(crate) fn read(status: StatusCode, body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Value::Object(members)) => Self::of(status, &members),
            // The server that this one appears to be based on sends a JSON text in one case
            // (inferred).
            Ok(Value::String(sentence)) => {
                Self { sentence: Some(sentence), author: Author::Provider }
            }
            _ => Self { sentence: None, author: Author::Foreign },
        }
    }

    fn of(status: StatusCode, members: &Map<String, Value>) -> Self {
        let member = |name| members.get(name).filter(|member| !member.is_null());
        let said = |name| member(name).and_then(words::first_text);
        // The `data` of a success contains keys.
        let in_data = || member("data").filter(|_| !status.is_success()).and_then(words_of_data);
        let sentence = said("message").or_else(|| said("error")).or_else(in_data);
        // What gateways send for these is a `message` alone.
        let is_gateways =
            matches!(status.as_u16(), 401 | 403 | 404) && !sentence.is_some_and(is_known);
        let author = if member("status").is_some_and(Value::is_string) {
            Author::Provider
        } else if member("error").is_some() || said("message").is_some() && !is_gateways {
            Author::Likely
        } else {
            Author::Foreign
        };
        Self { sentence: sentence.map(str::to_owned), author }
    }

    pub(crate) fn is_foreign(&self) -> bool {
        self.author == Author::Foreign
    }

    /// Whether the provider says that there is no such key.
    pub(crate) fn is_no_such_record(&self) -> bool {
        !self.is_foreign() && self.sentence.as_deref() == Some(NO_RECORD)
    }

    /// Whether the provider's words are about a credential that it received. If it received none, a
    /// proxy dropped it.
    pub(crate) fn has_seen_the_credential(&self) -> bool {
        let sentence = self.sentence.as_deref();
        self.author == Author::Provider && sentence.is_some_and(|said| said != NOT_LOGGED_IN)
    }
}

/// A failure's words may be in its `data` (seen in a third party's code). Its other members can be
/// keys.
fn words_of_data(data: &Value) -> Option<&str> {
    match data {
        Value::Object(members) => {
            members.get("message").or_else(|| members.get("error")).and_then(words::first_text)
        }
        Value::Array(items) => items.iter().find_map(words_of_data),
        other => words::first_text(other),
    }
}

fn is_known(sentence: &str) -> bool {
    [NOT_LOGGED_IN, NO_RECORD].contains(&sentence) || sentence.starts_with(INVALID_JWT)
}
