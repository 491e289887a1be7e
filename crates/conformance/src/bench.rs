use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pinning_keys_core::{
    Credential, Discrepancies, Effect, Error, IssuedKey, IssuerProfile, KeyIssuer, KeyIssuerExt,
    KeyName, KeyPage, KeyQuery, KeyRecord, KeyRef, KeyRequest, Operation, Reconciliation,
    Revocation, ScopeRequest, Verification,
};
use tokio::time::{Instant, sleep, timeout};

use crate::case::{Case, Stop};
use crate::secrets::Secrets;
use crate::{Disturbance, FaultSwitch, Harness, Ledger, Outputs, Surroundings};

/// What a call may take beyond the issuer's deadline before it counts as one that does not end.
const GRACE: Duration = Duration::from_secs(2);

/// No listing that a case reads has more pages, or it does not end.
const MOST_PAGES: usize = 10_000;

/// How many characters [`KeyName::unique`] adds.
const UNIQUE_CHARS: usize = 14;

/// What one case works with. It bounds every call in time, and remembers what was made, so
/// that it can be revoked whatever becomes of the case.
pub(crate) struct Bench<'a> {
    harness: &'a dyn Harness,
    case: &'a Case,
    issuer: Arc<dyn KeyIssuer>,
    /// The names that were made unique here, which nobody else's key can have.
    names: Mutex<Vec<KeyName>>,
    asked: Mutex<Vec<Asked>>,
    secrets: Mutex<Secrets>,
}

/// A key that was asked for.
struct Asked {
    name: KeyName,
    /// Whether no other key can have this name. Keys of other names, such as a reserved one, may
    /// be the account's own.
    unique: bool,
    key_ref: Option<KeyRef>,
    credential: Option<Credential>,
    /// Whether the provider may have made a key that was not handed out.
    maybe_made: bool,
    state: State,
}

/// What became of a key that was asked for, as far as the adapter says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    NotSent,
    Revoked,
}

impl<'a> Bench<'a> {
    pub(crate) async fn new(harness: &'a dyn Harness, case: &'a Case) -> Result<Self, Stop> {
        let issuer = harness.issuer().await?;
        let mut secrets = Secrets::default();
        for secret in harness.outputs().map(Outputs::account_secrets).unwrap_or_default() {
            secrets.add(&secret);
        }
        let (names, asked, secrets) = (Mutex::default(), Mutex::default(), Mutex::new(secrets));
        Ok(Self { harness, case, issuer, names, asked, secrets })
    }

    pub(crate) fn issuer(&self) -> &dyn KeyIssuer {
        &*self.issuer
    }

    pub(crate) fn profile(&self) -> &IssuerProfile {
        self.issuer.profile()
    }

    pub(crate) fn harness(&self) -> &dyn Harness {
        self.harness
    }

    pub(crate) fn ledger(&self) -> Option<&dyn Ledger> {
        self.harness.ledger()
    }

    pub(crate) fn outputs(&self) -> Result<&dyn Outputs, Stop> {
        self.harness.outputs().ok_or_else(|| Stop::skipped("the harness tells no outputs"))
    }

    pub(crate) fn surroundings(&self) -> Result<&dyn Surroundings, Stop> {
        self.harness.surroundings().ok_or_else(|| Stop::skipped("the harness has no surroundings"))
    }

    pub(crate) fn faults(&self) -> Result<&dyn FaultSwitch, Stop> {
        self.harness.faults().ok_or_else(|| Stop::skipped("the harness has no fault switch"))
    }

    /// Disturbs the next request of this operation.
    pub(crate) fn disturb(
        &self,
        operation: Operation,
        disturbance: Disturbance,
    ) -> Result<(), Stop> {
        self.faults()?
            .disturb(operation, disturbance)
            .map_err(|error| Stop::failed(error.to_string()))
    }

    /// Lets requests pass again that were to be disturbed.
    pub(crate) fn calm(&self) {
        if let Some(faults) = self.harness.faults() {
            faults.clear();
        }
    }

    /// A name for a key of this case: the label, the case, and what makes it unique.
    pub(crate) fn name(&self) -> Result<KeyName, Stop> {
        let room = self.profile().max_name_chars().unwrap_or(KeyName::MAX_CHARS);
        let prefix = format!("{}-{}", self.harness.label(), self.case.id);
        let prefix: String = prefix.chars().take(room.saturating_sub(UNIQUE_CHARS)).collect();
        let name = KeyName::unique(prefix.trim_end())?;
        self.names.lock().unwrap_or_else(PoisonError::into_inner).push(name.clone());
        Ok(name)
    }

