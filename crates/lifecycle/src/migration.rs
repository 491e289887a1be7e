use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::{KeyRequest, PermissionSet, Tolerance};

use crate::inner::Inner;
use crate::store::{KeyRow, Scope, Select, Tx};
use crate::successor::Wishes;
use crate::{Delivery, Error, KeyId, Label, ManagedKey, Rotation, Timestamp, family};

/// A plan to move keys to another account; see
/// [`KeyManager::plan_migration`](crate::KeyManager::plan_migration).
///
/// A plan writes nothing and sends nothing until [`run`](Self::run) is called.
///
/// ```
/// # use pinning_keys_core::Permission;
/// use pinning_keys_lifecycle::{Error, KeyId, KeyManager, MigrationPlan};
///
/// async fn plan(manager: &KeyManager, ids: &[KeyId]) -> Result<MigrationPlan, Error> {
///     Ok(manager.plan_migration(ids, "w3ipfs").await?.without([Permission::PinsListJobs]))
/// }
/// ```
#[must_use = "a plan does nothing until run() is called"]
pub struct MigrationPlan {
    inner: Arc<Inner>,
    onto: String,
    wishes: Wishes,
    label: Label,
    now: Timestamp,
    rows: Vec<KeyRow>,
    steps: Vec<MigrationStep>,
}

/// The plan for one key.
///
/// ```
/// use pinning_keys_lifecycle::MigrationStep;
///
/// fn explain(step: &MigrationStep) -> String {
///     match step.request() {
///         Ok(request) => format!("{}: {}", step.id(), request.scope()),
///         Err(error) => format!("{}: {error}", step.id()),
///     }
/// }
/// ```
#[derive(Debug)]
pub struct MigrationStep {
    id: KeyId,
    key: Option<ManagedKey>,
    request: Result<KeyRequest, Error>,
}

impl MigrationStep {
    /// The key's id.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key, if the store has it.
    pub fn key(&self) -> Option<&ManagedKey> {
        self.key.as_ref()
    }

    /// The request that the plan would make.
    ///
    /// # Errors
    ///
    /// The reason why the key cannot be moved. The plan leaves such a key alone.
    pub fn request(&self) -> Result<&KeyRequest, &Error> {
        self.request.as_ref()
    }
}

/// The result for one key of a plan.
///
/// ```
/// use pinning_keys_lifecycle::{Error, Migrated};
///
/// async fn finish(migrated: Migrated) -> Result<(), Error> {
///     let delivery = migrated.outcome?;
///     // Store the secret: delivery.credential().expose()
///     delivery.confirm().await?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Migrated {
    /// The key that was to be moved.
    pub id: KeyId,
    /// The delivery of its successor, or why there is none.
    pub outcome: Result<Delivery, Error>,
}

impl MigrationPlan {
    pub(crate) async fn new(inner: Arc<Inner>, ids: &[KeyId], onto: &str) -> Result<Self, Error> {
        inner.account(onto)?;
        let scope = Scope { keys: Select::Ids(ids.to_vec()), ..Scope::default() };
        let read = |tx: &mut Tx| Ok((tx.store.label.clone(), tx.now, tx.rows.clone()));
        let (label, now, rows) = inner.transact(scope, read).await?;
        let (onto, wishes) = (onto.to_owned(), Wishes::default());
        let steps = ids.iter().map(|id| MigrationStep {
            id: id.clone(),
            key: None,
            request: Err(family::unknown(id)),
        });
        let steps = steps.collect();
        Ok(Self { inner, onto, wishes, label, now, rows, steps }.checked())
    }

    /// Sets how long each old key continues to work after its successor is confirmed (default: 0
    /// s).
    ///
    /// ```
    /// # use std::time::Duration;
    /// use pinning_keys_lifecycle::MigrationPlan;
    ///
    /// fn gently(plan: MigrationPlan) -> MigrationPlan {
    ///     plan.overlap(Duration::from_hours(1))
    /// }
    /// ```
    pub fn overlap(mut self, time: Duration) -> Self {
        self.wishes.overlap = time;
        self
    }

