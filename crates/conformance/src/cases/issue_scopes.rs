//! The clauses of `KeyIssuer::issue` about scopes: a key can do what it was granted, and
//! nothing else.
//!
//! A case tries out what a key can do if the harness has a probe that knows a route, and reads
//! the key's record otherwise.

use pinning_keys_core::{IssuedKey, Permission, PermissionSet, ScopeRequest};

use super::shared::try_out;
use crate::bench::Bench;
use crate::case::{Case, case, one_key};
use crate::facts::Facts;
use crate::need::LISTS;
use crate::need::Need::{AdminKeys, HasProbe, Known, MaySkipLate, OwnScopes, Profile, Reach};
use crate::scopes::{self, Bounds};
use crate::verdict::{Stop, Verdict, ensure};

#[rustfmt::skip]
pub(super) const CASES: &[Case] = &[
    case!("issue-04-each-permission-alone", |facts| alone(facts).len(),
        [OwnScopes, Reach, Known(|facts| !alone(facts).is_empty(), "no permission can be granted alone"), MaySkipLate(without_records)],
        bench => all_of(bench, alone)),
    case!("issue-04-pairs-of-grants", |facts| pairs(facts).len(),
        [OwnScopes, Reach, Known(|facts| !pairs(facts).is_empty(), "no two grants are disjoint"), MaySkipLate(without_records)],
        bench => all_of(bench, pairs)),
    case!("issue-04-random-scopes", drawn_keys,
        [OwnScopes, Reach, Known(can_draw, scopes::NONE_TO_DRAW), MaySkipLate(without_records)],
        bench => all_of(bench, drawn)),
    case!("issue-04-all-permissions-are-not-admin", one_key,
        [OwnScopes, Reach, Profile(|p| p.table().grants().len() > 1, "the table has one grant"),
            Known(|facts| !everything(facts).is_empty(), "the harness allows no key that can create keys"), MaySkipLate(without_records)],
        bench => not_admin(bench)),
    case!("issue-04-admin-can-do-everything", one_key, [OwnScopes, HasProbe, AdminKeys, MaySkipLate(without_records)], bench => admin(bench)),
    case!("issue-04-native-grant-is-granted-as-named", |facts| native(facts).len(),
        [OwnScopes, LISTS, Known(|facts| !native(facts).is_empty(), "every grant opens a permission")],
        bench => named(bench)),
    case!("issue-04-record-shows-what-was-granted", one_key, [LISTS], bench => record(bench)),
    case!("issue-06-granted-lies-between-floor-and-ceiling", drawn_keys,
        [OwnScopes, Known(can_draw, scopes::NONE_TO_DRAW)], bench => between(bench)),
    case!("issue-06-missing-and-extra-are-exact", drawn_keys,
        [OwnScopes, Known(can_draw, scopes::NONE_TO_DRAW)], bench => difference(bench)),
];

/// Without a list, only the probe shows what a key can do, and only a try shows which routes the
/// probe knows.
fn without_records(facts: &Facts) -> bool {
    !facts.can_list
}

fn alone(facts: &Facts) -> Vec<Bounds> {
    scopes::issuable(facts, scopes::alone(facts.profile.table()))
}

fn pairs(facts: &Facts) -> Vec<Bounds> {
    scopes::issuable(facts, scopes::pairs(facts.profile.table()))
}

fn drawn(facts: &Facts) -> Vec<Bounds> {
    scopes::issuable(facts, scopes::drawn(facts.profile.table(), facts.seed))
}

fn everything(facts: &Facts) -> Vec<Bounds> {
    scopes::issuable(facts, vec![scopes::everything(facts.profile.table())])
}

fn native(facts: &Facts) -> Vec<ScopeRequest> {
    scopes::native(facts.profile.table())
}

fn drawn_keys(facts: &Facts) -> usize {
    drawn(facts).len()
}

fn can_draw(facts: &Facts) -> bool {
    !drawn(facts).is_empty()
}

/// Issues a key for each of the bounds, checks what it can do, and revokes it before the next.
async fn all_of(bench: &Bench<'_>, bounds: fn(&Facts) -> Vec<Bounds>) -> Verdict {
    let mut compared = 0;
    for bounds in bounds(bench.facts()) {
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

async fn not_admin(bench: &Bench<'_>) -> Verdict {
    let key = issue(bench, scopes::everything(bench.profile().table())).await?;
    ensure!(!key.granted().is_admin(), "all permissions together are granted as admin");
    if let Some(record) = bench.record_if_any(key.name()).await? {
        ensure!(!record.scope().is_admin(), "all permissions together became an admin key");
    }
    ensure_reach(bench, &key).await
}

async fn admin(bench: &Bench<'_>) -> Verdict {
    let key = bench.issue(&bench.request(ScopeRequest::admin())?).await?;
    ensure!(key.granted().is_admin(), "an admin key is granted {}", key.granted());
    ensure_reach(bench, &key).await
}

async fn record(bench: &Bench<'_>) -> Verdict {
    let key = bench.plain_key().await?;
    let record = bench.record(key.name()).await?;
    ensure!(
        record.scope() == key.granted().scope(),
        "granted is {}, but the record has {}",
        key.granted(),
        record.scope()
    );
    Ok(())
}

async fn named(bench: &Bench<'_>) -> Verdict {
    for scope in native(bench.facts()) {
        let key = bench.issue(&bench.request(scope.clone())?).await?;
        let granted = scopes::names(bench.profile().table(), key.granted().native());
        let reading = bench.record(key.name()).await?.reading().clone();
        for name in scope.needed_native() {
            ensure!(
                granted.iter().any(|granted| granted == name),
                "{name} was requested, but granted is {}",
                key.granted()
            );
            ensure!(
                reading.native().iter().any(|held| held == name),
                "granted is {}, but the record has {reading}",
                key.granted()
            );
        }
        bench.discard(&key).await?;
    }
    Ok(())
}

/// A case that compared nothing has checked nothing.
fn ensure_compared(compared: usize) -> Verdict {
    if compared == 0 {
        return Err(Stop::skipped("the probe knows no route, and the provider cannot list"));
    }
    Ok(())
}

async fn ensure_reach(bench: &Bench<'_>, key: &IssuedKey) -> Verdict {
    ensure_compared(compare(bench, key).await?)
}

/// Checks that a key can do exactly what it was granted, and returns how many permissions could be
/// compared.
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
            "granted is {granted}, but {how} the key {} {permission}",
            if may { "has" } else { "lacks" }
        );
        compared += 1;
    }
    Ok(compared)
}

/// Keys for random bounds, and the bounds.
async fn keys_drawn(bench: &Bench<'_>) -> Result<Vec<(Bounds, IssuedKey)>, Stop> {
    let mut keys = Vec::new();
    for bounds in drawn(bench.facts()) {
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
        ensure!(lacks.is_empty(), "{}: {lacks} is needed but not granted", bounds.request());
        ensure!(
            beyond.is_empty(),
            "{}: {beyond} is granted but was not requested",
            bounds.request()
        );
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
    granted.ok_or_else(|| Stop::failed("a request for permissions is granted as admin"))
}
