//! The clauses of `KeyIssuer::issue` about scopes: a key can do what it was granted, and
//! nothing else.
//!
//! What a key can do is tried out where the harness has a probe and a route is known, and read
//! from the key's record otherwise.

use pinning_keys_core::{IssuedKey, Permission, PermissionSet, ScopeRequest};

use super::one;
use crate::bench::Bench;
use crate::case::Need::{AdminKeys, OwnScopes, Probe, Profile, Reach};
use crate::case::{Case, LISTS, Size, Stop, Verdict, case, ensure};
use crate::scopes::{self, Bounds};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("issue-04-each-permission-alone", alone, [OwnScopes, Reach, Profile(|p| !scopes::alone(p.table()).is_empty(), "no permission can be granted alone")], bench => each_alone(bench)),
    case!("issue-04-pairs-of-grants", pairs, [OwnScopes, Reach, Profile(|p| !scopes::pairs(p.table()).is_empty(), "no two grants are apart")], bench => each_pair(bench)),
    case!("issue-04-scopes-drawn-by-chance", drawn, [OwnScopes, Reach, Profile(scopes::draws, scopes::NONE_TO_DRAW)], bench => each_drawn(bench)),
    case!("issue-04-everything-is-not-admin", one,
        [OwnScopes, Reach, Profile(|p| p.table().grants().len() > 1, "the table has one grant")], bench => everything(bench)),
    case!("issue-04-admin-may-do-everything", one, [OwnScopes, Probe, AdminKeys], bench => admin(bench)),
    case!("issue-04-record-tells-what-was-granted", one, [LISTS], bench => record(bench)),
    case!("issue-06-granted-lies-between-floor-and-ceiling", drawn, [OwnScopes, Profile(scopes::draws, scopes::NONE_TO_DRAW)], bench => between(bench)),
    case!("issue-06-missing-and-extra-tell-the-difference", drawn, [OwnScopes, Profile(scopes::draws, scopes::NONE_TO_DRAW)], bench => difference(bench)),
];

fn alone(size: &Size) -> usize {
    scopes::alone(size.profile.table()).len()
}

fn pairs(size: &Size) -> usize {
    scopes::pairs(size.profile.table()).len()
}

fn drawn(_: &Size) -> usize {
    scopes::DRAWN
}

async fn each_alone(bench: &Bench<'_>) -> Verdict {
    all_of(bench, scopes::alone(bench.profile().table())).await
}

async fn each_pair(bench: &Bench<'_>) -> Verdict {
    all_of(bench, scopes::pairs(bench.profile().table())).await
}

async fn each_drawn(bench: &Bench<'_>) -> Verdict {
    all_of(bench, scopes::drawn(bench.profile().table(), bench.harness().seed())).await
}

/// Makes a key for each, looks at what it can do, and revokes it before the next.
async fn all_of(bench: &Bench<'_>, all: Vec<Bounds>) -> Verdict {
    let mut compared = 0;
    for bounds in all {
        if let Some(key) = issue(bench, bounds).await? {
            compared += compare(bench, &key).await?;
            bench.discard(&key).await?;
        }
    }
    ensure_compared(compared)
}

/// A key within these bounds; `None` where this provider cannot make one, or where the harness
/// does not want one.
async fn issue(bench: &Bench<'_>, bounds: Bounds) -> Result<Option<IssuedKey>, Stop> {
    let escalates = bounds.needs.contains(Permission::KeysManage);
    if escalates && !bench.harness().may_make_admin_keys() {
        return Ok(None);
    }
    let request = bench.request(bounds.request())?;
    if bench.profile().table().translate(request.scope()).is_err() {
        return Ok(None);
    }
    bench.issue(&request).await.map(Some)
}

async fn everything(bench: &Bench<'_>) -> Verdict {
    let Some(key) = issue(bench, scopes::everything(bench.profile().table())).await? else {
        return Err(Stop::skipped("the harness allows no key that makes others"));
    };
    ensure!(!key.granted().is_admin(), "all permissions together are told to be admin");
    if let Some(record) = bench.record_if_any(key.name()).await? {
        ensure!(!record.scope().is_admin(), "all permissions together became an admin key");
    }
    ensure_reach(bench, &key).await
}

