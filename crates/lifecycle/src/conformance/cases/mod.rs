//! The cases, in the order of the laws.

mod audit;
mod dropped;
mod failures;
mod kept;
mod locks;
mod pages;
mod prune;
mod selection;
mod status;
mod time;
mod transactions;
mod unique;

use super::case::Case;

/// Generates the list of cases, and the macro that makes a test of each case, from one list.
macro_rules! cases {
    ($dollar:tt; $($law:literal $module:ident::$name:ident;)*) => {
        /// All cases of the suite, in the order of the laws.
        pub const CASES: &[Case] = &[
            $(Case {
                name: stringify!($name),
                law: $law,
                run: |bench| Box::pin($module::$name(bench)),
            }),*
        ];

        /// Makes a `#[test]` of each case, which plain `cargo test` lists and runs.
        ///
        /// The argument is the path of an `async fn` without arguments that returns a
        /// [`Harness`](crate::conformance::Harness) for each test, or `None` if the database is not
        /// available here. Use the macro in its own module, which names the store:
        ///
        /// ```
        /// # use pinning_keys_lifecycle::conformance::{BoxError, Harness, async_trait};
        /// # use pinning_keys_lifecycle::store::Store;
        /// # use pinning_keys_lifecycle::ManualClock;
        /// # struct MyHarness;
        /// # #[async_trait]
        /// # impl Harness for MyHarness {
        /// #     fn clock(&self) -> &ManualClock { unimplemented!() }
        /// #     async fn open(&self) -> Result<Box<dyn Store>, BoxError> { Err("none".into()) }
        /// # }
        /// #[cfg(test)]
        /// mod my_store {
        ///     async fn harness() -> Option<super::MyHarness> {
        ///         Some(super::MyHarness)
        ///     }
        ///
        ///     pinning_keys_lifecycle::store_tests!(harness);
        /// }
        /// ```
        ///
        /// A case that does not run, because the harness leaves it out or there is no harness,
        /// prints the reason and passes.
        #[macro_export]
        macro_rules! store_tests {
            ($dollar harness:path) => {
                $(
                    #[test]
                    fn $name() {
                        let cases = $crate::conformance::CASES;
                        $crate::conformance::check(cases, stringify!($name), $dollar harness);
                    }
                )*
            };
        }
    };
}

cases! { $;
    "store-01" kept::commits_are_seen_through_another_handle;
    "store-01" kept::every_column_of_a_key_comes_back;
    "store-01" kept::every_column_of_an_account_comes_back;
    "store-01" kept::every_column_of_an_audit_line_comes_back;
    "store-01" kept::every_column_of_the_store_comes_back;
    "store-02" transactions::an_aborted_decision_writes_nothing;
    "store-02" transactions::a_refused_transaction_writes_nothing;
    "store-02" transactions::rows_left_out_of_a_decision_stay;
    "store-02" transactions::decisions_about_a_key_follow_each_other;
    "store-02" transactions::decisions_about_an_account_follow_each_other;
    "store-03" time::time_follows_the_clock;
    "store-03" time::time_stays_when_the_clock_is_set_back;
    "store-03" time::a_decision_can_only_raise_the_time;
    "store-04" locks::each_due_row_is_claimed_once;
    "store-04" locks::a_lock_is_waited_for_a_bounded_time;
    "store-05" unique::a_holder_has_one_open_row;
    "store-05" unique::a_key_has_one_open_successor;
    "store-05" unique::a_holder_passes_from_one_row_to_another;
    "store-05" unique::a_known_id_is_a_conflict;
    "store-05" unique::an_account_is_made_once;
    "store-05" unique::an_account_has_one_name;
    "store-06" dropped::dropped_futures_leave_the_store_usable;
    "store-07" pages::pages_hold_each_key_once_in_order;
    "store-07" pages::pages_stay_whole_while_rows_are_added;
    "store-08" failures::errors_show_no_secret;
    "store-09" transactions::a_change_raises_the_version_by_one;
    "store-10" selection::ids_select_the_rows_that_exist;
    "store-10" selection::a_family_is_exactly_the_related_keys;
    "store-10" selection::a_holder_selects_its_open_row;
    "store-10" selection::due_rows_come_in_the_order_of_urgency;
    "store-10" selection::counts_are_those_of_the_account;
    "store-11" pages::filters_select_exactly;
    "store-11" pages::found_rows_are_ordered_and_not_repeated;
    "store-12" audit::audit_numbers_grow_and_are_never_given_twice;
    "store-12" audit::audit_filters_and_pages_select_exactly;
    "store-13" prune::prune_removes_only_what_its_rule_names;
    "store-13" prune::prune_removes_at_most_the_limit;
    "store-14" status::status_equals_a_recount;
    "store-14" status::the_agenda_shows_when_work_begins;
    "store-14" status::accounts_are_ordered_by_the_bytes_of_their_names;
}
