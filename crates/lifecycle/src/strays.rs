use std::sync::Arc;

use crate::inner::{Inner, audited};
use crate::issue::checked_holder;
use crate::store::{KeyFilter, KeyRow, Scope, Select, StoreErrorKind, Tx};
use crate::{Error, ErrorKind, KeyId, KeyManager, KeyState, ManagedKey, family};

/// How many rows are read at once.
const PAGE: usize = 500;

impl KeyManager {
    /// Returns a plan for the keys that the store had lost and found in a listing: decide which
    /// keys to keep and which to revoke, then run the plan.
    ///
    /// A stray means that the store has forgotten something: a backup was restored, a file was
    /// copied, a replica took over. Somebody may be using the key, so it is never revoked
    /// automatically before the day in its name.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # let store = MemoryStore::new(SystemClock)?;
    /// # let manager = KeyManager::builder(store).account("main", issuer).build().await?;
    /// let mut plan = manager.strays().await?;
    /// for key in plan.keys().to_vec() {
    ///     plan = if key.holder() == "ci" { plan.keep(key.id()) } else { plan.revoke(key.id()) };
    /// }
    /// for done in plan.run().await {
    ///     match done.outcome {
    ///         Ok(key) => println!("{}: {}", done.id, key.state()),
    ///         Err(error) => eprintln!("{}: {error:#}", done.id),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`] if the store fails.
    pub async fn strays(&self) -> Result<StrayPlan, Error> {
        let adopted =
            KeyFilter { states: vec![KeyState::Live], adopted: Some(true), ..KeyFilter::default() };
        let now = self.inner.transact(Scope::default(), |tx| Ok(tx.now)).await?;
        let (mut rows, mut keys): (Vec<KeyRow>, Vec<ManagedKey>) = (Vec::new(), Vec::new());
        loop {
            let after = keys.last().map(ManagedKey::position);
            let page = self.inner.store.keys(&adopted, after.as_ref(), PAGE).await?;
            let is_last = page.len() < PAGE;
            keys.extend(page.iter().map(|row| ManagedKey::new(row.clone(), now, None)));
            rows.extend(page);
            if is_last {
                let inner = Arc::clone(&self.inner);
                return Ok(StrayPlan { inner, rows, keys, steps: Vec::new() });
            }
        }
    }
}

/// What to do with the keys that the store had lost; see [`KeyManager::strays`].
///
/// A plan writes nothing until [`run`](Self::run) is called.
///
/// ```
/// use pinning_keys_lifecycle::StrayPlan;
///
/// /// The holders of the strays.
/// fn holders(plan: &StrayPlan) -> Vec<&str> {
///     plan.keys().iter().map(|key| key.holder()).collect()
/// }
/// ```
#[must_use = "a plan does nothing until run() is called"]
pub struct StrayPlan {
    inner: Arc<Inner>,
    rows: Vec<KeyRow>,
    keys: Vec<ManagedKey>,
    steps: Vec<(KeyId, Decision)>,
}

#[derive(Clone)]
enum Decision {
    Keep { holder: Option<String> },
    Revoke,
}

/// The result for one key of a plan.
///
/// ```
/// use pinning_keys_lifecycle::StrayDone;
///
/// /// How many keys need another plan.
/// fn left(done: &[StrayDone]) -> usize {
///     done.iter().filter(|done| done.outcome.is_err()).count()
/// }
/// ```
#[derive(Debug)]
pub struct StrayDone {
    /// The key.
    pub id: KeyId,
    /// The key as it is now, or why nothing was done.
    pub outcome: Result<ManagedKey, Error>,
}

impl StrayPlan {
    /// The strays, in the order in which they were found.
    pub fn keys(&self) -> &[ManagedKey] {
        &self.keys
    }

    /// Keeps a key: it counts like any other live key from then on, and becomes its holder's open
    /// key unless the holder already has one. It still ends on the day in its name.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{KeyId, StrayPlan};
    ///
    /// /// Keeps every stray.
    /// fn keep_all(plan: StrayPlan) -> StrayPlan {
    ///     let ids: Vec<KeyId> = plan.keys().iter().map(|key| key.id().clone()).collect();
    ///     ids.iter().fold(plan, StrayPlan::keep)
    /// }
    /// ```
    pub fn keep(self, id: &KeyId) -> Self {
        self.decide(id, Decision::Keep { holder: None })
    }

