//! The words of Pinata's error bodies.

use pinning_keys_http::words;
use serde_json::{Map, Value};

/// Which of Pinata's two stacks a body comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stack {
    /// `{"error":{"reason":…,"details":…}}` (recorded).
    Legacy,
    /// `{"error":{"code":…,"message":…}}` (recorded), in 2024 `{"error":"…"}` (recorded).
    V3,
}

/// An error body, read member by member: other members than the recorded ones, and other types,
/// were seen by third parties.
pub(crate) struct ErrorBody {
    /// `None` if the body is not Pinata's, because the member `error` is missing.
    pub(crate) stack: Option<Stack>,
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
}

impl ErrorBody {
    pub(crate) fn read(body: &[u8]) -> Self {
        let members: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        match members.get("error") {
            Some(Value::Object(error)) => Self::of(error),
            Some(error) if !error.is_null() => {
                let message = joined([Some(error), members.get("message")]);
                Self { stack: Some(Stack::V3), code: None, message }
            }
            // As gateways send it.
            _ => Self { stack: None, code: None, message: joined([members.get("message")]) },
        }
    }

    fn of(error: &Map<String, Value>) -> Self {
        let reason = error.get("reason").filter(|reason| reason.is_string());
        let (stack, code) = match reason {
            Some(reason) => (Stack::Legacy, words::code(reason)),
            None => (Stack::V3, error.get("code").and_then(words::code)),
        };
        let message = joined([error.get("message"), error.get("details")]).or_else(|| {
            let mut others = error.clone();
            others.retain(|name, value| name != "code" && Some(&*value) != reason);
            joined([Some(&others.into())])
        });
        Self { stack: Some(stack), code, message }
    }
}

/// The words of these members. One may say what failed, and the other why.
fn joined<'a>(members: impl IntoIterator<Item = Option<&'a Value>>) -> Option<String> {
    let mut said: Vec<_> = members.into_iter().flatten().filter_map(words::first_text).collect();
    said.dedup();
    (!said.is_empty()).then(|| said.join(": "))
}
