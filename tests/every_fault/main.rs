//! Every fault of the emulator against every operation of both adapters in every configuration: the
//! outcomes are a golden table, and the [`laws`] hold for all of them.
//!
//! In memory with a paused clock, so that deadlines take no time, and [`over_tcp`] for the faults of
//! a connection.

mod laws;
mod over_tcp;
mod stand;
mod table;

use std::collections::BTreeSet;
use std::time::Duration;

use http::StatusCode;
use pinning_keys_emulator::{BodyFault, Cut, Fault, ListFault, RedirectTo, RetryAfter, Stage};
use pinning_keys_testkit::golden::assert_golden;

use stand::Trouble;

/// A test for each trouble, so that failures are listed one by one.
macro_rules! troubles {
    ($($name:ident: $trouble:expr,)+) => {
        $(
            #[test]
            fn $name() {
                told::$name();
            }
        )+

        /// The outcomes of each trouble, computed once.
        mod told {
            use std::sync::OnceLock;

            use super::*;

            $(
                pub(crate) fn $name() -> &'static str {
                    static TOLD: OnceLock<String> = OnceLock::new();
                    TOLD.get_or_init(|| table::section(&$trouble))
                }
            )+
        }

        fn troubles() -> Vec<Trouble> {
            vec![$($trouble,)+]
        }

        const TOLD: &[fn() -> &'static str] = &[$(told::$name,)+];
    };
}

troubles! {
    late_before_the_commit: late(1, Stage::BeforeCommit),
    late_after_the_commit: late(1, Stage::AfterCommit),
    later_than_an_attempt_before_the_commit: late(20, Stage::BeforeCommit),
    later_than_an_attempt_after_the_commit: late(20, Stage::AfterCommit),
    later_than_the_deadline_before_the_commit: late(3600, Stage::BeforeCommit),
    later_than_the_deadline_after_the_commit: late(3600, Stage::AfterCommit),
    rate_limit_of_no_time: rate_limit(RetryAfter::Absent),
    rate_limit_of_seconds: rate_limit(RetryAfter::Seconds(2)),
    rate_limit_beyond_the_deadline: rate_limit(RetryAfter::Seconds(3600)),
    rate_limit_to_a_date: rate_limit(RetryAfter::DateIn(2)),
    rate_limit_to_a_date_beyond_the_deadline: rate_limit(RetryAfter::DateIn(3600)),
    rate_limit_to_a_date_in_the_past: rate_limit(RetryAfter::DateIn(-60)),
    rate_limit_without_sense: rate_limit(RetryAfter::Text("soon".to_owned())),
    status_500_before_the_commit: status(500, Stage::BeforeCommit),
    status_500_after_the_commit: status(500, Stage::AfterCommit),
    status_502_before_the_commit: status(502, Stage::BeforeCommit),
    status_502_after_the_commit: status(502, Stage::AfterCommit),
    status_503_before_the_commit: status(503, Stage::BeforeCommit),
    status_503_after_the_commit: status(503, Stage::AfterCommit),
    status_503_with_retry_after: Trouble::Fault(Fault::Status {
        code: StatusCode::SERVICE_UNAVAILABLE,
        retry_after: RetryAfter::Seconds(2),
        stage: Stage::AfterCommit,
    }),
    refused_connection: Trouble::Fault(Fault::RefuseConnection),
    server_that_is_down: Trouble::Down,
    cut_before_the_request_is_read: Trouble::Fault(Fault::CutConnection(Cut::BeforeRead)),
    cut_after_the_commit: Trouble::Fault(Fault::CutConnection(Cut::AfterCommit)),
    cut_in_the_middle_of_the_body: Trouble::Fault(Fault::CutConnection(Cut::MidBody)),
    truncated_body: body(BodyFault::Truncated),
    endless_body: body(BodyFault::Endless),
    dripping_body: body(BodyFault::Drip),
    empty_body: body(BodyFault::Empty),
    html_body: body(BodyFault::Html),
    body_of_wrong_shape: body(BodyFault::WrongShape),
    body_that_is_not_utf8: body(BodyFault::NotUtf8),
    body_of_any_text: body(BodyFault::Text("anything".to_owned())),
    redirect_301_to_the_slash: redirect(301, RedirectTo::Slash),
    redirect_302_to_the_slash: redirect(302, RedirectTo::Slash),
    redirect_303_to_the_slash: redirect(303, RedirectTo::Slash),
    redirect_307_to_the_slash: redirect(307, RedirectTo::Slash),
    redirect_308_to_the_slash: redirect(308, RedirectTo::Slash),
    redirect_301_to_another_path: redirect(301, to_another_path()),
    redirect_302_to_another_path: redirect(302, to_another_path()),
    redirect_303_to_another_path: redirect(303, to_another_path()),
    redirect_307_to_another_path: redirect(307, to_another_path()),
    redirect_308_to_another_path: redirect(308, to_another_path()),
    redirect_301_to_another_host: redirect(301, to_another_host()),
    redirect_302_to_another_host: redirect(302, to_another_host()),
    redirect_303_to_another_host: redirect(303, to_another_host()),
    redirect_307_to_another_host: redirect(307, to_another_host()),
    redirect_308_to_another_host: redirect(308, to_another_host()),
    redirect_to_nowhere: redirect(307, RedirectTo::Nowhere),
    stale_list: Trouble::Fault(Fault::List(ListFault::Stale)),
    list_that_is_stale_by_two_changes: Trouble::Fault(Fault::List(ListFault::StaleBy { changes: 2 })),
    list_with_a_row_twice: Trouble::Fault(Fault::List(ListFault::Duplicated)),
    shuffled_list: Trouble::Fault(Fault::List(ListFault::Shuffled)),
    list_without_a_row: Trouble::Fault(Fault::List(ListFault::MissingRow)),
    late_key: Trouble::Fault(Fault::LateKey { requests: 2 }),
    lingering_key: Trouble::Fault(Fault::LingeringKey { requests: 2 }),
    carried_out_after_the_client_has_gone: Trouble::Fault(Fault::Late { requests: 100 }),
    carried_out_twice: Trouble::Fault(Fault::Twice),
    truncated_name: Trouble::Fault(Fault::TruncatedName { chars: 8 }),
}

