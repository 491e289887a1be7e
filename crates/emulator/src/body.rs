use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use bytes::{Bytes, BytesMut};
use tokio::time::timeout;

/// How long the rest of a body is read after its answer.
const LEFT_OVER: Duration = Duration::from_secs(10);

/// The body is longer than the emulator reads, or broke off, in which case nobody reads the answer.
pub(crate) struct TooLarge;

/// Reads the body of a request up to this length.
pub(crate) async fn read(mut body: Body, most: usize) -> Result<Bytes, TooLarge> {
    match collect(&mut body, most).await {
        Ok(bytes) => Ok(bytes),
        Err(Unread::Broken) => Err(TooLarge),
        Err(Unread::TooLarge) => {
            discard(body);
            Err(TooLarge)
        }
    }
}

/// Why a body could not be read.
pub(crate) enum Unread {
    TooLarge,
    /// The body broke off.
    Broken,
}

/// Reads a body up to this length. A body that announces more is not read at all.
pub(crate) async fn collect(body: &mut Body, most: usize) -> Result<Bytes, Unread> {
    let announced = body.size_hint().lower();
    let mut read = BytesMut::new();
    let mut fits = usize::try_from(announced).is_ok_and(|announced| announced <= most);
    while fits {
        match next(body).await {
            None => return Ok(read.freeze()),
            Some(Err(_)) => return Err(Unread::Broken),
            Some(Ok(bytes)) => {
                read.extend_from_slice(&bytes);
                fits = read.len() <= most;
            }
        }
    }
    Err(Unread::TooLarge)
}

/// Reads the rest of a body in the background and discards it.
///
/// The answer does not wait for it. Without it the connection would be reset, and a client that is
/// still sending might see the reset instead of its answer.
pub(crate) fn discard(mut body: Body) {
    if body.is_end_stream() {
        return;
    }
    tokio::spawn(timeout(
        LEFT_OVER,
        async move { while let Some(Ok(_)) = next(&mut body).await {} },
    ));
}

/// The next frame; trailers yield an empty one.
async fn next(body: &mut Body) -> Option<Result<Bytes, axum::Error>> {
    let frame = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}
