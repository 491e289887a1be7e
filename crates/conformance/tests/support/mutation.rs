//! The ways in which the adapter can be wrong.

use pinning_keys_core::Operation;

/// One way in which an adapter can be wrong; the [table](super::mutants::MUTANTS) says it in words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    // What holds for every method.
    NeverEnds,
    Waits(Operation),
    BoundsPauses(Operation),
    ReadsOn(Operation),
    LeaksInDebug,
    LeaksInLog,
    LeaksInIssuer,
    QuotesRefusal(Operation),
    QuotesAnswer(Operation),
    Follows(Operation),
    AcceptsPlainHttp,
    UsesProxy,
    // The profile, and what it offers.
    ChangesProfile,
    DiffersByIssuer,
    IgnoresMaxUses,
    AcceptsMaxUses,
    RefusesMaxUses,
    CutsNames,
    SendsLongNames,
    SendsReservedNames,
    AsksForLacking(Operation),
    IgnoresNameFilter,
    RefusesRevokedFilter,
    IgnoresUsesFilter,
    // Plans.
    PlansTooMuch,
    PlansTooLittle,
    PlansAnotherBody,
    PlanSends,
    // Keys that are made.
    SendsInexpressible,
    WidensInseparable,
    MakesAdmin,
    CreatesTwice,
    Repeats(Trouble),
    SpoilsCredential,
    GrantsOneTooMany,
    DropsOne,
    LeavesOutPreferred,
    FullSetIsAdmin,
    AdminIsFullSet,
    MisreadsGrants,
    CallsRejected(Trouble),
    TimeoutIsNotSent,
    ForgetsName,
    RejectedIsUnknown,
    Hides(Trouble),
    HidesDifference,
    GrantsBeyondCeiling,
    // Lists.
    LeavesOutNewest,
    LosesPageTwo,
    StopsAtShortPage,
    RepeatsRow,
    CountsNoRepeats,
    IgnoresTotal,
    LeaksInRecord,
    LeaksInName,
    DropsUnknownGrants,
    DropsUnreadableRows,
    FailsOnUnreadableRow,
    SendsNameFilter,
    SendsRevokedFilter,
    SendsUsesFilter,
    // Keys that are revoked.
    RevokesNothing,
    RevokesInItsBook,
    FailedRevokeIsDone,
    PostponedRevokeIsDone,
    FailedRevokeIsGone,
    AnyAnswerIsRevoked,
    AnyJsonIsRevoked,
    SecondRevokeFails,
    UnlistedIsGone,
    AnyNotFoundIsGone,
    RevokesNewestToo,
    DoesNotEscape,
    RevokesForeign,
    // Credentials that are asked about.
    LiveIsUnknown,
    UnknownIsLive,
    RevokedIsLive,
    ExhaustedIsLive,
    AnyAnswerIsLive,
    AnyJsonIsLive,
    EmptyIsLive,
    ServerErrorIsLive,
    PanicsOnHtml,
    AnyRefusalIsUnknown,
    VerifiesForeign,
}

/// What can become of a create that does not go well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// There was no connection.
    Unsent,
    /// The connection broke before an answer.
    Lost,
    /// No answer came in time.
    Late,
    Status(u16),
    BrokenOff,
    Endless,
    Empty,
    Html,
    OtherShape,
    NotText,
}
