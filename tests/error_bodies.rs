//! Error bodies of any shape, at both providers: none causes a panic, every error is one line, and
//! the provider's words are shown wherever a person would look for them.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use pinning_keys::adapter::PairHeaders;
use pinning_keys::pinata::{PinataConfig, Route};
use pinning_keys::transport::{Limits, Transport, TransportError};
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    Credential, Effect, Error, KeyIssuer, KeyQuery, KeyRef, KeyRequest, Operation, ScopeRequest,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::Builder;

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl";

const HEADERS: PairHeaders = PairHeaders::new("pinning_api_key", "pinning_secret_key");

const OPERATIONS: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

/// Gives every request the same answer.
struct Canned(StatusCode, Bytes);

#[async_trait]
impl Transport for Canned {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, TransportError> {
        let mut answer = Response::new(self.1.clone());
        *answer.status_mut() = self.0;
        Ok(answer)
    }
}

/// The error of an operation at the provider of this issuer, if the answer is not a result.
fn error_of(issuer: &dyn KeyIssuer, operation: Operation) -> Option<Error> {
    // Paused, so that waits between attempts take no time.
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    let provider = issuer.profile().provider();
    let request = KeyRequest::new("user-42", ScopeRequest::reader()).unwrap();
    let key = KeyRef::new(provider, "sample-key").unwrap().with_id("7").unwrap();
    let holder = match provider {
        "pinata" => Credential::bearer(provider, JWT),
        _ => Credential::key_pair(provider, HEADERS, "sample-key", "sample-secret"),
    };
    runtime.block_on(async {
        match operation {
            Operation::Issue => issuer.issue(&request).await.err(),
            Operation::List => issuer.list(&KeyQuery::new()).await.err(),
            Operation::Revoke => issuer.revoke(&key).await.err(),
            _ => issuer.verify(&holder.unwrap()).await.err(),
        }
    })
}

fn pinata(route: Route, status: u16, body: &Value) -> impl KeyIssuer {
    let config = PinataConfig::new().with_base_url("https://pinata.test").with_jwt(JWT);
    config.with_route(route).with_transport(canned(status, body)).build().unwrap()
}

fn w3ipfs(status: u16, body: &Value) -> impl KeyIssuer {
    let config = W3ipfsConfig::new().with_base_url("https://w3ipfs.test/api").with_jwt(JWT);
    config.with_transport(canned(status, body)).build().unwrap()
}

fn canned(status: u16, body: &Value) -> Arc<dyn Transport> {
    Arc::new(Canned(StatusCode::from_u16(status).unwrap(), body.to_string().into()))
}

/// Any JSON, in which the members that error bodies have are frequent.
fn value() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        4 => proptest::sample::select(vec![
            "error", "message", "details", "reason", "code", "status", "data", "errors",
        ]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    let text = prop_oneof![
        3 => ".{0,40}",
        1 => proptest::sample::select(vec![
            "fail", "error", "success", "API_KEY_REVOKED", "INVALID_CREDENTIALS", "record not found",
            "validate: no", "Account blocked", "\u{202e}turned\u{2028}", "a\r\nb",
        ]).prop_map(str::to_owned),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::from(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// One of the shapes in which words come, around these.
fn shaped(words: &str, shape: &[u8]) -> Value {
    shape.iter().fold(Value::from(words), |inner, shape| match shape % 7 {
        0 => json!([inner]),
        1 => json!([null, 7, "", inner]),
        2 => json!({ "message": inner }),
        3 => json!({ "error": inner, "keyword": "required" }),
        4 => json!({ "details": inner, "at": "#" }),
        5 => json!({ "keyName": inner }),
        _ => json!({ "errors": [inner], "code": 7 }),
    })
}

fn assert_is_one_line(error: &Error) -> Result<(), TestCaseError> {
    let line = error.to_string();
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}'..='\u{202e}');
    prop_assert!(!line.contains(breaks) && line.chars().count() < 700, "{line:?}");
    Ok(())
}

proptest! {
    #[test]
    fn no_error_body_causes_a_panic_or_breaks_the_line(
        body in value(), status in 400_u16..600, operation in proptest::sample::select(&OPERATIONS[..]),
    ) {
        let issuers: [Box<dyn KeyIssuer>; 3] = [
            Box::new(pinata(Route::V3, status, &body)),
            Box::new(pinata(Route::Legacy, status, &body)),
            Box::new(w3ipfs(status, &body)),
        ];
        for issuer in issuers {
            let Some(error) = error_of(&*issuer, operation) else { continue };
            assert_is_one_line(&error)?;
            prop_assert_eq!(error.status().map(|status| status.as_u16()), Some(status));
            prop_assert_ne!(error.effect(), Effect::NotSent);
        }
    }

    #[test]
    fn words_are_shown_in_whatever_shape(
        words in "[a-z]{3,9} [a-z]{3,9}", shape in prop::collection::vec(any::<u8>(), 0..4),
        member in 0..4_usize, status in 400_u16..600,
        operation in proptest::sample::select(&OPERATIONS[..]),
    ) {
        let said = shaped(&words, &shape);
        // Neither is shown the other's members.
        let of_pinata = match member {
            0 => said.clone(),
            1 => json!({ "message": said }),
            2 => json!({ "details": said, "code": "400" }),
            _ => json!({ "reason": said }),
        };
        let of_w3ipfs = match member {
            0 => json!({ "status": "fail", "message": said }),
            1 => json!({ "status": "error", "message": [], "error": said }),
            2 => json!({ "error": said }),
            _ => json!({ "status": "fail", "data": { "message": said } }),
        };
        let of_pinata = json!({ "error": of_pinata });
        for issuer in [&pinata(Route::V3, status, &of_pinata) as &dyn KeyIssuer, &w3ipfs(status, &of_w3ipfs)] {
            let Some(error) = error_of(issuer, operation) else { continue };
            assert_is_one_line(&error)?;
            let line = error.to_string();
            prop_assert!(line.contains(&words), "{line} {of_pinata} {of_w3ipfs}");
            let advice = format!("{error:#}");
            prop_assert!(!advice.contains("the answer is not from"), "{advice}");
        }
    }
}
