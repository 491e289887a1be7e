/// Makes each case a `#[test]` of its own, which plain `cargo test` lists and runs.
///
/// It takes the path of an `async fn` without arguments that makes a [`Harness`](crate::Harness),
/// fresh for each test. Put it into a module of its own, which then names the adapter:
///
/// ```
/// # use std::sync::Arc;
/// # use pinning_keys_conformance::{BoxError, Harness, async_trait};
/// # use pinning_keys_core::KeyIssuer;
/// # struct MyHarness;
/// # #[async_trait]
/// # impl Harness for MyHarness {
/// #     async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> { Err("none".into()) }
/// #     fn label(&self) -> &str { "conformance" }
/// #     fn max_keys(&self) -> usize { 200 }
/// #     fn minimum(&self) -> usize { 30 }
/// # }
/// #[cfg(test)]
/// mod my_adapter {
///     async fn harness() -> super::MyHarness {
///         super::MyHarness
///     }
///
///     pinning_keys_conformance::conformance_tests!(harness);
/// }
/// ```
///
/// Attributes before the path stand at each test. `conformance_tests!(#[ignore = "takes an account"]
/// harness)` leaves them to `cargo test -- --ignored`.
///
/// A case that cannot run prints why and passes; one test more, `enough_cases_run`, fails where
/// fewer than [`Harness::minimum`](crate::Harness::minimum) can run. It runs the few cases itself
/// that can tell only then.
#[macro_export]
macro_rules! conformance_tests {
    ($(#[$attribute:meta])* $harness:path) => {
        $(#[$attribute])*
        #[test]
        fn enough_cases_run() {
            $crate::testing::check_minimum($harness);
        }

        $crate::__each_case!([$crate::__tests_of_cases] [$(#[$attribute])*] $harness);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __tests_of_cases {
    ($attributes:tt $harness:path; $($name:ident)*) => {
        $($crate::__test_of_case! { $attributes $harness; $name })*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __test_of_case {
    ([$($attributes:tt)*] $harness:path; $name:ident) => {
        $($attributes)*
        #[test]
        fn $name() {
            $crate::testing::check(stringify!($name), $harness);
        }
    };
}

/// Hands the names of all cases to a macro. That none is missing is checked by a test.
#[doc(hidden)]
#[macro_export]
macro_rules! __each_case {
    ([$($callback:tt)*] $attributes:tt $harness:path) => {
        $($callback)*! {
            $attributes $harness;
            all_01_undisturbed_calls_end_in_time
            all_01_issue_ends_where_no_answer_comes
            all_01_list_ends_where_no_answer_comes
            all_01_revoke_ends_where_no_answer_comes
            all_01_verify_ends_where_no_answer_comes
            all_01_issue_ends_where_the_answer_drips
            all_01_list_ends_where_the_answer_drips
            all_01_revoke_ends_where_the_answer_drips
            all_01_verify_ends_where_the_answer_drips
            all_02_issue_stops_reading_an_endless_answer
            all_02_list_stops_reading_an_endless_answer
            all_02_revoke_stops_reading_an_endless_answer
            all_02_verify_stops_reading_an_endless_answer
            all_03_issued_key_shows_no_secret
            all_03_log_shows_no_secret
            all_03_debug_forms_show_no_secret
            all_03_refusal_does_not_repeat_the_request_of_issue
            all_03_refusal_does_not_repeat_the_request_of_verify
            all_03_unreadable_answer_to_issue_is_not_quoted
            all_03_html_answer_to_list_is_not_quoted
            all_04_issue_follows_no_redirect_elsewhere
            all_04_list_follows_no_redirect_elsewhere
            all_04_revoke_follows_no_redirect_elsewhere
            all_04_verify_follows_no_redirect_elsewhere
            all_04_plain_http_to_elsewhere_is_refused
            all_04_this_machine_is_reached_without_a_proxy
            profile_01_never_changes
            profile_01_is_the_same_for_every_issuer
            profile_02_max_uses_work_or_are_refused
            profile_02_longest_name_works
            profile_02_longer_name_is_refused_before_any_request
            profile_02_reserved_name_is_refused_before_any_request
            profile_02_list_is_refused_before_any_request_where_it_is_lacking
            profile_02_revoke_is_refused_before_any_request_where_it_is_lacking
            profile_02_name_filter_selects
            profile_02_revoked_filter_selects
            profile_02_uses_filter_selects
            plan_01_fails_where_issue_fails_before_its_request
            plan_01_passes_where_issue_passes
            plan_02_body_is_the_body_that_is_sent
            plan_03_sends_nothing
            issue_01_inexpressible_fails_before_any_request
            issue_01_inseparable_fails_before_any_request
            issue_01_admin_only_permission_makes_no_admin_key
            issue_02_one_create_where_nothing_goes_wrong
            issue_02_one_create_after_status_500
            issue_02_one_create_after_status_503
            issue_02_one_create_after_a_lost_answer
            issue_02_one_create_where_no_answer_comes
            issue_02_one_create_after_an_answer_of_another_shape
            issue_02_one_create_after_an_answer_that_breaks_off
            issue_02_one_create_after_a_refused_connection
            issue_02_one_create_after_a_cut_connection
            issue_03_credential_authenticates
            issue_05_lost_answer_is_unknown
            issue_05_no_answer_is_unknown
            issue_05_status_500_is_unknown
            issue_05_status_503_is_unknown
            issue_05_broken_answer_is_unknown
            issue_05_empty_answer_is_unknown
            issue_05_html_answer_is_unknown
            issue_05_answer_of_another_shape_is_unknown
            issue_05_answer_that_is_no_text_is_unknown
            issue_05_endless_answer_is_unknown
            issue_05_unknown_create_carries_the_name
            issue_05_limit_of_requests_is_a_rejection
            issue_05_reconcile_settles_a_lost_create
            issue_05_reconcile_settles_a_create_without_an_answer
            issue_05_reconcile_settles_a_create_with_status_500
            issue_05_reconcile_settles_a_create_with_a_broken_answer
            issue_05_reconcile_settles_a_create_with_an_answer_of_another_shape
            issue_04_each_permission_alone
            issue_04_pairs_of_grants
            issue_04_scopes_drawn_by_chance
            issue_04_everything_is_not_admin
            issue_04_admin_may_do_everything
            issue_04_record_tells_what_was_granted
            issue_06_granted_lies_between_floor_and_ceiling
            issue_06_missing_and_extra_tell_the_difference
            list_01_new_key_is_listed
            list_01_keys_on_several_pages_are_listed
            list_01_short_page_does_not_end_the_listing
            list_02_key_made_meanwhile_repeats_no_row
            list_02_repeated_row_is_dropped_and_counted
            list_03_wrong_total_is_reported
            list_04_record_shows_no_secret
            list_05_unknown_grant_is_kept
            list_05_unreadable_row_is_counted
            list_06_name_filter_is_refused_where_there_is_none
            list_06_revoked_filter_is_refused_where_there_is_none
            list_06_uses_filter_is_refused_where_there_is_none
            revoke_01_credential_stops_working
            revoke_01_revoked_key_can_do_nothing
            revoke_01_key_is_gone_at_the_provider
            revoke_01_failed_revoke_is_not_reported_as_done
            revoke_01_status_503_is_not_reported_as_done
            revoke_01_answer_of_another_shape_is_not_reported_as_done
            revoke_01_cut_connection_is_not_reported_as_done
            revoke_01_html_is_not_reported_as_done
            revoke_02_revoking_again_is_harmless
            revoke_02_key_that_was_not_listed_is_not_called_gone
            revoke_02_foreign_404_is_no_word_of_the_provider
            revoke_03_other_keys_stay
            revoke_03_odd_text_hits_no_other_key
            revoke_04_foreign_reference_is_refused_before_any_request
            verify_01_live_key_is_live
            verify_01_unknown_credential_is_unrecognized
            verify_01_revoked_key_is_not_live
            verify_01_exhausted_key_is_not_live
            verify_02_html_is_no_word_for_a_credential
            verify_02_empty_answer_is_no_word_for_a_credential
            verify_02_answer_of_another_shape_is_no_word_for_a_credential
            verify_02_foreign_401_is_no_word_against_a_credential
            verify_02_status_503_is_no_word_against_a_credential
            verify_03_foreign_credential_is_refused_before_any_request
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::CASES;

    macro_rules! names {
        ([] $_:path; $($name:ident)*) => {
            &[$(stringify!($name)),*]
        };
    }

    #[test]
    fn each_case_becomes_a_test() {
        let names: &[&str] = crate::__each_case!([names] [] unused);
        let ids: Vec<_> = CASES.iter().map(|case| case.id().replace('-', "_")).collect();
        assert_eq!(names, ids, "the list in this file must have the cases in their order");
    }
}
