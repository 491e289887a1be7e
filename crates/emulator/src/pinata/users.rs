//! Key management on the legacy routes, on the same store as v3.

use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::keys::{self, Filter};

/// `POST /users/generateApiKey`.
pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let key = keys::make(call)?;
    Ok(Answer::ok(Created {
        pinata_api_key: &key.public,
        pinata_api_secret: &key.secret,
        jwt: &key.jwt,
    }))
}

/// `GET /users/apiKeys`. Only `offset` of the query is documented; the rest is ignored.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    keys::page(call, &Filter::default())
}

/// `PUT /users/revokeApiKey`, which names the key in its body.
pub(crate) fn revoke(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(name) = body.get("apiKey").and_then(Value::as_str) else {
        return Err(Answer::legacy_bad_request("apiKey is required and must be a string"));
    };
    keys::revoke_named(call, name)
}

/// The answer to a create, in the order of the legacy document [DOC].
#[derive(Serialize)]
struct Created<'a> {
    pinata_api_key: &'a str,
    pinata_api_secret: &'a str,
    #[serde(rename = "JWT")]
    jwt: &'a str,
}
