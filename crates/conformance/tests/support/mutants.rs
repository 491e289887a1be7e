//! Each wrong adapter in words, the case that must see it, and what that case must say.

use pinning_keys_core::Operation::{Issue, List, Revoke, Verify};

use super::mutation::Mutation::{self, *};
use super::mutation::Trouble::*;

/// A wrong adapter, and how it is caught.
pub(crate) struct Mutant {
    pub(crate) wrong: Mutation,
    /// What it does wrong.
    pub(crate) what: &'static str,
    /// The case that must fail.
    pub(crate) case: &'static str,
    /// What stands in the report then: that the case fails for another reason would prove nothing.
    pub(crate) because: &'static str,
}

macro_rules! mutants {
    ($($wrong:expr, $what:literal, $case:literal, $because:literal;)*) => {
        &[$(Mutant { wrong: $wrong, what: $what, case: $case, because: $because }),*]
    };
}

pub(crate) const MUTANTS: &[Mutant] = mutants! {
    NeverEnds, "waits for ever for the answer to a revoke",
        "all-01-undisturbed-calls-end-in-time",
        "revoke has a deadline of 10s, and has not ended";
    Waits(Issue), "waits for the answer to a create as long as it takes",
        "all-01-issue-ends-where-no-answer-comes",
        "issue has a deadline of 400ms, and has not ended";
    Waits(List), "waits for a page of a list as long as it takes",
        "all-01-list-ends-where-no-answer-comes",
        "list has a deadline of 400ms, and has not ended";
    Waits(Revoke), "waits for the answer to a revoke as long as it takes",
        "all-01-revoke-ends-where-no-answer-comes",
        "revoke has a deadline of 400ms, and has not ended";
    Waits(Verify), "waits for the word on a credential as long as it takes",
        "all-01-verify-ends-where-no-answer-comes",
        "verify has a deadline of 400ms, and has not ended";
    BoundsPauses(Issue), "bounds the pauses in the answer to a create, and not the whole",
        "all-01-issue-ends-where-the-answer-drips",
        "issue has a deadline of 400ms, and has not ended";
    BoundsPauses(List), "bounds the pauses in a page of a list, and not the whole",
        "all-01-list-ends-where-the-answer-drips",
        "list has a deadline of 400ms, and has not ended";
    BoundsPauses(Revoke), "bounds the pauses in the answer to a revoke, and not the whole",
        "all-01-revoke-ends-where-the-answer-drips",
        "revoke has a deadline of 400ms, and has not ended";
    BoundsPauses(Verify), "bounds the pauses in the word on a credential, and not the whole",
        "all-01-verify-ends-where-the-answer-drips",
        "verify has a deadline of 400ms, and has not ended";
    ReadsOn(Issue), "reads the answer to a create to its end, however long it is",
        "all-02-issue-stops-reading-an-endless-answer",
        "bytes of an endless answer were taken";
    ReadsOn(List), "reads a page of a list to its end, however long it is",
        "all-02-list-stops-reading-an-endless-answer",
        "bytes of an endless answer were taken";
    ReadsOn(Revoke), "reads the answer to a revoke to its end, however long it is",
        "all-02-revoke-stops-reading-an-endless-answer",
        "bytes of an endless answer were taken";
    ReadsOn(Verify), "reads the word on a credential to its end, however long it is",
        "all-02-verify-stops-reading-an-endless-answer",
        "bytes of an endless answer were taken";
    LeaksInDebug, "takes the secret for the key's public part, so that `Debug` shows it",
        "all-03-issued-key-shows-no-secret",
        "the Debug form of an issued key shows a secret";
    LeaksInLog, "logs the answer to a create",
        "all-03-log-shows-no-secret",
        "the log shows a secret";
    LeaksInIssuer, "shows the account's secret in the issuer's `Debug` form",
        "all-03-debug-forms-show-no-secret",
        "a Debug form shows a secret";
    QuotesRefusal(Issue), "quotes the provider's words on a create as they are",
        "all-03-refusal-does-not-repeat-the-request-of-issue",
        "the error shows a secret";
    QuotesRefusal(Verify), "quotes the provider's words on a credential as they are",
        "all-03-refusal-does-not-repeat-the-request-of-verify",
        "the error shows a secret";
    QuotesAnswer(Issue), "quotes the answer to a create where it cannot read it",
        "all-03-unreadable-answer-to-issue-is-not-quoted",
        "the error shows a secret";
    QuotesAnswer(List), "quotes a page of a list where it cannot read it",
        "all-03-html-answer-to-list-is-not-quoted",
        "the error shows a secret";
    Follows(Issue), "follows a redirect of a create with the key headers",
        "all-04-issue-follows-no-redirect-elsewhere",
        "the redirect was followed with 1 requests";
    Follows(List), "follows a redirect of a list with the key headers",
        "all-04-list-follows-no-redirect-elsewhere",
        "the redirect was followed with 1 requests";
    Follows(Revoke), "follows a redirect of a revoke with the key headers",
        "all-04-revoke-follows-no-redirect-elsewhere",
        "the redirect was followed with 1 requests";
    Follows(Verify), "follows a redirect with the credential that it asks about",
        "all-04-verify-follows-no-redirect-elsewhere",
        "the redirect was followed with 1 requests";
    AcceptsPlainHttp, "accepts plain http to any host",
        "all-04-plain-http-to-elsewhere-is-refused",
        "is made, and sends requests";
    UsesProxy, "sends key headers to a proxy",
        "all-04-this-machine-is-reached-without-a-proxy",
        "1 requests went through the proxy";
    ChangesProfile, "offers less once a key was made",
        "profile-01-never-changes",
        "\nand became IssuerProfile";
    DiffersByIssuer, "offers less with each issuer that is made",
        "profile-01-is-the-same-for-every-issuer",
        "\nand of another IssuerProfile";
    IgnoresMaxUses, "declares a limit on uses, and leaves it out of the request",
        "profile-02-max-uses-work-or-are-refused",
        "3 uses were asked for, and it works 6 times";
    AcceptsMaxUses, "declares no limit on uses, and makes the key without it",
        "profile-02-max-uses-work-or-are-refused",
        "it was accepted, and should be refused as Unsupported";
    RefusesMaxUses, "declares a limit on uses, and refuses it",
        "profile-02-max-uses-work-or-are-refused",
        "a limit on uses is offered, and refused";
    CutsNames, "cuts names that are long, but not too long",
        "profile-02-longest-name-works",
        "after it was made it is not listed";
    SendsLongNames, "sends names that the profile says are too long",
        "profile-02-longer-name-is-refused-before-any-request",
        "it was accepted, and should be refused as InvalidInput";
    SendsReservedNames, "sends names that the profile says are reserved",
        "profile-02-reserved-name-is-refused-before-any-request",
        "it was accepted, and should be refused as NameReserved";
    AsksForLacking(List), "asks for a list that the provider does not have",
        "profile-02-list-is-refused-before-any-request-where-it-is-lacking",
        "it was accepted, and should be refused as Unsupported";
    AsksForLacking(Revoke), "asks a provider to revoke that cannot",
        "profile-02-revoke-is-refused-before-any-request-where-it-is-lacking",
        "it was accepted, and should be refused as Unsupported";
    IgnoresNameFilter, "declares a filter by name, and leaves it out of the request",
        "profile-02-name-filter-selects",
        "the filter selects what it should leave out";
    RefusesRevokedFilter, "declares a filter by revocation, and refuses it",
        "profile-02-revoked-filter-selects",
        "the filter is offered, and refused";
    IgnoresUsesFilter, "declares a filter by uses, and leaves it out of the request",
        "profile-02-uses-filter-selects",
        "the filter selects what it should leave out";
    PlansTooMuch, "plans what it then refuses to issue",
        "plan-01-fails-where-issue-fails-before-its-request",
        "plan accepts what issue refuses";
    PlansTooLittle, "refuses to plan what it would issue",
        "plan-01-passes-where-issue-passes",
        "issue accepts what plan refuses";
    PlansAnotherBody, "sends another body than it planned",
        "plan-02-body-is-the-body-that-is-sent",
        "\nand sent was {";
    PlanSends, "asks the provider while it plans",
        "plan-03-sends-nothing",
        "a plan sends requests";
    SendsInexpressible, "sends the nearest grants where none express the request",
        "issue-01-inexpressible-fails-before-any-request",
        "it was accepted, and should be refused as Inexpressible";
    WidensInseparable, "takes the narrowest wider grant where none is exact",
        "issue-01-inseparable-fails-before-any-request",
        "it was accepted, and should be refused as Inexpressible";
    MakesAdmin, "makes an admin key where only one could do it",
        "issue-01-admin-only-permission-makes-no-admin-key",
        "it was accepted, and should be refused as Inexpressible";
    CreatesTwice, "makes two keys, in case that one gets lost",
        "issue-02-one-create-where-nothing-goes-wrong",
        "one call made 2 keys";
    Repeats(Status(500)), "repeats a create after status 500",
        "issue-02-one-create-after-status-500",
        "one call made 2 keys";
    Repeats(Status(503)), "repeats a create after status 503",
        "issue-02-one-create-after-status-503",
        "one call made 2 keys";
    Repeats(Lost), "repeats a create after a lost answer",
        "issue-02-one-create-after-a-lost-answer",
        "one call made 2 keys";
    Repeats(Late), "repeats a create after a timeout",
        "issue-02-one-create-where-no-answer-comes",
        "one call made 2 keys";
    Repeats(OtherShape), "repeats a create after an answer that it cannot read",
        "issue-02-one-create-after-an-answer-of-another-shape",
        "one call made 2 keys";
    Repeats(BrokenOff), "repeats a create after an answer that breaks off",
        "issue-02-one-create-after-an-answer-that-breaks-off",
        "one call made 2 keys";
    Repeats(Unsent), "sends a create twice where it could not be sent at first",
        "issue-02-one-create-after-a-refused-connection",
        "one call made 2 keys";
    Repeats(Lost), "repeats a create after a broken connection",
        "issue-02-one-create-after-a-cut-connection",
        "the key was made, and the request was sent 2 times";
    SpoilsCredential, "loses the last character of the secret",
        "issue-03-credential-authenticates",
        "after it was made it is Unrecognized";
    GrantsOneTooMany, "sends one grant too many",
        "issue-04-each-permission-alone",
        "at the provider it may do pins:add-file";
    DropsOne, "drops one grant of several",
        "issue-04-pairs-of-grants",
        "at the provider it may not do pins:add-file";
    LeavesOutPreferred, "sends what is needed alone, and says that all was granted",
        "issue-04-scopes-drawn-by-chance",
        "at the provider it may not do pins:list";
    FullSetIsAdmin, "makes an admin key of all grants together",
        "issue-04-everything-is-not-admin",
        "all permissions together became an admin key";
    AdminIsFullSet, "makes a key with all grants where admin is asked for",
        "issue-04-admin-may-do-everything",
        "granted is admin; at the provider it may not do";
    MisreadsGrants, "reads a grant in a list as another one",
        "issue-04-record-tells-what-was-granted",
        "granted is pins:list, and its record says usage:read";
    CallsRejected(Lost), "calls a lost answer rejected",
        "issue-05-lost-answer-is-unknown",
        "its effect is told as Rejected";
    TimeoutIsNotSent, "calls a timeout not sent",
        "issue-05-no-answer-is-unknown",
        "its effect is told as NotSent";
    CallsRejected(Status(500)), "calls status 500 rejected",
        "issue-05-status-500-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(Status(503)), "calls status 503 rejected",
        "issue-05-status-503-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(BrokenOff), "calls an answer that breaks off rejected",
        "issue-05-broken-answer-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(Empty), "calls an empty answer rejected",
        "issue-05-empty-answer-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(Html), "calls HTML rejected",
        "issue-05-html-answer-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(OtherShape), "calls an answer of another shape rejected",
        "issue-05-answer-of-another-shape-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(NotText), "calls bytes that are no text rejected",
        "issue-05-answer-that-is-no-text-is-unknown",
        "its effect is told as Rejected";
    CallsRejected(Endless), "calls an endless answer rejected",
        "issue-05-endless-answer-is-unknown",
        "its effect is told as Rejected";
    ForgetsName, "does not say which key may exist",
        "issue-05-unknown-create-carries-the-name",
        "the error names None";
    RejectedIsUnknown, "calls every failed create unknown",
        "issue-05-limit-of-requests-is-a-rejection",
        "its effect is told as Unknown";
    Hides(Lost), "lists no key whose create had its answer lost",
        "issue-05-reconcile-settles-a-lost-create",
        "it is not settled: NothingFound";
    Hides(Late), "lists no key whose create had no answer",
        "issue-05-reconcile-settles-a-create-without-an-answer",
        "it is not settled: NothingFound";
    Hides(Status(500)), "lists no key whose create had status 500",
        "issue-05-reconcile-settles-a-create-with-status-500",
        "it is not settled: NothingFound";
    Hides(BrokenOff), "lists no key whose create had an answer that broke off",
        "issue-05-reconcile-settles-a-create-with-a-broken-answer",
        "it is not settled: NothingFound";
    Hides(OtherShape), "lists no key whose create had an answer of another shape",
        "issue-05-reconcile-settles-a-create-with-an-answer-of-another-shape",
        "it is not settled: NothingFound";
    Hides(Empty), "lists no key whose create had an empty answer",
        "issue-05-empty-answer-is-unknown",
        "it is not settled: NothingFound";
    Hides(Html), "lists no key whose create had HTML for an answer",
        "issue-05-html-answer-is-unknown",
        "it is not settled: NothingFound";
    Hides(NotText), "lists no key whose create had bytes for an answer that are no text",
        "issue-05-answer-that-is-no-text-is-unknown",
        "it is not settled: NothingFound";
    Hides(Endless), "lists no key whose create had an endless answer",
        "issue-05-endless-answer-is-unknown",
        "it is not settled: NothingFound";
    GrantsBeyondCeiling, "grants what nobody asked for, and says so",
        "issue-06-granted-lies-between-floor-and-ceiling",
        "is granted and was not asked";
    HidesDifference, "says that nothing is missing or extra",
        "issue-06-missing-and-extra-tell-the-difference",
        "missing is nothing, not";
    LeavesOutNewest, "leaves the newest key out of lists",
        "list-01-new-key-is-listed",
        "after it was made it is not listed";
    LosesPageTwo, "reads the first page alone",
        "list-01-keys-on-several-pages-are-listed",
        "of 5 keys, 2 are lost";
    StopsAtShortPage, "stops at a page that is shorter than it expects",
        "list-01-short-page-does-not-end-the-listing",
        "of 5 keys, 3 are lost";
    RepeatsRow, "hands out rows that the page before had",
        "list-02-key-made-meanwhile-repeats-no-row",
        "is listed twice";
    CountsNoRepeats, "drops rows without counting them",
        "list-02-repeated-row-is-dropped-and-counted",
        "the row was dropped, and not counted";
    IgnoresTotal, "does not look at the total",
        "list-03-wrong-total-is-reported",
        "a total that is wrong is not reported";
    LeaksInRecord, "keeps the secret that the provider lists",
        "list-04-record-shows-no-secret",
        "the record of a key shows a secret";
    LeaksInName, "lists the secret along with the key's name",
        "list-04-record-shows-no-secret",
        "the record of a key shows a secret";
    DropsUnknownGrants, "drops grants that it does not know",
        "list-05-unknown-grant-is-kept",
        "a grant that nobody knows is dropped from a key";
    DropsUnreadableRows, "drops rows that it cannot read, without a word",
        "list-05-unreadable-row-is-counted",
        "a row that is no key is dropped without a word";
    FailsOnUnreadableRow, "fails where it cannot read a row",
        "list-05-unreadable-row-is-counted",
        "a row that is no key makes the list fail";
    SendsNameFilter, "sends a filter by name that it does not offer",
        "list-06-name-filter-is-refused-where-there-is-none",
        "it was accepted, and should be refused as Unsupported";
    SendsRevokedFilter, "sends a filter by revocation that it does not offer",
        "list-06-revoked-filter-is-refused-where-there-is-none",
        "it was accepted, and should be refused as Unsupported";
    SendsUsesFilter, "lists without a filter by uses that it does not offer",
        "list-06-uses-filter-is-refused-where-there-is-none",
        "it was accepted, and should be refused as Unsupported";
    RevokesNothing, "says that a key is revoked without asking for it",
        "revoke-01-credential-stops-working",
        "after it was revoked it is still live";
    RevokesInItsBook, "only remembers itself that a key is revoked",
        "revoke-01-revoked-key-can-do-nothing",
        "the revoked key may still do pins:list";
    RevokesInItsBook, "only remembers itself that a key is revoked",
        "revoke-01-key-is-gone-at-the-provider",
        "the provider has not revoked it";
    FailedRevokeIsDone, "reports a failed revoke as done",
        "revoke-01-failed-revoke-is-not-reported-as-done",
        "it is told as Revoked, and the provider has it live";
    PostponedRevokeIsDone, "takes status 503 for a revoke that will be done",
        "revoke-01-status-503-is-not-reported-as-done",
        "it is told as Revoked, and the provider has it live";
    AnyJsonIsRevoked, "takes any JSON for a revoke that is done",
        "revoke-01-answer-of-another-shape-is-not-reported-as-done",
        "it is told as Revoked, and the provider has it live";
    FailedRevokeIsGone, "says that the key is gone already where a revoke failed",
        "revoke-01-cut-connection-is-not-reported-as-done",
        "it is told as AlreadyGone, and the provider has it live";
    AnyAnswerIsRevoked, "takes any answer of success for a revoke that is done",
        "revoke-01-html-is-not-reported-as-done",
        "it is told as Revoked, and the provider has it live";
    SecondRevokeFails, "fails where a key is revoked already",
        "revoke-02-revoking-again-is-harmless",
        "revoking again fails";
    UnlistedIsGone, "says `AlreadyGone` for a key that is merely not listed",
        "revoke-02-key-that-was-not-listed-is-not-called-gone",
        "it is live, and is said to be gone already";
    AnyNotFoundIsGone, "takes any 404 for the provider's word",
        "revoke-02-foreign-404-is-no-word-of-the-provider",
        "it is live, and is said to be gone already";
    RevokesNewestToo, "revokes the newest key along with the one that was meant",
        "revoke-03-other-keys-stay",
        "another key is Revoked now";
    DoesNotEscape, "does not escape a key in the path",
        "revoke-03-odd-text-hits-no-other-key",
        "at its end hits the key";
    RevokesForeign, "looks for another provider's key",
        "revoke-04-foreign-reference-is-refused-before-any-request",
        "it was accepted, and should be refused as InvalidInput";
    LiveIsUnknown, "calls a live key unknown",
        "verify-01-live-key-is-live",
        "after it was made it is Unrecognized";
    UnknownIsLive, "calls a credential live that the provider does not know",
        "verify-01-unknown-credential-is-unrecognized",
        "a credential with another secret is Live";
    RevokedIsLive, "calls a revoked key live",
        "verify-01-revoked-key-is-not-live",
        "after it was revoked it is still live";
    ExhaustedIsLive, "calls a key live whose uses are used up",
        "verify-01-exhausted-key-is-not-live",
        "a key without a use left is live";
    AnyAnswerIsLive, "takes any answer of success for a live key",
        "verify-02-html-is-no-word-for-a-credential",
        "is taken for the provider's word that it is Live";
    PanicsOnHtml, "panics on HTML",
        "verify-02-html-is-no-word-for-a-credential",
        "it panicked at ";
    EmptyIsLive, "takes an empty answer for a live key",
        "verify-02-empty-answer-is-no-word-for-a-credential",
        "is taken for the provider's word that it is Live";
    AnyJsonIsLive, "takes any JSON for a live key",
        "verify-02-answer-of-another-shape-is-no-word-for-a-credential",
        "is taken for the provider's word that it is Live";
    AnyRefusalIsUnknown, "takes any 401 for the provider's word",
        "verify-02-foreign-401-is-no-word-against-a-credential",
        "is taken for the provider's word that it is Unrecognized";
    ServerErrorIsLive, "calls a key live where the provider is out of order",
        "verify-02-status-503-is-no-word-against-a-credential",
        "is taken for the provider's word that it is Live";
    VerifiesForeign, "sends another provider's credential",
        "verify-03-foreign-credential-is-refused-before-any-request",
        "it was accepted, and should be refused as InvalidInput";
};
