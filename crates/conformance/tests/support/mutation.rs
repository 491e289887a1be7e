//! The ways in which the adapter can be wrong, each with the case that must see it.

macro_rules! mutations {
    ($($name:ident, $what:literal, $case:literal;)*) => {
        /// One way in which an adapter can be wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Mutation {
            $(
                #[doc = $what]
                $name,
            )*
        }

        impl Mutation {
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];

            /// What the adapter does wrong.
            pub(crate) fn what(self) -> &'static str {
                match self {
                    $(Self::$name => $what,)*
                }
            }

            /// The case that must fail.
            pub(crate) fn case(self) -> &'static str {
                match self {
                    $(Self::$name => $case,)*
                }
            }
        }
    };
}

mutations! {
    IgnoresDeadline, "waits for an answer as long as it takes",
        "all-01-list-ends-where-no-answer-comes";
    WaitsForCreate, "waits for the answer to a create as long as it takes",
        "all-01-issue-ends-where-no-answer-comes";
    ReadsEndlessBody, "reads a body to its end, however long it is",
        "all-02-list-stops-reading-an-endless-answer";
    LeaksInDebug, "takes the secret for the key's public part, so that `Debug` shows it",
        "all-03-issued-key-shows-no-secret";
    LeaksInLog, "logs the answer to a create", "all-03-log-shows-no-secret";
    LeaksInIssuer, "shows the account's secret in the issuer's `Debug` form",
        "all-03-debug-forms-show-no-secret";
    LeaksInError, "quotes the provider's message as it is",
        "all-03-refusal-does-not-repeat-the-request-of-issue";
    QuotesAnswer, "quotes an answer that it cannot read",
        "all-03-unreadable-answer-to-issue-is-not-quoted";
    FollowsRedirect, "follows a redirect with the key headers",
        "all-04-list-follows-no-redirect-elsewhere";
    AcceptsPlainHttp, "accepts plain http to any host", "all-04-plain-http-to-elsewhere-is-refused";
    UsesProxy, "sends key headers to a proxy", "all-04-this-machine-is-reached-without-a-proxy";
    ChangesProfile, "offers less once a key was made", "profile-01-never-changes";
    IgnoresMaxUses, "declares a limit on uses, and leaves it out of the request",
        "profile-02-max-uses-work-or-are-refused";
    AcceptsMaxUses, "declares no limit on uses, and makes the key without it",
        "profile-02-max-uses-work-or-are-refused";
    RefusesMaxUses, "declares a limit on uses, and refuses it",
        "profile-02-max-uses-work-or-are-refused";
    IgnoresNameFilter, "declares a filter by name, and leaves it out of the request",
        "profile-02-name-filter-selects";
    RefusesRevokedFilter, "declares a filter by revocation, and refuses it",
        "profile-02-revoked-filter-selects";
    CutsNames, "cuts names that are long, but not too long", "profile-02-longest-name-works";
    SendsLongNames, "sends names that the profile says are too long",
        "profile-02-longer-name-is-refused-before-any-request";
    SendsReservedNames, "sends names that the profile says are reserved",
        "profile-02-reserved-name-is-refused-before-any-request";
    PlansTooMuch, "plans what it then refuses to issue",
        "plan-01-fails-where-issue-fails-before-its-request";
    PlansTooLittle, "refuses to plan what it would issue", "plan-01-passes-where-issue-passes";
    PlansAnotherBody, "sends another body than it planned", "plan-02-body-is-the-body-that-is-sent";
    PlanSends, "asks the provider while it plans", "plan-03-sends-nothing";
    SendsInexpressible, "sends the nearest grants where none express the request",
        "issue-01-inexpressible-fails-before-any-request";
    WidensInseparable, "takes the narrowest wider grant where none is exact",
        "issue-01-inseparable-fails-before-any-request";
    MakesAdmin, "makes an admin key where only one could do it",
        "issue-01-admin-only-permission-makes-no-admin-key";
    RetriesOn500, "repeats a create after status 500", "issue-02-one-create-after-status-500";
    RetriesOn503, "repeats a create after status 503", "issue-02-one-create-after-status-503";
    RetriesOnLostAnswer, "repeats a create after a broken connection",
        "issue-02-one-create-after-a-lost-answer";
    RetriesOnTimeout, "repeats a create after a timeout",
        "issue-02-one-create-where-no-answer-comes";
    RetriesOnUnreadable, "repeats a create after an answer that it cannot read",
        "issue-02-one-create-after-an-answer-of-another-shape";
    SpoilsCredential, "loses the last character of the secret", "issue-03-credential-authenticates";
    GrantsOneTooMany, "sends one grant too many", "issue-04-each-permission-alone";
    DropsOne, "drops one grant of several", "issue-04-pairs-of-grants";
    FullSetIsAdmin, "makes an admin key of all grants together", "issue-04-everything-is-not-admin";
    AdminIsFullSet, "makes a key with all grants where admin is asked for",
        "issue-04-admin-may-do-everything";
    MisreadsGrants, "reads a grant in a list as another one",
        "issue-04-record-tells-what-was-granted";
    LostIsRejected, "calls a lost answer rejected", "issue-05-lost-answer-is-unknown";
    UnreadableIsRejected, "calls an answer that it cannot read rejected",
        "issue-05-html-answer-is-unknown";
    ServerErrorIsRejected, "calls status 503 rejected", "issue-05-status-503-is-unknown";
    TimeoutIsNotSent, "calls a timeout not sent", "issue-05-no-answer-is-unknown";
    ForgetsName, "does not say which key may exist", "issue-05-unknown-create-carries-the-name";
    RejectedIsUnknown, "calls every failed create unknown",
        "issue-05-limit-of-requests-is-a-rejection";
    HidesDifference, "says that nothing is missing or extra",
        "issue-06-missing-and-extra-tell-the-difference";
    GrantsBeyondCeiling, "grants what nobody asked for, and says so",
        "issue-06-granted-lies-between-floor-and-ceiling";
    LosesPageTwo, "reads the first page alone", "list-01-keys-on-several-pages-are-listed";
    StopsAtShortPage, "stops at a page that is shorter than it expects",
        "list-01-short-page-does-not-end-the-listing";
    RepeatsRow, "hands out rows that the page before had",
        "list-02-key-made-meanwhile-repeats-no-row";
    CountsNoRepeats, "drops rows without counting them",
        "list-02-repeated-row-is-dropped-and-counted";
    IgnoresTotal, "does not look at the total", "list-03-wrong-total-is-reported";
    LeaksInRecord, "keeps the secret that the provider lists", "list-04-record-shows-no-secret";
    DropsUnknownGrants, "drops grants that it does not know", "list-05-unknown-grant-is-kept";
    DropsUnreadableRows, "drops rows that it cannot read, without a word",
        "list-05-unreadable-row-is-counted";
    FailsOnUnreadableRow, "fails where it cannot read a row", "list-05-unreadable-row-is-counted";
    IgnoresUsesFilter, "ignores a filter that is not offered",
        "list-06-uses-filter-is-refused-where-there-is-none";
    FailedRevokeIsDone, "reports a failed revoke as done",
        "revoke-01-failed-revoke-is-not-reported-as-done";
    FailedRevokeIsGone, "says that the key is gone already where a revoke failed",
        "revoke-01-cut-connection-is-not-reported-as-done";
    RevokesNothing, "says that a key is revoked without asking for it",
        "revoke-01-credential-stops-working";
    SecondRevokeFails, "fails where a key is revoked already", "revoke-02-revoking-again-is-harmless";
    UnlistedIsGone, "says `AlreadyGone` for a key that is merely not listed",
        "revoke-02-key-that-was-not-listed-is-not-called-gone";
    AnyNotFoundIsGone, "takes any 404 for the provider's word",
        "revoke-02-foreign-404-is-no-word-of-the-provider";
    RevokesNewest, "revokes the newest key, whichever was meant", "revoke-03-other-keys-stay";
    DoesNotEscape, "does not escape a key in the path", "revoke-03-odd-text-hits-no-other-key";
    RevokesForeign, "looks for another provider's key",
        "revoke-04-foreign-reference-is-refused-before-any-request";
    UnknownIsLive, "calls a credential live that the provider does not know",
        "verify-01-unknown-credential-is-unrecognized";
    RevokedIsLive, "calls a revoked key live", "verify-01-revoked-key-is-not-live";
    ExhaustedIsLive, "calls a key live whose uses are used up",
        "verify-01-exhausted-key-is-not-live";
    AnyAnswerIsLive, "takes any answer of success for a live key",
        "verify-02-html-is-no-word-for-a-credential";
    EmptyIsLive, "takes an empty answer for a live key",
        "verify-02-empty-answer-is-no-word-for-a-credential";
    ServerErrorIsLive, "calls a key live where the provider is out of order",
        "verify-02-status-503-is-no-word-against-a-credential";
    PanicsOnHtml, "panics on HTML", "verify-02-html-is-no-word-for-a-credential";
    AnyRefusalIsUnknown, "takes any 401 for the provider's word",
        "verify-02-foreign-401-is-no-word-against-a-credential";
    VerifiesForeign, "sends another provider's credential",
        "verify-03-foreign-credential-is-refused-before-any-request";
}
