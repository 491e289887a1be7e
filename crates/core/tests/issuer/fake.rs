//! An issuer in memory, whose listing is written down page by page.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use pinning_keys_core::http::Method;
use pinning_keys_core::{
    Credential, Cursor, Discrepancies, Effect, Error, ErrorKind, Filters, Grant, IssuedKey,
    IssuerProfile, KeyIssuer, KeyPage, KeyQuery, KeyRecord, KeyRef, KeyRequest, Operation,
    Permission, PermissionTable, Plan, ProbeConsent, ProbeReport, Revocation, Verification,
};

static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);

/// What a listing answers to one request.
#[derive(Clone)]
pub(crate) enum Page {
    Rows(Vec<KeyRecord>, Discrepancies),
    Fails,
    /// A page that cannot be read at the first request for it.
    FailsOnce(Vec<KeyRecord>),
    /// A page that says that it is followed by itself.
    Stuck(Vec<KeyRecord>),
}

impl Page {
    pub(crate) fn of(records: &[KeyRecord]) -> Self {
        Self::Rows(records.to_vec(), Discrepancies::default())
    }
}

pub(crate) struct Fake {
    profile: IssuerProfile,
    pages: Vec<Page>,
    queries: Mutex<Vec<KeyQuery>>,
    revoked: Mutex<Vec<KeyRef>>,
    verifications: Mutex<VecDeque<Result<Verification, Error>>>,
    verified: Mutex<Vec<Credential>>,
}

impl Fake {
    pub(crate) fn new(pages: Vec<Page>) -> Self {
        let profile = IssuerProfile::new(&TABLE);
        let (queries, revoked, verifications, verified) = Default::default();
        Self { profile, pages, queries, revoked, verifications, verified }
    }

    pub(crate) fn with_filters(self, filters: Filters) -> Self {
        self.with_profile(|profile| profile.with_filters(filters))
    }

    pub(crate) fn with_profile(mut self, set: impl Fn(IssuerProfile) -> IssuerProfile) -> Self {
        self.profile = set(self.profile);
        self
    }

    /// Sets what verifications return, in their order, and after them that every credential is live.
    pub(crate) fn with_answers(
        self,
        answers: impl IntoIterator<Item = Result<Verification, Error>>,
    ) -> Self {
        self.verifications.lock().unwrap().extend(answers);
        self
    }

    /// Sets what verifications return: `None` for an error.
    pub(crate) fn with_verifications(self, verifications: &[Option<Verification>]) -> Self {
        let failed =
            || Error::new(ErrorKind::Unavailable, "no answer").with_effect(Effect::Rejected);
        self.with_answers(verifications.iter().map(|answer| answer.ok_or_else(failed)))
    }

    /// The queries that were asked, in their order.
    pub(crate) fn queries(&self) -> MutexGuard<'_, Vec<KeyQuery>> {
        self.queries.lock().unwrap()
    }

    fn is_first(&self, query: &KeyQuery) -> bool {
        self.queries().iter().filter(|asked| *asked == query).count() == 1
    }

    /// The keys that were revoked, in their order.
    pub(crate) fn revoked(&self) -> MutexGuard<'_, Vec<KeyRef>> {
        self.revoked.lock().unwrap()
    }

    /// The credentials that were verified, in their order.
    pub(crate) fn verified(&self) -> MutexGuard<'_, Vec<Credential>> {
        self.verified.lock().unwrap()
    }
}

/// A key that is not revoked.
pub(crate) fn key(id: &str, name: &str) -> KeyRecord {
    KeyRecord::new(KeyRef::new("example", id).unwrap(), name, TABLE.read(["read"]))
        .with_revoked(Some(false))
}

#[async_trait]
impl KeyIssuer for Fake {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        let translation = self.profile.check_request(request)?;
        Ok(Plan::new(translation, Method::POST, "/keys", String::new()))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let plan = self.plan(request)?;
        let key_ref = KeyRef::new("example", "1")?;
        let credential = Credential::bearer("pinata", "token")?;
        Ok(IssuedKey::new(key_ref, request, *plan.translation(), credential))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile.check_query(query)?;
        self.queries().push(query.clone());
        // Elsewhere a page takes a while; a stream must bear that it is not there at once.
        tokio::task::yield_now().await;
        let at: usize = query.cursor().map_or(0, |cursor| cursor.as_str().parse().unwrap());
        let cursor = |at: usize| Some(Cursor::new(at.to_string()));
        match self.pages.get(at) {
            None => Ok(KeyPage::new(Vec::new(), None)),
            Some(Page::Rows(records, discrepancies)) => {
                let next = cursor(at + 1).filter(|_| at + 1 < self.pages.len());
                Ok(KeyPage::new(records.clone(), next).with_discrepancies(*discrepancies))
            }
            Some(Page::Stuck(records)) => Ok(KeyPage::new(records.clone(), cursor(at))),
            Some(Page::FailsOnce(records)) if !self.is_first(query) => {
                Ok(KeyPage::new(records.clone(), None))
            }
            Some(Page::Fails | Page::FailsOnce(_)) => {
                Err(Error::new(ErrorKind::Unavailable, "no page")
                    .with_effect(Effect::Unknown)
                    .with_operation(Operation::List))
            }
        }
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.revoked().push(key.clone());
        Ok(Revocation::Revoked)
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.verified().push(credential.clone());
        self.verifications.lock().unwrap().pop_front().unwrap_or(Ok(Verification::Live))
    }

    async fn probe(&self, _: &Credential, _: ProbeConsent) -> Result<ProbeReport, Error> {
        Ok(ProbeReport::new(Verification::Revoked, Vec::new()))
    }
}
