//! Waiting until a key works, or is dead.

use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, IssuerProfile, KeyIssuer as _, Patient, Uses,
    Verification, Waited,
};

use crate::fake::Fake;

use Verification::{Exhausted, Live, Revoked, Unrecognized};

/// The longest wait for a rate limit.
const LONGEST: Duration = Duration::from_secs(100);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// An issuer whose changes take up to three and a half seconds, and the waits in milliseconds.
struct Place {
    issuer: Patient<Arc<Fake>>,
    fake: Arc<Fake>,
    waits: Arc<Mutex<Vec<u128>>>,
}

impl Place {
    fn of(fake: Fake) -> Self {
        let propagation = Duration::from_millis(3_500);
        let fake = Arc::new(fake.with_profile(|profile: IssuerProfile| {
            profile.with_propagation(propagation).with_max_uses_supported(true)
        }));
        let waits = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&waits);
        let sleep = move |wait: Duration| {
            noted.lock().unwrap().push(wait.as_millis());
            ready(())
        };
        Self { issuer: Patient::new(Arc::clone(&fake), LONGEST, sleep), fake, waits }
    }

    fn that_says(answers: impl IntoIterator<Item = Verification>) -> Self {
        Self::of(Fake::new(Vec::new()).with_answers(answers.into_iter().map(Ok)))
    }

    async fn live(&self, uses: Uses) -> Result<Waited, Error> {
        self.issuer.wait_until_live(&credential(), uses).await
    }

    async fn dead(&self, uses: Uses) -> Result<Waited, Error> {
        self.issuer.wait_until_dead(&credential(), uses).await
    }

    fn waits(&self) -> Vec<u128> {
        self.waits.lock().unwrap().clone()
    }
}

fn credential() -> Credential {
    Credential::bearer("example", "token").unwrap()
}

fn too_many(wait: u64) -> Error {
    Error::new(ErrorKind::RateLimited, "too many")
        .with_effect(Effect::Rejected)
        .with_retry_after(seconds(wait))
}

#[tokio::test]
async fn wait_ends_when_the_provider_says_so_or_the_time_is_over() {
    let cases: [(&[Verification], &[u128], &str); 6] = [
        (&[Live], &[], "live after 0 ms"),
        (&[Unrecognized, Unrecognized, Live], &[1_000, 1_000], "live after 2 s"),
        // The last question comes when the time is over.
        (&[Unrecognized; 4], &[1_000, 1_000, 1_000, 500], "live after 3.5 s"),
        (&[Unrecognized; 5], &[1_000, 1_000, 1_000, 500], "unconfirmed: unrecognized after 3.5 s"),
        (&[Unrecognized, Revoked], &[1_000], "unconfirmed: revoked after 1 s"),
        (&[Exhausted], &[], "unconfirmed: exhausted after 0 ms"),
    ];
    for (answers, waits, text) in cases {
        let place = Place::that_says(answers.iter().copied());
        let waited = place.live(Uses::Unlimited).await.unwrap();
        assert_eq!((waited.to_string(), &*place.waits()), (text.to_owned(), waits));
        assert_eq!(waited.is_confirmed(), text.starts_with("live"));
        assert_eq!(place.fake.verified().len(), waits.len() + 1);
    }

    for end in [Unrecognized, Revoked, Exhausted] {
        let place = Place::that_says([Live, Live, end]);
        let waited = place.dead(Uses::Unlimited).await.unwrap();
        assert_eq!(waited.to_string(), format!("{end} after 2 s"));
    }
    let waited = Place::that_says([]).dead(Uses::Unlimited).await.unwrap();
    assert_eq!(waited.to_string(), "unconfirmed: live after 3.5 s");
}

#[tokio::test]
async fn no_use_is_spent_if_uses_may_be_limited() {
    let place = Place::that_says([]);
    for waited in [
        place.live(Uses::MayBeLimited).await.unwrap(),
        place.dead(Uses::MayBeLimited).await.unwrap(),
    ] {
        assert_eq!(
            (waited.to_string(), waited.is_confirmed()),
            ("unasked after 3.5 s".into(), false)
        );
    }
    assert_eq!((place.waits(), place.fake.verified().len()), (vec![3_500, 3_500], 0));

    // A credential that could not be verified is refused all the same.
    let foreign = Credential::bearer("elsewhere", "token").unwrap();
    let refused = place.issuer.wait_until_live(&foreign, Uses::MayBeLimited).await.unwrap_err();
    assert_eq!((refused.kind(), place.waits().len()), (ErrorKind::InvalidInput, 2));
}

#[tokio::test]
async fn provider_that_limits_no_uses_is_asked() {
    let fake = Arc::new(Fake::new(Vec::new()));
    let issuer = Patient::new(Arc::clone(&fake), LONGEST, |_| ready(()));
    assert!(!issuer.profile().supports_max_uses());
    let waited = issuer.wait_until_live(&credential(), Uses::MayBeLimited).await.unwrap();
    assert!(waited.is_confirmed() && fake.verified().len() == 1, "{waited}");
}

#[tokio::test]
async fn rate_limit_is_waited_out_and_other_errors_are_returned() {
    let says = |answers: Vec<Result<Verification, Error>>| {
        Place::of(Fake::new(Vec::new()).with_answers(answers))
    };
    // Its wait is part of the propagation time.
    let place = says(vec![Ok(Unrecognized), Err(too_many(60)), Ok(Unrecognized)]);
    let waited = place.live(Uses::Unlimited).await.unwrap();
    assert_eq!(waited.to_string(), "unconfirmed: unrecognized after 61 s");
    assert_eq!(place.waits(), [1_000, 60_000]);

    let place = says(vec![Err(too_many(60)), Err(too_many(41))]);
    assert_eq!(place.live(Uses::Unlimited).await.unwrap_err().retry_after(), Some(seconds(41)));
    assert_eq!(place.waits(), [60_000], "all waits of a call are bounded together");

    let place = says(vec![Ok(Live), Err(Error::new(ErrorKind::Unavailable, "no"))]);
    assert_eq!(place.dead(Uses::Unlimited).await.unwrap_err().kind(), ErrorKind::Unavailable);
}
