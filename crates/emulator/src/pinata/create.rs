use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::assumptions::PinataAssumptions;
use super::scopes::{FLAGS, Family, Grants, RESOURCES, named_flags};
use super::store::NewKey;

/// Checks the body of a create.
///
/// No source shows how the real service words a refusal, or what it refuses: each check
/// beyond the form of the members is a switch.
pub(crate) fn read(
    body: &Map<String, Value>,
    maker_is_admin: bool,
    family: Family,
    assumptions: &PinataAssumptions,
) -> Result<NewKey, Answer> {
    let name = name(body, family, assumptions)?;
    let scopes = permissions(body, family)?;
    if family == Family::Legacy {
        refuse_what_legacy_lacks(&scopes, assumptions)?;
    }
    if assumptions.refuse_unknown_scopes {
        refuse_unknown(&scopes, family)?;
    }
    let grants = Grants::read(&scopes);
    if assumptions.refuse_empty_permissions && grants.are_empty() {
        return Err(Answer::bad_request(family, "permissions grant nothing"));
    }
    let worlds = [grants.admin, !grants.resources.is_empty(), !grants.flags.is_empty()];
    if assumptions.refuse_mixed_permissions && worlds.iter().filter(|is| **is).count() > 1 {
        return Err(Answer::bad_request(
            family,
            "permissions mix more than one of admin, resources and endpoints",
        ));
    }
    if grants.admin && !maker_is_admin && !assumptions.org_write_mints_admin {
        return Err(Answer::not_authorized());
    }
    Ok(NewKey { name, scopes, max_uses: max_uses(body, family, assumptions)? })
}

fn name(
    body: &Map<String, Value>,
    family: Family,
    assumptions: &PinataAssumptions,
) -> Result<String, Answer> {
    let other = body.get("keyname").filter(|_| assumptions.accept_lowercase_keyname);
    match body.get("keyName").or(other) {
        Some(Value::String(name)) => Ok(name.clone()),
        _ => Err(Answer::bad_request(family, "keyName is required and must be a string")),
    }
}

/// `permissions` in the documented form; v3 lets one leave it out, the legacy route does
/// not [DOC].
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

/// The legacy schema has no `resources` [DOC].
fn refuse_what_legacy_lacks(
    permissions: &Value,
    assumptions: &PinataAssumptions,
) -> Result<(), Answer> {
    if permissions["resources"].is_null() || assumptions.users_takes_resources {
        return Ok(());
    }
    Err(Answer::legacy_bad_request("permissions.resources is not known here"))
}

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

fn max_uses(
    body: &Map<String, Value>,
    family: Family,
    assumptions: &PinataAssumptions,
) -> Result<Option<u64>, Answer> {
    match body.get("maxUses") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_u64().filter(|uses| *uses > 0) {
            Some(uses) => Ok(Some(uses)),
            None if assumptions.refuse_bad_max_uses => {
                Err(Answer::bad_request(family, "maxUses must be a whole number above zero"))
            }
            None => Ok(None),
        },
    }
}
