use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::Method;
use pinning_keys_core::{
    Account, Credential, CredentialFacts, Error, ErrorKind, IssuedKey, IssuerProfile, KeyIssuer,
    KeyPage, KeyQuery, KeyRef, KeyRequest, Operation, PermissionTable, Plan, ProbeConsent,
    ProbeReport, Revocation, Verification,
};
use pinning_keys_http::{Answer, ApiClient, Call, LIST_BODY_BYTES, OffsetCursor, Total};

use crate::claims;
use crate::name_filter::NameFilter;
use crate::probe;
use crate::route::Route;
use crate::signed_upload::SignedUpload;
use crate::signing::Uploads;
use crate::upload_request::UploadRequest;
use crate::wire::{self, CreatedKey, KeyList, PROVIDER};

const TEST_PATH: &str = "/data/testAuthentication";

/// How many keys Pinata lists on a page. Documented for the legacy list in 2022; third-party
/// clients rely on it for the others (seen).
const PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(10).unwrap();

/// How long a change may take to have an effect. No document says: a third-party client tries a
/// new key five times, two seconds apart (seen).
const PROPAGATION: Duration = Duration::from_secs(10);

/// What ends by itself at Pinata, since the documented create takes no expiry.
const EXPIRY_HINT: &str = "omit the expiry, and revoke the key yourself; with_max_uses limits how \
                           often it can be used, and PinataIssuer::sign_upload signs a URL that \
                           accepts uploads until it expires";

/// Issues the API keys of one Pinata account.
///
/// Built by [`PinataConfig`](crate::PinataConfig). Its credential must belong to an admin key, or
/// on [`Route::V3`] and [`Route::Sdk`] to a key with `org:write` (documented).
///
/// ```
/// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest, Verification};
/// use pinning_keys_pinata::PinataConfig;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), pinning_keys_core::Error> {
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let config = PinataConfig::new()
/// #     .with_base_url(emulator.pinata().base_url())
/// #     .with_jwt(emulator.pinata().jwt())
/// #     .with_transport(emulator.transport());
/// let issuer = config.build()?;
/// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
/// assert_eq!(issuer.verify(key.credential()).await?, Verification::Live);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PinataIssuer {
    client: ApiClient,
    uploads: Uploads,
    route: Route,
    profile: IssuerProfile,
}

impl PinataIssuer {
    pub(crate) fn new(
        client: ApiClient,
        uploads: Uploads,
        holders_uploads: &str,
        route: Route,
        table: &'static PermissionTable,
    ) -> Self {
        let profile = IssuerProfile::new(table)
            .with_max_uses_supported(true)
            .with_expiry_hint(EXPIRY_HINT)
            .with_filters(route.filters())
            .with_page_size(PAGE_SIZE)
            .with_propagation(PROPAGATION)
            .with_secret_shape(wire::SECRET_SHAPE)
            .with_base_url(client.base_url().as_str())
            .with_uploads_url(holders_uploads)
            .with_probe_plan(probe::plan(table));
        Self { client, uploads, route, profile }
    }

