use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

use super::fault::BodyFault;
use crate::body;

static BLANKS: [u8; 8 * 1024] = [b' '; 8 * 1024];

/// A body that comes as it should, up to a point.
pub(super) struct OddBody {
    beginning: Option<Bytes>,
    end: End,
    /// Whether the server has had a moment to send what it was given.
    has_rested: bool,
}

enum End {
    /// There should be more, of this length in all.
    BreaksOff { whole: u64 },
    /// There is more, but not for ever: so many bytes are left.
    Blanks { left: u64 },
}

impl OddBody {
    /// Half of the body, and then the connection breaks. What is announced is the whole, and
    /// at least a byte: of a body without any, nothing could be missing.
    pub(super) fn broken_off(whole: &Bytes) -> Self {
        let end = End::BreaksOff { whole: whole.len().max(1) as u64 };
        Self { beginning: Some(first_half(whole)), end, has_rested: false }
    }

    /// The body, and then blanks, which JSON does not mind.
    pub(super) fn endless(whole: Bytes) -> Self {
        let end = End::Blanks { left: BodyFault::ENDLESS_BYTES.saturating_sub(whole.len() as u64) };
        Self { beginning: Some(whole), end, has_rested: false }
    }
}

pub(super) fn first_half(whole: &Bytes) -> Bytes {
    whole.slice(..whole.len() / 2)
}

/// The body with a byte in its middle that is nowhere in UTF-8.
pub(super) fn not_utf8(whole: &Bytes) -> Bytes {
    let (first, second) = whole.split_at(whole.len() / 2);
    [first, b"\xff", second].concat().into()
}

/// A whole answer of a provider.
pub(super) async fn whole(mut body: Body) -> Bytes {
    // It is in memory already, and so neither breaks off nor is too large.
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
        // A server gives up what it has not sent yet when a body fails, and nobody else has a
        // turn while a body is always ready.
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

/// The body ended too early, as the plan wants it.
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
    fn even_what_has_no_end_breaks_off_some_day() {
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
