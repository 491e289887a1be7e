use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::extract::{Query as AxumQuery, Request, State as AxumState};
use axum::response::Response;
use http::request::Parts;

use super::account::{Account, State};
use super::answer::Answer;
use super::auth::{self, Authorized};
use super::body::{self, TooLarge};
use super::call::{Call, Query};
use super::payload::{Payload, has_type};
use super::routes::{self, Found};
use super::scopes::Access;

/// Answers one request: finds its route, and lets it through if its key may.
///
/// Where nothing speaks against it, that is found out before the body is read, so that what
/// is refused need not be sent.
pub(crate) async fn serve(
    AxumState(account): AxumState<Arc<Account>>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let Some(found) = routes::find(&parts.method, parts.uri.path()) else {
        body::discard(body);
        return Answer::no_route(parts.uri.path()).into_response();
    };
    let query = query(&parts);
    if !body.is_end_stream() && !reads_json_first(&account, &parts, &found) {
        let refusal = admit(&account, &mut account.state(), &parts, &found, &query).err();
        if let Some(refusal) = refusal {
            body::discard(body);
            return refusal.into_response();
        }
    }
    let payload = Payload::read(&parts, body).await;
    handle(&account, &parts, found, query, payload).into_response()
}

/// From here on nothing waits: the state is locked once, from the look at the credential
/// until the work is done. Who was admitted before the body was read is asked again, since
/// the key may have been revoked or used up meanwhile.
fn handle(
    account: &Account,
    parts: &Parts,
    found: Found,
    query: Query,
    payload: Result<Payload, TooLarge>,
) -> Answer {
    if reads_json_first(account, parts, &found)
        && payload.as_ref().is_ok_and(|payload| payload.json().is_none())
    {
        return Answer::legacy_bad_request("the body is not JSON");
    }
    let mut guard = account.state();
    let state: &mut State = &mut guard;
    let assumptions = &account.assumptions;
    let key = match admit(account, state, parts, &found, &query) {
        Ok(key) => key,
        Err(refusal) => return refusal,
    };
    let Found { route, segments } = found;
    let is_test = route.opens == Access::AnyKey;
    if let Some(key) = key.as_ref().filter(|_| !is_test || assumptions.test_authentication_counts) {
        state.keys.count_use(key);
    }
    let Ok(payload) = payload else { return Answer::too_large() };
    let mut call = Call { account, state, key, segments, query, payload: &payload };
    (route.run)(&mut call).unwrap_or_else(|refusal| refusal)
}

/// Whether broken JSON is refused before the credential is looked at.
fn reads_json_first(account: &Account, parts: &Parts, found: &Found) -> bool {
    account.assumptions.bad_json_before_authentication
        && matches!(found.route.opens, Access::Flag(_) | Access::AnyKey)
        && has_type(parts, "application/json")
}

/// The key of a request that may do what it asks for; `None` on the routes that need no key.
/// Counts refused requests, and not those that are let through.
fn admit(
    account: &Account,
    state: &mut State,
    parts: &Parts,
    found: &Found,
    query: &Query,
) -> Result<Option<String>, Answer> {
    let (assumptions, opens) = (&account.assumptions, found.route.opens);
    if opens == Access::SignedUrl {
        let id = found.segments.first().map_or("", String::as_str);
        return state.signed_uploads.open(id, query).map(|_| None);
    }
    let authorized = auth::authorize(&state.keys, assumptions, opens, &parts.headers);
    authorized.map(|Authorized { key }| key).map_err(|refused| {
        if let Some(key) = refused.live_key.filter(|_| assumptions.refused_request_counts) {
            state.keys.count_use(&key);
        }
        refused.answer
    })
}

fn query(parts: &Parts) -> Query {
    // Pairs of strings can be read from any query; a broken escape stands for itself.
    let pairs = AxumQuery::<Vec<(String, String)>>::try_from_uri(&parts.uri);
    Query(pairs.map(|AxumQuery(pairs)| pairs).unwrap_or_default())
}