    /// Signs a URL to which anyone who has it can upload, without a key and within the limits of
    /// the request.
    ///
    /// The URL accepts uploads until it expires. It cannot be revoked, as far as any source shows,
    /// and no source says whether it accepts one upload or several. It contains the id of the
    /// account's user (documented). If one of these is a problem, issue an upload key in the table
    /// [`ENDPOINTS`](crate::ENDPOINTS) instead, which can be revoked and limited to a number of
    /// uses.
    ///
    /// Signing requires the JWT of an admin key or of a key with `org:files:write` (documented). A key
    /// that only manages keys, with `org:write`, is refused. Signing creates nothing at the
    /// provider (inferred), so it is retried like a list.
    ///
    /// The request goes to Pinata's host for uploads, not to the host that manages keys. If
    /// [`with_base_url`](crate::PinataConfig::with_base_url) is set,
    /// [`with_upload_url`](crate::PinataConfig::with_upload_url) must be set too: the account's JWT
    /// is never sent to Pinata's own host by default.
    ///
    /// ```
    /// use std::num::NonZeroU64;
    /// use std::time::Duration;
    ///
    /// use pinning_keys_pinata::{PinataConfig, UploadRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), pinning_keys_core::Error> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let config = PinataConfig::new()
    /// #     .with_base_url(emulator.pinata().base_url())
    /// #     .with_upload_url(emulator.pinata().base_url())
    /// #     .with_jwt(emulator.pinata().jwt())
    /// #     .with_transport(emulator.transport());
    /// let issuer = config.build()?;
    /// let ten_mib = NonZeroU64::new(10 << 20).unwrap();
    /// let request = UploadRequest::new(Duration::from_secs(5 * 60), ten_mib)
    ///     .with_mime_type("image/*")
    ///     .with_file_name("avatar");
    /// let upload = issuer.sign_upload(&request).await?;
    /// println!("{upload:?}"); // shows when the URL expires, but not the URL
    /// let for_the_browser = upload.expose_url();
    /// # assert!(for_the_browser.starts_with(emulator.pinata().base_url()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Nothing is sent if
    ///
    /// * the request is invalid ([`ErrorKind::InvalidInput`]),
    /// * the base URL is set but the upload URL is not, or the account's credential is a key pair
    ///   ([`ErrorKind::Configuration`]).
    ///
    /// An answer that is not a URL with the scheme, host and port of the upload URL is
    /// [`ErrorKind::UnreadableAnswer`]. Other kinds are those of any call. If an answer came, the
    /// effect is [`Effect::Rejected`](pinning_keys_core::Effect::Rejected). There is never anything
    /// to reconcile.
    pub async fn sign_upload(&self, request: &UploadRequest) -> Result<SignedUpload, Error> {
        self.uploads.sign(request).await
    }

    /// The request for a page, with the parameters in the order of the official client.
    fn list_call(
        &self,
        query: &KeyQuery,
        position: &OffsetCursor,
        filter: Option<&NameFilter<'_>>,
    ) -> Call {
        let mut call = Call::new(Operation::List, Method::GET, self.route.list_path())
            .max_body_bytes(LIST_BODY_BYTES);
        if position.offset() > 0 {
            call = call.query("offset", &position.offset().to_string());
        }
        let flags = [
            ("revoked", query.revoked()),
            ("limitedUse", query.limited_use()),
            ("exhausted", query.exhausted()),
        ];
        for (name, value) in flags {
            if let Some(value) = value {
                call = call.query(name, if value { "true" } else { "false" });
            }
        }
        match filter.and_then(NameFilter::parameter) {
            Some(text) => call.query("name", text),
            None => call,
        }
    }

    /// The call that verifies a credential.
    fn test(&self, credential: &Credential) -> Result<Call, Error> {
        self.profile.check_credential(credential)?;
        Ok(Call::new(Operation::Verify, Method::GET, TEST_PATH).as_holder(credential))
    }

    async fn verify_by(&self, test: Call) -> Result<Verification, Error> {
        match self.client.call(test).await {
            Ok(answer) if wire::is_test_answer(answer.body()) => Ok(Verification::Live),
            Ok(answer) => Err(answer.unreadable("an object with a message")),
            // A blocked account says nothing about its keys.
            Err(error) if error.kind() == ErrorKind::AccountRestricted => Err(error),
            Err(error) => match (status_of(&error), error.provider_code()) {
                (401, Some("INVALID_CREDENTIALS" | "401")) => Ok(Verification::Unrecognized),
                (403, Some("API_KEY_REVOKED")) => Ok(Verification::Revoked),
                _ => Err(error),
            },
        }
    }
}

