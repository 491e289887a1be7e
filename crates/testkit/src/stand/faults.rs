//! The suite's disturbances as faults of the emulator.

use std::time::Duration;

use http::StatusCode;
use pinning_keys_conformance::{CANARY, Disturbance, FaultSwitch, NotAvailable};
use pinning_keys_core::Operation;
use pinning_keys_emulator::{BodyFault, Cut, Fault, FaultRule, RedirectTo, RetryAfter, Stage};

use super::harness::Stand;

/// Longer than any deadline.
const FOR_EVER: Duration = Duration::from_secs(24 * 60 * 60);

impl FaultSwitch for Stand {
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool {
        self.fault(disturbance).is_some() || self.transport.offers(operation, disturbance)
    }

    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable> {
        let Some(fault) = self.fault(disturbance) else {
            return self.transport.disturb(operation, disturbance);
        };
        let (method, path) = self.configuration.request(operation);
        let rule = FaultRule::new(fault).method(method).path(path).nth(1);
        let tally = self.emulator.faults().add(rule);
        self.tallies.lock().unwrap().push((disturbance, tally));
        Ok(())
    }

    fn applied(&self) -> u64 {
        let tallies = self.tallies.lock().unwrap();
        self.transport.applied() + tallies.iter().map(|(_, tally)| tally.hits()).sum::<u64>()
    }

    fn clear(&self) {
        self.transport.clear();
        self.emulator.faults().clear();
    }

    fn endless_bytes_taken(&self) -> Option<u64> {
        let tallies = self.tallies.lock().unwrap();
        let endless = tallies.iter().filter(|(by, _)| *by == Disturbance::Endless);
        let taken: u64 = endless.map(|(_, tally)| tally.body_bytes()).sum();
        Some(taken + self.transport.endless_bytes_taken()?)
    }

    fn strayed(&self) -> u64 {
        self.outside.arrived() + self.transport.strayed()
    }
}

impl Stand {
    /// The emulator's fault for a disturbance. Its transport makes the others.
    fn fault(&self, disturbance: Disturbance) -> Option<Fault> {
        use Disturbance as D;
        if self.spares_emulator {
            return None;
        }
        let status = |code, stage| Some(Fault::status(StatusCode::from_u16(code).ok()?, stage));
        Some(match disturbance {
            // Over TCP a request is not known before there is a connection.
            D::RefuseConnection if self.in_memory => Fault::RefuseConnection,
            D::CutBeforeRead => Fault::CutConnection(Cut::BeforeRead),
            D::LoseAnswer => Fault::CutConnection(Cut::AfterCommit),
            D::Truncated => Fault::CutConnection(Cut::MidBody),
            D::Hang => Fault::Latency { delay: FOR_EVER, stage: Stage::AfterCommit },
            D::ErrorBefore(code) => return status(code, Stage::BeforeCommit),
            D::ErrorAfter(code) => return status(code, Stage::AfterCommit),
            D::RateLimit(wait) => Fault::too_many_requests(RetryAfter::Seconds(wait.as_secs())),
            D::Empty => Fault::Body(BodyFault::Empty),
            D::HtmlAfter => {
                Fault::Body(BodyFault::Text(format!("<html><body>{CANARY}</body></html>")))
            }
            D::WrongShape => Fault::Body(BodyFault::Text(format!("{{\"result\":\"{CANARY}\"}}"))),
            D::NotUtf8 => Fault::Body(BodyFault::NotUtf8),
            D::Endless => Fault::Body(BodyFault::Endless),
            D::Drip => Fault::Body(BodyFault::Drip),
            // In memory, only the emulator's own host can be reached.
            D::RedirectElsewhere if !self.in_memory => Fault::Redirect {
                code: StatusCode::TEMPORARY_REDIRECT,
                to: RedirectTo::Host(self.outside.origin()),
            },
            _ => return None,
        })
    }
}