async fn admin(bench: &Bench<'_>) -> Verdict {
    let key = bench.issue(&bench.request(ScopeRequest::admin())?).await?;
    ensure!(key.granted().is_admin(), "an admin key is told to have {}", key.granted());
    ensure_reach(bench, &key).await
}

async fn record(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let record = bench.record(key.name()).await?;
    ensure!(
        record.scope() == key.granted(),
        "granted is {}, and its record says {}",
        key.granted(),
        record.scope()
    );
    Ok(())
}

/// A case that has compared nothing has not shown anything.
fn ensure_compared(compared: usize) -> Verdict {
    if compared == 0 {
        return Err(Stop::skipped("there was nothing to compare"));
    }
    Ok(())
}

async fn ensure_reach(bench: &Bench<'_>, key: &IssuedKey) -> Verdict {
    ensure_compared(compare(bench, key).await?)
}

/// Compares what a key can do with what it was granted: not one more, not one less. Tells how
/// many permissions could be compared.
async fn compare(bench: &Bench<'_>, key: &IssuedKey) -> Result<usize, Stop> {
    let mut compared = 0;
    bench.wait_until_live(key.credential()).await?;
    let record = bench.record_if_any(key.name()).await?;
    let granted = key.granted();
    for permission in Permission::ALL.iter().copied() {
        let (how, may) = match (try_out(bench, key, permission).await?, &record) {
            (Some(may), _) => ("at the provider", may),
            (None, Some(record)) => ("by its record", record.scope().allows(permission)),
            (None, None) => continue,
        };
        ensure!(
            may == granted.allows(permission),
            "granted is {granted}; {how} it may{} do {permission}",
            if may { "" } else { " not" }
        );
        compared += 1;
    }
    Ok(compared)
}

async fn try_out(
    bench: &Bench<'_>,
    key: &IssuedKey,
    permission: Permission,
) -> Result<Option<bool>, Stop> {
    match bench.harness().probe() {
        Some(probe) => Ok(probe.may(key.credential(), permission).await?),
        None => Ok(None),
    }
}

/// Keys within bounds that were drawn, and their bounds.
async fn keys_drawn(bench: &Bench<'_>) -> Result<Vec<(Bounds, IssuedKey)>, Stop> {
    let mut keys = Vec::new();
    for bounds in scopes::drawn(bench.profile().table(), bench.harness().seed()) {
        if let Some(key) = issue(bench, bounds).await? {
            bench.discard(&key).await?;
            keys.push((bounds, key));
        }
    }
    ensure_compared(keys.len())?;
    Ok(keys)
}

async fn between(bench: &Bench<'_>) -> Verdict {
    for (bounds, key) in keys_drawn(bench).await? {
        let granted = permissions(&key)?;
        let (lacks, beyond) = (bounds.floor() - granted, granted - bounds.ceiling());
        ensure!(lacks.is_empty(), "{}: {lacks} is needed and not granted", bounds.request());
        ensure!(beyond.is_empty(), "{}: {beyond} is granted and was not asked", bounds.request());
    }
    Ok(())
}

async fn difference(bench: &Bench<'_>) -> Verdict {
    for (bounds, key) in keys_drawn(bench).await? {
        let (granted, request) = (permissions(&key)?, bounds.request());
        let missing = scopes::closed(bounds.prefers) - bounds.floor() - granted;
        let extra = granted - scopes::closed(bounds.needs | bounds.prefers);
        ensure!(key.missing() == missing, "{request}: missing is {}, not {missing}", key.missing());
        ensure!(key.extra() == extra, "{request}: extra is {}, not {extra}", key.extra());
    }
    Ok(())
}

fn permissions(key: &IssuedKey) -> Result<PermissionSet, Stop> {
    let granted = key.granted().permissions();
    granted.ok_or_else(|| Stop::failed("a request for some permissions is granted as admin"))
}
