use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::sync::watch;

use super::fault::{Fault, Stage};
use super::late::{LateRequest, LateRequests};
use super::rule::FaultRule;
use super::tally::FaultTally;
use crate::server::Gate;

/// The faults of a running emulator; from [`Emulator::faults`](crate::Emulator::faults). Clones
/// share one plan.
///
/// Every request is matched against all rules in the order in which they were added. Each rule
/// counts its matching requests, whether or not anything happens to them. Delays that are due add
/// up; of the other faults that are due, the first one happens.
///
/// ```
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use http::{Method, Request, StatusCode};
/// use pinning_keys_emulator::{Emulator, Fault, FaultRule, Stage};
/// use pinning_keys_http::{Limits, Transport as _};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let emulator = Emulator::in_memory();
/// let unavailable = emulator.faults().add(
///     FaultRule::new(Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::AfterCommit))
///         .method(Method::POST)
///         .path("/v3/api_keys")
///         .first(1),
/// );
///
/// let request = Request::post(format!("{}/v3/api_keys", emulator.pinata().base_url()))
///     .header("authorization", format!("Bearer {}", emulator.pinata().jwt()))
///     .body(Bytes::from(r#"{"keyName":"lost"}"#))?;
/// let limits = Limits::new(Duration::from_secs(5), 1024 * 1024);
/// let response = emulator.transport().send(request, limits).await?;
///
/// // The client sees a failure although the key exists.
/// assert_eq!(response.status(), 503);
/// assert_eq!(emulator.keys_made(), 1);
/// assert_eq!(unavailable.hits(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Faults {
    shared: Arc<Shared>,
}

struct Shared {
    seed: u64,
    plan: Mutex<Plan>,
    late: LateRequests,
    refusing: AtomicBool,
    /// Notified each time connections begin to be refused.
    outage: watch::Sender<()>,
    /// The gate of the server, if there is one.
    gate: OnceLock<Gate>,
}

#[derive(Default)]
struct Plan {
    rules: Vec<(FaultRule, FaultTally)>,
    /// Paths that redirects have pointed to, and the original path of each.
    moved: BTreeMap<String, String>,
}

/// What happens to one request.
#[derive(Default)]
pub(super) struct Due {
    pub(super) before_commit: Duration,
    pub(super) after_commit: Duration,
    pub(super) fault: Option<Happening>,
}

