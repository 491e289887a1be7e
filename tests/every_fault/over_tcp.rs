//! The faults of a connection over TCP with the built-in transport have the same outcomes as in
//! memory, where every fault is tried.

use std::time::Duration;

use http::StatusCode;
use pinning_keys::pinata::{Route, Table};
use pinning_keys_emulator::{BodyFault, Cut, Emulator, Fault, RedirectTo, Stage};
use pinning_keys_testkit::stand::{Account, Configuration};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::stand::{Often, Stand, Trouble};
use crate::table::Deed;

const CONFIGURATIONS: [Configuration; 2] = [
    Configuration::Pinata { route: Route::V3, table: Table::Resources, credential: Account::Jwt },
    Configuration::W3ipfs(Account::Jwt),
];

const DEEDS: [Deed; 4] = [Deed::Issue, Deed::List, Deed::Revoke, Deed::Verify];

/// No call here reaches this deadline.
const LONG: Duration = Duration::from_secs(60);

/// All at once, since they mostly wait.
fn is_as_in_memory(trouble: &Trouble, deeds: &[Deed], deadline: Duration) {
    let paused = Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut trials = JoinSet::new();
    for (configuration, deed) in
        CONFIGURATIONS.into_iter().flat_map(|at| deeds.iter().map(move |deed| (at, *deed)))
    {
        let often = deed.how_often(trouble)[0];
        let stand = Stand::in_memory(configuration);
        let expected = paused.block_on(deed.run(&stand, trouble, often));
        let trouble = trouble.clone();
        let trial = async move {
            let stand = Stand::over_tcp(configuration, deadline).await;
            let outcome = deed.run(&stand, &trouble, often).await;
            assert_eq!(outcome, expected, "{configuration:?} {deed:?} {often:?}");
        };
        trials.spawn_on(trial, runtime.handle());
    }
    runtime.block_on(async {
        while let Some(trial) = trials.join_next().await {
            trial.unwrap();
        }
    });
}

/// A test for each trouble.
macro_rules! over_tcp {
    ($($name:ident: $trouble:expr,)+) => { $(
        #[test]
        fn $name() {
            is_as_in_memory(&$trouble, &DEEDS, LONG);
        }
    )+ };
}

over_tcp! {
    a_cut_before_the_request_is_read: Trouble::Fault(Fault::CutConnection(Cut::BeforeRead)),
    a_cut_after_the_commit: Trouble::Fault(Fault::CutConnection(Cut::AfterCommit)),
    a_cut_in_the_middle_of_the_body: Trouble::Fault(Fault::CutConnection(Cut::MidBody)),
    a_truncated_body: Trouble::Fault(Fault::Body(BodyFault::Truncated)),
    an_endless_body: Trouble::Fault(Fault::Body(BodyFault::Endless)),
    an_empty_body: Trouble::Fault(Fault::Body(BodyFault::Empty)),
    a_body_that_is_not_utf8: Trouble::Fault(Fault::Body(BodyFault::NotUtf8)),
    a_status_after_the_commit:
        Trouble::Fault(Fault::status(StatusCode::BAD_GATEWAY, Stage::AfterCommit)),
    a_redirect_to_the_slash: redirect(RedirectTo::Slash),
    a_redirect_to_nowhere: redirect(RedirectTo::Nowhere),
}

fn redirect(to: RedirectTo) -> Trouble {
    Trouble::Fault(Fault::Redirect { code: StatusCode::PERMANENT_REDIRECT, to })
}

/// For an existing connection, the client may notice the end too late.
#[test]
fn server_that_is_down_gets_nothing() {
    is_as_in_memory(&Trouble::Down, &[Deed::Issue], LONG);
}

/// A create is not retried, so the deadline passes once.
#[test]
fn call_ends_at_its_deadline() {
    let (delay, moment) = (Duration::from_secs(3600), Duration::from_millis(300));
    for fault in [
        Fault::Latency { delay, stage: Stage::BeforeCommit },
        Fault::Latency { delay, stage: Stage::AfterCommit },
        Fault::Body(BodyFault::Drip),
    ] {
        is_as_in_memory(&Trouble::Fault(fault), &[Deed::Issue], moment);
    }
}

/// Even if that host would answer.
#[tokio::test]
async fn redirect_to_another_host_is_not_followed() {
    let other = Emulator::start().await.unwrap();
    for code in [301, 302, 303, 307, 308] {
        let to = RedirectTo::Host(other.pinata().base_url().to_owned());
        let code = StatusCode::from_u16(code).unwrap();
        let trouble = Trouble::Fault(Fault::Redirect { code, to });
        for (configuration, deed) in
            CONFIGURATIONS.into_iter().flat_map(|at| DEEDS.map(move |deed| (at, deed)))
        {
            let stand = Stand::over_tcp(configuration, LONG).await;
            let outcome = deed.run(&stand, &trouble, Often::Always).await;
            assert!(outcome.starts_with("Redirected"), "{code} {deed:?}: {outcome}");
        }
    }
    assert_eq!(other.requests(), 0);
}
