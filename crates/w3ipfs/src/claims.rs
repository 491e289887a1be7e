//! What a credential of W3IPFS says about itself.
//!
//! A JWT is a login of the account. In the documented sample, its claims are the user's id (`sub`)
//! and three times (`exp`, `iat`, `nbf`), so it names no key and shows neither address nor secret.

use pinning_keys_core::{Account, Credential, CredentialFacts, Error, KeyRef};
use pinning_keys_http::jwt_claims;
use serde::Deserialize;

use crate::wire::PROVIDER;

/// The claim that names the user.
#[derive(Deserialize)]
struct Subject {
    sub: String,
}

/// What a credential says about itself.
pub(crate) fn facts(credential: &Credential) -> Result<CredentialFacts, Error> {
    let key_ref = credential.api_key().map(|api_key| KeyRef::new(PROVIDER, api_key));
    let expiry = credential.expose().bearer().and_then(jwt_claims::expiry);
    Ok(CredentialFacts::new().with_key_ref(key_ref.transpose()?).with_expiry(expiry))
}

/// The account that a JWT belongs to, which is that of the user named in it. A user has one
/// account, as far as any source shows.
pub(crate) fn account(jwt: &str) -> Option<Account> {
    let Subject { sub } = jwt_claims::read(jwt)?;
    Some(Account::new(sub).with_credential_expiry(jwt_claims::expiry(jwt)))
}
