use http::request::Parts;

use super::account::{Account, State};
use super::answer::Answer;
use super::auth;
use super::call::Call;
use super::input;
use super::parameters;
use super::routes::{self, Found};
use super::scopes::{Access, Family};
use crate::admission::{Authorized, Counts};
use crate::body::TooLarge;
use crate::payload::{Payload, has_type};
use crate::query::Query;
use crate::serve::Provider;

impl Provider for Account {
    type Found = Found;

    fn find(&self, parts: &Parts) -> Result<Found, Answer> {
        let path = parts.uri.path();
        routes::find(&parts.method, path).ok_or_else(|| Answer::no_route(path))
    }

    fn admit_early(&self, parts: &Parts, found: &Found) -> Result<(), Answer> {
        if reads_json_first(parts, found) || self.assumptions.input_before_scope {
            return Ok(());
        }
        admit(self, &mut self.state(), parts, found, &Query::of(&parts.uri)).map(|_| ())
    }

    /// The state stays locked from the check of the credential until the work is done.
    fn answer(&self, parts: &Parts, found: Found, payload: Result<Payload, TooLarge>) -> Answer {
        if reads_json_first(parts, &found)
            && payload.as_ref().is_ok_and(|payload| payload.json().is_none())
        {
            return Answer::legacy_bad_request("the body is not JSON");
        }
        if let (true, Ok(payload)) = (self.assumptions.input_before_scope, &payload) {
            if let Err(refusal) = input::check(found.route.path, &found.segments, payload) {
                return refusal;
            }
        }
        let mut guard = self.state();
        let state: &mut State = &mut guard;
        let query = Query::of(&parts.uri);
        let key = match admit(self, state, parts, &found, &query) {
            Ok(key) => key,
            Err(refusal) => return refusal,
        };
        let Found { route, segments } = found;
        let is_use = route.opens != Access::AnyKey || self.assumptions.test_authentication_counts;
        if let Some(key) = &key {
            state.keys.count_honoured(key, is_use);
        }
        if let Some(name) = parameters::not_honoured(route.path, &query) {
            return Answer::not_honoured(route.opens.family(), name);
        }
        let Ok(payload) = payload else { return Answer::too_large() };
        let opens = route.opens;
        let distortion = parts.extensions.get().copied();
        let delays = parts.extensions.get().copied().unwrap_or_default();
        let name_limit = parts.extensions.get().copied();
        let mut call = Call {
            account: self,
            state,
            opens,
            key,
            segments,
            query,
            payload: &payload,
            distortion,
            delays,
            name_limit,
        };
        (route.run)(&mut call).unwrap_or_else(|refusal| refusal)
    }
}

/// Whether malformed JSON is refused before the credential is checked. A third party reports this
/// of one legacy route [3P]; that all of them do so is assumed.
fn reads_json_first(parts: &Parts, found: &Found) -> bool {
    found.route.opens.family() == Family::Legacy && has_type(parts, "application/json")
}

/// Returns the key of a request that is let through; `None` on routes that need no key. Counts
/// refused requests only.
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
        match refused.counts {
            Counts::Nothing => {}
            Counts::AsNew(key) => state.keys.count_refused_as_new(&key),
            Counts::AsHonoured(key) => state.keys.count_honoured(&key, true),
        }
        refused.answer
    })
}
