//! The ways in which the adapter can be wrong.

use pinning_keys_core::Operation;

/// One way in which the adapter can be wrong; the [table](super::mutants::MUTANTS) has the words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mutation {
    // Every method.
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
    // `profile`.
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
    // `plan`.
    PlansTooMuch,
    PlansTooLittle,
    PlansAnotherBody,
    PlanSends,
    // `issue`.
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
    // `list`.
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
    // `revoke`.
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
    RevokesSecret,
    // `verify`.
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

/// What can go wrong with a create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No connection.
    Unsent,
    /// No answer, since the connection broke.
    Lost,
    /// No answer in time.
    Late,
    Status(u16),
    BrokenOff,
    Endless,
    Empty,
    Html,
    OtherShape,
    NotText,
}
