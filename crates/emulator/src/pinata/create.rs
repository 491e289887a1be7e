use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::assumptions::PinataAssumptions;
use super::scopes::{FLAGS, Family, Grants, RESOURCES, named_flags};
use super::store::NewKey;

/// Checks the body of a create.
///
/// No source shows what the real service refuses or how it words a refusal, so every check beyond
/// the form of the members is assumed. Keys without permissions were observed, and the schema
/// permits a mix of admin, resources and endpoints; neither is refused here, and a mix grants the
/// sum.
pub(crate) fn read(
    body: &Map<String, Value>,
    maker_is_admin: bool,
    family: Family,
    assumptions: &PinataAssumptions,
) -> Result<NewKey, Answer> {
    let name = name(body, family)?;
    let scopes = permissions(body, family)?;
    if family == Family::Legacy {
        refuse_resources(&scopes)?;
    }
    refuse_unknown(&scopes, family)?;
    let admin = Grants::read(&scopes).admin;
    if admin && !maker_is_admin && !assumptions.org_write_mints_admin {
        return Err(Answer::not_authorized());
    }
    Ok(NewKey { name, scopes, max_uses: max_uses(body, family)? })
}

/// The document requires `keyName` and shows `keyname` in its example [DOC]. That both are taken
/// is assumed, so that the example works.
fn name(body: &Map<String, Value>, family: Family) -> Result<String, Answer> {
    match body.get("keyName").or_else(|| body.get("keyname")) {
        Some(Value::String(name)) => Ok(name.clone()),
        _ => Err(Answer::bad_request(family, "keyName is required and must be a string")),
    }
}

/// `permissions` in the documented form; optional on v3, required on the legacy route [DOC].
fn permissions(body: &Map<String, Value>, family: Family) -> Result<Value, Answer> {
    let permissions = match body.get("permissions") {
        None | Some(Value::Null) if family == Family::V3 => return Ok(json!({})),
        Some(permissions @ Value::Object(_)) => permissions,
        _ => return Err(Answer::bad_request(family, "permissions must be an object")),
    };
    let absent_or = |value: &Value, fits: fn(&Value) -> bool| value.is_null() || fits(value);
    if !absent_or(&permissions["admin"], Value::is_boolean) {
        return Err(Answer::bad_request(family, "permissions.admin must be true or false"));
    }
    let texts =
        |value: &Value| value.as_array().is_some_and(|items| items.iter().all(Value::is_string));
    if !absent_or(&permissions["resources"], texts) {
        return Err(Answer::bad_request(family, "permissions.resources must be a list of strings"));
    }
    let groups_of_flags = |value: &Value| {
        value.as_object().is_some_and(|groups| {
            groups.values().all(|flags| {
                flags.as_object().is_some_and(|flags| flags.values().all(Value::is_boolean))
            })
        })
    };
    if !absent_or(&permissions["endpoints"], groups_of_flags) {
        return Err(Answer::bad_request(
            family,
            "permissions.endpoints must hold data and pinning, each an object of booleans",
        ));
    }
    Ok(permissions.clone())
}

/// The legacy schema has no `resources` [DOC]; that they are refused is assumed.
fn refuse_resources(permissions: &Value) -> Result<(), Answer> {
    if permissions["resources"].is_null() {
        return Ok(());
    }
    Err(Answer::legacy_bad_request("permissions.resources is not known here"))
}

/// That a resource or a flag which no document knows is refused is assumed.
fn refuse_unknown(permissions: &Value, family: Family) -> Result<(), Answer> {
    let resources = permissions["resources"].as_array().into_iter().flatten();
    let mut unknown = resources
        .filter_map(Value::as_str)
        .filter(|name| !RESOURCES.contains(name))
        .map(str::to_owned)
        .chain(
            named_flags(permissions)
                .map(|(name, _)| name)
                .filter(|name| !FLAGS.contains(&name.as_str())),
        );
    match unknown.next() {
        None => Ok(()),
        Some(name) => Err(Answer::bad_request(family, &format!("unknown permission {name}"))),
    }
}

/// That 0 is refused is assumed: an old document shows it without saying what it means.
fn max_uses(body: &Map<String, Value>, family: Family) -> Result<Option<u64>, Answer> {
    match body.get("maxUses") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().filter(|uses| *uses > 0) {
            Some(uses) => Ok(Some(uses)),
            None => Err(Answer::bad_request(family, "maxUses must be a whole number above zero")),
        },
    }
}
