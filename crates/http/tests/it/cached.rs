//! A cached source is asked once for many calls, early enough, and once after a refusal.

use std::future::pending;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use pinning_keys_core::{Error, ErrorKind, Operation};
use pinning_keys_http::credentials::{AccountCredential, Ask, Cached, CredentialSource, from_fn};
use tokio::task::{JoinSet, yield_now};
use tokio::time::{advance, sleep, timeout};

use crate::support::{Script, authorizations, call, client_with, status};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const TWO_HOURS: Duration = Duration::from_secs(2 * 60 * 60);

fn token(text: &str) -> AccountCredential {
    AccountCredential::bearer(text).unwrap()
}

fn expiring(text: &str, lifetime: Duration) -> AccountCredential {
    token(text).with_expires_at(SystemTime::now() + lifetime)
}

fn sealed() -> Error {
    Error::new(ErrorKind::CredentialUnavailable, "the vault is sealed").with_next_step("unseal it")
}

/// What the source does when it is asked: after a second, it returns the result for this number.
type Renewal = Box<dyn Fn(usize) -> Result<AccountCredential, Error> + Send + Sync>;

/// A cached source that follows a script, and what the source was asked.
struct Stand {
    cached: Cached,
    asked: Arc<Mutex<Vec<Ask>>>,
}

impl Stand {
    fn new(
        script: impl Fn(usize) -> Result<AccountCredential, Error> + Send + Sync + 'static,
    ) -> Self {
        let asked: Arc<Mutex<Vec<Ask>>> = Arc::default();
        let (log, script) = (Arc::clone(&asked), Arc::new(Box::new(script) as Renewal));
        let source = from_fn(move |ask| {
            let mut log = log.lock().unwrap();
            let (number, script) = (log.len(), Arc::clone(&script));
            log.push(ask);
            async move {
                sleep(SECOND).await;
                script(number)
            }
        });
        Self { cached: Cached::new(source), asked }
    }

    /// Returns `token-0`, `token-1` and so on, each with this lifetime.
    fn expiring(lifetime: Duration) -> Self {
        Self::new(move |number| Ok(expiring(&format!("token-{number}"), lifetime)))
    }

