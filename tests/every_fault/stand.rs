//! An issuer with its own emulator, and its troubles.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::transport::{ReqwestTransport, Transport};
use pinning_keys::{IssuedKey, KeyIssuer, KeyName, KeyRequest, Operation, ScopeRequest};
use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule, FaultTally, ListFault, Stage};
use pinning_keys_testkit::stand::Configuration;

/// The target of redirects, where no request should go.
pub(crate) const ELSEWHERE: &str = "/elsewhere";

/// What fails.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    Fault(Fault),
    /// All connections are refused.
    Down,
}

impl Trouble {
    pub(crate) fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault(fault) => Some(fault),
            Self::Down => None,
        }
    }

    /// Whether lists lag.
    pub(crate) fn is_stale(&self) -> bool {
        matches!(self, Self::Fault(Fault::List(ListFault::Stale | ListFault::StaleBy { .. })))
    }

    /// Whether requests are repeated.
    pub(crate) fn is_twice(&self) -> bool {
        matches!(self, Self::Fault(Fault::Twice))
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Fault(fault) => format!("{fault:?}"),
            Self::Down => "all connections are refused".to_owned(),
        }
    }
}

/// Which of the affected requests fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Often {
    /// To this one, counted from 1.
    Nth(u64),
    Always,
}

/// Stands are independent of each other.
pub(crate) struct Stand {
    pub(crate) emulator: Emulator,
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    pub(crate) configuration: Configuration,
    pub(crate) deadline: Duration,
    /// The tolerance of deadlines.
    pub(crate) late: Duration,
    /// The bytes that may be sent but not read.
    pub(crate) on_the_way: u64,
}

impl Stand {
    pub(crate) fn in_memory(configuration: Configuration) -> Self {
        let emulator = Emulator::in_memory();
        let transport = emulator.transport();
        let deadline = Duration::from_secs(30);
        Self {
            issuer: issuer(&emulator, configuration, transport, deadline),
            emulator,
            configuration,
            deadline,
            late: Duration::from_millis(1),
            on_the_way: 8 * 1024,
        }
    }

    pub(crate) async fn over_tcp(configuration: Configuration, deadline: Duration) -> Self {
        let emulator = Emulator::start().await.unwrap();
        let transport = ReqwestTransport::from_builder(reqwest::Client::builder).unwrap();
        Self {
            issuer: issuer(&emulator, configuration, Arc::new(transport), deadline),
            emulator,
            configuration,
            deadline,
            // For a busy machine, and for the buffers of both ends.
            late: Duration::from_secs(10),
            on_the_way: 16 * 1024 * 1024,
        }
    }

    /// From now on, requests of this operation fail.
    pub(crate) async fn trouble(
        &self,
        operation: Operation,
        trouble: &Trouble,
        often: Often,
    ) -> FaultTally {
        if let Trouble::Down = trouble {
            self.emulator.faults().refuse_connections().await.unwrap();
        }
        // Without a fault, the rule still counts.
        let nothing = || Fault::Latency { delay: Duration::ZERO, stage: Stage::BeforeCommit };
        let fault = trouble.fault().cloned().unwrap_or_else(nothing);
        let (method, path) = self.configuration.request(operation);
        let rule = FaultRule::new(fault).method(method).path(path);
        self.emulator.faults().add(match often {
            Often::Nth(n) => rule.nth(n),
            Often::Always => rule,
        })
    }

    /// Ends all faults.
    pub(crate) async fn end_trouble(&self) {
        self.emulator.faults().clear();
        self.emulator.faults().accept_connections().await.unwrap();
    }

    pub(crate) async fn key(&self, name: &KeyName) -> IssuedKey {
        self.issuer.issue(&request(name)).await.unwrap()
    }

    /// Creates a key whose answer is lost.
    pub(crate) async fn lost_key(&self, name: &KeyName) {
        let lost = Trouble::Fault(Fault::CutConnection(Cut::AfterCommit));
        self.trouble(Operation::Issue, &lost, Often::Nth(1)).await;
        self.issuer.issue(&request(name)).await.unwrap_err();
        self.end_trouble().await;
        assert_eq!(self.live(name), 1);
    }

    /// Creates keys so that the one before them is in the middle of the list. If lists lag, that
    /// key has to be the last change.
    pub(crate) async fn neighbours(&self, trouble: &Trouble) {
        if !trouble.is_stale() {
            for _ in 0..2 {
                self.key(&KeyName::unique("neighbour").unwrap()).await;
            }
        }
    }

    /// The number of live keys with this name.
    pub(crate) fn live(&self, name: &KeyName) -> usize {
        let is = |key: &str| key == name.as_str();
        if self.configuration.is_pinata() {
            let keys = self.emulator.pinata().keys();
            keys.iter().filter(|key| is(&key.name) && !key.revoked).count()
        } else {
            let keys = self.emulator.w3ipfs().keys();
            keys.iter().filter(|key| is(&key.name) && !key.deleted).count()
        }
    }

    /// The number of creates, except those that a redirect sent elsewhere.
    pub(crate) fn creates(&self, trouble: &Trouble, tally: &FaultTally) -> u64 {
        let (method, path) = self.configuration.request(Operation::Issue);
        let is_redirect = matches!(trouble.fault(), Some(Fault::Redirect { .. }));
        let sent_elsewhere = if is_redirect { tally.hits() } else { 0 };
        let elsewhere = self.emulator.requests_to(&method, ELSEWHERE);
        self.emulator.requests_to(&method, path) + elsewhere - sent_elsewhere
    }
}

fn issuer(
    emulator: &Emulator,
    configuration: Configuration,
    transport: Arc<dyn Transport>,
    deadline: Duration,
) -> Arc<dyn KeyIssuer> {
    let origin = emulator.pinata().base_url();
    configuration.build(emulator, origin, transport, deadline).unwrap().issuer
}

pub(crate) fn request(name: &KeyName) -> KeyRequest {
    KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap()
}
