//! The time of a test, which all of its nodes share.

use std::fs::File;
use std::future::Future;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pinning_keys_lifecycle::{Clock, Timestamp};

/// How often a sleeper looks whether its time has come.
const LOOK: Duration = Duration::from_millis(1);

/// The machine's clock, and what was skipped, which is in a file.
#[derive(Clone, Debug)]
pub(crate) struct SharedClock(Arc<File>);

impl SharedClock {
    /// A clock that has skipped nothing.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        file.write_all_at(&0_u64.to_le_bytes(), 0)?;
        Ok(Self(Arc::new(file)))
    }

    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self(Arc::new(File::open(path)?)))
    }

    /// Skips some time, in every process at once.
    pub(crate) fn skip(&self, time: Duration) {
        let skipped = self.skipped() + time;
        let micros = u64::try_from(skipped.as_micros()).unwrap();
        self.0.write_all_at(&micros.to_le_bytes(), 0).unwrap();
    }

    pub(crate) fn timestamp(&self) -> Timestamp {
        self.now().into()
    }

    fn skipped(&self) -> Duration {
        let mut micros = [0; 8];
        self.0.read_exact_at(&mut micros, 0).unwrap();
        Duration::from_micros(u64::from_le_bytes(micros))
    }
}

impl Clock for SharedClock {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.skipped()
    }

    fn monotonic(&self) -> Duration {
        self.now().duration_since(UNIX_EPOCH).unwrap()
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        let until = clock.monotonic().saturating_add(time);
        Box::pin(async move {
            while clock.monotonic() < until {
                tokio::time::sleep(LOOK).await;
            }
        })
    }
}