    fn count(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    async fn ask(&self, ask: Ask) -> Result<AccountCredential, Error> {
        self.cached.credential(ask).await
    }

    async fn expect(&self, ask: Ask, expected: &str) {
        let found = self.ask(ask).await.unwrap();
        assert!(found.is_same_as(&token(expected)), "not {expected}");
    }

    /// Asks 64 times at once.
    async fn ask_often(&self, ask: Ask) -> Vec<Result<AccountCredential, Error>> {
        let mut tasks = JoinSet::new();
        for _ in 0..64 {
            let (cached, ask) = (self.cached.clone(), ask.clone());
            tasks.spawn(async move { cached.credential(ask).await });
        }
        tasks.join_all().await
    }
}

#[tokio::test(start_paused = true)]
async fn concurrent_calls_share_one_refresh() {
    let stand = Stand::expiring(TWO_HOURS);
    for credential in stand.ask_often(Ask::Current).await {
        assert!(credential.unwrap().is_same_as(&token("token-0")));
    }
    stand.expect(Ask::Current, "token-0").await;
    assert_eq!(stand.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn credential_without_expiry_is_kept() {
    let stand = Stand::new(|number| Ok(token(&format!("token-{number}"))));
    stand.expect(Ask::Current, "token-0").await;
    advance(TWO_HOURS * 1000).await;
    stand.expect(Ask::Current, "token-0").await;
    assert_eq!(stand.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn renewal_begins_a_margin_before_expiry_without_delay() {
    let five = |stand: Stand| Stand { cached: stand.cached.with_margin(5 * MINUTE), ..stand };
    for (stand, lifetime, margin) in [
        (Stand::expiring(TWO_HOURS), TWO_HOURS, MINUTE),
        (five(Stand::expiring(TWO_HOURS)), TWO_HOURS, 5 * MINUTE),
        // A lifetime below the margin would mean a renewal for each call.
        (Stand::expiring(MINUTE), MINUTE, MINUTE / 2),
    ] {
        stand.expect(Ask::Current, "token-0").await;
        advance(lifetime.saturating_sub(margin + SECOND)).await;
        stand.expect(Ask::Current, "token-0").await;
        // A renewal would be a task that has not begun yet.
        yield_now().await;
        assert_eq!(stand.count(), 1);
        advance(2 * SECOND).await;
        for credential in stand.ask_often(Ask::Current).await {
            assert!(credential.unwrap().is_same_as(&token("token-0")), "it waited");
        }
        sleep(2 * SECOND).await;
        stand.expect(Ask::Current, "token-1").await;
        assert_eq!(stand.count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn expired_credential_is_not_used() {
    let stand = Stand::expiring(TWO_HOURS);
    stand.expect(Ask::Current, "token-0").await;
    advance(TWO_HOURS).await;
    stand.expect(Ask::Current, "token-1").await;
}

#[tokio::test(start_paused = true)]
async fn failed_renewal_leaves_the_credential_in_use() {
    let stand = Stand::new(|number| match number {
        1 => Err(sealed()),
        _ => Ok(expiring(&format!("token-{number}"), TWO_HOURS)),
    });
    stand.expect(Ask::Current, "token-0").await;
    advance(119 * MINUTE).await;
    for expected in ["token-0", "token-0", "token-2"] {
        stand.expect(Ask::Current, expected).await;
        sleep(2 * SECOND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn renewals_that_fail_are_a_second_apart() {
    let first = |number| if number == 0 { Ok(expiring("first", TWO_HOURS)) } else { Err(sealed()) };
    let stand = Stand::new(first);
    stand.expect(Ask::Current, "first").await;
    advance(119 * MINUTE).await;
    for _ in 0..100 {
        stand.expect(Ask::Current, "first").await;
        sleep(SECOND / 10).await;
    }
    // In ten seconds, each renewal takes one and is followed by a pause of one.
    assert_eq!(stand.count(), 1 + 5);
}

#[tokio::test(start_paused = true)]
async fn refusals_of_the_cached_credential_share_one_refresh() {
    let stand = Stand::expiring(TWO_HOURS);
    stand.expect(Ask::Current, "token-0").await;
    let refused = || Ask::AfterRefusal(token("token-0"));
    for credential in stand.ask_often(refused()).await {
        assert!(credential.unwrap().is_same_as(&token("token-1")));
    }
    // A refusal that comes late is of an older credential than the cached one.
    stand.expect(refused(), "token-1").await;
    assert_eq!(stand.count(), 2);
    let asked = stand.asked.lock().unwrap();
    assert!(matches!(&asked[1], Ask::AfterRefusal(old) if old.is_same_as(&token("token-0"))));
}

#[tokio::test(start_paused = true)]
async fn refused_credential_of_an_earlier_refresh_is_refetched() {
    let stand = Stand::new(|number| Ok(expiring(["old", "old", "new"][number], TWO_HOURS)));
    stand.expect(Ask::Current, "old").await;
    advance(119 * MINUTE).await;
    // The renewal is in flight when the refusal comes, and brings the same once more.
    stand.expect(Ask::Current, "old").await;
    stand.expect(Ask::AfterRefusal(token("old")), "new").await;
    assert_eq!(stand.count(), 3);
}

#[tokio::test(start_paused = true)]
async fn source_without_another_credential_is_asked_once() {
    let stand = Stand::new(|_| Ok(token("only")));
    stand.expect(Ask::Current, "only").await;
    stand.expect(Ask::AfterRefusal(token("only")), "only").await;
    assert_eq!(stand.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn failure_reaches_all_calls_and_is_not_cached() {
    let stand = Stand::new(|number| if number == 0 { Err(sealed()) } else { Ok(token("good")) });
    for error in stand.ask_often(Ask::Current).await {
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
        assert_eq!(error.next_step(), sealed().next_step());
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.to_string(), "the vault is sealed");
    }
    stand.expect(Ask::Current, "good").await;
    assert_eq!(stand.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn refresh_survives_the_calls_that_wait_for_it() {
    let stand = Stand::expiring(TWO_HOURS);
    let soon = Duration::from_millis(10);
    // The call that started it is dropped, and another one waits on.
    let (dropped, waits) =
        tokio::join!(timeout(soon, stand.ask(Ask::Current)), stand.ask(Ask::Current));
    assert!(dropped.is_err() && waits.unwrap().is_same_as(&token("token-0")));
    // All are dropped.
    advance(TWO_HOURS).await;
    timeout(soon, stand.ask(Ask::Current)).await.unwrap_err();
    sleep(2 * SECOND).await;
    stand.expect(Ask::Current, "token-1").await;
    assert_eq!(stand.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn panicking_source_fails_the_call_and_is_asked_again() {
    let stand =
        Stand::new(|number| if number == 0 { panic!("as scripted") } else { Ok(token("good")) });
    for error in stand.ask_often(Ask::Current).await {
        assert_eq!(error.unwrap_err().kind(), ErrorKind::CredentialUnavailable);
    }
    stand.expect(Ask::Current, "good").await;
    assert_eq!(stand.count(), 2);
}

#[tokio::test(start_paused = true)]
async fn hanging_source_is_given_up_and_asked_again() {
    let asked = AtomicUsize::new(0);
    let cached = Cached::new(from_fn(move |_| {
        let is_first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move { if is_first { pending().await } else { Ok(token("good")) } }
    }));
    let error = cached.credential(Ask::Current).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert!(cached.credential(Ask::Current).await.unwrap().is_same_as(&token("good")));
}

#[test]
fn refresh_that_its_runtime_cut_short_is_started_again() {
    let stand = Stand::expiring(TWO_HOURS);
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_time().start_paused(true).build().unwrap()
    };
    runtime().block_on(async {
        timeout(Duration::from_millis(10), stand.ask(Ask::Current)).await.unwrap_err();
    });
    runtime().block_on(stand.expect(Ask::Current, "token-1"));
}

#[tokio::test(start_paused = true)]
async fn refused_call_is_retried_with_the_fresh_credential() {
    let stand = Stand::expiring(TWO_HOURS);
    let script = Script::repeating([status(200), status(401), status(200)]);
    let client = client_with(stand.cached.clone(), &script);
    for _ in 0..3 {
        client.call(call(Operation::Issue)).await.unwrap();
    }
    let (old, new) = ("Bearer token-0", "Bearer token-1");
    assert_eq!(authorizations(&script), [old, old, new, new]);
    assert_eq!(stand.count(), 2);
}
