//! Panics inside a run. They are caught, and what they say goes into the report alone, where it is
//! rid of secrets, and not to the standard error.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Once;
use std::task::Poll;

thread_local! {
    /// Whether this thread is at work on something that is caught.
    static IS_INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Where the last panic of this thread was.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs to the end, or to a panic, which is told in words.
pub(crate) async fn caught<T>(future: impl Future<Output = T>) -> Result<T, String> {
    keep_quiet_inside();
    let mut future = pin!(future);
    poll_fn(|context| {
        // A future of the suite's can hold another one.
        let was_inside = IS_INSIDE.replace(true);
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        IS_INSIDE.set(was_inside);
        match polled {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
            Err(panic) => Poll::Ready(Err(told(&*panic))),
        }
    })
    .await
}

/// The hook is the process's own, so that it is added to and not replaced.
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

fn told(panic: &(dyn Any + Send)) -> String {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    let text = owned.or_else(|| panic.downcast_ref::<&str>().copied());
    let text = text.unwrap_or("without a text");
    match PLACE.take() {
        Some(place) => format!("it panicked at {place}: {text}"),
        None => format!("it panicked: {text}"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_to_the_caller_and_to_nobody_else() {
        let heard = Arc::new(AtomicUsize::new(0));
        let hearing = Arc::clone(&heard);
        panic::set_hook(Box::new(move |_| {
            hearing.fetch_add(1, Ordering::Relaxed);
        }));

        let told = caught(async { panic!("number {}", 7) }).await.unwrap_err();
        assert!(told.starts_with("it panicked at ") && told.ends_with(": number 7"), "{told}");
        assert!(told.contains("panics.rs:"), "{told}");
        assert_eq!(caught(async { 1 }).await, Ok(1));
        assert_eq!(heard.load(Ordering::Relaxed), 0);

        catch_unwind(|| panic!("outside")).unwrap_err();
        assert_eq!(heard.load(Ordering::Relaxed), 1);
    }
}
