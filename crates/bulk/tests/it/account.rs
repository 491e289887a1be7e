//! A failure that affects all keys stops a batch, and the rest can be taken up again. What counts
//! is the number of requests that arrive.

use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use pinning_keys::credentials::{AccountCredential, Ask, SecretFrom, from_fn};
use pinning_keys_bulk::{
    IssueMany, RateLimits, RevokeMany, StopReason, Throttled, issue_many, revoke_many,
};
use pinning_keys_core::{
    Effect, Error, ErrorKind, KeyIssuer as _, KeyQuery, KeyRef, KeyRequest, Operation,
};
use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage, W3ipfsAssumptions};
use pinning_keys_pinata::PinataConfig;
use pinning_keys_w3ipfs::W3ipfsConfig;
use tokio::time::Instant;

use crate::desk::{Desk, Step, at_once, requests};
use crate::stand::{PROVIDERS, Provider, Stand, keys_of, users};

const LATENCY: Duration = Duration::from_millis(50);

/// The default concurrency: the calls that are in flight when the first fails.
const IN_FLIGHT: usize = 16;

/// Kinds that affect all keys.
fn affecting_all() -> impl Iterator<Item = ErrorKind> {
    ErrorKind::ALL.iter().copied().filter(|kind| kind.affects_all_keys())
}

/// How a batch ended: the numbers of successes and of items that were not started, and the errors.
type End = (usize, usize, Vec<Error>);

/// Reads a batch to its end. It is in doubt about nothing.
async fn issue(mut batch: IssueMany, mut after: impl FnMut(usize)) -> (End, Vec<KeyRequest>) {
    let (mut made, mut errors, mut again) = (0, Vec::new(), Vec::new());
    while let Some((request, result)) = batch.next().await {
        match result {
            Ok(_) => made += 1,
            Err(error) => {
                errors.push(error);
                again.push(request);
            }
        }
        after(made + errors.len());
    }
    // The last error says why.
    let reason = errors.last().map(|error| StopReason::Failure(error.kind()));
    assert_eq!(batch.stop_reason(), reason);
    let rest = batch.into_rest();
    assert!(rest.in_doubt().is_empty());
    let unstarted: Vec<_> = rest.into_unstarted().collect();
    let end = (made, unstarted.len(), errors);
    again.extend(unstarted);
    (end, again)
}

/// The same for revocations.
async fn revoke(mut batch: RevokeMany) -> End {
    let (mut revoked, mut errors) = (0, Vec::new());
    while let Some((_, result)) = batch.next().await {
        match result {
            Ok(_) => revoked += 1,
            Err(error) => errors.push(error),
        }
    }
    let reason = errors.last().map(|error| StopReason::Failure(error.kind()));
    assert_eq!(batch.stop_reason(), reason);
    (revoked, batch.into_rest().into_unstarted().count(), errors)
}

#[tokio::test(start_paused = true)]
async fn first_failure_that_affects_all_keys_stops_the_batch() {
    for kind in affecting_all() {
        for concurrency in [1, IN_FLIGHT] {
            let failing = |desk: Desk, n: usize| desk.script(&n.to_string(), [Step::Fails(kind)]);
            let desk = (40..1_000).fold(Desk::new(LATENCY), failing);
            let batch = issue_many(desk.clone(), requests(1_000));
            let batch = batch.with_concurrency(at_once(concurrency));
            let ((made, unstarted, errors), _) = issue(batch, |_| {}).await;
            assert!((1..=concurrency).contains(&errors.len()), "{kind}: {}", errors.len());
            assert!(errors.iter().all(|error| error.kind() == kind));
            assert_eq!((made, unstarted), (40, 960 - errors.len()), "{kind}");
            assert_eq!(desk.calls().len(), 40 + errors.len(), "{kind}");
        }
    }
}

