use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use axum::routing::get;
use http::StatusCode;
use serde::Serialize;

use super::caller;
use super::plan::Faults;
use super::rule::FaultRule;
use super::tally::FaultTally;
use crate::answer::Answer;
use crate::body::{self, TooLarge};

const PATH: &str = "/_emulator/faults";

/// How many rules there may be before a further one is refused. Each request is held against
/// all of them.
const MOST_RULES: usize = 1000;

/// How long the JSON of a rule may be.
const MOST_BYTES: usize = 64 * 1024;

/// The route by which a client in any language changes the plan. It is no provider's, and so
/// neither counted nor faulted.
pub(crate) fn routes(faults: Faults) -> Router {
    let methods = get(show).post(add).delete(clear).fallback(unknown_method);
    Router::new().route(PATH, methods).layer(from_fn(enter)).with_state(faults)
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

async fn enter(request: Request, next: Next) -> Response {
    match caller::refuse(request.headers(), request.uri()) {
        Some(why) => {
            body::discard(request.into_body());
            refusal(StatusCode::FORBIDDEN, why).into_response()
        }
        None => next.run(request).await,
    }
}

async fn show(State(faults): State<Faults>) -> Response {
    let rules = faults.rules().into_iter().map(|(rule, tally)| ShownRule::of(rule, &tally));
    let rules: Vec<ShownRule> = rules.collect();
    let hits = rules.iter().map(|rule| rule.hits).sum();
    Answer::json(StatusCode::OK, &Shown { hits, rules }).into_response()
}

async fn add(State(faults): State<Faults>, request: Request) -> Response {
    added(&faults, request).await.unwrap_or_else(|refusal| refusal).into_response()
}

/// Whatever content type the body claims to have, since that is what `curl` gets wrong.
async fn added(faults: &Faults, request: Request) -> Result<Answer, Answer> {
    let body = body::read(request.into_body(), MOST_BYTES).await.map_err(|TooLarge| {
        let why = format!("a rule takes at most {} KiB of JSON", MOST_BYTES / 1024);
        refusal(StatusCode::PAYLOAD_TOO_LARGE, why)
    })?;
    let rule: FaultRule = serde_json::from_slice(&body).map_err(|error| {
        refusal(StatusCode::BAD_REQUEST, format!("the body is not a rule: {error}"))
    })?;
    let tally = faults.add_up_to(MOST_RULES, rule.clone()).ok_or_else(|| {
        let why = format!("there are {MOST_RULES} rules already; DELETE takes them all away");
        refusal(StatusCode::CONFLICT, why)
    })?;
    Ok(Answer::json(StatusCode::CREATED, &ShownRule::of(rule, &tally)))
}

async fn clear(State(faults): State<Faults>) -> Response {
    faults.clear();
    Answer::empty(StatusCode::NO_CONTENT).into_response()
}

async fn unknown_method(request: Request) -> Response {
    body::discard(request.into_body());
    let why = "GET shows the rules, POST adds one, DELETE takes them all away";
    refusal(StatusCode::METHOD_NOT_ALLOWED, why).into_response()
}

fn refusal(status: StatusCode, why: impl Into<String>) -> Answer {
    Answer::json(status, &Refusal { error: why.into() })
}
