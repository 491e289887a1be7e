//! Each wrong adapter in words, the case that must catch it, and the reason that case must give.

use pinning_keys_core::Operation::{Issue, List, Revoke, Verify};

use super::mutation::Mutation::{self, *};
use super::mutation::Trouble::*;

/// A wrong adapter, and how it is caught.
pub(crate) struct Mutant {
    pub(crate) wrong: Mutation,
    /// The case that must fail.
    pub(crate) case: &'static str,
    /// What the adapter does wrong.
    pub(crate) what: &'static str,
    /// A part of the reason that the report gives: failing for another reason proves nothing.
    pub(crate) because: &'static str,
}

macro_rules! mutants {
    ($($wrong:expr, $case:literal, $what:literal, $because:literal;)*) => {
        &[$(Mutant { wrong: $wrong, case: $case, what: $what, because: $because }),*]
    };
}

pub(crate) const MUTANTS: &[Mutant] = mutants! {
    NeverEnds, "all-01-undisturbed-calls-end-in-time",
        "waits forever for the answer to a revoke", "revoke has a deadline of 10s but did not end";
    Waits(Issue), "all-01-issue-ends-when-no-answer-comes",
        "waits for a create without a deadline", "issue has a deadline of 400ms but did not end";
    Waits(List), "all-01-list-ends-when-no-answer-comes",
        "waits for a list without a deadline", "list has a deadline of 400ms but did not end";
    Waits(Revoke), "all-01-revoke-ends-when-no-answer-comes",
        "waits for a revoke without a deadline", "revoke has a deadline of 400ms but did not end";
    Waits(Verify), "all-01-verify-ends-when-no-answer-comes",
        "verifies without a deadline", "verify has a deadline of 400ms but did not end";
    BoundsPauses(Issue), "all-01-issue-ends-when-the-answer-drips",
        "bounds only the pauses of a create", "issue has a deadline of 400ms but did not end";
    BoundsPauses(List), "all-01-list-ends-when-the-answer-drips",
        "bounds only the pauses of a list", "list has a deadline of 400ms but did not end";
    BoundsPauses(Revoke), "all-01-revoke-ends-when-the-answer-drips",
        "bounds only the pauses of a revoke", "revoke has a deadline of 400ms but did not end";
    BoundsPauses(Verify), "all-01-verify-ends-when-the-answer-drips",
        "bounds only the pauses of a verify", "verify has a deadline of 400ms but did not end";
    ReadsOn(Issue), "all-02-issue-stops-reading-an-endless-answer",
        "reads answers of any length to a create", "bytes of an endless answer were read";
    ReadsOn(List), "all-02-list-stops-reading-an-endless-answer",
        "reads answers of any length to a list", "bytes of an endless answer were read";
    ReadsOn(Revoke), "all-02-revoke-stops-reading-an-endless-answer",
        "reads answers of any length to a revoke", "bytes of an endless answer were read";
    ReadsOn(Verify), "all-02-verify-stops-reading-an-endless-answer",
        "reads answers of any length to a verify", "bytes of an endless answer were read";
    LeaksInDebug, "all-03-issued-key-shows-no-secret",
        "uses the secret as the API key, which `Debug` shows",
        "the Debug form of an issued key shows a secret";
    LeaksInLog, "all-03-log-shows-no-secret",
        "logs the answer to a create", "the log shows a secret";
    LeaksInIssuer, "all-03-debug-forms-show-no-secret",
        "shows the account's secret in its `Debug` form", "a Debug form shows a secret";
    QuotesRefusal(Issue), "all-03-issue-refusal-does-not-echo-the-request",
        "quotes the provider's refusal of a create", "the error shows a secret";
    QuotesRefusal(Verify), "all-03-verify-refusal-does-not-echo-the-request",
        "quotes the provider's refusal of a credential", "the error shows a secret";
    QuotesAnswer(Issue), "all-03-unreadable-issue-answer-is-not-quoted",
        "quotes an unreadable answer to a create", "the error shows a secret";
    QuotesAnswer(List), "all-03-html-list-answer-is-not-quoted",
        "quotes an unreadable page of a list", "the error shows a secret";
    Follows(Issue), "all-04-issue-follows-no-redirect-elsewhere",
        "follows a redirect of a create with the account's secret",
        "1 request followed the redirect";
    Follows(List), "all-04-list-follows-no-redirect-elsewhere",
        "follows a redirect of a list with the account's secret",
        "1 request followed the redirect";
    Follows(Revoke), "all-04-revoke-follows-no-redirect-elsewhere",
        "follows a redirect of a revoke with the account's secret",
        "1 request followed the redirect";
    Follows(Verify), "all-04-verify-follows-no-redirect-elsewhere",
        "follows a redirect with the credential that it verifies",
        "1 request followed the redirect";
    AcceptsPlainHttp, "all-04-plain-http-to-another-host-is-refused",
        "accepts plain http to any host", "an issuer for plain http to another host sends requests";
    UsesProxy, "all-04-loopback-bypasses-the-proxy",
        "sends the account's secret through a proxy", "1 request went through the proxy";
    NeverRenews, "all-05-issue-works-after-the-credential-expired",
        "never renews the account's credential, as a create shows", "the next issue fails";
    NeverRenews, "all-05-list-works-after-the-credential-expired",
        "never renews the account's credential, as a list shows", "the next list fails";
    NeverRenews, "all-05-revoke-works-after-the-credential-expired",
        "never renews the account's credential, as a revoke shows", "the next revoke fails";
    RenewsTwice, "all-05-one-create-after-the-credential-expired",
        "sends a create twice after it has renewed the account's credential",
        "2 keys created, not one";
    ChangesProfile, "profile-01-never-changes",
        "offers less once it has created a key", "\nafter: IssuerProfile";
    DiffersByIssuer, "profile-01-is-the-same-for-every-issuer",
        "offers less with every new issuer", "\nanother issuer: IssuerProfile";
    IgnoresMaxUses, "profile-02-max-uses-work-or-are-refused",
        "offers a use limit, but does not send it", "requested 3 uses, but the key works 6 times";
    AcceptsMaxUses, "profile-02-max-uses-work-or-are-refused",
        "offers no use limit, but accepts one", "accepted, but should be refused as Unsupported";
    RefusesMaxUses, "profile-02-max-uses-work-or-are-refused",
        "offers a use limit, but refuses it", "offers a use limit, but issue refused it";
    AcceptsExpiry, "profile-02-expiry-works-or-is-refused",
        "offers no expiry, but accepts one", "accepted, but should be refused as Unsupported";
    RefusesExpiry, "profile-02-expiry-works-or-is-refused",
        "offers an expiry, but refuses it", "offers an expiry, but issue refused it";
    AcceptsAdmin, "profile-02-unsupported-admin-key-is-refused-before-any-request",
        "offers no admin keys, but creates one", "accepted, but should be refused as Unsupported";
    CutsNames, "profile-02-longest-name-works",
        "cuts long names that are not too long", "after the key was created, it is not listed";
    SendsLongNames, "profile-02-overlong-name-is-refused-before-any-request",
        "sends names that its profile calls too long", "should be refused as InvalidInput";
    SendsOddNames, "profile-02-name-with-an-odd-character-is-refused-before-any-request",
        "sends names with characters that its profile does not allow",
        "should be refused as InvalidInput";
    SendsReservedNames, "profile-02-reserved-name-is-refused-before-any-request",
        "sends names that its profile reserves", "should be refused as NameReserved";
    AsksForLacking(List), "profile-02-unsupported-list-is-refused-before-any-request",
        "lists at a provider that cannot", "should be refused as Unsupported";
    AsksForLacking(Revoke), "profile-02-unsupported-revoke-is-refused-before-any-request",
        "revokes at a provider that cannot", "should be refused as Unsupported";
    IgnoresNameFilter, "profile-02-name-filter-selects",
        "offers a name filter, but does not send it", "selects a key that it should leave out";
    RefusesRevokedFilter, "profile-02-revoked-filter-selects",
        "offers a revoked filter, but refuses it", "offers the filter, but list refused it";
    IgnoresUsesFilter, "profile-02-uses-filter-selects",
        "offers a uses filter, but does not send it", "selects a key that it should leave out";
    PlansTooMuch, "plan-01-fails-when-issue-fails-before-its-request",
        "plans what it refuses to issue", "plan accepts what issue refuses";
    PlansTooLittle, "plan-01-succeeds-when-issue-succeeds",
        "refuses to plan what it would issue", "issue accepts what plan refuses";
    PlansAnotherBody, "plan-02-body-is-the-body-that-issue-sends",
        "sends another body than it planned", "\nsent: {";
    PlanSends, "plan-03-sends-nothing",
        "sends a request to make a plan", "plan sent a request";
    SendsInexpressible, "issue-01-inexpressible-scope-fails-before-any-request",
        "sends other grants if none express the scope", "should be refused as Inexpressible";
    SendsForeignGrant, "issue-01-grant-of-another-provider-fails-before-any-request",
        "sends other grants instead of one that the provider lacks",
        "should be refused as Inexpressible";
    WidensInseparable, "issue-01-inseparable-permission-fails-before-any-request",
        "sends a wider grant if none is exact", "should be refused as Inexpressible";
    MakesAdmin, "issue-01-admin-only-permission-creates-no-admin-key",
        "creates an admin key if only that would do", "should be refused as Inexpressible";
    CreatesTwice, "issue-02-one-create-when-nothing-goes-wrong",
        "creates a second key, in case the first gets lost", "one call created 2 keys";
    Repeats(Status(500)), "issue-02-one-create-after-status-500",
        "repeats a create after status 500", "one call created 2 keys";
    Repeats(Status(503)), "issue-02-one-create-after-status-503",
        "repeats a create after status 503", "one call created 2 keys";
    Repeats(Lost), "issue-02-one-create-after-a-lost-answer",
        "repeats a create after a lost answer", "one call created 2 keys";
    Repeats(Late), "issue-02-one-create-when-no-answer-comes",
        "repeats a create after a timeout", "one call created 2 keys";
    Repeats(OtherShape), "issue-02-one-create-after-unexpected-json",
        "repeats a create after unexpected JSON", "one call created 2 keys";
    Repeats(BrokenOff), "issue-02-one-create-after-a-truncated-answer",
        "repeats a create after a truncated answer", "one call created 2 keys";
    Repeats(Unsent), "issue-02-one-create-after-a-refused-connection",
        "sends a create twice after a refused connection", "one call created 2 keys";
    Repeats(Lost), "issue-02-one-create-after-a-cut-connection",
        "repeats a create after a cut connection",
        "the key was created, but the request was sent 2 times";
    SpoilsCredential, "issue-03-credential-authenticates",
        "loses the last character of the secret", "after the key was created, it is Unrecognized";
    GrantsOneTooMany, "issue-04-each-permission-alone",
        "sends one grant too many", "at the provider the key has pins:add-file";
    DropsOne, "issue-04-pairs-of-grants",
        "drops one of several grants", "at the provider the key lacks pins:add-file";
    LeavesOutPreferred, "issue-04-random-scopes",
        "sends only the needed grants, but reports all", "at the provider the key lacks pins:list";
    FullSetIsAdmin, "issue-04-all-permissions-are-not-admin",
        "creates an admin key for all grants together",
        "all permissions together became an admin key";
    AdminIsFullSet, "issue-04-admin-can-do-everything",
        "creates a key with all grants instead of an admin key",
        "granted is admin, but at the provider the key lacks";
    MisreadsGrants, "issue-04-record-shows-what-was-granted",
        "misreads grants in a list", "granted is pins:list, but the record has usage:read";
    CallsRejected(Lost), "issue-05-lost-answer-is-unknown",
        "reports a lost answer as rejected", "the effect is Rejected, not Unknown";
    TimeoutIsNotSent, "issue-05-no-answer-is-unknown",
        "reports a timeout as not sent", "the effect is NotSent, not Unknown";
    CallsRejected(Status(500)), "issue-05-status-500-is-unknown",
        "reports status 500 as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(Status(503)), "issue-05-status-503-is-unknown",
        "reports status 503 as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(BrokenOff), "issue-05-truncated-answer-is-unknown",
        "reports a truncated answer as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(Empty), "issue-05-empty-answer-is-unknown",
        "reports an empty answer as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(Html), "issue-05-html-answer-is-unknown",
        "reports HTML as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(OtherShape), "issue-05-unexpected-json-is-unknown",
        "reports unexpected JSON as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(NotText), "issue-05-non-utf8-answer-is-unknown",
        "reports bytes that are not UTF-8 as rejected", "the effect is Rejected, not Unknown";
    CallsRejected(Endless), "issue-05-endless-answer-is-unknown",
        "reports an endless answer as rejected", "the effect is Rejected, not Unknown";
    ForgetsName, "issue-05-unknown-create-names-the-key",
        "does not name the key that may exist", "the error names None";
    RejectedIsUnknown, "issue-05-rate-limit-is-a-rejection",
        "reports every failed create as unknown", "the effect is Unknown, not Rejected";
    Hides(Lost), "issue-05-reconcile-settles-a-create-after-a-lost-answer",
        "never lists a key after a lost answer", "not settled: NothingFound";
    Hides(Late), "issue-05-reconcile-settles-a-create-when-no-answer-comes",
        "never lists a key after a timeout", "not settled: NothingFound";
    Hides(Status(500)), "issue-05-reconcile-settles-a-create-after-status-500",
        "never lists a key after status 500", "not settled: NothingFound";
    Hides(BrokenOff), "issue-05-reconcile-settles-a-create-after-a-truncated-answer",
        "never lists a key after a truncated answer", "not settled: NothingFound";
    Hides(OtherShape), "issue-05-reconcile-settles-a-create-after-unexpected-json",
        "never lists a key after unexpected JSON", "not settled: NothingFound";
    Hides(Empty), "issue-05-empty-answer-is-unknown",
        "never lists a key after an empty answer", "not settled: NothingFound";
    Hides(Html), "issue-05-html-answer-is-unknown",
        "never lists a key after HTML", "not settled: NothingFound";
    Hides(NotText), "issue-05-non-utf8-answer-is-unknown",
        "never lists a key after bytes that are not UTF-8", "not settled: NothingFound";
    Hides(Endless), "issue-05-endless-answer-is-unknown",
        "never lists a key after an endless answer", "not settled: NothingFound";
    DropsNative, "issue-04-native-grant-is-granted-as-named",
        "sends only grants that open a permission", "but the record has nothing";
    HidesNative, "issue-04-native-grant-is-granted-as-named",
        "reports only permissions as granted", "notes was requested, but granted is";
    GrantsBeyondCeiling, "issue-06-granted-lies-between-floor-and-ceiling",
        "grants what was not requested, and reports it", "is granted but was not requested";
    HidesDifference, "issue-06-missing-and-extra-are-exact",
        "reports nothing as missing or extra", "missing is nothing, not";
    NamesWrongHeader, "issue-07-headers-authenticate-the-holder",
        "returns the secret in a header that the provider does not read",
        "the key is live, but the provider does not accept its headers (form: header)";
    IgnoresExpiry, "issue-08-expiry-is-honoured",
        "offers an expiry, but does not send it",
        "neither the ledger nor its record shows that the key expires";
    SendsMilliseconds, "issue-08-expiry-is-honoured",
        "sends milliseconds as seconds", "later than requested";
    HidesExpiry, "issue-08-expiry-is-honoured",
        "reads no expiry, neither of issued keys nor of listed ones",
        "neither the issued key nor its record says so";
    AssumesExpiry, "issue-08-shortened-expiry-is-reported",
        "reports the requested expiry, whatever the provider answers",
        "earlier than requested, but the issued key does not say so";
    SendsPastExpiry, "issue-08-past-expiry-is-refused-before-any-request",
        "sends an expiry in the past", "should be refused as InvalidInput";
    SendsOverlongExpiry, "issue-08-overlong-expiry-is-refused-before-any-request",
        "sends an expiry that its profile calls too long", "should be refused as InvalidInput";
    LeavesOutNewest, "list-01-new-key-is-listed",
        "leaves the newest key out of lists", "after the key was created, it is not listed";
    LosesPageTwo, "list-01-keys-on-several-pages-are-listed",
        "reads only the first page", "2 of 5 keys are lost";
    StopsAtShortPage, "list-01-short-page-does-not-end-the-listing",
        "stops at a page shorter than its page size", "3 of 5 keys are lost";
    RepeatsRow, "list-02-key-created-between-pages-repeats-no-row",
        "returns rows of the previous page again", "is listed twice";
    CountsNoRepeats, "list-02-repeated-row-is-dropped-and-counted",
        "drops repeated rows without counting them", "the repeated row was not counted";
    IgnoresTotal, "list-03-wrong-total-is-reported",
        "ignores the total", "the wrong total is not reported";
    LeaksInRecord, "list-04-record-shows-no-secret",
        "keeps a secret that the provider lists", "the record of a key shows a secret";
    LeaksInName, "list-04-record-shows-no-secret",
        "lists the secret in the key's name", "the record of a key shows a secret";
    DropsUnknownGrants, "list-05-unknown-grant-is-kept",
        "drops unknown grants", "an unknown grant of a key is dropped silently";
    DropsUnreadableRows, "list-05-unreadable-row-is-counted",
        "drops unreadable rows without counting them", "an unreadable row is dropped silently";
    FailsOnUnreadableRow, "list-05-unreadable-row-is-counted",
        "fails on an unreadable row", "an unreadable row makes list fail";
    ReadsArrayRows, "list-05-array-row-is-counted",
        "reads an array as a key", "an array is read as a key";
    SendsNameFilter, "list-06-unsupported-name-filter-is-refused",
        "sends a name filter that it does not offer", "should be refused as Unsupported";
    SendsRevokedFilter, "list-06-unsupported-revoked-filter-is-refused",
        "sends a revoked filter that it does not offer", "should be refused as Unsupported";
    SendsUsesFilter, "list-06-unsupported-uses-filter-is-refused",
        "accepts a uses filter that it does not offer", "should be refused as Unsupported";
    HidesShrinkage, "list-07-key-revoked-between-pages-hides-no-other",
        "does not notice that a list has become shorter", "1 of 4 keys is lost silently";
    RevokesNothing, "revoke-01-credential-stops-working",
        "reports a revoke that it never sends", "after the key was revoked, it is still live";
    RevokesInItsBook, "revoke-01-revoked-key-can-do-nothing",
        "records a revoke without sending it", "the revoked key still has pins:list";
    RevokesInItsBook, "revoke-01-key-is-gone-at-the-provider",
        "records a revoke without sending it", "the provider has not revoked the key";
    FailedRevokeIsDone, "revoke-01-failed-revoke-is-not-reported-as-done",
        "reports a failed revoke as done", "revoke returns Revoked for a live key";
    PostponedRevokeIsDone, "revoke-01-status-503-is-not-reported-as-done",
        "treats status 503 as a revoke that will be done", "revoke returns Revoked for a live key";
    AnyJsonIsRevoked, "revoke-01-unexpected-json-is-not-reported-as-done",
        "treats any JSON as a revoke that is done", "revoke returns Revoked for a live key";
    FailedRevokeIsGone, "revoke-01-cut-connection-is-not-reported-as-done",
        "reports the key of a failed revoke as gone", "revoke returns AlreadyGone for a live key";
    AnyAnswerIsRevoked, "revoke-01-html-is-not-reported-as-done",
        "treats any success as a revoke that is done", "revoke returns Revoked for a live key";
    SecondRevokeFails, "revoke-02-revoking-again-is-harmless",
        "fails on a key that is already revoked", "revoking again failed";
    UnlistedIsGone, "revoke-02-unlisted-key-is-not-reported-as-gone",
        "reports an unlisted key as gone", "the key is live, but revoke returns AlreadyGone";
    AnyNotFoundIsGone, "revoke-02-foreign-404-is-not-reported-as-gone",
        "treats any 404 as the provider's", "the key is live, but revoke returns AlreadyGone";
    AnyBadRequestIsGone, "revoke-02-foreign-400-is-not-reported-as-gone",
        "treats any 400 as a key that is gone", "the key is live, but revoke returns AlreadyGone";
    RevokesNewestToo, "revoke-03-other-keys-stay-live",
        "also revokes the newest key", "another key is now Revoked";
    DoesNotEscape, "revoke-03-odd-text-hits-no-other-key",
        "does not escape the key in the path", "hits the key";
    RevokesForeign, "revoke-04-foreign-reference-is-refused-before-any-request",
        "looks for another provider's key", "should be refused as InvalidInput";
    RevokesSecret, "revoke-05-secret-is-refused-before-any-request",
        "looks for a key by its secret", "should be refused as InvalidInput";
    LiveIsUnknown, "verify-01-live-key-is-live",
        "reports a live key as unrecognized", "after the key was created, it is Unrecognized";
    UnknownIsLive, "verify-01-unknown-credential-is-unrecognized",
        "reports an unknown credential as live", "a credential with a wrong secret is Live";
    RevokedIsLive, "verify-01-revoked-key-is-not-live",
        "reports a revoked key as live", "after the key was revoked, it is still live";
    ExhaustedIsLive, "verify-01-exhausted-key-is-not-live",
        "reports an exhausted key as live", "a key with no uses left is live";
    AnyAnswerIsLive, "verify-02-html-is-an-error",
        "treats any success as a live key", "makes verify return Live";
    PanicsOnHtml, "verify-02-html-is-an-error",
        "panics on HTML", "panicked at ";
    EmptyIsLive, "verify-02-empty-answer-is-an-error",
        "treats an empty answer as a live key", "makes verify return Live";
    AnyJsonIsLive, "verify-02-unexpected-json-is-an-error",
        "treats any JSON as a live key", "makes verify return Live";
    AnyRefusalIsUnknown, "verify-02-foreign-401-decides-nothing",
        "treats any 401 as the provider's", "makes verify return Unrecognized";
    ServerErrorIsLive, "verify-02-status-503-decides-nothing",
        "reports a key as live if the provider is down", "makes verify return Live";
    VerifiesForeign, "verify-03-foreign-credential-is-refused-before-any-request",
        "sends another provider's credential", "should be refused as InvalidInput";
    ProbesTwice, "probe-01-sends-what-the-plan-announces",
        "sends each request of a probe twice", "requests sent, but the plan has 3";
    AnyAnswerIsYes, "probe-02-yes-and-no-are-true",
        "treats any answer to a probe as a yes", "is yes for a key that may";
    ProbesDead, "probe-03-dead-credential-is-only-verified",
        "goes on probing with a dead credential", "sent with a dead credential";
    ProbesForeign, "probe-04-foreign-credential-is-refused-before-any-request",
        "probes with another provider's credential", "should be refused as InvalidInput";
    ReadingSends, "facts-01-sends-nothing",
        "asks the provider what a credential is", "reading a credential sent a request";
    NamesAnotherKey, "facts-02-named-key-is-the-issued-key",
        "reads the wrong key from a credential", "names v1:";
    ReadsForeign, "facts-03-foreign-credential-is-refused",
        "reads another provider's credential", "should be refused as InvalidInput";
    AsksForAccount, "account-01-sends-nothing",
        "asks the provider for the account", "reading the account sent 1 request";
    ServesAnyAccount(Issue), "account-02-another-account-is-refused-before-any-request",
        "creates keys in any account, though it is confined to one",
        "accepted, but should be refused as CredentialUnavailable";
    ServesAnyAccount(List), "account-02-another-account-is-refused-before-any-request",
        "lists the keys of any account, though it is confined to one",
        "accepted, but should be refused as CredentialUnavailable";
    ServesAnyAccount(Revoke), "account-02-another-account-is-refused-before-any-request",
        "revokes keys of any account, though it is confined to one",
        "accepted, but should be refused as CredentialUnavailable";
    RefusesOwnAccount, "account-03-own-account-is-served",
        "refuses its own account when it is confined to it",
        "another account's credential; nothing was sent";
    NeverConfined, "account-03-own-account-is-served",
        "reads its account, but cannot be confined to it", "but cannot be confined to it";
};