/// As behind a front door that lets nothing through, and closes for longer if it is tried again.
#[tokio::test(start_paused = true)]
async fn refusals_in_a_row_stop_the_batch() {
    let refused = [Step::Fails(ErrorKind::Refused)];
    for (concurrency, calls) in [(1, 16), (IN_FLIGHT, 16 + IN_FLIGHT - 1)] {
        let desk = Desk::new(LATENCY).script_all(1_000, refused);
        let batch = issue_many(desk.clone(), requests(1_000));
        let ((made, unstarted, errors), _) =
            issue(batch.with_concurrency(at_once(concurrency)), |_| {}).await;
        assert_eq!((made, errors.len(), unstarted), (0, calls, 1_000 - calls));
        assert_eq!(desk.calls().len(), calls);
    }
    // A refusal of every second item is about these.
    let desk = (0..500)
        .map(|n| 2 * n)
        .fold(Desk::new(LATENCY), |desk, n: usize| desk.script(&n.to_string(), refused));
    let mut batch = issue_many(desk, requests(1_000)).with_concurrency(at_once(1));
    while batch.next().await.is_some() {}
    assert_eq!((batch.stop_reason(), batch.progress().succeeded()), (None, 500));
}

#[tokio::test(start_paused = true)]
async fn failure_of_one_item_stops_no_batch() {
    let one_item = ErrorKind::ALL.iter().copied().filter(|kind| !kind.affects_all_keys());
    // A refusal for now is no result.
    for kind in one_item.filter(|kind| *kind != ErrorKind::RateLimited) {
        // As many attempts as an item gets.
        let desk = Desk::new(LATENCY).script("3", [Step::Fails(kind); 4]);
        let mut batch = issue_many(desk, requests(100));
        let mut failed = Vec::new();
        while let Some((request, result)) = batch.next().await {
            failed.extend(result.err().map(|error| (request.name().to_string(), error.kind())));
        }
        assert_eq!(failed, [("3".to_owned(), kind)]);
        assert_eq!((batch.stop_reason(), batch.progress().succeeded()), (None, 99), "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn stop_that_was_asked_for_is_told_apart() {
    let desk = Desk::new(LATENCY).script("1", [Step::Fails(ErrorKind::TooManyKeys)]);
    let mut batch = issue_many(desk, requests(9)).with_concurrency(at_once(2));
    assert_eq!((batch.is_stopped(), batch.stop_reason()), (false, None));
    batch.next().await;
    batch.stop();
    assert_eq!((batch.is_stopped(), batch.stop_reason()), (true, Some(StopReason::Requested)));
    // What is in flight can still show that another batch would fail.
    while batch.next().await.is_some() {}
    assert_eq!(batch.stop_reason(), Some(StopReason::Failure(ErrorKind::TooManyKeys)));
}

#[tokio::test(start_paused = true)]
async fn account_that_is_full_is_filled_up_later() {
    let emulator =
        Emulator::builder().w3ipfs_assumptions(W3ipfsAssumptions::default().max_keys(100));
    let emulator = slow(emulator.in_memory());
    // One key is the account's own.
    let before = emulator.keys_live();
    let issuer = Arc::new(w3ipfs(&emulator).with_jwt(emulator.w3ipfs().jwt()).build().unwrap());
    let batch = issue_many(Arc::clone(&issuer), users(1_000));
    let ((made, unstarted, errors), again) = issue(batch, |_| {}).await;
    assert_eq!(emulator.keys_live() - before, made);
    assert!(errors.iter().all(|error| error.kind() == ErrorKind::TooManyKeys));
    assert!(errors.len() <= IN_FLIGHT);
    assert_eq!(emulator.requests(), u64::try_from(made + errors.len()).unwrap());
    assert_eq!((made + errors.len() + unstarted, again.len()), (1_000, 1_000 - made));

    // With room for thirty more, the rest goes on.
    let page = issuer.list(&KeyQuery::new()).await.unwrap();
    for key in page.records().iter().filter(|key| key.name() != "Default").take(30) {
        let _ = issuer.revoke(key.key_ref()).await.unwrap();
    }
    let batch = issue_many(issuer, again);
    let ((more, ..), _) = issue(batch, |_| {}).await;
    assert_eq!((more, emulator.keys_live() - before), (30, made));
}

#[tokio::test(start_paused = true)]
async fn session_that_ends_stops_the_batch_unless_it_is_renewed() {
    for renewed in [false, true] {
        let emulator = slow(roomy());
        let account = emulator.w3ipfs().clone();
        let (first, current) = (account.jwt(), account.clone());
        let source = from_fn(move |ask| {
            let is_renewed = renewed && matches!(ask, Ask::AfterRefusal(_));
            let jwt = if is_renewed { current.jwt() } else { first.clone() };
            async move { AccountCredential::bearer(jwt) }
        });
        let issuer = w3ipfs(&emulator).with_credentials(Arc::new(source)).build().unwrap();
        let end_session = |results| {
            if results == 50 {
                account.expire_jwt();
            }
        };
        let batch = issue_many(issuer, users(1_000));
        let ((made, unstarted, errors), _) = issue(batch, end_session).await;
        if renewed {
            assert_eq!((made, unstarted, errors.len()), (1_000, 0, 0));
        } else {
            assert!(errors.iter().all(|error| error.kind() == ErrorKind::Unauthenticated));
            assert_eq!(errors.last().unwrap().effect(), Effect::Rejected);
            assert!(emulator.requests() <= 50 + 2 * 16, "{} requests", emulator.requests());
            assert_eq!(emulator.keys_made(), made);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn file_of_the_credential_that_disappears_stops_the_batch() {
    let folder = tempfile::tempdir().unwrap();
    for provider in PROVIDERS {
        let emulator = slow(roomy());
        let file = folder.path().join("jwt");
        let jwt = SecretFrom::file(&file);
        let batch = match provider {
            Provider::Pinata => {
                std::fs::write(&file, emulator.pinata().jwt()).unwrap();
                issue_many(pinata(&emulator).with_jwt(jwt).build().unwrap(), users(1_000))
            }
            Provider::W3ipfs => {
                std::fs::write(&file, emulator.w3ipfs().jwt()).unwrap();
                issue_many(w3ipfs(&emulator).with_jwt(jwt).build().unwrap(), users(1_000))
            }
        };
        let delete = |results| {
            if results == 50 {
                std::fs::remove_file(&file).unwrap();
            }
        };
        let ((made, unstarted, errors), _) = issue(batch, delete).await;
        assert_eq!(errors[0].kind(), ErrorKind::CredentialUnavailable);
        assert_eq!(errors[0].effect(), Effect::NotSent);
        assert_eq!((made + unstarted + errors.len(), emulator.keys_made()), (1_000, made));
        assert!((50..=50 + IN_FLIGHT).contains(&made), "{made}");
        assert!(errors.len() <= IN_FLIGHT, "{} tried to read the file", errors.len());
    }
}

#[tokio::test(start_paused = true)]
async fn credential_that_was_never_valid_costs_few_requests() {
    let emulator = slow(Emulator::in_memory());
    let pair = w3ipfs(&emulator).with_key_pair("ec03b6f8a1", "secret-of-another-account");
    let stranger = pinata(&emulator).with_jwt("eyJhbGciOiJIUzI1NiJ9.e30.c2ln");
    let issued = [
        issue_many(pair.build().unwrap(), users(1_000)),
        issue_many(stranger.build().unwrap(), users(1_000)),
    ];
    for batch in issued {
        let before = emulator.requests();
        let ((made, unstarted, errors), _) = issue(batch, |_| {}).await;
        assert_eq!((made, errors.len(), unstarted), (0, IN_FLIGHT, 1_000 - IN_FLIGHT));
        assert!(errors.iter().all(|error| error.kind() == ErrorKind::Unauthenticated));
        assert_eq!(emulator.requests() - before, 16);
    }
}

/// At the pace of a rate limit, a thousand needless requests take a quarter of an hour.
#[tokio::test(start_paused = true)]
async fn throttled_batch_stops_at_once() {
    let kind = ErrorKind::AccountRestricted;
    let desk = Desk::new(LATENCY).script_all(1_000, [Step::Fails(kind)]);
    let beginning = Instant::now();
    let issuer = Throttled::new(desk.clone(), RateLimits::PINATA_FREE);
    let ((_, unstarted, errors), _) = issue(issue_many(issuer, requests(1_000)), |_| {}).await;
    // The calls in flight were waiting for their turns.
    assert_eq!((errors.len(), unstarted), (IN_FLIGHT, 1_000 - IN_FLIGHT));
    assert!(beginning.elapsed() < Duration::from_secs(17), "{:?}", beginning.elapsed());
}

#[tokio::test(start_paused = true)]
async fn revoking_stops_after_a_failure_that_affects_all_keys() {
    for kind in affecting_all() {
        let desk = Desk::new(LATENCY).script_all(1_000, [Step::Fails(kind)]);
        let keys = (0..1_000).map(|n| KeyRef::new("desk", n.to_string()).unwrap());
        let (revoked, unstarted, errors) = revoke(revoke_many(desk.clone(), keys)).await;
        // A denial can be about one key, so more of them are needed.
        let denied = kind == ErrorKind::PermissionDenied;
        let most = if denied { 2 * IN_FLIGHT - 1 } else { IN_FLIGHT };
        assert_eq!((revoked, errors.len(), unstarted), (0, most, 1_000 - most), "{kind}");
        assert_eq!(desk.calls().len(), most);
    }
}

#[tokio::test(start_paused = true)]
async fn key_that_may_not_be_revoked_keeps_no_other_alive() {
    for concurrency in [1, IN_FLIGHT] {
        let denied = |desk: Desk, n: usize| {
            desk.script(&n.to_string(), [Step::Fails(ErrorKind::PermissionDenied)])
        };
        // Many, but never sixteen in a row.
        let desk = (0..1_000).filter(|n| n % 15 != 7).fold(Desk::new(LATENCY), denied);
        let keys = (0..1_000).map(|n| KeyRef::new("desk", n.to_string()).unwrap());
        let mut batch = revoke_many(desk.clone(), keys).with_concurrency(at_once(concurrency));
        while batch.next().await.is_some() {}
        assert_eq!((desk.calls().len(), batch.stop_reason()), (1_000, None));
        assert_eq!(batch.progress().succeeded(), 67);
    }
}

#[tokio::test(start_paused = true)]
async fn refused_list_of_keys_stops_a_revocation_by_id() {
    let stand = Stand::new(Provider::W3ipfs);
    let keys = keys_of(&mut issue_many(stand.issuer.clone(), users(250))).await;
    let list = |status| {
        let refused = Fault::status(status, Stage::BeforeCommit);
        FaultRule::new(refused).method(Method::GET).path("/api/apiKeys/list")
    };
    // The second page.
    stand.emulator.faults().add(list(StatusCode::UNAUTHORIZED).nth(2));
    let batch = revoke_many(stand.issuer.clone(), keys.clone());
    let (revoked, unstarted, errors) = revoke(batch).await;
    assert_eq!((revoked, unstarted, errors.len()), (0, 249, 1));
    assert_eq!((stand.lists(), stand.revokes()), (2, 0));
    assert_eq!(errors[0].operation(), Some(Operation::Revoke));
    assert_eq!(errors[0].effect(), Effect::Rejected);
    assert_eq!(errors[0].status(), Some(StatusCode::UNAUTHORIZED));

    // A front door's refusal may be about one request, so each key asks for the list itself.
    stand.emulator.faults().add(list(StatusCode::FORBIDDEN));
    let (revoked, unstarted, errors) = revoke(revoke_many(stand.issuer.clone(), keys)).await;
    assert_eq!((revoked, errors[0].kind()), (0, ErrorKind::Refused));
    assert_eq!((errors.len(), unstarted), (2 * IN_FLIGHT - 1, 250 - 2 * IN_FLIGHT + 1));
    assert_eq!((stand.lists() - 2, stand.revokes()), (2 * 16, 0));
}

fn roomy() -> Emulator {
    let many = W3ipfsAssumptions::default().max_keys(100_000);
    Emulator::builder().w3ipfs_assumptions(many).in_memory()
}

/// An emulator whose answers take so long that calls overlap.
fn slow(emulator: Emulator) -> Emulator {
    let late = Fault::Latency { delay: LATENCY, stage: Stage::BeforeCommit };
    emulator.faults().add(FaultRule::new(late));
    emulator
}

fn pinata(emulator: &Emulator) -> PinataConfig {
    let config = PinataConfig::new().with_base_url(emulator.pinata().base_url());
    config.with_transport(emulator.transport())
}

fn w3ipfs(emulator: &Emulator) -> W3ipfsConfig {
    let config = W3ipfsConfig::new().with_base_url(emulator.w3ipfs().base_url());
    config.with_transport(emulator.transport())
}
