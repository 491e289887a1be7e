//! An emulated provider, and a transport to it that counts, delays and fails.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys::{IssuerConfig, KeyIssuer};
use pinning_keys_emulator::{Emulator, W3ipfsAssumptions};
use pinning_keys_lifecycle::Clock;
use serde::{Deserialize, Serialize};

/// Which provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Which {
    Pinata,
    W3ipfs,
}

impl Which {
    /// The provider's id, as in key references.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Pinata => "pinata",
            Self::W3ipfs => "w3ipfs",
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pinata => "Pinata",
            Self::W3ipfs => "W3IPFS",
        })
    }
}

/// A provider, whose answers are dated by the same clock as everything else.
pub(crate) struct Provider {
    which: Which,
    pub(crate) emulator: Emulator,
    pub(crate) line: Arc<Line>,
}

impl Provider {
    pub(crate) fn new(which: Which, clock: impl Clock + Clone + 'static) -> Self {
        let assumptions = W3ipfsAssumptions::default().max_keys(usize::MAX);
        let emulator = Emulator::builder().w3ipfs_assumptions(assumptions).in_memory();
        emulator.set_time(clock.now());
        let dates = clock.clone();
        emulator.set_date_header(move || Some(dates.now()));
        let line = Arc::new(Line::new(emulator.transport(), clock));
        Self { which, emulator, line }
    }

    /// An issuer of its account, through the line.
    pub(crate) fn issuer(&self) -> Result<Arc<dyn KeyIssuer>> {
        let config = match self.which {
            Which::Pinata => IssuerConfig::from_vars(self.emulator.pinata().vars()),
            Which::W3ipfs => IssuerConfig::from_vars(self.emulator.w3ipfs().vars()),
        };
        Ok(config?.with_transport(Arc::clone(&self.line) as _).build()?)
    }
}

/// What a request does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Issue,
    Revoke,
    List,
}

/// A request that was sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    pub(crate) kind: Kind,
    /// When, on the monotonic clock.
    pub(crate) at: Duration,
}

/// How requests fail during an outage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outage {
    Refused,
    Status(StatusCode),
}

/// The way to a provider.
pub(crate) struct Line {
    provider: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: Vec<Sent>,
    delay: Duration,
    outage: Option<Outage>,
}

impl Line {
    pub(crate) fn new(provider: Arc<dyn Transport>, clock: impl Clock + 'static) -> Self {
        Self { provider, clock: Arc::new(clock), state: Mutex::default() }
    }

    /// Lets each answer take this long.
    pub(crate) fn delay(&self, delay: Duration) {
        self.lock().delay = delay;
    }

    pub(crate) fn set_outage(&self, outage: Option<Outage>) {
        self.lock().outage = outage;
    }

    /// What was sent since the last call.
    pub(crate) fn take_sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.lock().sent)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many requests of this kind there are.
pub(crate) fn count(sent: &[Sent], kind: Kind) -> usize {
    sent.iter().filter(|request| request.kind == kind).count()
}

#[async_trait]
impl Transport for Line {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let kind = match *request.method() {
            Method::POST => Kind::Issue,
            Method::GET => Kind::List,
            _ => Kind::Revoke,
        };
        let (delay, outage) = {
            let mut state = self.lock();
            state.sent.push(Sent { kind, at: self.clock.monotonic() });
            (state.delay, state.outage)
        };
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        match outage {
            None => self.provider.send(request, limits).await,
            Some(Outage::Refused) => {
                Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent))
            }
            Some(Outage::Status(status)) => {
                let mut response = Response::new(Bytes::from_static(b"{}"));
                *response.status_mut() = status;
                Ok(response)
            }
        }
    }
}
