use pinning_keys_core::Operation;

use super::transport::DisturbedTransport;
use crate::disturbance::{Disturbance, FaultSwitch, NotAvailable};
use crate::panics::lock;

impl FaultSwitch for DisturbedTransport {
    fn offers(&self, operation: Operation, disturbance: Disturbance) -> bool {
        use Disturbance as D;
        // Without a wildcard: a new disturbance must not count as one that is made.
        match disturbance {
            D::RefuseConnection
            | D::CutBeforeRead
            | D::LoseAnswer
            | D::Hang
            | D::ErrorBefore(_)
            | D::ErrorAfter(_)
            | D::RateLimit(_)
            | D::Truncated
            | D::Empty
            | D::Html(_)
            | D::HtmlAfter
            | D::WrongShape
            | D::WrongShapeBefore
            | D::NotUtf8
            | D::Endless
            | D::Drip
            | D::RedirectElsewhere => true,
            D::Echo => self.error_body.is_some(),
            D::ExpireAccount => {
                let is_of_account =
                    matches!(operation, Operation::Issue | Operation::List | Operation::Revoke);
                is_of_account && self.expiry.is_some()
            }
            D::ShortPage
            | D::RepeatedRow
            | D::StalePage
            | D::WrongTotal
            | D::UnknownGrant
            | D::UnreadableRow
            | D::ArrayRow => {
                let pages = self.pages.as_ref().filter(|_| operation == Operation::List);
                pages.is_some_and(|pages| pages.offers(disturbance))
            }
        }
    }

    fn disturb(&self, operation: Operation, disturbance: Disturbance) -> Result<(), NotAvailable> {
        if !self.offers(operation, disturbance) {
            return Err(NotAvailable);
        }
        *lock(&self.next) = Some((operation, disturbance));
        Ok(())
    }

    fn applied(&self) -> u64 {
        self.record.applied.get()
    }

    fn clear(&self) {
        *lock(&self.next) = None;
    }

    fn endless_bytes_taken(&self) -> Option<u64> {
        Some(self.record.endless_bytes.get())
    }

    fn strayed(&self) -> u64 {
        self.record.strayed.get()
    }
}
