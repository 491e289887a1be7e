//! What a credential of Pinata says about itself.
//!
//! The payload of a key's JWT names the key (`scopedKeyKey`) and contains its secret
//! (`scopedKeySecret`), the owner's id (`userInformation.id`) and the owner's address
//! (`userInformation.email`); newer ones have an `exp` (all seen by third parties). Only the key,
//! the id and the expiry are read.

use pinning_keys_core::{Account, Credential, CredentialFacts, Error, ErrorKind, KeyRef};
use pinning_keys_http::jwt_claims;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::wire::{self, PROVIDER};

/// The longest API key in a document, in digits.
const LONGEST_KEY: usize = 32;

/// The claim that names the key. It must be there once: which one of two the provider would
/// believe is not known.
#[derive(Deserialize)]
struct Key {
    #[serde(rename = "scopedKeyKey")]
    api_key: String,
}

/// The claim that shows the secret, whose value is skipped.
#[derive(Deserialize)]
struct Secret {
    #[serde(rename = "scopedKeySecret")]
    secret: Option<IgnoredAny>,
}

/// The claims about the owner.
#[derive(Deserialize)]
struct Owner<U> {
    #[serde(rename = "userInformation")]
    user: U,
}

/// The owner's address, whose value is skipped.
#[derive(Deserialize)]
struct Address {
    email: Option<IgnoredAny>,
}

/// The owner's id. Like the key, it must be there once.
#[derive(Deserialize)]
struct User {
    id: String,
}

/// What a credential says about itself.
pub(crate) fn facts(credential: &Credential) -> Result<CredentialFacts, Error> {
    let in_pair = credential.api_key().map(|api_key| KeyRef::new(PROVIDER, api_key)).transpose()?;
    let Some(jwt) = credential.expose().bearer() else {
        return Ok(CredentialFacts::new().with_key_ref(in_pair));
    };
    let in_jwt = api_key(jwt).and_then(|api_key| wire::key_ref(&api_key));
    if in_jwt.is_some() && in_pair.is_some() && in_jwt != in_pair {
        return Err(different_keys());
    }
    let secret = jwt_claims::read::<Secret>(jwt).and_then(|claim| claim.secret);
    let email = jwt_claims::read::<Owner<Address>>(jwt).and_then(|claim| claim.user.email);
    Ok(CredentialFacts::new()
        .with_key_ref(in_pair.or(in_jwt))
        .with_expiry(jwt_claims::expiry(jwt))
        .with_secret_shown(secret.is_some())
        .with_email_shown(email.is_some()))
}

/// The API key that a JWT names, if it has the form of one: hex digits (documented in samples, and
/// seen by third parties). A forged payload may contain anything.
pub(crate) fn api_key(jwt: &str) -> Option<String> {
    let Key { api_key } = jwt_claims::read(jwt)?;
    let is_hex = !api_key.is_empty() && api_key.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hex && api_key.len() <= LONGEST_KEY).then_some(api_key)
}

/// The account that a JWT belongs to, which is that of the user named in it. No source shows an
/// account with several users.
pub(crate) fn account(jwt: &str) -> Option<Account> {
    let Owner { user: User { id } } = jwt_claims::read(jwt)?;
    Some(Account::new(id).with_credential_expiry(jwt_claims::expiry(jwt)))
}

fn different_keys() -> Error {
    Error::new(ErrorKind::InvalidInput, "the JWT and the key pair name different keys")
        .with_provider(PROVIDER)
        .with_next_step("make a credential of each, and trace both")
}
