//! Panics inside a run. They are caught, and their messages go to the report alone, which removes
//! secrets, and not to standard error.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::task::Poll;

thread_local! {
    /// Whether this thread runs something whose panics are caught.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic of this thread was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a future to its end, or to a panic, whose message is the error.
pub(crate) async fn caught<T>(future: impl Future<Output = T>) -> Result<T, String> {
    keep_quiet_inside();
    let mut future = pin!(future);
    poll_fn(|context| {
        // Caught futures nest.
        let was_inside = IS_INSIDE.replace(true);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        IS_INSIDE.set(was_inside);
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(message(&*panic))),
        }
    })
    .await
}

/// The hook belongs to the process, so it is extended and not replaced.
fn keep_quiet_inside() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if IS_INSIDE.get() {
                PLACE.set(info.location().map(ToString::to_string));
            } else {
                before(info);
            }
        }));
    });
}

fn message(panic: &(dyn Any + Send)) -> String {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let text = owned.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("no message");
    match PLACE.take() {
        Some(place) => format!("panicked at {place}: {text}"),
        None => format!("panicked: {text}"),
    }
}

/// Locks a mutex, even one that a caught panic has poisoned.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn caught_panic_reaches_the_caller_and_no_hook() {
        let heard = Arc::new(AtomicUsize::new(0));
        let hearing = Arc::clone(&heard);
        panic::set_hook(Box::new(move |_| {
            hearing.fetch_add(1, Ordering::Relaxed);
        }));

        let message = caught(async { panic!("number {}", 7) }).await.unwrap_err();
        assert!(
            message.starts_with("panicked at ") && message.ends_with(": number 7"),
            "{message}"
        );
        assert!(message.contains("panics.rs:"), "{message}");
        assert_eq!(caught(async { 1 }).await, Ok(1));
        assert_eq!(heard.load(Ordering::Relaxed), 0);

        catch_unwind(|| panic!("outside")).unwrap_err();
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }
}