    /// Leaves out permissions that the new keys need not have, because the other provider does not
    /// have them (default: none), and updates the plan.
    ///
    /// ```
    /// # use pinning_keys_core::Permission;
    /// use pinning_keys_lifecycle::MigrationPlan;
    ///
    /// fn narrower(plan: MigrationPlan) -> MigrationPlan {
    ///     plan.without([Permission::PinsListJobs])
    /// }
    /// ```
    pub fn without(mut self, permissions: impl Into<PermissionSet>) -> Self {
        self.wishes.without |= permissions.into();
        self.checked()
    }

    /// Accepts grants that the other provider makes only together with needed ones (default: none),
    /// and updates the plan.
    ///
    /// ```
    /// use pinning_keys_lifecycle::MigrationPlan;
    ///
    /// fn wider(plan: MigrationPlan) -> MigrationPlan {
    ///     plan.tolerates("pinata:org:files:write")
    /// }
    /// ```
    pub fn tolerates(mut self, tolerance: impl Into<Tolerance>) -> Self {
        self.wishes.tolerates.push(tolerance.into());
        self.checked()
    }

    /// Each key of the plan, in the order in which they were given.
    pub fn steps(&self) -> &[MigrationStep] {
        &self.steps
    }

    /// Starts the rotation of each key that can be moved, one after the other. A key that has
    /// changed since the plan was made is left alone, and reported.
    ///
    /// Each delivery must be confirmed before its deadline, so move no more keys at once than can be
    /// delivered in that time.
    pub async fn run(self) -> Vec<Migrated> {
        let mut migrated = Vec::with_capacity(self.steps.len());
        for (id, rotation) in self.into_rotations() {
            let outcome = match rotation {
                Ok(rotation) => rotation.start().await,
                Err(error) => Err(error),
            };
            migrated.push(Migrated { id, outcome });
        }
        migrated
    }

    /// The rotation of each key, in the order in which they were given, or why the key cannot be
    /// moved. A key that has changed since the plan was made is left alone when its rotation starts.
    ///
    /// With this, many keys can be delivered one after the other, each before the next is issued.
    ///
    /// ```
    /// # use pinning_keys_sinks::Sink;
    /// use pinning_keys_lifecycle::MigrationPlan;
    ///
    /// async fn deliver(plan: MigrationPlan, sink: &dyn Sink) {
    ///     for (id, rotation) in plan.into_rotations() {
    ///         let moved = match rotation {
    ///             Ok(rotation) => rotation.issue_to(sink).await,
    ///             Err(error) => Err(error),
    ///         };
    ///         match moved {
    ///             Ok(key) => println!("{id} is replaced by {}", key.id()),
    ///             Err(error) => println!("{id} stays: {error}"),
    ///         }
    ///     }
    /// }
    /// ```
    pub fn into_rotations(self) -> Vec<(KeyId, Result<Rotation, Error>)> {
        let Self { inner, onto, wishes, rows, steps, .. } = self;
        let rotation = |row: &KeyRow| {
            Rotation::planned(Arc::clone(&inner), row.clone(), onto.clone(), wishes.clone())
        };
        let rows = by_id(&rows);
        let step = |MigrationStep { id, request, .. }: MigrationStep| {
            let row = rows.get(&id).ok_or_else(|| family::unknown(&id));
            let rotation = request.and_then(|_| row.map(|row| rotation(row)));
            (id, rotation)
        };
        steps.into_iter().map(step).collect()
    }

    /// The plan with each step checked.
    fn checked(mut self) -> Self {
        let rows = by_id(&self.rows);
        for step in &mut self.steps {
            let Some(row) = rows.get(&step.id) else { continue };
            step.key = Some(ManagedKey::new((*row).clone(), self.now, None));
            step.request = self.inner.account(&self.onto).and_then(|account| {
                let terms = self.wishes.terms(row, &[], self.now)?;
                terms.checked_request(account, &self.label, &row.id)
            });
        }
        self
    }
}

fn by_id(rows: &[KeyRow]) -> HashMap<&KeyId, &KeyRow> {
    rows.iter().map(|row| (&row.id, row)).collect()
}
