//! A transport that loses answers, truncates them, or replaces them by ones full of secrets.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use serde_json::{Value, json};

use pinning_keys_testkit::secrets::{Secrets, percent_encoded};

/// What happens to each answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mischief {
    None,
    /// It is lost.
    Lost,
    /// It is truncated.
    BrokenOff,
    /// It is replaced by one of this status with all secrets of the exchange.
    Echo {
        status: u16,
        shape: usize,
        form: usize,
    },
}

/// The shapes of an echo, and the forms of secrets in it.
pub(crate) const SHAPES: usize = 12;
pub(crate) const FORMS: usize = 3;

pub(crate) struct Hostile<T> {
    way: T,
    mischief: Mutex<Mischief>,
    /// The secrets of the last key.
    made: Mutex<Secrets>,
}

impl<T: Transport> Hostile<T> {
    pub(crate) fn new(way: T) -> Arc<Self> {
        let mischief = Mutex::new(Mischief::None);
        Arc::new(Self { way, mischief, made: Mutex::default() })
    }

    pub(crate) fn turn(&self, mischief: Mischief) {
        *self.mischief.lock().unwrap() = mischief;
    }

    /// The secrets of the last key, which may never have reached the caller.
    pub(crate) fn made(&self) -> Secrets {
        self.made.lock().unwrap().clone()
    }

    fn note(&self, body: &[u8]) {
        let Ok(answer) = serde_json::from_slice::<Value>(body) else { return };
        let members = [&answer["JWT"], &answer["pinata_api_secret"], &answer["data"]["secret_key"]];
        let texts: Vec<&str> = members.into_iter().filter_map(Value::as_str).collect();
        if !texts.is_empty() {
            *self.made.lock().unwrap() = Secrets::of(texts);
        }
        if let Some(url) = answer["data"].as_str() {
            let mut secrets = Secrets::default();
            secrets.add_url(url);
            *self.made.lock().unwrap() = secrets;
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Hostile<T> {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let mischief = *self.mischief.lock().unwrap();
        if matches!(mischief, Mischief::None) {
            // Like another transport might: sensitive headers are marked as such.
            log::trace!("{request:?}");
        }
        let sent: Vec<String> = request.headers().values().filter_map(text).collect();
        let answer = self.way.send(request, limits).await?;
        self.note(answer.body());
        let closed = |reach| Err(TransportError::new(TransportErrorKind::Closed, reach));
        match mischief {
            Mischief::None => Ok(answer),
            Mischief::Lost => closed(Reach::MaybeSent),
            Mischief::BrokenOff => closed(Reach::Answered(answer.status())),
            Mischief::Echo { status, shape, form } => {
                let honest = String::from_utf8_lossy(answer.body()).into_owned();
                let echo = sent.into_iter().chain([honest.clone()]).map(|text| encode(&text, form));
                let echo = echo.collect::<Vec<_>>().join(" ");
                Ok(respond(status, shaped(&echo, &honest, shape), &echo))
            }
        }
    }
}

fn text(value: &HeaderValue) -> Option<String> {
    let text = value.to_str().ok()?;
    Some(text.strip_prefix("Bearer ").unwrap_or(text).to_owned())
}

/// A text as it is, in base 64, or percent-encoded.
pub(crate) fn encode(text: &str, form: usize) -> String {
    match form {
        0 => text.to_owned(),
        1 => STANDARD.encode(text),
        _ => percent_encoded(text),
    }
}

/// The bodies of both providers' errors, and some that neither sends.
fn shaped(echo: &str, honest: &str, shape: usize) -> String {
    let cut = honest.len().saturating_sub(2);
    match shape {
        0 => json!({ "error": { "reason": echo, "details": echo } }).to_string(),
        1 => json!({ "error": { "code": 401, "message": echo } }).to_string(),
        2 => json!({ "error": echo }).to_string(),
        3 => json!({ "status": "fail", "message": echo }).to_string(),
        4 => json!({ "status": "error", "message": echo, "data": honest }).to_string(),
        5 => Value::from(echo).to_string(),
        6 => honest.chars().take(cut).collect(),
        7 => format!("[{honest}]"),
        8 => json!({ "error": { "code": echo, "details": [{ "at": echo }] } }).to_string(),
        9 => json!({ "status": "fail", "data": { "message": [echo], "key": honest } }).to_string(),
        10 => json!({ "message": { "error": echo } }).to_string(),
        _ => format!("<html><p>{echo}</p>{honest}</html>"),
    }
}

fn respond(status: u16, body: String, echo: &str) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(body));
    *answer.status_mut() = status.try_into().unwrap();
    let echo = echo.split(['"', '{', '}']).next().unwrap_or_default();
    for name in ["location", "retry-after", "x-echo", "content-type"] {
        if let Ok(value) = HeaderValue::from_str(echo) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}
