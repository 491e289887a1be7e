use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys::adapter::{
    ApiClient, Call, IssuerProfile, LIST_BODY_BYTES, ListedKey as _, NameChars, TokenCursor,
    async_trait,
};
use pinning_keys::{
    Account, Credential, CredentialFacts, Error, IssuedKey, KeyIssuer, KeyPage, KeyQuery, KeyRef,
    KeyRequest, Operation, Plan, Revocation, Verification,
};

use super::error::{is_no_such_key, is_unrecognized, read_failure};
use super::permissions::{CAPABILITIES, PROVIDER};
use super::session::{LOGIN_PATH, OWN_KEY, Session};
use super::wire::{self, ACCOUNT_ID, CreatedKey, KeyItem, KeyList};

const CREATE_PATH: &str = "/b2api/v3/b2_create_key";
const LIST_PATH: &str = "/b2api/v3/b2_list_keys";
const DELETE_PATH: &str = "/b2api/v3/b2_delete_key";

const MAX_NAME_CHARS: NonZeroUsize = NonZeroUsize::new(100).unwrap();

const NAME_CHARS: NameChars =
    NameChars::new("letters, digits and -", |c| c.is_ascii_alphanumeric() || c == '-');

/// "Less than 1000 days", in whole seconds.
const MAX_EXPIRY: Duration = Duration::from_secs(1000 * 24 * 60 * 60 - 1);

/// Issues the application keys of one B2 account.
#[derive(Debug)]
pub(crate) struct B2Issuer {
    client: ApiClient,
    page_size: NonZeroUsize,
    profile: IssuerProfile,
}

impl B2Issuer {
    pub(super) fn new(client: ApiClient, page_size: NonZeroUsize) -> Self {
        let profile = IssuerProfile::new(&CAPABILITIES)
            .with_admin_keys_supported(false)
            .with_max_expiry(MAX_EXPIRY)
            .with_max_name_chars(MAX_NAME_CHARS)
            .with_name_chars(NAME_CHARS)
            .with_page_size(page_size)
            .with_base_url(client.base_url().as_str());
        Self { client, page_size, profile }
    }
}

#[async_trait]
impl KeyIssuer for B2Issuer {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        let translation = self.profile.check_request(request)?;
        let body = wire::create_body(request, &translation);
        Ok(Plan::new(translation, Method::POST, CREATE_PATH, body).with_placeholder(ACCOUNT_ID))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let plan = self.plan(request)?;
        let translation = *plan.translation();
        let answer = self.client.call(Call::from_plan(plan, request.name())).await?;
        let unreadable = || answer.unreadable("the id and the secret of a new key");
        let created: CreatedKey<'_> = wire::object(answer.body()).ok_or_else(unreadable)?;
        let key_ref = created.key_ref().map_err(|_| unreadable())?;
        let credential = created.credential().map_err(|_| unreadable())?;
        Ok(IssuedKey::new(key_ref, request, translation, credential)
            .with_expires_at(created.expires_at()))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile.check_query(query)?;
        let position = TokenCursor::decode(query.cursor())
            .map_err(|error| error.with_provider(PROVIDER).with_operation(Operation::List))?;
        let call = Call::new(Operation::List, Method::POST, LIST_PATH)
            .json(wire::list_body(self.page_size, position.token()))
            .with_fact(ACCOUNT_ID)
            .max_body_bytes(LIST_BODY_BYTES);
        let answer = self.client.call(call).await?;
        let KeyList { keys, next_application_key_id } =
            wire::object(answer.body()).ok_or_else(|| answer.unreadable("a list of keys"))?;
        let page = position.into_key_page(keys, next_application_key_id.as_deref());
        Ok(page.with_date(answer.date()))
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile.check_key_ref(key)?;
        let call = Call::new(Operation::Revoke, Method::POST, DELETE_PATH)
            .json(wire::delete_body(key))
            .expecting(StatusCode::BAD_REQUEST);
        let answer = self.client.call(call).await?;
        if answer.status() == StatusCode::BAD_REQUEST {
            if is_no_such_key(&answer) {
                return Ok(Revocation::AlreadyGone);
            }
            return Err(answer.rejected(read_failure(&answer)));
        }
        match wire::object::<KeyItem>(answer.body()) {
            Some(deleted) if deleted.api_key() == key.api_key() => Ok(Revocation::Revoked),
            _ => Err(answer.unreadable("the key that was deleted")),
        }
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.profile.check_credential(credential)?;
        // Holders log in like the account does.
        let call = Call::new(Operation::Verify, Method::GET, LOGIN_PATH)
            .as_holder(credential)
            .expecting(StatusCode::UNAUTHORIZED);
        let answer = self.client.call(call).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            if is_unrecognized(&answer) {
                return Ok(Verification::Unrecognized);
            }
            return Err(answer.rejected(read_failure(&answer)));
        }
        match wire::object::<Session>(answer.body()) {
            Some(_) => Ok(Verification::Live),
            None => Err(answer.unreadable("a session")),
        }
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.profile.check_credential(credential)?;
        let id = credential.expose().user().map(|id| KeyRef::new(PROVIDER, id));
        Ok(CredentialFacts::new().with_key_ref(id.transpose()?))
    }

    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        let session = self.client.account_credential().await?;
        Ok(session.fact(OWN_KEY).map(|own| own == key.api_key()))
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.client.account().await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        let (page_size, profile) = (self.page_size, self.profile.clone());
        let client = self.client.confined_to(account_id);
        Some(Arc::new(Self { client, page_size, profile }))
    }
}
