//! The exchange of a request, disturbed or not.

use std::future::pending;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use pinning_keys_core::Operation;
use pinning_keys_http::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use tokio::time::{Instant, sleep_until};

use super::answers::{self, Ended};
use super::transport::DisturbedTransport;
use crate::disturbance::Disturbance;
use crate::panics::lock;

/// Where an endless body ends nevertheless, for a transport without limits: 4 GiB.
const ENDLESS_BYTES: u64 = 4 * 1024 * 1024 * 1024;

#[async_trait]
impl Transport for DisturbedTransport {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        if answers::strays(&request) {
            self.record.strayed.add(1);
            return Err(answers::unsent());
        }
        let operation = (self.operation)(&request);
        let disturbance = operation.and_then(|operation| self.take(operation, &request));
        if disturbance != Some(Disturbance::RefuseConnection) {
            self.record.arrives(operation, &request);
        }
        let ended = match disturbance {
            Some(disturbance) => self.disturbed(disturbance, request, limits).await,
            None => self.deliver(request, limits).await,
        };
        let answer = answers::within(limits, ended?)?;
        if operation == Some(Operation::List) && answer.status().is_success() {
            self.record.set_last_page(answer.body().clone());
        }
        Ok(answer)
    }
}

impl DisturbedTransport {
    fn take(&self, operation: Operation, request: &Request<Bytes>) -> Option<Disturbance> {
        let is_met = |(of, by): &mut (Operation, Disturbance)| {
            *of == operation && (*by != Disturbance::ExpireAccount || self.can_expire(request))
        };
        let (_, disturbance) = lock(&self.next).take_if(is_met)?;
        // What the test server does about a page or an expiry shows only in its answer.
        if !disturbance.is_of_a_page() && disturbance != Disturbance::ExpireAccount {
            self.record.applied.add(1);
        }
        Some(disturbance)
    }

    fn can_expire(&self, request: &Request<Bytes>) -> bool {
        self.expiry.as_ref().is_some_and(|expiry| expiry.applies_to(request))
    }

    async fn disturbed(
        &self,
        disturbance: Disturbance,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Ended {
        let began = Instant::now();
        if let Some(ended) = answers::instead(disturbance) {
            return ended;
        }
        if let (Disturbance::Echo, Some(body)) = (disturbance, &self.error_body) {
            let body = body(&everything_sent(&request));
            return Ok(answers::answer(StatusCode::BAD_REQUEST, "application/json", body));
        }
        if disturbance.is_of_a_page() {
            return self.disturbed_page(disturbance, request, limits).await;
        }
        if disturbance == Disturbance::ExpireAccount {
            self.expire(&request);
            let answer = self.deliver(request, limits).await?;
            if answer.status().is_client_error() {
                self.record.applied.add(1);
            }
            return Ok(answer);
        }
        let real = self.deliver(request, limits).await?;
        let reach = Reach::Answered(real.status());
        match disturbance {
            Disturbance::Hang => Err(too_late(began, limits, Reach::MaybeSent).await),
            Disturbance::Drip => Err(too_late(began, limits, reach).await),
            Disturbance::Endless => Err(self.endless(began, limits, reach).await),
            _ => answers::afterwards(disturbance, real),
        }
    }

    fn expire(&self, request: &Request<Bytes>) {
        if let Some(expiry) = &self.expiry {
            expiry.expire(request);
        }
    }

    /// Sends a request, unless its credential has expired.
    async fn deliver(&self, request: Request<Bytes>, limits: Limits) -> Ended {
        let refusal = self.expiry.as_ref().and_then(|expiry| expiry.refusal(&request));
        match refusal {
            Some(refusal) => Ok(refusal),
            None => self.inner.send(request, limits).await,
        }
    }

    async fn disturbed_page(
        &self,
        disturbance: Disturbance,
        mut request: Request<Bytes>,
        limits: Limits,
    ) -> Ended {
        let Some(pages) = &self.pages else { return self.deliver(request, limits).await };
        let previous = self.record.last_page();
        if disturbance == Disturbance::ShortPage && pages.ask_for_fewer(&mut request) {
            let page = self.deliver(request, limits).await?;
            if pages.has_at_most_one_row(page.body()) {
                self.record.applied.add(1);
            }
            return Ok(page);
        }
        let page = self.deliver(request, limits).await?;
        match pages.edit(disturbance, page.body(), previous.as_deref()) {
            Some(body) => {
                self.record.applied.add(1);
                Ok(page.map(|_| Bytes::from(body)))
            }
            None => Ok(page),
        }
    }

    /// Reads an endless body until it is too long.
    async fn endless(&self, began: Instant, limits: Limits, reach: Reach) -> TransportError {
        let limit = u64::try_from(limits.max_body_bytes).unwrap_or(u64::MAX);
        self.record.endless_bytes.add(limit.saturating_add(1).min(ENDLESS_BYTES));
        if limit >= ENDLESS_BYTES {
            return too_late(began, limits, reach).await;
        }
        TransportError::new(TransportErrorKind::BodyTooLarge, reach)
    }
}

/// The headers and the body of a request.
fn everything_sent(request: &Request<Bytes>) -> String {
    let headers = request.headers().values();
    let headers = headers.map(|value| String::from_utf8_lossy(value.as_bytes()));
    let body = String::from_utf8_lossy(request.body());
    headers.chain([body]).collect::<Vec<_>>().join(" ")
}

/// Waits until the time of an exchange is over.
async fn too_late(began: Instant, limits: Limits, reach: Reach) -> TransportError {
    match began.checked_add(limits.timeout) {
        Some(until) => sleep_until(until).await,
        None => pending().await,
    }
    TransportError::new(TransportErrorKind::Timeout, reach)
}