/// A fault that happens to a request.
#[derive(Clone)]
pub(super) struct Happening {
    pub(super) fault: Fault,
    /// The tally of the rule that caused it.
    pub(super) tally: FaultTally,
    /// The seed of everything random about the fault.
    pub(super) seed: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            shared: Arc::new(Shared {
                seed,
                plan: Mutex::default(),
                late: LateRequests::default(),
                refusing: AtomicBool::new(false),
                outage: watch::Sender::new(()),
                gate: OnceLock::new(),
            }),
        }
    }

    /// Adds a rule after the existing ones and returns its counters.
    ///
    /// ```
    /// use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule};
    ///
    /// let emulator = Emulator::in_memory();
    /// let cut = emulator.faults().add(FaultRule::new(Fault::CutConnection(Cut::BeforeRead)));
    /// assert_eq!(cut.hits(), 0);
    /// ```
    pub fn add(&self, rule: FaultRule) -> FaultTally {
        let tally = FaultTally::new();
        self.plan().rules.push((rule, tally.clone()));
        tally
    }

    /// Removes all rules. Requests in flight keep their faults, late ones are still carried out,
    /// and refused connections stay refused.
    pub fn clear(&self) {
        *self.plan() = Plan::default();
    }

    /// Returns how many faults the present rules have caused so far.
    pub fn hits(&self) -> u64 {
        self.plan().rules.iter().map(|(_, tally)| tally.hits()).sum()
    }

    /// Carries out the requests that [`Fault::Late`] still holds back, in the order in which they
    /// arrived, and returns how many there were.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use bytes::Bytes;
    /// use http::Request;
    /// use pinning_keys_emulator::{Emulator, Fault, FaultRule};
    /// use pinning_keys_http::{Limits, Transport as _};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let emulator = Emulator::in_memory();
    /// emulator.faults().add(FaultRule::new(Fault::Late { requests: 100 }));
    ///
    /// let request = Request::post(format!("{}/v3/api_keys", emulator.pinata().base_url()))
    ///     .header("authorization", format!("Bearer {}", emulator.pinata().jwt()))
    ///     .body(Bytes::from(r#"{"keyName":"late"}"#))?;
    /// let limits = Limits::new(Duration::from_secs(5), 1024 * 1024);
    /// assert!(emulator.transport().send(request, limits).await.is_err());
    /// assert_eq!(emulator.keys_made(), 0);
    ///
    /// // … the client has looked for the key, and found none …
    /// assert_eq!(emulator.faults().carry_out_late().await, 1);
    /// assert_eq!(emulator.keys_made(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn carry_out_late(&self) -> usize {
        carry_out(self.shared.late.take_all()).await
    }

    /// Refuses connections until [`accept_connections`](Self::accept_connections), like a server
    /// that is down.
    ///
    /// Open connections are closed at once, even in the middle of a request. The port stays
    /// reserved, so that nobody who asks for a free port gets it. The in-memory transport refuses
    /// likewise.
    ///
    /// ```
    /// use pinning_keys_emulator::Emulator;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> std::io::Result<()> {
    /// let emulator = Emulator::start().await?;
    /// let address = emulator.pinata().base_url().trim_start_matches("http://").to_owned();
    ///
    /// emulator.faults().refuse_connections().await?;
    /// let error = std::net::TcpStream::connect(&address).unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
    ///
    /// emulator.faults().accept_connections().await?;
    /// assert!(std::net::TcpStream::connect(&address).is_ok());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the error of the system if the port cannot be reserved. Connections are refused
    /// then too, unless another program got the port in that moment.
    pub async fn refuse_connections(&self) -> io::Result<()> {
        self.shared.refusing.store(true, Ordering::Relaxed);
        self.shared.outage.send_replace(());
        self.set_gate_open(false).await
    }

    /// Accepts connections again at the same address.
    ///
    /// # Errors
    ///
    /// Returns the error of the system if the port cannot be listened on.
    pub async fn accept_connections(&self) -> io::Result<()> {
        self.shared.refusing.store(false, Ordering::Relaxed);
        self.set_gate_open(true).await
    }

    async fn set_gate_open(&self, open: bool) -> io::Result<()> {
        match self.shared.gate.get() {
            Some(gate) => gate.set_open(open).await,
            None => Ok(()),
        }
    }

    /// Whether connections are refused, for the in-memory transport.
    pub(crate) fn are_refusing(&self) -> bool {
        self.shared.refusing.load(Ordering::Relaxed)
    }

    /// Returns a receiver that changes when the connections open now are closed.
    pub(crate) fn outage(&self) -> watch::Receiver<()> {
        self.shared.outage.subscribe()
    }

    /// Sets the gate that [`refuse_connections`](Self::refuse_connections) shuts.
    pub(crate) fn set_gate(&self, gate: Gate) {
        // An emulator starts its only server once.
        let _ = self.shared.gate.set(gate);
    }

    /// Counts a request and decides what happens to it, under one lock, so that requests are
    /// numbered in the order in which they arrive.
    pub(super) fn due(&self, method: &Method, path: &str) -> Due {
        let mut due = Due::default();
        for (rule, tally) in &self.plan().rules {
            if !rule.fits(method, path) {
                continue;
            }
            let number = tally.count_request();
            if !rule.is_due(number) {
                continue;
            }
            match rule.fault() {
                Fault::Latency { delay, stage } => {
                    let waiting = match stage {
                        Stage::BeforeCommit => &mut due.before_commit,
                        Stage::AfterCommit => &mut due.after_commit,
                    };
                    *waiting = waiting.saturating_add(*delay);
                }
                _ if due.fault.is_some() => continue,
                fault => {
                    due.fault = Some(Happening {
                        fault: fault.clone(),
                        tally: tally.clone(),
                        seed: self.shared.seed.wrapping_add(number),
                    });
                }
            }
            tally.count_hit();
        }
        due
    }

    /// Counts a request that arrives, and carries out the late requests that waited for it.
    pub(super) async fn carry_out_due(&self) {
        carry_out(self.shared.late.take_due()).await;
    }

    /// Carries a request out later.
    pub(super) fn hold_back(&self, request: LateRequest) {
        self.shared.late.add(request);
    }

    /// Lets the path `to` serve what `from` serves. A path that a redirect leads back to serves
    /// itself.
    pub(super) fn move_path(&self, from: &str, to: &str) {
        let moved = &mut self.plan().moved;
        let original = moved.get(from).map_or(from, String::as_str).to_owned();
        if original != to {
            moved.insert(to.to_owned(), original);
        }
    }

    /// The original path of a path that a redirect has pointed to.
    pub(super) fn path_before(&self, path: &str) -> Option<String> {
        self.plan().moved.get(path).cloned()
    }

    /// No panic leaves the plan half changed, so a poisoned lock is ignored.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Carries these requests out, one after the other. Providers never wait, so neither does this: no
