use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::{Method, StatusCode};
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Cursor, Discrepancies, Effect, Error, ErrorKind,
    IssuedKey, IssuerProfile, KeyIssuer, KeyPage, KeyQuery, KeyRecord, KeyRef, KeyRequest,
    Operation, Plan, ProbeConsent, ProbeReport, Revocation, Verification,
};
use pinning_keys_http::{Answer, ApiClient, Call, Deadline, LIST_BODY_BYTES, OffsetCursor, Total};
use serde::Deserialize;

use crate::claims;
use crate::error::{is_no_such_record, is_unrecognized, read_failure, refusal};
use crate::permissions::SCOPES;
use crate::probe;
use crate::wire::{self, CreatedKey, KeyList, PROVIDER};

/// The path that creates keys. The first document and most clients write the slash; the form
/// without it may be redirected (inferred).
const CREATE_PATH: &str = "/apiKeys/";
const LIST_PATH: &str = "/apiKeys/list";
const KEY_PATH: &str = "/apiKeys";
const TEST_PATH: &str = "/apiKeys/testAuthentication";

/// The longest name that the provider's dashboard accepts, in characters (seen).
const MAX_NAME_CHARS: NonZeroUsize = NonZeroUsize::new(100).unwrap();

/// The name of a key that every account has (seen in the provider's dashboard).
const RESERVED_NAMES: &[&str] = &["Default"];

/// How long a change may take to have an effect. No source says (assumed: as long as at Pinata).
const PROPAGATION: Duration = Duration::from_secs(10);

/// Each page begins with the last row of the page before, so a page of one row would never end.
const LEAST_PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(2).unwrap();

/// For a list too long to be read within one call.
const LONG_LIST_STEP: &str = "if the account has many keys, use bulk::revoke_many, which finds \
                              their ids in one listing and waits for the rate limit, or allow a \
                              longer deadline (deadline_seconds) or larger pages (page_size)";

/// How often the list is read to find a key, if it changes in the meantime.
const READINGS: usize = 2;

/// Issues the API keys of one W3IPFS account.
///
/// Built by [`W3ipfsConfig`](crate::W3ipfsConfig). Its credential must be the JWT of the account's
/// login or the pair of an admin key (documented, but see the [crate documentation](crate)).
///
/// ```
/// use pinning_keys_core::{KeyIssuer, KeyRequest, Revocation, ScopeRequest, Verification};
/// use pinning_keys_w3ipfs::W3ipfsConfig;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let config = W3ipfsConfig::new()
/// #     .with_base_url(emulator.w3ipfs().base_url())
/// #     .with_jwt(emulator.w3ipfs().jwt())
/// #     .with_transport(emulator.transport());
/// let issuer = config.build()?;
/// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
/// assert_eq!(issuer.verify(key.credential()).await?, Verification::Live);
/// assert_eq!(issuer.revoke(key.key_ref()).await?, Revocation::Revoked);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct W3ipfsIssuer {
    client: ApiClient,
    page_size: NonZeroUsize,
    profile: IssuerProfile,
}

impl W3ipfsIssuer {
    pub(crate) fn new(client: ApiClient, page_size: NonZeroUsize) -> Self {
        let page_size = page_size.max(LEAST_PAGE_SIZE);
        let profile = IssuerProfile::new(&SCOPES)
            .with_max_name_chars(MAX_NAME_CHARS)
            .with_reserved_names(RESERVED_NAMES)
            .with_page_size(page_size)
            .with_propagation(PROPAGATION)
            .with_revoke_by_id(true)
            .with_secret_shape(wire::SECRET_SHAPE)
            .with_base_url(client.base_url().as_str())
            .with_probe_plan(probe::PLAN);
        Self { client, page_size, profile }
    }