fn late(seconds: u64, stage: Stage) -> Trouble {
    Trouble::Fault(Fault::Latency { delay: Duration::from_secs(seconds), stage })
}

fn rate_limit(retry_after: RetryAfter) -> Trouble {
    Trouble::Fault(Fault::too_many_requests(retry_after))
}

fn status(code: u16, stage: Stage) -> Trouble {
    Trouble::Fault(Fault::status(StatusCode::from_u16(code).unwrap(), stage))
}

fn body(fault: BodyFault) -> Trouble {
    Trouble::Fault(Fault::Body(fault))
}

fn redirect(code: u16, to: RedirectTo) -> Trouble {
    Trouble::Fault(Fault::Redirect { code: StatusCode::from_u16(code).unwrap(), to })
}

fn to_another_path() -> RedirectTo {
    RedirectTo::Path(stand::ELSEWHERE.to_owned())
}

fn to_another_host() -> RedirectTo {
    RedirectTo::Host("http://other.invalid".to_owned())
}

#[test]
fn outcomes_are_those_of_the_table() {
    let sections: Vec<&str> = TOLD.iter().map(|told| told()).collect();
    assert_golden(
        "tests/fixtures/every_fault.txt",
        &sections.join("\n"),
        "A fault has another outcome.",
    );
}

#[test]
fn every_fault_is_tried() {
    let tried: BTreeSet<String> = troubles().iter().filter_map(Trouble::fault).map(shape).collect();
    for fault in Fault::one_of_each() {
        assert!(tried.contains(&shape(&fault)), "{fault:?} is not tried");
    }
}

/// A fault without its numbers and texts.
fn shape(fault: &Fault) -> String {
    let debug = format!("{fault:?}");
    let kept = debug.split('"').step_by(2).flat_map(str::chars);
    kept.filter(|character| !character.is_ascii_digit()).collect()
}
