use http::StatusCode;
use serde_json::{Map, Value};

use super::answer::{self, Answer};
use super::assumptions::W3ipfsAssumptions;
use super::scopes::Scopes;
use super::store::{DEFAULT_NAME, KeyStore};
use crate::faults::name_limit::NameLimit;

/// The longest name that the provider's own dashboard sends, in characters [CODE].
const MOST_CHARACTERS: usize = 100;

/// A checked create.
pub(crate) struct NewKey {
    pub(crate) name: String,
    pub(crate) scopes: Scopes,
}

/// Checks the body of a create against the documents and the existing keys.
pub(crate) fn read(
    body: &Map<String, Value>,
    keys: &KeyStore,
    assumptions: &W3ipfsAssumptions,
    name_limit: Option<NameLimit>,
) -> Result<NewKey, Answer> {
    let name = name(body)?;
    // A database compares what it records.
    let name = name_limit.map(|limit| limit.cut(&name)).unwrap_or(name);
    let scopes = scopes(body, assumptions)?;
    if name == DEFAULT_NAME {
        let message = "Cannot create an API key with the name 'Default'";
        return Err(answer::failed(assumptions.default_key_status, message));
    }
    if keys.live_count() >= assumptions.max_keys {
        let message = "Maximum number of API keys exceeded. Please delete some keys before \
                       creating a new one.";
        return Err(answer::failed(assumptions.max_keys_status, message));
    }
    if keys.has_live(&name) {
        // The status is seen in a client; the text is the database library's [INF].
        return Err(answer::failed(StatusCode::CONFLICT, "duplicated key not allowed"));
    }
    Ok(NewKey { name, scopes })
}

/// `name` is required [DOC]. That a long one is refused is assumed: the provider's dashboard sends
/// none.
fn name(body: &Map<String, Value>) -> Result<String, Answer> {
    match body.get("name") {
        Some(Value::String(name)) if !name.trim().is_empty() => {
            if name.chars().count() > MOST_CHARACTERS {
                return Err(answer::bad_request("name must be at most 100 characters"));
            }
            Ok(name.clone())
        }
        _ => Err(answer::bad_request("name is required and must be a string")),
    }
}

/// All flags are required unless the key is admin [DOC]. That a missing flag and a key without
/// permissions are refused is assumed.
pub(crate) fn scopes(
    body: &Map<String, Value>,
    assumptions: &W3ipfsAssumptions,
) -> Result<Scopes, Answer> {
    let sent = body.get("scopes").unwrap_or(&Value::Null);
    let mut scopes = Scopes::read(sent).map_err(|fault| answer::bad_request(&fault))?;
    if scopes.is_admin() {
        return Ok(scopes);
    }
    if let Some(name) = scopes.missing_flag() {
        return Err(answer::bad_request(&format!("scopes.{name} is required")));
    }
    if scopes.are_empty() {
        return Err(answer::bad_request("scopes must hold at least one permission"));
    }
    if assumptions.all_seven_is_admin && scopes.hold_all_flags() {
        scopes.admin = Some(true);
    }
    Ok(scopes)
}