    /// Keeps a key for this holder. By default, the holder is the name before the suffix, which is
    /// wrong if another holder was set when the key was issued.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{KeyId, StrayPlan};
    ///
    /// fn keep_for_ci(plan: StrayPlan, id: &KeyId) -> StrayPlan {
    ///     plan.keep_for(id, "ci")
    /// }
    /// ```
    pub fn keep_for(self, id: &KeyId, holder: impl Into<String>) -> Self {
        self.decide(id, Decision::Keep { holder: Some(holder.into()) })
    }

    /// Revokes a key. It is due at once, and the worker revokes it.
    ///
    /// ```
    /// use pinning_keys_lifecycle::{KeyId, StrayPlan};
    ///
    /// /// Revokes every stray.
    /// fn revoke_all(plan: StrayPlan) -> StrayPlan {
    ///     let ids: Vec<KeyId> = plan.keys().iter().map(|key| key.id().clone()).collect();
    ///     ids.iter().fold(plan, StrayPlan::revoke)
    /// }
    /// ```
    pub fn revoke(self, id: &KeyId) -> Self {
        self.decide(id, Decision::Revoke)
    }

    /// Carries out the decisions in the order in which they were made. Keys without a decision are
    /// left alone. A key that has changed since the plan was made is also left alone, and reported.
    pub async fn run(self) -> Vec<StrayDone> {
        let mut done = Vec::with_capacity(self.steps.len());
        for (id, decision) in &self.steps {
            let outcome = match self.rows.iter().find(|row| row.id == *id) {
                Some(row) => carry_out(&self.inner, row, decision).await,
                None => Err(family::unknown(id)),
            };
            done.push(StrayDone { id: id.clone(), outcome });
        }
        done
    }

    /// The last decision about a key counts.
    fn decide(mut self, id: &KeyId, decision: Decision) -> Self {
        self.steps.retain(|(of, _)| of != id);
        self.steps.push((id.clone(), decision));
        self
    }
}

async fn carry_out(inner: &Inner, row: &KeyRow, decision: &Decision) -> Result<ManagedKey, Error> {
    match decision {
        Decision::Revoke => {
            change(inner, row, "revoke", |tx, id| {
                let now = tx.now;
                family::revoke(&mut tx.rows, id, now).map(drop)
            })
            .await
        }
        Decision::Keep { holder } => {
            let holder = match holder {
                Some(holder) => {
                    checked_holder(holder.clone()).map_err(|error| error.with_key(&row.id))?
                }
                None => row.holder.clone(),
            };
            match keep(inner, row, holder.clone(), true).await {
                Err(error) if is_conflict(&error) => keep(inner, row, holder, false).await,
                outcome => outcome,
            }
        }
    }
}

/// Keeps a key, as its holder's open key or in addition to it.
async fn keep(
    inner: &Inner,
    row: &KeyRow,
    holder: String,
    is_the_one: bool,
) -> Result<ManagedKey, Error> {
    change(inner, row, "keep", move |tx, id| {
        if let Some(row) = tx.row_mut(id) {
            row.adopted = false;
            row.open_holder = is_the_one.then(|| holder.clone());
            row.holder.clone_from(&holder);
        }
        Ok(())
    })
    .await
}

fn is_conflict(error: &Error) -> bool {
    error.store_error().is_some_and(|error| error.kind() == StoreErrorKind::Conflict)
}

/// Changes a row if it is still as it was when the plan was made.
async fn change(
    inner: &Inner,
    row: &KeyRow,
    action: &'static str,
    change: impl Fn(&mut Tx, &KeyId) -> Result<(), Error> + Send + Sync + 'static,
) -> Result<ManagedKey, Error> {
    let scope = Scope { keys: Select::Family(row.id.clone()), ..Scope::default() };
    let (actor, planned) = (inner.actor.clone(), row.clone());
    let decide = move |tx: &mut Tx| {
        let id = &planned.id;
        let is_as_planned = |row: &KeyRow| row.state == planned.state && row.adopted;
        if !tx.row(id).is_some_and(is_as_planned) {
            return Err(Error::new(
                ErrorKind::WrongState,
                "the key has changed since the plan was made",
            )
            .with_next_step("make a new plan")
            .with_key(id));
        }
        audited(tx, &actor, action, |tx| change(tx, id))?;
        tx.row(id)
            .map(|row| ManagedKey::new(row.clone(), tx.now, None))
            .ok_or_else(|| family::unknown(id))
    };
    inner.transact(scope, decide).await
}
