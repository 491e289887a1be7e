use http::HeaderMap;

use super::answer::Answer;
use super::assumptions::{ExhaustedKey, MissingCredentials, PinataAssumptions};
use super::scopes::{Access, Family};
use super::store::{Key, KeyStore};
use crate::admission::{Authorized, Counts, Presented, Refused, presented};
use crate::propagation::Standing;

/// The headers of a key pair [DOC].
const PAIR: [&str; 2] = ["pinata_api_key", "pinata_secret_api_key"];

/// Whether a request with these headers may do what needs `access`. Counts nothing.
pub(crate) fn authorize(
    keys: &KeyStore,
    assumptions: &PinataAssumptions,
    access: Access,
    headers: &HeaderMap,
) -> Result<Authorized, Refused> {
    if access == Access::SignedUrl {
        // The URL itself is the credential; its handler checks it.
        return Ok(Authorized { key: None });
    }
    let family = access.family();
    let key = authenticate(keys, assumptions, family, headers)?;
    if key.grants.allow(access) {
        return Ok(Authorized { key: Some(key.public.clone()) });
    }
    let answer = match family {
        // Observed: a key with legacy endpoints only gets the answer to a request without headers.
        Family::V3 if key.grants.are_legacy_only() => Answer::no_authorization_header(),
        Family::V3 => Answer::not_authorized(),
        Family::Legacy => Answer::no_scopes_found(),
    };
    // Uses are counted per request; that a refused one counts is assumed.
    Err(Refused { answer, counts: Counts::AsHonoured(key.public.clone()) })
}

/// Finds the live key that these headers name.
fn authenticate<'a>(
    keys: &'a KeyStore,
    assumptions: &PinataAssumptions,
    family: Family,
    headers: &HeaderMap,
) -> Result<&'a Key, Refused> {
    let key = match (presented(headers, PAIR), family) {
        (Presented::Bearer(token), _) => keys.by_jwt(token),
        (Presented::Pair { key, secret }, Family::Legacy) => keys.by_pair(key, secret),
        (Presented::Unreadable, _) => None,
        // No source shows a key pair used on v3, so it is assumed to be ignored.
        (Presented::Pair { .. } | Presented::Nothing, Family::V3) => {
            return Err(Answer::no_authorization_header().into());
        }
        (Presented::Nothing, Family::Legacy) => {
            return Err(Refused::from(match assumptions.missing_credentials {
                MissingCredentials::BadRequest => Answer::keys_must_be_strings(),
                MissingCredentials::Unauthorized => Answer::invalid_credentials(),
            }));
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
    match keys.standing(key, assumptions.delays()) {
        Standing::TooNew => {
            Err(Refused { answer: unknown(), counts: Counts::AsNew(key.public.clone()) })
        }
        Standing::Revoked => Err(revoked().into()),
        Standing::Live if key.is_exhausted() => {
            Err(Refused::from(match assumptions.exhausted_key {
                ExhaustedKey::LikeUnknown => unknown(),
                ExhaustedKey::LikeRevoked => revoked(),
            }))
        }
        Standing::Live => Ok(key),
    }
}