    async fn page(&self, cursor: Option<&Cursor>, until: Deadline) -> Result<KeyPage, Error> {
        let position = OffsetCursor::decode(cursor)
            .map_err(|error| error.with_provider(PROVIDER).with_operation(Operation::List))?;
        let call = Call::new(Operation::List, Method::GET, LIST_PATH)
            .query("offset", &position.offset().to_string())
            .query("limit", &self.page_size.to_string())
            .max_body_bytes(LIST_BODY_BYTES)
            .until(until);
        let answer = self.client.call(call).await?;
        let KeyList { api_keys, total } = read_data(&answer, "a list of keys")?;
        let page = position.into_key_page(api_keys, total.map_or(Total::Unknown, Total::OfAll));
        Ok(page.with_date(answer.date()))
    }

    /// Finds the id by which a key is deleted. Only the list of keys contains it.
    ///
    /// If the list may have lost a row while it was read, it is read once more. If a row is still
    /// unreadable then, it may be the key, which is therefore not reported as absent.
    async fn find_id(&self, api_key: &str, until: Deadline) -> Result<Option<String>, Error> {
        let mut doubts = Discrepancies::default();
        for _ in 0..READINGS {
            doubts = Discrepancies::default();
            let found = self.look_through(api_key, until, &mut doubts).await?;
            if found.is_some() || doubts.is_empty() {
                return Ok(found);
            }
        }
        if doubts.unreadable_rows() > 0 {
            return Err(unreadable_rows(&doubts));
        }
        Ok(None)
    }

    /// Reads the list up to the page with the key, and collects the discrepancies.
    async fn look_through(
        &self,
        api_key: &str,
        until: Deadline,
        doubts: &mut Discrepancies,
    ) -> Result<Option<String>, Error> {
        let mut cursor = None;
        loop {
            let page = self.page(cursor.as_ref(), until).await?;
            let mut keys = page.records().iter().map(KeyRecord::key_ref);
            if let Some(key) = keys.find(|key| key.api_key() == api_key) {
                return key.id().map(str::to_owned).map(Some).ok_or_else(no_id);
            }
            let mut keys = page.records().iter().map(KeyRecord::key_ref);
            if keys.any(|key| is_padded_form(key.api_key(), api_key)) {
                return Err(lost_padding());
            }
            doubts.merge(page.discrepancies());
            match page.next() {
                Some(next) => cursor = Some(next.clone()),
                None => return Ok(None),
            }
        }
    }

    async fn verify_until(
        &self,
        credential: &Credential,
        until: Deadline,
    ) -> Result<Verification, Error> {
        self.profile.check_credential(credential)?;
        let call = Call::new(Operation::Verify, Method::GET, TEST_PATH)
            .as_holder(credential)
            .expecting(StatusCode::UNAUTHORIZED)
            .until(until);
        read_verification(&self.client.call(call).await?)
    }
}

#[async_trait]
impl KeyIssuer for W3ipfsIssuer {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        let translation = self.profile.check_request(request)?;
        let body = wire::create_body(request.name(), &translation);
        Ok(Plan::new(translation, Method::POST, CREATE_PATH, body))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let plan = self.plan(request)?;
        let translation = *plan.translation();
        let answer = self.client.call(Call::from_plan(plan, request.name())).await?;
        let expected = "the key and secret of a new key";
        let unreadable = || answer.unreadable(expected);
        let created: CreatedKey<'_> = read_data(&answer, expected)?;
        let key_ref = created.key_ref().ok_or_else(unreadable)?;
        let credential = created.credential().map_err(|_| unreadable())?;
        Ok(IssuedKey::new(key_ref, request, translation, credential))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile.check_query(query)?;
        self.page(query.cursor(), self.client.deadline_from_now()).await
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile.check_key_ref(key)?;
        let until = self.client.deadline_from_now();
        let id = match key.id() {
            Some(id) => id.to_owned(),
            None => match self.find_id(key.api_key(), until).await.map_err(while_looking)? {
                Some(id) => id,
                None => return Ok(Revocation::NotFound),
            },
        };
        let call = Call::new(Operation::Revoke, Method::DELETE, KEY_PATH)
            .segment(&id)
            .expecting(StatusCode::NOT_FOUND)
            .until(until);
        read_revocation(&self.client.call(call).await?)
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.verify_until(credential, self.client.deadline_from_now()).await
    }

    async fn probe(
        &self,
        credential: &Credential,
        _consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        let until = self.client.deadline_from_now();
        let verification = self.verify_until(credential, until).await?;
        if verification != Verification::Live {
            return Ok(ProbeReport::new(verification, Vec::new()));
        }
        Ok(probe::report(self.client.probe(probe::PLAN, credential, until).await))
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.profile.check_credential(credential)?;
        claims::facts(credential)
    }

    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        // A login is no key.
        let own = self.client.account_credential().await?.api_key(|_login| None);
        Ok(Some(own.as_deref() == Some(key.api_key())))
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

