//! Transports over real HTTP, each with one fault.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use percent_encoding::percent_decode_str;
use pinning_keys_conformance::BoxError;
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use reqwest::redirect::Policy;

use super::harness::Make;

/// More than an adapter reads, and more than the emulator sends.
const NO_LIMIT: usize = 512 * 1024 * 1024;

/// The fault of a transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Follows redirects and keeps the key headers.
    FollowsRedirects,
    /// Uses the proxy for loopback, too.
    UsesProxy,
    /// Reads a body to its end, however long it is.
    ReadsOn,
    /// Sends a request again when its connection broke.
    SendsAgain,
    /// Reports a request as not sent when its connection broke.
    CallsItUnsent,
    /// Decodes the escapes in the path.
    Unescapes,
    /// Panics at an answer that is not JSON.
    PanicsOnHtml,
}

impl Wrong {
    /// Every fault.
    pub const ALL: [Self; 7] = [
        Self::FollowsRedirects,
        Self::UsesProxy,
        Self::ReadsOn,
        Self::SendsAgain,
        Self::CallsItUnsent,
        Self::Unescapes,
        Self::PanicsOnHtml,
    ];

    /// Makes transports with this fault.
    pub fn make(self) -> Make {
        // reqwest needs the process's default cryptography here; another test may have set it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Box::new(move |proxy| {
            let client = reqwest::Client::builder().no_proxy();
            let client = match proxy {
                Some(proxy) if self == Self::UsesProxy => client.proxy(proxy),
                _ => client,
            };
            let follows = self == Self::FollowsRedirects;
            let policy = if follows { Policy::default() } else { Policy::none() };
            let client = client.redirect(policy).build().map_err(BoxError::from)?;
            Ok(Arc::new(Broken { wrong: self, client }) as Arc<dyn Transport>)
        })
    }
}

struct Broken {
    wrong: Wrong,
    client: reqwest::Client,
}

impl Broken {
    async fn once(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let failed = |kind, reach| move |_| TransportError::new(kind, reach);
        let unsent = failed(TransportErrorKind::Other, Reach::NotSent);
        let mut request = reqwest::Request::try_from(request).map_err(unsent)?;
        *request.timeout_mut() = Some(limits.timeout);
        let broken_reach = match self.wrong {
            Wrong::CallsItUnsent => Reach::NotSent,
            _ => Reach::MaybeSent,
        };
        let sent = self.client.execute(request).await;
        let mut answer = sent.map_err(failed(TransportErrorKind::Closed, broken_reach))?;
        let reach = Reach::Answered(answer.status());
        let limit = if self.wrong == Wrong::ReadsOn { NO_LIMIT } else { limits.max_body_bytes };
        let mut body = Vec::new();
        loop {
            let piece = answer.chunk().await.map_err(failed(TransportErrorKind::Closed, reach))?;
            let Some(piece) = piece else { break };
            body.extend_from_slice(&piece);
            if body.len() > limit {
                return Err(TransportError::new(TransportErrorKind::BodyTooLarge, reach));
            }
        }
        if self.wrong == Wrong::PanicsOnHtml && !body.is_empty() {
            serde_json::from_slice::<serde_json::Value>(&body).expect("answers are JSON");
        }
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }
}

#[async_trait]
impl Transport for Broken {
    async fn send(
        &self,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if self.wrong == Wrong::Unescapes {
            *request.uri_mut() = unescaped(request.uri());
        }
        let answer = self.once(request.clone(), limits).await;
        match (self.wrong, answer) {
            (Wrong::SendsAgain, Err(_)) => self.once(request, limits).await,
            (_, answer) => answer,
        }
    }
}

/// The URI without escapes, if that still is one; what follows a `#` is not sent.
fn unescaped(uri: &Uri) -> Uri {
    let text = uri.to_string();
    let plain = percent_decode_str(&text).decode_utf8_lossy();
    let sent = plain.split('#').next().unwrap_or_default();
    sent.parse().unwrap_or_else(|_| uri.clone())
}