#[async_trait]
impl KeyIssuer for PinataIssuer {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        let translation = self.profile.check_request(request)?;
        let body = wire::create_body(request.name(), &translation, request.max_uses());
        Ok(Plan::new(translation, Method::POST, self.route.create_path(), body))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let plan = self.plan(request)?;
        let translation = *plan.translation();
        let answer = self.client.call(Call::from_plan(plan, request.name())).await?;
        let unreadable = || answer.unreadable("the token, key and secret of a new key");
        let table = translation.table();
        let created = CreatedKey::read(answer.body(), table).ok_or_else(unreadable)?;
        let key_ref = created.key_ref().ok_or_else(unreadable)?;
        let credential = created.credential().map_err(|_| unreadable())?;
        Ok(IssuedKey::new(key_ref, request, translation, credential))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile.check_query(query)?;
        let position = OffsetCursor::decode(query.cursor())
            .map_err(|error| error.with_provider(PROVIDER).with_operation(Operation::List))?;
        let filter = query.name_containing().map(NameFilter::new);
        let answer = self.client.call(self.list_call(query, &position, filter.as_ref())).await?;
        read_page(&answer, position, query, filter.as_ref())
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile.check_key_ref(key)?;
        match self.client.call(self.route.revoke_call(key)).await {
            Ok(answer) if wire::is_revoked(answer.body()) => Ok(Revocation::Revoked),
            Ok(answer) => Err(answer.unreadable("the word \"Revoked\"")),
            Err(error) => match (status_of(&error), error.provider_code()) {
                // The provider's code for "no such record" (recorded on another route).
                (404, Some("OBJECT_NOT_FOUND")) => Ok(Revocation::AlreadyGone),
                // The v3 stack's 404 can also be about the route: no source shows what it answers
                // for a key that does not exist.
                (404, Some("404")) => Ok(Revocation::NotFound),
                _ => Err(error),
            },
        }
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.verify_by(self.test(credential)?).await
    }

    async fn probe(
        &self,
        credential: &Credential,
        _consent: ProbeConsent,
    ) -> Result<ProbeReport, Error> {
        let until = self.client.deadline_from_now();
        // A retry could spend a use that the caller did not consent to.
        let verification = self.verify_by(self.test(credential)?.once().until(until)).await?;
        if verification != Verification::Live {
            return Ok(ProbeReport::new(verification, Vec::new()));
        }
        let plan = probe::plan(self.profile.table());
        Ok(probe::report(self.client.probe(plan, credential, until).await))
    }

    fn credential_facts(&self, credential: &Credential) -> Result<CredentialFacts, Error> {
        self.profile.check_credential(credential)?;
        claims::facts(credential)
    }

    async fn is_own_key(&self, key: &KeyRef) -> Result<Option<bool>, Error> {
        let own = self.client.account_credential().await?.api_key(claims::api_key);
        Ok(own.map(|own| own == key.api_key()))
    }

    async fn account(&self) -> Result<Option<Account>, Error> {
        self.client.account().await
    }

    fn confined_to(&self, account_id: &str) -> Option<Arc<dyn KeyIssuer>> {
        Some(Arc::new(Self {
            client: self.client.confined_to(account_id),
            uploads: self.uploads.confined_to(account_id),
            route: self.route,
            profile: self.profile.clone(),
        }))
    }
}

/// The status of the answer, or 0 if there was none.
fn status_of(error: &Error) -> u16 {
    error.status().map_or(0, |status| status.as_u16())
}

fn read_page(
    answer: &Answer,
    position: OffsetCursor,
    query: &KeyQuery,
    filter: Option<&NameFilter<'_>>,
) -> Result<KeyPage, Error> {
    let KeyList { keys, count } =
        wire::object(answer.body()).ok_or_else(|| answer.unreadable("a list of keys"))?;
    let page = position.into_key_page(keys, count.map_or(Total::Unknown, Total::OfPageOrAll));
    let (next, discrepancies) = (page.next().cloned(), page.discrepancies());
    let mut records = page.into_records();
    // No document says that Pinata heeds every filter on every route.
    records.retain(|record| {
        query.admits(record) && filter.is_none_or(|filter| filter.admits(record.name()))
    });
    let page = KeyPage::new(records, next).with_discrepancies(discrepancies);
    Ok(page.with_date(answer.date()))
}