/// Reads the member `data` of a successful answer. `expected` describes it.
fn read_data<'a, T: Deserialize<'a>>(
    answer: &'a Answer,
    expected: &'static str,
) -> Result<T, Error> {
    // The reason why it cannot be read is dropped, because it could quote a secret.
    wire::data(answer.body())
        .ok_or_else(|| refusal(answer).unwrap_or_else(|| answer.unreadable(expected)))
}

/// Reads the answer to a deletion, which may be a 404.
fn read_revocation(answer: &Answer) -> Result<Revocation, Error> {
    if answer.status() == StatusCode::NOT_FOUND {
        if is_no_such_record(answer) {
            return Ok(Revocation::AlreadyGone);
        }
        return Err(answer.rejected(read_failure(answer)));
    }
    match refusal(answer) {
        Some(error) => Err(error),
        None if wire::is_deleted(answer.body()) => Ok(Revocation::Revoked),
        None => Err(answer.unreadable("a confirmation that the key is deleted")),
    }
}

/// Reads the answer to the test of a credential, which may be a 401.
fn read_verification(answer: &Answer) -> Result<Verification, Error> {
    if answer.status() == StatusCode::UNAUTHORIZED {
        // After the answer of a gateway, or a proxy that drops the pair, the key may be live.
        if is_unrecognized(answer) {
            return Ok(Verification::Unrecognized);
        }
        return Err(answer.rejected(read_failure(answer)));
    }
    match refusal(answer) {
        Some(error) => Err(error),
        None if wire::is_test_answer(answer.body()) => Ok(Verification::Live),
        None => Err(answer.unreadable("an object with a message")),
    }
}

/// A failure to find the key to revoke. Reading the list has changed nothing.
fn while_looking(error: Error) -> Error {
    let effect = match error.effect() {
        Effect::NotSent => Effect::NotSent,
        Effect::Rejected | Effect::Unknown => Effect::Rejected,
    };
    let takes_longer = matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Timeout);
    let error = error.with_operation(Operation::Revoke).with_effect(effect);
    if takes_longer { error.with_next_step(LONG_LIST_STEP) } else { error }
}

fn unreadable_rows(doubts: &Discrepancies) -> Error {
    unclear_list(format!("the key list is inconsistent: {doubts}")).with_next_step(
        "look for the key in the provider's dashboard: a row that could not be read may be the key",
    )
}

/// Whether a listed key is the wanted one with the padding of base64 that the wanted one lacks.
fn is_padded_form(listed: &str, wanted: &str) -> bool {
    matches!(listed.strip_prefix(wanted), Some("=" | "=="))
}

fn lost_padding() -> Error {
    let message = "the reference lacks the \"=\" at the end of the API key, which a listed key has";
    Error::new(ErrorKind::InvalidInput, message)
        .with_provider(PROVIDER)
        .with_effect(Effect::Rejected)
        .with_next_step("make the reference from the whole API key")
}

fn no_id() -> Error {
    unclear_list("the key list shows the key without the id that is needed to delete it")
}

fn unclear_list(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::UnreadableAnswer, message)
        .with_provider(PROVIDER)
        .with_effect(Effect::Rejected)
}
