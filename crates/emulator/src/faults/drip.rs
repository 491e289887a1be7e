use std::convert::Infallible;
use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use hyper::body::{Body as HttpBody, Frame};
use tokio::time::{Sleep, sleep};

use super::fault::BodyFault;

/// A body that arrives one byte at a time and continues with blanks after its end.
pub(super) struct Drip {
    rest: Bytes,
    pause: Pin<Box<Sleep>>,
}

impl Drip {
    pub(super) fn new(whole: Bytes) -> Self {
        Self { rest: whole, pause: pause() }
    }
}

fn pause() -> Pin<Box<Sleep>> {
    Box::pin(sleep(BodyFault::DRIP_PAUSE))
}

impl HttpBody for Drip {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        ready!(self.pause.as_mut().poll(context));
        self.pause = pause();
        let byte = if self.rest.has_remaining() {
            self.rest.split_to(1)
        } else {
            Bytes::from_static(b" ")
        };
        Poll::Ready(Some(Ok(Frame::data(byte))))
    }
}
