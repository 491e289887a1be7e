//! The worker as a loop.

use std::future::Future;
use std::pin::pin;

use tokio::sync::watch;
use tracing::warn;

use crate::run_due::{IDLE, run_pass};
use crate::store::StoreErrorKind;
use crate::{Error, KeyManager, Tick};

/// The maximum number of keys of an account that each step of a pass handles.
const ROWS: usize = 1000;

impl KeyManager {
    /// Runs the worker as a loop until `shutdown` completes; see [`run_due`](Self::run_due).
    ///
    /// It sleeps until something is due, at most 30 s. When `shutdown` completes, it begins nothing
    /// new, gives up what it reads of a listing, finishes the revocations in flight, and returns.
    /// To see what it does, use [`run_with`](Self::run_with).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// # let store = MemoryStore::new(SystemClock)?;
    /// # let manager = KeyManager::builder(store).account("main", issuer).build().await?;
    /// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    /// let worker = tokio::spawn({
    ///     let manager = manager.clone();
    ///     async move { manager.run(async { drop(stopped.await) }).await }
    /// });
    /// // …
    /// drop(stop);
    /// worker.await??;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Store`](crate::ErrorKind::Store) if the store fails permanently: its schema is
    /// newer, its file was moved, or it does not keep what it commits. Other failures are logged,
    /// and the step is retried.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) -> Result<(), Error> {
        self.run_with(shutdown, |_| {}).await
    }

    /// Runs the worker as [`run`](Self::run) does, and reports the result of each pass: what was
    /// done, or why the store could not be used. It tries again after such a failure.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use pinning_keys_lifecycle::{KeyManager, MemoryStore, SystemClock};
    /// # let manager = KeyManager::builder(MemoryStore::new(SystemClock)?).build().await?;
    /// # let shutdown = async {};
    /// use pinning_keys_lifecycle::{Error, Tick};
    ///
    /// let report = |pass: Result<Tick, Error>| match pass {
    ///     Ok(tick) => println!("{tick}"),
    ///     Err(error) => eprintln!("{error:#}"),
    /// };
    /// manager.run_with(shutdown, report).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run), which are not reported.
    pub async fn run_with(
        &self,
        shutdown: impl Future<Output = ()>,
        mut report: impl FnMut(Result<Tick, Error>),
    ) -> Result<(), Error> {
        let (stop, stopped) = watch::channel(false);
        let mut shutdown = pin!(shutdown);
        loop {
            let mut pass = pin!(run_pass(&self.inner, ROWS, Some(stopped.clone())));
            let ticked = tokio::select! {
                biased;
                () = &mut shutdown => {
                    stop.send_replace(true);
                    return pass.await.map(|tick| report(Ok(tick)));
                }
                ticked = &mut pass => ticked,
            };
            let clock = self.inner.store.clock();
            let time = match ticked {
                Ok(tick) => {
                    let time = tick.wait;
                    report(Ok(tick));
                    time
                }
                Err(error) if passes(&error) => {
                    warn!(%error, "the worker cannot use the store");
                    report(Err(error));
                    IDLE
                }
                Err(error) => return Err(error),
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return Ok(()),
                () = clock.sleep(time) => {}
            }
        }
    }
}

/// Whether a failure of the store may go away by itself.
fn passes(error: &Error) -> bool {
    use StoreErrorKind::{Corrupt, Moved, NotDurable, NotOurs, TooNew};
    let kind = error.store_error().map(crate::StoreError::kind);
    !matches!(kind, Some(Corrupt | Moved | NotDurable | NotOurs | TooNew))
}
