//! What a probe of a key sends, and what the answers show.
//!
//! Reading changes nothing, and an answer of success shows the permission. No source shows how the
//! provider refuses a key that lacks a flag, or whether a route checks the flag before the input, so
//! nothing else is sent, and the verdict is never no.

use pinning_keys_core::{
    Error, Permission, ProbeAnswer, ProbePlan, ProbeReport, ProbeRequest, ProbeVerdict,
    Verification,
};
use pinning_keys_http::Answer;

use crate::error::refusal;
use crate::holder_routes::ROUTES;

static REQUESTS: [ProbeRequest; 2] = [
    ProbeRequest::reading(&ROUTES, Permission::PinsList).with_query("limit", "1"),
    ProbeRequest::reading(&ROUTES, Permission::NftsList).with_query("limit", "1"),
];

pub(crate) static PLAN: ProbePlan = ProbePlan::new(&REQUESTS);

/// Reads the answers. Of a success, only the word for it is looked at.
pub(crate) fn report(sent: Vec<(ProbeRequest, Result<Answer, Error>)>) -> ProbeReport {
    let answers = sent.into_iter().map(|(request, answer)| {
        let error = match &answer {
            Ok(answer) => refusal(answer),
            Err(_) => None,
        };
        let is_json = answer.as_ref().is_ok_and(|answer| is_object(answer.body()));
        let verdict =
            if error.is_none() && is_json { ProbeVerdict::Yes } else { ProbeVerdict::Unknown };
        ProbeAnswer::new(request.permission(), verdict, error.or(answer.err()))
    });
    ProbeReport::new(Verification::Live, answers.collect())
}

/// Whether this is the API's answer, and not the page of a proxy.
fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}
