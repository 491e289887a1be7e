//! The session, which a login with the account's key gives.

use std::time::{Duration, SystemTime};

use http::Method;
use pinning_keys::adapter::{ApiClient, Call, async_trait};
use pinning_keys::credentials::{AccountCredential, Login};
use pinning_keys::{Error, Operation};
use serde::Deserialize;

use super::wire::{self, ACCOUNT_ID};

pub(super) const LOGIN_PATH: &str = "/b2api/v3/b2_authorize_account";

/// The fact with the id of the key that logged in.
pub(super) const OWN_KEY: &str = "ownKey";

/// The API's address is this domain or below it. A session that names another one is refused.
pub(super) const DOMAINS: &[&str] = &["backblazeb2.com"];

/// "Valid for at most 24 hours."
const SESSION_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// Logs in with the account's key.
pub(super) struct KeyLogin;

#[async_trait]
impl Login for KeyLogin {
    async fn log_in(&self, client: &ApiClient) -> Result<AccountCredential, Error> {
        let expiry = SystemTime::now() + SESSION_LIFE;
        let answer = client.call(Call::new(Operation::Login, Method::GET, LOGIN_PATH)).await?;
        let unreadable = || answer.unreadable("a session");
        let session: Session = wire::object(answer.body()).ok_or_else(unreadable)?;
        // The token is sent as it is, without the name of a scheme.
        let credential = AccountCredential::authorization(session.authorization_token)
            .map_err(|_| unreadable())?
            .with_expires_at(expiry)
            .with_base_url(session.api_info.storage_api.api_url)
            .with_account_id(session.account_id.clone())
            .with_fact(ACCOUNT_ID, session.account_id);
        // The key that logs in. The configured secret is a pair, so no token shows its id.
        let own_key = client.account_credential().await?.api_key(|_token| None);
        Ok(match own_key {
            Some(id) => credential.with_fact(OWN_KEY, id),
            None => credential,
        })
    }
}

/// The answer to a login, as far as it is needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Session {
    account_id: String,
    authorization_token: String,
    api_info: ApiInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiInfo {
    storage_api: StorageApi,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StorageApi {
    api_url: String,
}