    /// Whether a name is one of [`name`](Self::name)'s, or a longer one made of it.
    fn is_unique(&self, name: &KeyName) -> bool {
        let names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().any(|unique| name.as_str().starts_with(unique.as_str()))
    }

    /// A request for a key of this case.
    pub(crate) fn request(&self, scope: ScopeRequest) -> Result<KeyRequest, Stop> {
        Ok(KeyRequest::new(self.name()?, scope)?)
    }

    /// A request for the least that this provider can grant.
    pub(crate) fn plain_request(&self) -> Result<KeyRequest, Stop> {
        let plain = crate::scopes::plain(self.profile().table());
        let admin = self.harness.may_make_admin_keys().then(ScopeRequest::admin);
        let lack = || Stop::skipped("there is no key to ask for that is not admin");
        self.request(plain.or(admin).ok_or_else(lack)?)
    }

    /// Makes a key that may do the least.
    pub(crate) async fn plain_key(&self) -> Result<IssuedKey, Stop> {
        self.issue(&self.plain_request()?).await
    }

    /// Makes a key.
    pub(crate) async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Stop> {
        Ok(self.try_issue(request).await??)
    }

    /// Tries to make a key. Its name is remembered before anything is sent.
    pub(crate) async fn try_issue(
        &self,
        request: &KeyRequest,
    ) -> Result<Result<IssuedKey, Error>, Stop> {
        let name = request.name().clone();
        let unique = self.is_unique(&name);
        self.asked().push(Asked {
            name: name.clone(),
            unique,
            key_ref: None,
            credential: None,
            maybe_made: true,
            state: State::Open,
        });
        let answer = self.bounded("issue", self.issuer.issue(request)).await?;
        let mut asked = self.asked();
        let Some(entry) = asked.iter_mut().rev().find(|asked| asked.name == name) else {
            return Ok(answer);
        };
        match &answer {
            Ok(key) => {
                entry.key_ref = Some(key.key_ref().clone());
                entry.credential = Some(key.credential().clone());
                entry.maybe_made = false;
                self.remember(key.credential());
            }
            Err(error) => {
                entry.maybe_made = error.effect() == Effect::Unknown;
                if error.effect() == Effect::NotSent {
                    entry.state = State::NotSent;
                }
            }
        }
        Ok(answer)
    }

    /// Asks whether a credential works.
    pub(crate) async fn verify(&self, credential: &Credential) -> Result<Verification, Stop> {
        Ok(self.try_verify(credential).await??)
    }

    pub(crate) async fn try_verify(
        &self,
        credential: &Credential,
    ) -> Result<Result<Verification, Error>, Stop> {
        self.remember(credential);
        self.bounded("verify", self.issuer.verify(credential)).await
    }

    /// Revokes a key.
    pub(crate) async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Stop> {
        Ok(self.try_revoke(key).await??)
    }

    pub(crate) async fn try_revoke(&self, key: &KeyRef) -> Result<Result<Revocation, Error>, Stop> {
        let answer = self.bounded("revoke", self.issuer.revoke(key)).await?;
        if matches!(answer, Ok(Revocation::Revoked)) {
            for asked in self.asked().iter_mut().filter(|asked| asked.key_ref.as_ref() == Some(key))
            {
                asked.state = State::Revoked;
            }
        }
        Ok(answer)
    }

    /// Lists one page.
    pub(crate) async fn page(&self, query: &KeyQuery) -> Result<KeyPage, Stop> {
        Ok(self.try_page(query).await??)
    }

    pub(crate) async fn try_page(&self, query: &KeyQuery) -> Result<Result<KeyPage, Error>, Stop> {
        self.bounded("list", self.issuer.list(query)).await
    }

    /// Lists all pages of a query, and what did not fit together.
    pub(crate) async fn all_pages(
        &self,
        mut query: KeyQuery,
    ) -> Result<(Vec<KeyRecord>, Discrepancies), Stop> {
        let mut records = Vec::new();
        let mut discrepancies = Discrepancies::default();
        for _ in 0..MOST_PAGES {
            let page = self.page(&query).await?;
            discrepancies.merge(page.discrepancies());
            let next = page.next().cloned();
            records.extend(page.into_records());
            match next {
                Some(next) if query.cursor() == Some(&next) => {
                    return Err(Stop::failed("the listing does not advance beyond a page"));
                }
                Some(next) => query = query.after(next),
                None => return Ok((records, discrepancies)),
            }
        }
        Err(Stop::failed(format!("the listing does not end within {MOST_PAGES} pages")))
    }

