use http::{HeaderMap, header::AUTHORIZATION};

use super::answer::Answer;
use super::assumptions::{ExhaustedKey, MissingCredentials, PinataAssumptions};
use super::scopes::{Access, Family};
use super::store::{Key, KeyStore};

/// The key that a request came with, and what the request may do.
pub(crate) struct Authorized {
    /// The public key; `None` on the routes that need no credential.
    pub(crate) key: Option<String>,
}

/// Why a request is refused, and whether a live key made it.
pub(crate) struct Refused {
    pub(crate) answer: Answer,
    /// The public key, if it is live and only lacks the scope.
    pub(crate) live_key: Option<String>,
}

impl From<Answer> for Refused {
    fn from(answer: Answer) -> Self {
        Self { answer, live_key: None }
    }
}

/// Whether a request with these headers may do what needs `access`. Counts nothing.
pub(crate) fn authorize(
    keys: &KeyStore,
    assumptions: &PinataAssumptions,
    access: Access,
    headers: &HeaderMap,
) -> Result<Authorized, Refused> {
    let family = match access {
        // The URL itself is the credential, and its handler looks at it.
        Access::SignedUrl => return Ok(Authorized { key: None }),
        Access::Resource(_) => Family::V3,
        Access::Flag(_) | Access::AnyKey => Family::Legacy,
    };
    let key = authenticate(keys, assumptions, family, headers)?;
    if key.grants.allow(access, assumptions) {
        return Ok(Authorized { key: Some(key.public.clone()) });
    }
    let answer = match family {
        // Observed: a key of the legacy world is told that it sent no header at all.
        Family::V3 if key.grants.are_legacy_only() => Answer::no_authorization_header(),
        Family::V3 => Answer::not_authorized(),
        Family::Legacy => Answer::no_scopes_found(),
    };
    Err(Refused { answer, live_key: Some(key.public.clone()) })
}

/// The live key that these headers name.
fn authenticate<'a>(
    keys: &'a KeyStore,
    assumptions: &PinataAssumptions,
    family: Family,
    headers: &HeaderMap,
) -> Result<&'a Key, Answer> {
    let key = match (presented(headers), family) {
        (Presented::Bearer(token), _) => keys.by_jwt(token),
        (Presented::Pair { key, secret }, Family::Legacy) => keys.by_pair(key, secret),
        (Presented::Pair { key, secret }, Family::V3) if assumptions.v3_takes_key_pair => {
            keys.by_pair(key, secret)
        }
        (Presented::Unreadable, _) => None,
        (Presented::Pair { .. } | Presented::Nothing, Family::V3) => {
            return Err(Answer::no_authorization_header());
        }
        (Presented::Nothing, Family::Legacy) => {
            return Err(match assumptions.missing_credentials {
                MissingCredentials::BadRequest => Answer::keys_must_be_strings(),
                MissingCredentials::Unauthorized => Answer::invalid_credentials(),
            });
        }
    };
    let unknown = || match family {
        Family::V3 => Answer::not_authorized(),
        Family::Legacy => Answer::invalid_credentials(),
    };
    let revoked = || match family {
        Family::V3 => Answer::not_authorized(),
        Family::Legacy => Answer::api_key_revoked(),
    };
    let key = key.ok_or_else(unknown)?;
    if key.revoked {
        return Err(revoked());
    }
    if key.is_exhausted() {
        return Err(match assumptions.exhausted_key {
            ExhaustedKey::LikeUnknown => unknown(),
            ExhaustedKey::LikeRevoked => revoked(),
        });
    }
    Ok(key)
}

enum Presented<'a> {
    Bearer(&'a str),
    Pair {
        key: &'a str,
        secret: &'a str,
    },
    /// An `Authorization` that is no bearer token.
    Unreadable,
    /// No credential, or half a pair: the recorded answer speaks of both headers.
    Nothing,
}

/// The bearer token goes first where a request carries both [INF].
fn presented(headers: &HeaderMap) -> Presented<'_> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|text| text.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Presented::Bearer(token.trim())
            }
            _ => Presented::Unreadable,
        };
    }
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (header("pinata_api_key"), header("pinata_secret_api_key")) {
        (Some(key), Some(secret)) => Presented::Pair { key, secret },
        _ => Presented::Nothing,
    }
}
