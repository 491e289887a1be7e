use http::request::Parts;
use http::{Method, StatusCode};

use super::account::{Account, State};
use super::answer::{self, Answer};
use super::auth;
use super::call::Call;
use super::parameters;
use super::routes::{self, Found};
use crate::admission::{Authorized, Counts};
use crate::body::TooLarge;
use crate::payload::Payload;
use crate::query::Query;
use crate::serve::Provider;

impl Provider for Account {
    type Found = Found;

    fn find(&self, parts: &Parts) -> Result<Found, Answer> {
        let path = parts.uri.path();
        let found = routes::find(&parts.method, path).ok_or_else(answer::no_route)?;
        match routes::redirected(&found, path, self.assumptions.redirect_slash) {
            None => Ok(found),
            Some(path) => {
                let query = parts.uri.query().map(|query| format!("?{query}"));
                let location = path + &query.unwrap_or_default();
                Err(answer::redirect(parts.method == Method::GET, &location))
            }
        }
    }

    fn admit_early(&self, parts: &Parts, found: &Found) -> Result<(), Answer> {
        let admitted = admit(self, &mut self.state(), parts, found);
        admitted.map(|_| ()).map_err(|refusal| self.refusal(found, refusal))
    }

    fn answer(&self, parts: &Parts, found: Found, payload: Result<Payload, TooLarge>) -> Answer {
        let handled = handle(self, parts, &found, payload);
        handled.unwrap_or_else(|refusal| self.refusal(&found, refusal))
    }
}

impl Account {
    /// A refusal in the form that the assumptions give it.
    fn refusal(&self, found: &Found, refusal: Answer) -> Answer {
        if self.assumptions.failures_as_200 && found.route.path.starts_with("/api/apiKeys") {
            refusal.with_status(StatusCode::OK)
        } else {
            refusal
        }
    }
}

/// The state stays locked from the check of the credential until the work is done.
fn handle(
    account: &Account,
    parts: &Parts,
    found: &Found,
    payload: Result<Payload, TooLarge>,
) -> Result<Answer, Answer> {
    let mut guard = account.state();
    let state: &mut State = &mut guard;
    if let Some(key) = admit(account, state, parts, found)? {
        state.keys.count_honoured(&key);
    }
    let (segments, query) = (found.segments.clone(), Query::of(&parts.uri));
    if let Some(name) = parameters::not_honoured(found.route.path, &query) {
        return Err(answer::not_honoured(name));
    }
    let payload = payload.map_err(|TooLarge| answer::too_large())?;
    let (assumptions, distortion) = (&account.assumptions, parts.extensions.get().copied());
    let delays = parts.extensions.get().copied().unwrap_or_default();
    let (name_limit, payload) = (parts.extensions.get().copied(), &payload);
    let mut call =
        Call { assumptions, state, segments, query, payload, distortion, delays, name_limit };
    (found.route.run)(&mut call)
}

/// Returns the key of a request that is let through; `None` for the account itself. Counts refused
/// requests only.
fn admit(
    account: &Account,
    state: &mut State,
    parts: &Parts,
    found: &Found,
) -> Result<Option<String>, Answer> {
    let opens = found.route.opens;
    let authorized = auth::authorize(state, &account.assumptions, opens, &parts.headers);
    authorized.map(|Authorized { key }| key).map_err(|refused| {
        match refused.counts {
            Counts::Nothing => {}
            Counts::AsNew(key) => state.keys.count_refused_as_new(&key),
            Counts::AsHonoured(key) => state.keys.count_honoured(&key),
        }
        refused.answer
    })
}