    /// The record of a key of this name, once the provider lists it.
    pub(crate) async fn record(&self, name: &KeyName) -> Result<KeyRecord, Stop> {
        let mut patience = self.patience();
        loop {
            let (records, _) = self.all_pages(self.query_for(name)).await?;
            let found = records.into_iter().find(|record| record.name() == name.as_str());
            match found {
                Some(record) => return Ok(record),
                None if patience.again().await => {}
                None => {
                    return Err(Stop::failed(format!(
                        "the key was made, and is not listed after {}",
                        patience.limit()
                    )));
                }
            }
        }
    }

    /// The same, where the provider can list keys at all.
    pub(crate) async fn record_if_any(&self, name: &KeyName) -> Result<Option<KeyRecord>, Stop> {
        if self.harness.lacks(Operation::List) {
            return Ok(None);
        }
        self.record(name).await.map(Some)
    }

    /// A query that finds a key of this name, and as few others as possible.
    pub(crate) fn query_for(&self, name: &KeyName) -> KeyQuery {
        if self.profile().filters().name {
            KeyQuery::new().with_name_containing(name.as_str())
        } else {
            KeyQuery::new()
        }
    }

    /// Settles a create by its name.
    pub(crate) async fn reconcile(&self, name: &KeyName) -> Result<Reconciliation, Stop> {
        Ok(self.bounded_long("reconcile", self.issuer.reconcile(name.as_str())).await??)
    }

    /// Waits until the provider says that the credential works.
    pub(crate) async fn wait_until_live(&self, credential: &Credential) -> Result<(), Stop> {
        let mut patience = self.patience();
        loop {
            let said = self.verify(credential).await?;
            if said == Verification::Live {
                return Ok(());
            }
            if !patience.again().await {
                let limit = patience.limit();
                return Err(Stop::failed(format!("{limit} after it was made it is {said:?}")));
            }
        }
    }

    /// Waits until the provider says that the credential does not work, and what it says then.
    pub(crate) async fn wait_until_dead(
        &self,
        credential: &Credential,
    ) -> Result<Verification, Stop> {
        let mut patience = self.patience();
        loop {
            let said = self.verify(credential).await?;
            if said != Verification::Live {
                return Ok(said);
            }
            if !patience.again().await {
                let limit = patience.limit();
                return Err(Stop::failed(format!("{limit} after it was revoked it is still live")));
            }
        }
    }

    /// Revokes a key that has served its turn, where the provider can.
    pub(crate) async fn discard(&self, key: &IssuedKey) -> Result<(), Stop> {
        if self.harness.lacks(Operation::Revoke) {
            return Ok(());
        }
        self.revoke(key.key_ref()).await.map(drop)
    }

    /// Revokes a key, and waits until its credential works no more.
    pub(crate) async fn end(&self, key: &IssuedKey) -> Result<(), Stop> {
        let _ = self.revoke(key.key_ref()).await?;
        self.wait_until_dead(key.credential()).await.map(drop)
    }

    /// Waits until whatever was changed has taken effect.
    pub(crate) async fn settle(&self) {
        let mut patience = self.patience();
        while patience.again().await {}
    }

    /// How long a change may take to take effect.
    pub(crate) fn patience(&self) -> Patience {
        let limit = self.harness.propagation().unwrap_or_else(|| self.profile().propagation());
        Patience { began: Instant::now(), limit }
    }

    /// How many requests have reached the provider, where that is known.
    pub(crate) fn requests(&self) -> Option<u64> {
        self.ledger().map(Ledger::requests)
    }

    /// A call of the issuer's, which must end.
    pub(crate) async fn bounded<T>(
        &self,
        what: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        self.within(self.harness.deadline(), what, call).await
    }

    /// A convenience that makes several calls.
    async fn bounded_long<T>(&self, what: &str, call: impl Future<Output = T>) -> Result<T, Stop> {
        self.within(self.harness.deadline() * 4, what, call).await
    }

    async fn within<T>(
        &self,
        limit: Duration,
        what: &str,
        call: impl Future<Output = T>,
    ) -> Result<T, Stop> {
        let late = |_| Stop::failed(format!("{what} has not ended {limit:?} after it began"));
        timeout(limit + GRACE, call).await.map_err(late)
    }

    /// Keeps a credential's secrets, to look for them in what is said and to keep them out of
    /// the report.
    pub(crate) fn remember(&self, credential: &Credential) {
        self.lock_secrets().add_credential(credential);
    }

