//! What would become of each key.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use pinning_keys::{Granted, KeyRef, KeyRequest, PermissionSet};
use pinning_keys_lifecycle::{KeyFilter, KeyId, ManagedKey, Rotation};
use pinning_keys_sinks::Incoming;

use super::args::Wishes;
use super::folder::Folder;
use super::selection::Between;
use crate::destination::Destination;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::managed::Managed;
use crate::managed::comparison::Comparison;
use crate::managed::refusal::{ScopeFrom, refusal};
use crate::managed::rows::{all, base_name};

/// A key, and what would become of it.
pub(super) struct Move {
    pub(super) key: ManagedKey,
    /// What it becomes, or why it stays.
    pub(super) verdict: Result<Planned, Failure>,
}

pub(super) struct Planned {
    pub(super) new: NewKey,
    pub(super) rotation: Rotation,
}

impl Planned {
    /// Whether the holder of the new key can issue other keys.
    pub(super) fn can_issue(&self) -> bool {
        let permissions = self.new.granted.permissions();
        permissions.is_none_or(|it| !it.is_disjoint(PermissionSet::ESCALATING))
    }
}

/// The key that replaces another one.
pub(super) struct NewKey {
    pub(super) granted: Granted,
    pub(super) comparison: Comparison,
    pub(super) destination: Destination,
}

/// Plans what becomes of each key, and checks where its secret goes. Nothing is sent.
pub(super) async fn plan(
    keys: Vec<ManagedKey>,
    between: Between<'_>,
    wishes: &Wishes,
    folder: &Folder,
    managed: &Managed,
) -> Result<Vec<Move>, Failure> {
    let ids: Vec<KeyId> = keys.iter().map(|key| key.id().clone()).collect();
    let plan = managed.manager().plan_migration(&ids, &between.into.name).await?;
    let plan = wishes.apply(plan);
    let requests: Vec<_> = plan.steps().iter().map(|step| step.request().ok().cloned()).collect();
    let mut places = Places { between, folder, taken: HashSet::new(), attempts: HashMap::new() };
    places.read_attempts(managed).await?;
    let mut moves = Vec::with_capacity(keys.len());
    let rotations = plan.into_rotations().into_iter().map(|(_, rotation)| rotation);
    for ((key, request), rotation) in keys.into_iter().zip(requests).zip(rotations) {
        let verdict = match rotation {
            Ok(rotation) => {
                let request = request.expect("a rotation is made of a request");
                places.planned(&key, &request, rotation).await
            }
            Err(error) => Err(refusal(error, ScopeFrom::OtherAccount)),
        };
        moves.push(Move { key, verdict: verdict.map_err(Failure::of_key) });
    }
    Ok(moves)
}

/// The files that get the secrets.
struct Places<'a> {
    between: Between<'a>,
    folder: &'a Folder,
    taken: HashSet<PathBuf>,
    /// The keys of earlier attempts that were not confirmed, by the key to replace. Their secrets
    /// may be in the files.
    attempts: HashMap<KeyId, Vec<KeyRef>>,
}

impl Places<'_> {
    async fn read_attempts(&mut self, managed: &Managed) -> Result<(), Failure> {
        let account = Some(self.between.into.name.clone());
        let filter = KeyFilter { account, ..KeyFilter::default() };
        for row in all(managed, &filter).await? {
            if let Some(replaced) = row.replaces() {
                self.attempts.entry(replaced.clone()).or_default().extend(row.key_refs());
            }
        }
        Ok(())
    }

    async fn planned(
        &mut self,
        key: &ManagedKey,
        request: &KeyRequest,
        rotation: Rotation,
    ) -> Result<Planned, Failure> {
        let issuer = self.between.into.account.issuer();
        let granted = issuer.plan(request)?.translation().granted();
        let provider = issuer.profile().provider();
        let recorded = key.recorded_scope();
        let compare = |recorded| Comparison::of(recorded, granted, provider);
        let comparison = recorded.as_ref().map(compare).unwrap_or_default();
        let destination = self.destination(key)?;
        destination.check(&Incoming::new(request.name(), issuer.profile())).await?;
        Ok(Planned { new: NewKey { granted, comparison, destination }, rotation })
    }

    fn destination(&mut self, key: &ManagedKey) -> Result<Destination, Failure> {
        let file = self.folder.file(base_name(key))?;
        let mut replaces = key.key_refs();
        replaces.extend(self.attempts.get(key.id()).into_iter().flatten().cloned());
        let destination = Destination::file(&file, &replaces)?;
        if !self.taken.insert(file) {
            return Err(Failure::new(
                Exit::Failed,
                "another key with this name goes to the same file",
            )
            .with_kind("not_delivered")
            .with_next("to move it:  run the command for this key alone, with another folder"));
        }
        Ok(destination)
    }
}
