/// Turns each case into its own `#[test]`, which plain `cargo test` lists and runs.
///
/// The argument is the path of an `async fn` without arguments that creates a
/// [`Harness`](crate::Harness) for each test. Use the macro in its own module, which names the adapter:
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
/// Attributes before the path apply to each test. `conformance_tests!(#[ignore = "needs an account"]
/// harness)` leaves them to `cargo test -- --ignored`.
///
/// A case that cannot run prints the reason and passes. One more test, `enough_cases_run`, fails if
/// fewer cases than [`Harness::minimum`](crate::Harness::minimum) can run. It runs the few cases that
/// may skip late.
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

/// Passes the names of all cases to a macro. A test checks that none is missing.
#[doc(hidden)]
#[macro_export]
macro_rules! __each_case {
    ([$($callback:tt)*] $attributes:tt $harness:path) => {
        $($callback)*! {
            $attributes $harness;
            all_01_undisturbed_calls_end_in_time
            all_01_issue_ends_when_no_answer_comes
            all_01_list_ends_when_no_answer_comes
            all_01_revoke_ends_when_no_answer_comes
            all_01_verify_ends_when_no_answer_comes
            all_01_issue_ends_when_the_answer_drips
            all_01_list_ends_when_the_answer_drips
            all_01_revoke_ends_when_the_answer_drips
            all_01_verify_ends_when_the_answer_drips
            all_02_issue_stops_reading_an_endless_answer
            all_02_list_stops_reading_an_endless_answer
            all_02_revoke_stops_reading_an_endless_answer
            all_02_verify_stops_reading_an_endless_answer
            all_03_issued_key_shows_no_secret
            all_03_log_shows_no_secret
            all_03_debug_forms_show_no_secret
            all_03_issue_refusal_does_not_echo_the_request
            all_03_verify_refusal_does_not_echo_the_request
            all_03_unreadable_issue_answer_is_not_quoted
            all_03_html_list_answer_is_not_quoted
            all_04_issue_follows_no_redirect_elsewhere
            all_04_list_follows_no_redirect_elsewhere
            all_04_revoke_follows_no_redirect_elsewhere
            all_04_verify_follows_no_redirect_elsewhere
            all_04_plain_http_to_another_host_is_refused
            all_04_loopback_bypasses_the_proxy
            all_05_issue_works_after_the_credential_expired
            all_05_list_works_after_the_credential_expired
            all_05_revoke_works_after_the_credential_expired
            all_05_one_create_after_the_credential_expired
            profile_01_never_changes
            profile_01_is_the_same_for_every_issuer
            profile_02_max_uses_work_or_are_refused
            profile_02_expiry_works_or_is_refused
            profile_02_unsupported_admin_key_is_refused_before_any_request
            profile_02_longest_name_works
            profile_02_overlong_name_is_refused_before_any_request
            profile_02_name_with_an_odd_character_is_refused_before_any_request
            profile_02_reserved_name_is_refused_before_any_request
            profile_02_unsupported_list_is_refused_before_any_request
            profile_02_unsupported_revoke_is_refused_before_any_request
            profile_02_name_filter_selects
            profile_02_revoked_filter_selects
            profile_02_uses_filter_selects
            plan_01_fails_when_issue_fails_before_its_request
            plan_01_succeeds_when_issue_succeeds
            plan_02_body_is_the_body_that_issue_sends
            plan_03_sends_nothing
            issue_01_inexpressible_scope_fails_before_any_request
            issue_01_inseparable_permission_fails_before_any_request
            issue_01_grant_of_another_provider_fails_before_any_request
            issue_01_admin_only_permission_creates_no_admin_key
            issue_02_one_create_when_nothing_goes_wrong
            issue_02_one_create_after_status_500
            issue_02_one_create_after_status_503
            issue_02_one_create_after_a_lost_answer
            issue_02_one_create_when_no_answer_comes
            issue_02_one_create_after_unexpected_json
            issue_02_one_create_after_a_truncated_answer
            issue_02_one_create_after_a_refused_connection
            issue_02_one_create_after_a_cut_connection
            issue_03_credential_authenticates
            issue_05_lost_answer_is_unknown
            issue_05_no_answer_is_unknown
            issue_05_status_500_is_unknown
            issue_05_status_503_is_unknown
            issue_05_truncated_answer_is_unknown
            issue_05_empty_answer_is_unknown
            issue_05_html_answer_is_unknown
            issue_05_unexpected_json_is_unknown
            issue_05_non_utf8_answer_is_unknown
            issue_05_endless_answer_is_unknown
            issue_05_unknown_create_names_the_key
            issue_05_rate_limit_is_a_rejection
            issue_05_reconcile_settles_a_create_after_a_lost_answer
            issue_05_reconcile_settles_a_create_when_no_answer_comes
            issue_05_reconcile_settles_a_create_after_status_500
            issue_05_reconcile_settles_a_create_after_a_truncated_answer
            issue_05_reconcile_settles_a_create_after_unexpected_json
            issue_07_headers_authenticate_the_holder
            issue_04_each_permission_alone
            issue_04_pairs_of_grants
            issue_04_random_scopes
            issue_04_all_permissions_are_not_admin
            issue_04_admin_can_do_everything
            issue_04_native_grant_is_granted_as_named
            issue_04_record_shows_what_was_granted
            issue_06_granted_lies_between_floor_and_ceiling
            issue_06_missing_and_extra_are_exact
            issue_08_expiry_is_honoured
            issue_08_shortened_expiry_is_reported
            issue_08_past_expiry_is_refused_before_any_request
            issue_08_overlong_expiry_is_refused_before_any_request
            list_01_new_key_is_listed
            list_01_keys_on_several_pages_are_listed
            list_01_short_page_does_not_end_the_listing
            list_02_key_created_between_pages_repeats_no_row
            list_02_repeated_row_is_dropped_and_counted
            list_03_wrong_total_is_reported
            list_04_record_shows_no_secret
            list_05_unknown_grant_is_kept
            list_05_unreadable_row_is_counted
            list_05_array_row_is_counted
            list_06_unsupported_name_filter_is_refused
            list_06_unsupported_revoked_filter_is_refused
            list_06_unsupported_uses_filter_is_refused
            list_07_key_revoked_between_pages_hides_no_other
            revoke_01_credential_stops_working
            revoke_01_revoked_key_can_do_nothing
            revoke_01_key_is_gone_at_the_provider
            revoke_01_failed_revoke_is_not_reported_as_done
            revoke_01_status_503_is_not_reported_as_done
            revoke_01_unexpected_json_is_not_reported_as_done
            revoke_01_cut_connection_is_not_reported_as_done
            revoke_01_html_is_not_reported_as_done
            revoke_02_revoking_again_is_harmless
            revoke_02_unlisted_key_is_not_reported_as_gone
            revoke_02_foreign_404_is_not_reported_as_gone
            revoke_02_foreign_400_is_not_reported_as_gone
            revoke_03_other_keys_stay_live
            revoke_03_odd_text_hits_no_other_key
            revoke_04_foreign_reference_is_refused_before_any_request
            revoke_05_secret_is_refused_before_any_request
            verify_01_live_key_is_live
            verify_01_unknown_credential_is_unrecognized
            verify_01_revoked_key_is_not_live
            verify_01_exhausted_key_is_not_live
            verify_02_html_is_an_error
            verify_02_empty_answer_is_an_error
            verify_02_unexpected_json_is_an_error
            verify_02_foreign_401_decides_nothing
            verify_02_status_503_decides_nothing
            verify_03_foreign_credential_is_refused_before_any_request
            probe_01_sends_what_the_plan_announces
            probe_02_yes_and_no_are_true
            probe_03_dead_credential_is_only_verified
            probe_04_foreign_credential_is_refused_before_any_request
            facts_01_sends_nothing
            facts_02_named_key_is_the_issued_key
            facts_03_foreign_credential_is_refused
            account_01_sends_nothing
            account_02_another_account_is_refused_before_any_request
            account_03_own_account_is_served
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::cases::CASES;

    macro_rules! names {
        ([] $_:path; $($name:ident)*) => {
            &[$(stringify!($name)),*]
        };
    }

    #[test]
    fn each_case_becomes_a_test() {
        let names: &[&str] = crate::__each_case!([names] [] unused);
        let ids: Vec<_> = CASES.iter().map(|case| case.id().replace('-', "_")).collect();
        assert_eq!(names, ids, "the list in this file must name all cases in order");
    }
}