/// request is lost because a caller was dropped half-way.
async fn carry_out(requests: Vec<LateRequest>) -> usize {
    let count = requests.len();
    for request in requests {
        request.carry_out().await;
    }
    count
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("rules", &self.plan().rules)
            .field("late", &self.shared.late.len())
            .field("refusing", &self.are_refusing())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;
    use crate::faults::Cut;

    fn cut() -> FaultRule {
        FaultRule::new(Fault::CutConnection(Cut::AfterCommit))
    }

    fn unavailable() -> FaultRule {
        FaultRule::new(Fault::status(StatusCode::SERVICE_UNAVAILABLE, Stage::BeforeCommit))
    }

    fn happens(faults: &Faults) -> Option<Happening> {
        faults.due(&Method::GET, "/").fault
    }

    #[test]
    fn first_due_rule_wins_and_all_rules_count() {
        let faults = Faults::new(1);
        let (second, every) = (faults.add(cut().nth(2)), faults.add(unavailable()));
        let kinds: Vec<bool> =
            (0..3).map(|_| happens(&faults).unwrap().fault == *cut().fault()).collect();
        assert_eq!(kinds, [false, true, false]);
        assert_eq!((second.requests(), second.hits()), (3, 1));
        assert_eq!((every.requests(), every.hits()), (3, 2));
        assert_eq!(faults.hits(), 3);
    }

    #[test]
    fn delays_add_up_beside_another_fault() {
        let faults = Faults::new(1);
        let late = |millis, stage| {
            FaultRule::new(Fault::Latency { delay: Duration::from_millis(millis), stage })
        };
        faults.add(late(1, Stage::BeforeCommit));
        faults.add(cut());
        faults.add(late(2, Stage::BeforeCommit));
        faults.add(late(4, Stage::AfterCommit));
        let due = faults.due(&Method::GET, "/");
        assert_eq!((due.before_commit.as_millis(), due.after_commit.as_millis()), (3, 4));
        assert_eq!(due.fault.unwrap().fault, *cut().fault());
        assert_eq!(faults.hits(), 4);
    }

    #[test]
    fn fault_seed_differs_by_seed_and_request() {
        let seeds = |seed| {
            let faults = Faults::new(seed);
            faults.add(cut());
            [(); 2].map(|()| happens(&faults).unwrap().seed)
        };
        assert_eq!(seeds(1), seeds(1));
        assert_ne!(seeds(1), seeds(2));
        assert_ne!(seeds(1)[0], seeds(1)[1]);
    }

    #[test]
    fn clear_removes_rules_and_keeps_tallies() {
        let faults = Faults::new(1);
        let tally = faults.add(cut());
        faults.due(&Method::GET, "/");
        faults.move_path("/a", "/b");
        faults.clone().clear();
        assert!(happens(&faults).is_none());
        assert_eq!((faults.hits(), tally.hits()), (0, 1));
        assert!(faults.path_before("/b").is_none() && faults.plan().rules.is_empty());
    }
}
