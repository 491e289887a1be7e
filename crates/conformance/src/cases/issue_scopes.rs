//! The clauses of `KeyIssuer::issue` about scopes: a key can do what it was granted, and
//! nothing else.
//!
//! What a key can do is tried out where the harness has a probe and a route is known, and read
//! from the key's record otherwise.

use pinning_keys_core::{IssuedKey, Permission, PermissionSet, ScopeRequest};

use super::one;
use crate::Harness;
use crate::bench::Bench;
use crate::case::Need::{AdminKeys, Known, OwnScopes, Probe, Profile, Reach, RunTells};
use crate::case::{Case, LISTS, Stop, Verdict, case, ensure};
use crate::scopes::{self, Bounds};
use crate::selection::Terms;

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("issue-04-each-permission-alone", alone,
        [OwnScopes, Reach, Known(|t| alone(t) > 0, "no permission can be granted alone"), RunTells(without_records)],
        bench => all_of(bench, alone_of)),
    case!("issue-04-pairs-of-grants", pairs,
        [OwnScopes, Reach, Known(|t| pairs(t) > 0, "no two grants are apart"), RunTells(without_records)],
        bench => all_of(bench, pairs_of)),
    case!("issue-04-scopes-drawn-by-chance", drawn,
        [OwnScopes, Reach, Known(|t| drawn(t) > 0, scopes::NONE_TO_DRAW), RunTells(without_records)],
        bench => all_of(bench, drawn_of)),
    case!("issue-04-everything-is-not-admin", one,
        [OwnScopes, Reach, Profile(|p| p.table().grants().len() > 1, "the table has one grant"),
            Known(|t| !everything_of(t).is_empty(), "the harness allows no key that makes others"), RunTells(without_records)],
        bench => everything(bench)),
    case!("issue-04-admin-may-do-everything", one, [OwnScopes, Probe, AdminKeys, RunTells(without_records)], bench => admin(bench)),
    case!("issue-04-record-tells-what-was-granted", one, [LISTS], bench => record(bench)),
    case!("issue-06-granted-lies-between-floor-and-ceiling", drawn,
        [OwnScopes, Known(|t| drawn(t) > 0, scopes::NONE_TO_DRAW)], bench => between(bench)),
    case!("issue-06-missing-and-extra-tell-the-difference", drawn,
        [OwnScopes, Known(|t| drawn(t) > 0, scopes::NONE_TO_DRAW)], bench => difference(bench)),
];

/// Where nothing is listed, only the probe tells what a key can do, and only a key tells for what
/// the probe knows a route.
fn without_records(_: &dyn Harness, terms: &Terms) -> bool {
    !terms.lists
}

fn alone_of(terms: &Terms) -> Vec<Bounds> {
    scopes::issuable(terms, scopes::alone(terms.profile.table()))
}

fn pairs_of(terms: &Terms) -> Vec<Bounds> {
    scopes::issuable(terms, scopes::pairs(terms.profile.table()))
}

fn drawn_of(terms: &Terms) -> Vec<Bounds> {
    scopes::issuable(terms, scopes::drawn(terms.profile.table(), terms.seed))
}

fn everything_of(terms: &Terms) -> Vec<Bounds> {
    scopes::issuable(terms, vec![scopes::everything(terms.profile.table())])
}

fn alone(terms: &Terms) -> usize {
    alone_of(terms).len()
}

fn pairs(terms: &Terms) -> usize {
    pairs_of(terms).len()
}

fn drawn(terms: &Terms) -> usize {
    drawn_of(terms).len()
}

/// Makes a key for each, looks at what it can do, and revokes it before the next.
async fn all_of(bench: &Bench<'_>, bounds: fn(&Terms) -> Vec<Bounds>) -> Verdict {
    let mut compared = 0;
    for bounds in bounds(bench.terms()) {
        let key = issue(bench, bounds).await?;
        compared += compare(bench, &key).await?;
        bench.discard(&key).await?;
    }
    ensure_compared(compared)
}

/// A key within these bounds.
async fn issue(bench: &Bench<'_>, bounds: Bounds) -> Result<IssuedKey, Stop> {
    bench.issue(&bench.request(bounds.request())?).await
}

async fn everything(bench: &Bench<'_>) -> Verdict {
    let key = issue(bench, scopes::everything(bench.profile().table())).await?;
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
        return Err(Stop::skipped("the probe knows no route, and nothing is listed"));
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
    for bounds in drawn_of(bench.terms()) {
        let key = issue(bench, bounds).await?;
        bench.discard(&key).await?;
        keys.push((bounds, key));
    }
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
