use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::fault::BodyFault;
use crate::body;

static BLANKS: [u8; 8 * 1024] = [b' '; 8 * 1024];

/// A body that is correct up to a point.
pub(super) struct OddBody {
    beginning: Option<Bytes>,
    end: End,
    /// Whether the server had a chance to send the previous frame.
    has_rested: bool,
}

enum End {
    /// The body ends early; `whole` is the length that is announced.
    BreaksOff { whole: u64 },
    /// The body continues with this many blanks.
    Blanks { left: u64 },
}

impl OddBody {
    /// Half of the body, after which the connection breaks. The announced length is that of the
    /// whole, and at least one byte: nothing could be missing from an empty body.
    pub(super) fn broken_off(whole: &Bytes) -> Self {
        let end = End::BreaksOff { whole: whole.len().max(1) as u64 };
        Self { beginning: Some(first_half(whole)), end, has_rested: false }
    }

    /// The body, followed by blanks, which JSON allows.
    pub(super) fn endless(whole: Bytes) -> Self {
        let end = End::Blanks { left: BodyFault::ENDLESS_BYTES.saturating_sub(whole.len() as u64) };
        Self { beginning: Some(whole), end, has_rested: false }
    }
}

pub(super) fn first_half(whole: &Bytes) -> Bytes {
    whole.slice(..whole.len() / 2)
}

/// The body with a byte in its middle that never occurs in UTF-8.
pub(super) fn not_utf8(whole: &Bytes) -> Bytes {
    let (first, second) = whole.split_at(whole.len() / 2);
    [first, b"\xff", second].concat().into()
}

/// The complete body of a provider's answer.
pub(super) async fn whole(mut body: Body) -> Bytes {
    // It is in memory already, so it neither breaks off nor is too large.
    body::collect(&mut body, usize::MAX).await.unwrap_or_default()
}

impl HttpBody for OddBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(beginning) = self.beginning.take().filter(|bytes| !bytes.is_empty()) {
            return Poll::Ready(Some(Ok(Frame::data(beginning))));
        }
        // A server drops unsent bytes when a body fails, and a body that is always ready starves
        // other tasks.
        if !self.has_rested {
            self.has_rested = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.has_rested = false;
        Poll::Ready(Some(match &mut self.end {
            End::BreaksOff { .. } | End::Blanks { left: 0 } => Err(BrokenOff),
            End::Blanks { left } => {
                let mut blanks = Bytes::from_static(&BLANKS);
                blanks.truncate(usize::try_from(*left).unwrap_or(usize::MAX));
                *left -= blanks.len() as u64;
                Ok(Frame::data(blanks))
            }
        }))
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::BreaksOff { whole } => SizeHint::with_exact(whole),
            End::Blanks { .. } => SizeHint::default(),
        }
    }
}

/// The body ended early, as planned.
#[derive(Debug)]
pub(super) struct BrokenOff;

impl fmt::Display for BrokenOff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body breaks off")
    }
}

impl std::error::Error for BrokenOff {}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    #[test]
    fn endless_body_breaks_off_at_its_bound() {
        let mut body = OddBody::endless(Bytes::from_static(b"{}"));
        let mut context = Context::from_waker(Waker::noop());
        let mut served = 0;
        loop {
            match Pin::new(&mut body).poll_frame(&mut context) {
                Poll::Pending => {}
                Poll::Ready(Some(Ok(frame))) => served += frame.data_ref().unwrap().len() as u64,
                Poll::Ready(end) => break assert!(end.unwrap().is_err()),
            }
            assert!(served <= BodyFault::ENDLESS_BYTES);
        }
        assert_eq!(served, BodyFault::ENDLESS_BYTES);
    }
}
