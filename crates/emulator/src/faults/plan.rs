use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::sync::watch;

use super::fault::{Fault, Stage};
use super::rule::FaultRule;
use super::tally::FaultTally;
use crate::server::Gate;

/// The faults of an emulator, to be changed while it runs; from
/// [`Emulator::faults`](crate::Emulator::faults). Clones share one plan.
///
/// Every request is held against all rules in the order in which they were added. Each rule
/// counts the requests that fit it, whether or not anything happens to them. Delays that are
/// due add up; of the other faults that are due the first one happens.
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
/// let emulator = Emulator::builder().in_memory();
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
/// let answer = emulator.transport().send(request, limits).await?;
///
/// // The client is told of a failure, and there is a key.
/// assert_eq!(answer.status(), 503);
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
    refusing: AtomicBool,
    /// Told of each time that connections begin to be refused.
    outage: watch::Sender<()>,
    /// Of the server, where there is one.
    gate: OnceLock<Gate>,
}

#[derive(Default)]
struct Plan {
    rules: Vec<(FaultRule, FaultTally)>,
    /// Paths that redirects have pointed to, and the paths whose place they took.
    moved: BTreeMap<String, String>,
}

impl Plan {
    fn add(&mut self, rule: FaultRule) -> FaultTally {
        let tally = FaultTally::new();
        self.rules.push((rule, tally.clone()));
        tally
    }
}

/// What is to happen to one request.
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
    /// Of the rule that it is due by.
    pub(super) tally: FaultTally,
    /// From which all follows that looks random about the fault.
    pub(super) seed: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            shared: Arc::new(Shared {
                seed,
                plan: Mutex::default(),
                refusing: AtomicBool::new(false),
                outage: watch::Sender::new(()),
                gate: OnceLock::new(),
            }),
        }
    }

    /// Adds a rule behind those that there are, and tells how often it fires.
    pub fn add(&self, rule: FaultRule) -> FaultTally {
        self.plan().add(rule)
    }

    /// Adds a rule, unless there are as many already.
    pub(super) fn add_up_to(&self, most: usize, rule: FaultRule) -> Option<FaultTally> {
        let mut plan = self.plan();
        (plan.rules.len() < most).then(|| plan.add(rule))
    }

    /// Takes all rules away; requests that are under way keep their faults. Whether
    /// connections are refused stays as it is.
    pub fn clear(&self) {
        *self.plan() = Plan::default();
    }

    /// How many faults happened so far, of the rules that there are.
    pub fn hits(&self) -> u64 {
        self.plan().rules.iter().map(|(_, tally)| tally.hits()).sum()
    }

    /// Refuses connections until [`accept_connections`](Self::accept_connections), as a
    /// server that is down.
    ///
    /// Connections that there are end at once, in the middle of a request if there is one.
    /// The port is kept, so that nobody who asks for a free one is given it. In memory it is the
    /// same, without a port.
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
    /// Whatever the system says when the port cannot be kept. Connections are refused then
    /// too, unless another program was given the port in that moment.
    pub async fn refuse_connections(&self) -> io::Result<()> {
        self.shared.refusing.store(true, Ordering::Relaxed);
        self.shared.outage.send_replace(());
        self.set_gate_open(false).await
    }

    /// Accepts connections again, at the same address.
    ///
    /// # Errors
    ///
    /// Whatever the system says when the port cannot be listened on.
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

    /// Whether connections are refused, for the transport that has none.
    pub(crate) fn are_refusing(&self) -> bool {
        self.shared.refusing.load(Ordering::Relaxed)
    }

    /// Changes when connections that there are now end.
    pub(crate) fn outage(&self) -> watch::Receiver<()> {
        self.shared.outage.subscribe()
    }

    /// The server that [`refuse_connections`](Self::refuse_connections) speaks to.
    pub(crate) fn set_gate(&self, gate: Gate) {
        // An emulator has one server and starts it once.
        let _ = self.shared.gate.set(gate);
    }

    /// Counts a request, and decides what happens to it. One lock holds for both, so that
    /// requests are numbered in the order in which they arrive.
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

    /// Lets a path serve what another does. One to which a redirect leads back serves itself.
    pub(super) fn move_path(&self, from: &str, to: &str) {
        let moved = &mut self.plan().moved;
        let original = moved.get(from).map_or(from, String::as_str).to_owned();
        if original != to {
            moved.insert(to.to_owned(), original);
        }
    }

    /// The path that this one took the place of.
    pub(super) fn path_before(&self, path: &str) -> Option<String> {
        self.plan().moved.get(path).cloned()
    }

    /// The rules that there are, in their order.
    pub(super) fn rules(&self) -> Vec<(FaultRule, FaultTally)> {
        self.plan().rules.clone()
    }

    /// The plan is never left half changed, so it is good even if a test panicked.
    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults")
            .field("rules", &self.rules())
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
    fn the_first_rule_that_is_due_wins_and_all_count() {
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
    fn delays_add_up_and_leave_room_for_a_fault() {
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
    fn what_looks_random_differs_by_seed_and_by_request() {
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
    fn clearing_begins_anew_and_leaves_what_was_counted() {
        let faults = Faults::new(1);
        let tally = faults.add(cut());
        faults.due(&Method::GET, "/");
        faults.move_path("/a", "/b");
        faults.clone().clear();
        assert!(happens(&faults).is_none());
        assert_eq!((faults.hits(), tally.hits()), (0, 1));
        assert!(faults.path_before("/b").is_none() && faults.rules().is_empty());
    }
}