    /// Fails where one of the secrets stands in a text.
    pub(crate) fn ensure_clean(&self, what: &str, text: &str) -> Result<(), Stop> {
        if self.lock_secrets().is_in(text) {
            return Err(Stop::failed(format!("{what} shows a secret")));
        }
        Ok(())
    }

    /// A text without the secrets.
    pub(crate) fn redacted(&self, text: &str) -> String {
        self.lock_secrets().redacted(text)
    }

    /// Revokes what the case made, and gives the names of keys that are not proved dead.
    pub(crate) async fn sweep(&self) -> Vec<String> {
        self.calm();
        let asked = std::mem::take(&mut *self.asked());
        if asked.is_empty() {
            return Vec::new();
        }
        let revokes = !self.harness.lacks(Operation::Revoke);
        let lists = !self.harness.lacks(Operation::List);
        // The issuer of the case may have been broken by what was done to it.
        let issuer = self.harness.issuer().await.unwrap_or_else(|_| Arc::clone(&self.issuer));
        let mut patience = self.patience();
        let mut left = Vec::new();
        for asked in asked {
            let live = self.is_live(&asked);
            let is_done = match asked.state {
                State::NotSent | State::Revoked => live != Some(true),
                State::Open => false,
            };
            let swept = if is_done {
                true
            } else if revokes {
                let sweeping = sweep_one(&*issuer, &asked, lists);
                matches!(self.bounded_long("clean-up", sweeping).await, Ok(Ok(true)))
            } else {
                false
            };
            let is_dead = match self.is_live(&asked) {
                Some(live) => !live,
                None => swept && self.works_no_more(&*issuer, &asked, &mut patience).await,
            };
            if !is_dead {
                left.push(asked.name.to_string());
            }
        }
        left
    }

    /// Whether the provider still has a live key that was asked for, where a ledger can tell.
    fn is_live(&self, asked: &Asked) -> Option<bool> {
        let ledger = self.ledger().filter(|_| asked.unique)?;
        Some(ledger.live(asked.name.as_str()) > 0)
    }

    /// Whether the credential of a key, where one was handed out, stops working in time.
    async fn works_no_more(
        &self,
        issuer: &dyn KeyIssuer,
        asked: &Asked,
        patience: &mut Patience,
    ) -> bool {
        let Some(credential) = &asked.credential else { return true };
        loop {
            let verifying = issuer.verify(credential);
            match self.bounded("verify", verifying).await {
                Ok(Ok(Verification::Live)) if patience.again().await => {}
                Ok(Ok(Verification::Live)) => return false,
                // That it cannot be asked does not make the revocation undone.
                _ => return true,
            }
        }
    }

    fn asked(&self) -> MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_secrets(&self) -> MutexGuard<'_, Secrets> {
        self.secrets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Revokes a key, and every other one of its name where the name is unique, so that all are ours.
/// Of other names only what was handed out is. Tells whether nothing can be left, as far as the
/// adapter says.
async fn sweep_one(issuer: &dyn KeyIssuer, asked: &Asked, lists: bool) -> Result<bool, Error> {
    let mut all_gone = match &asked.key_ref {
        Some(key_ref) => is_gone(issuer.revoke(key_ref).await?),
        None => !asked.maybe_made || asked.unique && lists,
    };
    if !asked.unique || !lists {
        return Ok(all_gone);
    }
    let name = asked.name.as_str();
    let found = issuer.find(name).await?;
    for record in found.records.iter().filter(|record| record.name() == name) {
        if record.is_revoked() != Some(true) {
            all_gone &= is_gone(issuer.revoke(record.key_ref()).await?);
        }
    }
    Ok(all_gone)
}

fn is_gone(revocation: Revocation) -> bool {
    matches!(revocation, Revocation::Revoked | Revocation::AlreadyGone)
}

/// Tries again until a change has had its time.
pub(crate) struct Patience {
    began: Instant,
    limit: Duration,
}

impl Patience {
    /// Waits a little; `false` where the time is over.
    pub(crate) async fn again(&mut self) -> bool {
        let left = self.limit.saturating_sub(self.began.elapsed());
        if left.is_zero() {
            return false;
        }
        let step = (self.limit / 10).clamp(Duration::from_millis(10), Duration::from_secs(1));
        sleep(step.min(left)).await;
        true
    }

    /// The whole time, for people.
    pub(crate) fn limit(&self) -> String {
        format!("{:?}", self.limit)
    }
}
