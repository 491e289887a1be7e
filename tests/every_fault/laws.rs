//! The laws that hold whatever fails. Each function does one thing during a trouble, compares the
//! result with what the emulator created and revoked, and returns a line about it.

use std::collections::BTreeSet;
use std::fmt::Debug;

use pinning_keys::{
    Attempts, Discrepancies, Effect, Error, ErrorKind, IssuedKey, KeyIssuerExt, KeyName, KeyQuery,
    Operation, Reconciliation, Revocation, Verification,
};
use pinning_keys_emulator::{Fault, FaultTally};
use tokio::time::Instant;

use crate::stand::{Often, Stand, Trouble, request};
use crate::table::Deed;

/// More than a page holds, at both providers.
const KEYS: usize = 12;

const MIB: u64 = 1024 * 1024;

/// At most one create is sent. A key that was created but not returned is an unknown effect that
/// names the key and can be settled, also if it is created later; a rejected or unsent create created
/// nothing. Only a repeated create leaves a twin, or is rejected because its own key has the name.
pub(crate) async fn issue(stand: &Stand, trouble: &Trouble, often: Often) -> String {
    let name = KeyName::unique("fault").unwrap();
    let tally = stand.trouble(Operation::Issue, trouble, often).await;
    let result = bounded(stand, &tally, MIB, stand.issuer.issue(&request(&name))).await;
    let made = stand.emulator.keys_made();
    assert!(stand.creates(trouble, &tally) <= 1, "{result:?}");
    stand.end_trouble().await;
    let told = match &result {
        Ok(key) => {
            let keys = if trouble.is_twice() { 2 } else { 1 };
            assert_eq!((made, key.name()), (keys, &name));
            let lives = live_of(stand, trouble, key).await;
            assert_eq!(stand.issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
            if trouble.is_twice() {
                settle(stand, &name, 1).await;
            }
            format!("a key{lives}, {}", requests(&tally))
        }
        Err(error) => {
            match error.effect() {
                Effect::Unknown => assert_eq!(error.key_name(), Some(&name), "{error}"),
                Effect::Rejected if trouble.is_twice() => {
                    assert_eq!((made, error.kind()), (1, ErrorKind::NameTaken), "{error}");
                }
                Effect::NotSent | Effect::Rejected => assert_eq!(made, 0, "{error}"),
            }
            settle(stand, &name, made).await;
            if stand.emulator.faults().carry_out_late().await > 0 {
                settle(stand, &name, 1).await;
            }
            assert_attempts(error, trouble, &tally);
            failed(error)
        }
    };
    assert_eq!(stand.emulator.keys_live(), 0, "a key is left: {result:?}");
    told
}

/// What the holder of a new key sees: a live key, at once unless lateness is the trouble.
async fn live_of(stand: &Stand, trouble: &Trouble, key: &IssuedKey) -> String {
    let verifications = verifications(stand, key).await;
    if matches!(trouble.fault(), Some(Fault::LateKey { .. })) {
        assert_eq!(verifications.last(), Some(&Verification::Live));
        return format!(" that is {}", list_of(&verifications));
    }
    assert_eq!(verifications, [Verification::Live; 3]);
    String::new()
}

/// An unknown effect is settled by the name.
async fn settle(stand: &Stand, name: &KeyName, made: usize) {
    match stand.issuer.reconcile(name).await.unwrap() {
        Reconciliation::Settled { revocation, .. } => {
            assert_eq!((made, revocation), (1, Revocation::Revoked));
        }
        Reconciliation::NothingFound { .. } => assert_eq!(made, 0),
        unclear => panic!("one key at most has the name: {unclear:?}"),
    }
}

/// No key is listed twice, and none is missing without a sign. A list that lags as a whole shows
/// no sign, since it is an earlier list.
pub(crate) async fn list(stand: &Stand, trouble: &Trouble, often: Often) -> String {
    let mut names = BTreeSet::new();
    for i in 0..KEYS {
        let name = KeyName::new(format!("fault-{i}")).unwrap();
        stand.key(&name).await;
        names.insert(name.as_str().to_owned());
    }
    let tally = stand.trouble(Operation::List, trouble, often).await;
    match all_pages(stand, &tally).await {
        Ok(Listing { names: listed, discrepancies, pages }) => {
            let mut seen = BTreeSet::new();
            assert!(listed.iter().all(|name| seen.insert(name)), "a key comes twice: {listed:?}");
            let missing = names.iter().filter(|name| !seen.contains(name)).count();
            let lags = trouble.is_stale() && often == Often::Always;
            assert!(missing == 0 || !discrepancies.is_empty() || lags, "{missing} are missing");
            let keys =
                if missing == 0 { "all keys".to_owned() } else { format!("{missing} missing") };
            format!("{keys}, {discrepancies}, {}", counted(tally.requests() - pages, "repeat"))
        }
        Err(error) => failed(&error),
    }
}

/// The pages of a listing.
struct Listing {
    names: Vec<String>,
    discrepancies: Discrepancies,
    pages: u64,
}

/// All pages, each within the bounds.
async fn all_pages(stand: &Stand, tally: &FaultTally) -> Result<Listing, Error> {
    let (mut names, mut discrepancies) = (Vec::new(), Discrepancies::default());
    let mut query = KeyQuery::new();
    for pages in 1..10 {
        let page = bounded(stand, tally, 8 * MIB, stand.issuer.list(&query)).await?;
        discrepancies.merge(page.discrepancies());
        names.extend(page.records().iter().map(|record| record.name().to_owned()));
        match page.next() {
            Some(next) => query = query.with_cursor(next.clone()),
            None => return Ok(Listing { names, discrepancies, pages }),
        }
    }
    panic!("the listing does not end: {names:?}")
}

/// A key that is reported as revoked is revoked. A rejected or unsent revocation changed nothing.
/// A second revocation settles both, and one that is carried out later does no harm.
pub(crate) async fn revoke(stand: &Stand, deed: Deed, trouble: &Trouble, often: Often) -> String {
    let name = KeyName::unique("fault").unwrap();
    let key = stand.key(&name).await;
    if deed == Deed::LookUp {
        stand.neighbours(trouble).await;
    }
    let tally = stand.trouble(deed.operation(), trouble, often).await;
    let result = bounded(stand, &tally, MIB, stand.issuer.revoke(key.key_ref())).await;
    let live = stand.live(&name);
    stand.end_trouble().await;
    let told = match &result {
        Ok(revocation) => {
            // A key in no list is reported as not found, which proves nothing.
            assert_eq!(live, usize::from(*revocation == Revocation::NotFound), "{revocation:?}");
            let lives =
                if live == 0 { live_after(stand, trouble, &key).await } else { String::new() };
            format!("{revocation:?}{lives}, {}", requests(&tally))
        }
        Err(error) => {
            if error.effect() != Effect::Unknown {
                assert_eq!(live, 1, "{error}");
            }
            if deed == Deed::Revoke {
                assert_attempts(error, trouble, &tally);
            }
            failed(error)
        }
    };
    // Again, like a caller that got an error.
    let again = stand.issuer.revoke(key.key_ref()).await.unwrap();
    assert!(live == 0 || again == Revocation::Revoked, "{again:?}");
    stand.emulator.faults().carry_out_late().await;
    assert_eq!(stand.live(&name), 0, "the key is left: {result:?}");
    told
}

/// What the holder of a revoked key sees: no live key, at once unless lateness is the trouble.
async fn live_after(stand: &Stand, trouble: &Trouble, key: &IssuedKey) -> String {
    let verifications = verifications(stand, key).await;
    assert_ne!(verifications.last(), Some(&Verification::Live));
    if matches!(trouble.fault(), Some(Fault::LingeringKey { .. })) {
        return format!(", the key being {}", list_of(&verifications));
    }
    assert!(!verifications.contains(&Verification::Live), "{verifications:?}");
    String::new()
}

/// A live key is reported as live.
pub(crate) async fn verify(stand: &Stand, trouble: &Trouble, often: Often) -> String {
    let key = stand.key(&KeyName::unique("fault").unwrap()).await;
    let tally = stand.trouble(Operation::Verify, trouble, often).await;
    match bounded(stand, &tally, MIB, stand.issuer.verify(key.credential())).await {
        Ok(verification) => {
            assert_eq!(verification, Verification::Live);
            format!("{verification:?}, {}", requests(&tally))
        }
        Err(error) => {
            assert_attempts(&error, trouble, &tally);
            failed(&error)
        }
    }
}

/// A lost key is revoked, or there is a sign that the list is incomplete. Only a list that lags
/// shows none; later the key is found.
pub(crate) async fn reconcile(stand: &Stand, trouble: &Trouble, often: Often) -> String {
    let name = KeyName::unique("fault").unwrap();
    stand.lost_key(&name).await;
    stand.neighbours(trouble).await;
    let tally = stand.trouble(Operation::List, trouble, often).await;
    let result = stand.issuer.reconcile(&name).await;
    let live = stand.live(&name);
    stand.end_trouble().await;
    let told = match &result {
        Ok(Reconciliation::Settled { revocation, discrepancies, .. }) => {
            assert_eq!((live, *revocation), (0, Revocation::Revoked));
            format!("settled, {discrepancies}, {}", requests(&tally))
        }
        Ok(Reconciliation::NothingFound { discrepancies, .. }) => {
            let is_told = !discrepancies.is_empty() || trouble.is_stale();
            assert!(live == 0 || is_told, "the key is said not to be");
            format!("nothing found, {discrepancies}, {}", requests(&tally))
        }
        Ok(unclear) => panic!("one key has the name: {unclear:?}"),
        Err(error) => failed(error),
    };
    if live > 0 {
        settle(stand, &name, 1).await;
    }
    assert_eq!(stand.live(&name), 0, "the key is left: {result:?}");
    told
}

/// No call takes longer than its deadline or reads more than its limit.
async fn bounded<T>(
    stand: &Stand,
    tally: &FaultTally,
    most_bytes: u64,
    call: impl Future<Output = T>,
) -> T {
    let begin = Instant::now();
    let result = call.await;
    let (took, read) = (begin.elapsed(), tally.body_bytes());
    assert!(took <= stand.deadline + stand.late, "it took {took:?}");
    assert!(read <= most_bytes + stand.on_the_way, "it read {read} bytes");
    result
}

/// An error reports the number of attempts. Refused connections reach no tally.
fn assert_attempts(error: &Error, trouble: &Trouble, tally: &FaultTally) {
    if !matches!(trouble, Trouble::Down) {
        let attempts = error.attempts().map_or(0, Attempts::count);
        assert_eq!(u64::from(attempts), tally.requests(), "{error}");
    }
}

/// Three verifications of a key.
async fn verifications(stand: &Stand, key: &IssuedKey) -> Vec<Verification> {
    let mut verifications = Vec::new();
    for _ in 0..3 {
        verifications.push(stand.issuer.verify(key.credential()).await.unwrap());
    }
    verifications
}

fn failed(error: &Error) -> String {
    let attempts = error.attempts().map_or(0, Attempts::count);
    let attempts = counted(u64::from(attempts), "attempt");
    format!("{:?}, {:?}, {attempts}", error.kind(), error.effect())
}

fn requests(tally: &FaultTally) -> String {
    counted(tally.requests(), "request")
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn list_of(items: &[impl Debug]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
    items.join(", then ")
}
