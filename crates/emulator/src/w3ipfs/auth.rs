use http::{HeaderMap, StatusCode};

use super::account::State;
use super::answer::{self, Answer};
use super::assumptions::{MissingFlag, W3ipfsAssumptions};
use super::scopes::Access;
use super::store::Key;
use crate::admission::{Authorized, Counts, Presented, Refused, presented, text};
use crate::propagation::Standing;

/// The headers of a key pair [DOC].
const PAIR: [&str; 2] = ["pinning_api_key", "pinning_secret_key"];

/// The header of a refresh token [CODE].
const REFRESH_TOKEN: &str = "refresh_token";

/// Whether a request with these headers may do what needs `access`. Counts nothing.
pub(crate) fn authorize(
    state: &State,
    assumptions: &W3ipfsAssumptions,
    access: Access,
    headers: &HeaderMap,
) -> Result<Authorized, Refused> {
    // Headers with underscores are dropped before the server sees them.
    let lost = assumptions.drop_underscore_headers;
    if access == Access::RefreshToken {
        let token = text(headers, REFRESH_TOKEN).filter(|_| !lost);
        return if token == Some(state.sessions.refresh_token()) {
            Ok(Authorized { key: None })
        } else {
            Err(not_refreshed().into())
        };
    }
    let pair_serves = match access {
        Access::Session => false,
        Access::ManageKeys => assumptions.key_pair_manages_keys,
        _ => true,
    };
    match presented(headers, PAIR) {
        Presented::Bearer(token) => {
            state.sessions.check(token).map_err(answer::bad_token)?;
            Ok(Authorized { key: None })
        }
        Presented::Pair { key, secret } if pair_serves && !lost => {
            let key = live_key(state, assumptions, key, secret)?;
            if key.scopes.allow(access) {
                return Ok(Authorized { key: Some(key.public.clone()) });
            }
            let counts = Counts::AsHonoured(key.public.clone());
            Err(Refused { answer: missing_flag(assumptions), counts })
        }
        Presented::Pair { .. } | Presented::Unreadable | Presented::Nothing => {
            Err(answer::not_logged_in().into())
        }
    }
}

fn live_key<'a>(
    state: &'a State,
    assumptions: &W3ipfsAssumptions,
    public: &str,
    secret: &str,
) -> Result<&'a Key, Refused> {
    let key = state.keys.by_pair(public, secret).ok_or_else(answer::unknown_pair)?;
    match state.keys.standing(key, assumptions.delays()) {
        Standing::Live => Ok(key),
        Standing::TooNew => {
            let counts = Counts::AsNew(key.public.clone());
            Err(Refused { answer: answer::unknown_pair(), counts })
        }
        Standing::Revoked => Err(answer::unknown_pair().into()),
    }
}

/// A live key without the flag of the route. The text is made up.
fn missing_flag(assumptions: &W3ipfsAssumptions) -> Answer {
    let status = match assumptions.missing_flag {
        MissingFlag::Forbidden => StatusCode::FORBIDDEN,
        MissingFlag::Unauthorized => StatusCode::UNAUTHORIZED,
    };
    answer::failed(status, "This API key does not have the required scope")
}

/// Status and text are those of the starter project that the server seems to be based on [INF].
fn not_refreshed() -> Answer {
    answer::failed(StatusCode::FORBIDDEN, "could not refresh access token")
}
