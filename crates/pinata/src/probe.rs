//! What a probe of a key sends, and what the answers show.
//!
//! * Reading changes nothing. A list on a v3 route refuses a key for its scope with 401, as it does
//!   for a wrong credential (seen), so the refusal counts only if another list recognizes the
//!   credential.
//! * `/pinning/*` checks the scope before the input (seen by a third party, which measured it with a
//!   CID version that does not exist). Writes are sent only there, with input that cannot be
//!   carried out. A 400 means that the key has the scope, but only if the same probe shows that the
//!   scope really comes first.
//! * No v3 route is known to check the scope first, so nothing else is sent there.

use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use pinning_keys_core::{
    DataRoute, Effect, Error, ErrorKind, Operation, Permission, PermissionTable, ProbeAnswer,
    ProbePlan, ProbeReport, ProbeRequest, ProbeVerdict, Verification,
};
use pinning_keys_http::Answer;

use crate::holder_routes;
use crate::permissions::ENDPOINTS;
use crate::wire::PROVIDER;

use Permission::{
    AnalyticsRead, GatewaysRead, GroupsRead, KeysManage, PinsAddCid, PinsAddFile, PinsAddJson,
    PinsEditMetadata, PinsList, PinsListJobs, PinsRemove, UsageRead,
};

/// A refusal for the scope (recorded).
const NO_SCOPE: &str = "NO_SCOPES_FOUND";

/// The answer to unpinning what is not pinned (recorded), for which the server has to look at the
/// account's pins.
const NOT_PINNED: &str = "CURRENT_USER_HAS_NOT_PINNED_CID";

/// The code of a refusal on a v3 route for a missing scope or a wrong credential (recorded). Another
/// code leaves no doubt that the credential is wrong.
const NOT_AUTHORIZED: &str = "401";

/// Members that are required are left out. `pinJSONToIPFS` requires none, because a body without
/// them can be the content itself; the third party's measurement used a CID version as here.
static LEGACY: [ProbeRequest; 8] = [
    read(&holder_routes::LEGACY, PinsList).with_query("pageLimit", "1"),
    read(&holder_routes::LEGACY, PinsListJobs).with_query("limit", "1"),
    read(&holder_routes::LEGACY, UsageRead),
    // No CID is a hyphen.
    write(PinsRemove).with_value("cid", "-"),
    write(PinsEditMetadata).with_json("{}"),
    write(PinsAddCid).with_json("{}"),
    write(PinsAddFile).with_json("{}"),
    write(PinsAddJson).with_json(r#"{"pinataContent":{},"pinataOptions":{"cidVersion":99}}"#),
];

static V3: [ProbeRequest; 6] = [
    read(&holder_routes::V3, PinsList).with_value("network", "public").with_query("limit", "1"),
    read(&holder_routes::V3, PinsListJobs).with_query("limit", "1"),
    read(&holder_routes::V3, GroupsRead).with_value("network", "public").with_query("limit", "1"),
    read(&holder_routes::V3, GatewaysRead),
    read(&holder_routes::V3, AnalyticsRead),
    read(&holder_routes::V3, KeysManage),
];

const fn read(routes: &'static [DataRoute], permission: Permission) -> ProbeRequest {
    ProbeRequest::reading(routes, permission)
}

const fn write(permission: Permission) -> ProbeRequest {
    ProbeRequest::writing(&holder_routes::LEGACY, permission)
}

/// What a probe of a key sends, by the table of the issuer.
pub(crate) fn plan(table: &PermissionTable) -> ProbePlan {
    ProbePlan::new(if *table == ENDPOINTS { &LEGACY } else { &V3 })
}

/// What became of each request.
type Sent = [(ProbeRequest, Result<Answer, Error>)];

/// What the answers of all requests show together.
struct Evidence {
    /// A v3 route recognized the credential.
    is_known_to_v3: bool,
    /// The legacy routes looked at the scope before the input that was sent.
    scope_comes_first: bool,
}

impl Evidence {
    fn of(sent: &Sent) -> Self {
        let is_known = |(request, answer): &(ProbeRequest, _)| is_v3(request) && is_read(answer);
        Self {
            is_known_to_v3: sent.iter().any(is_known),
            scope_comes_first: sent.iter().any(|(request, answer)| {
                let code = answer.as_ref().err().and_then(Error::provider_code);
                match *request.method() {
                    Method::GET => false,
                    Method::DELETE if code == Some(NOT_PINNED) => true,
                    _ => code == Some(NO_SCOPE),
                }
            }),
        }
    }

    fn verdict(&self, request: &ProbeRequest, answer: &Result<Answer, Error>) -> ProbeVerdict {
        match answer {
            Ok(_) if !is_write(request) && is_read(answer) => ProbeVerdict::Yes,
            Ok(_) => ProbeVerdict::Unknown,
            // The account, its plan or the connection is the reason.
            Err(error) if error.provider_code().is_none() || !is_refusal(error.kind()) => {
                ProbeVerdict::Unknown
            }
            Err(error) => match (error.status(), error.provider_code()) {
                (Some(StatusCode::FORBIDDEN), Some(NO_SCOPE)) => ProbeVerdict::No,
                (Some(StatusCode::UNAUTHORIZED), Some(NOT_AUTHORIZED))
                    if is_v3(request) && self.is_known_to_v3 =>
                {
                    ProbeVerdict::No
                }
                (Some(StatusCode::BAD_REQUEST), _)
                    if is_write(request)
                        && self.scope_comes_first
                        && error.kind() != ErrorKind::Unauthenticated =>
                {
                    ProbeVerdict::Yes
                }
                _ => ProbeVerdict::Unknown,
            },
        }
    }
}

/// Reads the answers. A body of success is not looked at: a list of keys can contain secrets.
pub(crate) fn report(sent: Vec<(ProbeRequest, Result<Answer, Error>)>) -> ProbeReport {
    let evidence = Evidence::of(&sent);
    let answers = sent.into_iter().map(|(request, answer)| {
        let verdict = evidence.verdict(&request, &answer);
        let error = match answer {
            Ok(answer) => is_write(&request).then(|| accepted(&answer)),
            Err(error) => Some(error),
        };
        ProbeAnswer::new(request.permission(), verdict, error)
    });
    ProbeReport::new(Verification::Live, answers.collect())
}

/// The error for a write that the provider did not refuse.
fn accepted(answer: &Answer) -> Error {
    let message =
        "the provider accepted input that it should refuse, and may have changed something";
    Error::new(ErrorKind::UnreadableAnswer, message)
        .with_provider(PROVIDER)
        .with_operation(Operation::Probe)
        .with_status(answer.status())
        .with_effect(Effect::Unknown)
        .with_next_step("look for a change in the account")
}

fn is_write(request: &ProbeRequest) -> bool {
    request.method() != Method::GET
}

fn is_v3(request: &ProbeRequest) -> bool {
    request.path().starts_with("/v3/")
}

/// Whether a list was answered, and by the API instead of a web page on the way.
fn is_read(answer: &Result<Answer, Error>) -> bool {
    let kind = |answer: &Answer| answer.headers().get(CONTENT_TYPE).cloned();
    let kind = answer.as_ref().ok().and_then(kind);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// Whether an error of this kind can be about the key or the input.
fn is_refusal(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::PermissionDenied | ErrorKind::Unauthenticated | ErrorKind::Refused)
}
