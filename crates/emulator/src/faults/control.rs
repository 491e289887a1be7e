use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use super::plan::Faults;
use super::rule::FaultRule;
use super::tally::FaultTally;
use crate::answer::Answer;

const PATH: &str = "/_emulator/faults";

/// The route by which a client in any language changes the plan. It is no provider's, and so
/// neither counted nor faulted.
pub(crate) fn routes(faults: Faults) -> Router {
    Router::new().route(PATH, get(show).post(add).delete(clear)).with_state(faults)
}

#[derive(Serialize)]
struct Shown {
    hits: u64,
    rules: Vec<ShownRule>,
}

#[derive(Serialize)]
struct ShownRule {
    rule: FaultRule,
    requests: u64,
    hits: u64,
    body_bytes: u64,
}

impl ShownRule {
    fn of(rule: FaultRule, tally: &FaultTally) -> Self {
        Self {
            rule,
            requests: tally.requests(),
            hits: tally.hits(),
            body_bytes: tally.body_bytes(),
        }
    }
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

async fn show(State(faults): State<Faults>) -> Response {
    let rules = faults.rules().into_iter().map(|(rule, tally)| ShownRule::of(rule, &tally));
    let rules: Vec<ShownRule> = rules.collect();
    let hits = rules.iter().map(|rule| rule.hits).sum();
    Answer::json(StatusCode::OK, &Shown { hits, rules }).into_response()
}

/// Whatever content type the body claims to have, since that is what `curl` gets wrong.
async fn add(State(faults): State<Faults>, body: Bytes) -> Response {
    let answer = match serde_json::from_slice::<FaultRule>(&body) {
        Ok(rule) => {
            let tally = faults.add(rule.clone());
            Answer::json(StatusCode::CREATED, &ShownRule::of(rule, &tally))
        }
        Err(error) => {
            let error = format!("the body is not a rule: {error}");
            Answer::json(StatusCode::BAD_REQUEST, &Refusal { error })
        }
    };
    answer.into_response()
}

async fn clear(State(faults): State<Faults>) -> Response {
    faults.clear();
    Answer::empty(StatusCode::NO_CONTENT).into_response()
}
