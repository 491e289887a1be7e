//! A command that gets a secret on stdin, and how it ends.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

use crate::process_group::Group;

/// How much of stderr is kept, from its end.
const KEPT_BYTES: usize = 16 * 1024;

/// How long a command may still run after it was asked to end.
const GRACE: Duration = Duration::from_secs(1);

/// How long stderr is read after the command has ended. A process that it left running may hold
/// the pipe open for ever.
const LINGER: Duration = Duration::from_millis(200);

/// How a command ended.
pub(crate) struct Ended {
    /// `None` if it was killed at the limit.
    pub(crate) status: Option<ExitStatus>,
    /// The end of what it printed on stderr.
    pub(crate) stderr: Zeroizing<Vec<u8>>,
}

/// A command that runs. It is killed with all that it started if this is dropped.
pub(crate) struct Running {
    // Dropped before the child, whose id nobody else has as long as it is not waited for.
    group: Group,
    child: Child,
}

impl Running {
    /// Starts a command in a process group of its own.
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn()?;
        Ok(Self { group: Group::of(&child), child })
    }

    /// Gives the command the secret on stdin, and waits for its end or the limit, at which it is
    /// killed with all that it started.
    pub(crate) async fn finish(
        mut self,
        secret: &SecretString,
        limit: Duration,
    ) -> io::Result<Ended> {
        let (stdin, stderr) = (self.child.stdin.take(), self.child.stderr.take());
        let mut tail = Tail::new();
        let status = {
            let pipes = async { tokio::join!(feed(stdin, secret), tail.read(stderr)) };
            tokio::pin!(pipes);
            let mut are_closed = false;
            let end = timeout(limit, async {
                // It may end with its pipes open, or close them and go on.
                tokio::select! {
                    status = self.child.wait() => status,
                    _ = &mut pipes => {
                        are_closed = true;
                        self.child.wait().await
                    }
                }
            });
            let status = if let Ok(status) = end.await {
                self.group.release();
                Some(status?)
            } else {
                self.stop().await?;
                None
            };
            if !are_closed {
                // What it printed is in the pipe, which somebody else may hold open.
                let _ = timeout(LINGER, pipes).await;
            }
            status
        };
        Ok(Ended { status, stderr: tail.into_end() })
    }

    /// Asks everything in the group to end, and kills what remains.
    async fn stop(&mut self) -> io::Result<()> {
        self.group.ask_to_end();
        let _ = timeout(GRACE, self.child.wait()).await;
        self.group.kill(&mut self.child);
        self.child.wait().await?;
        Ok(())
    }
}

/// Writes the secret and closes the pipe. A command need not read it: its exit code decides.
async fn feed(stdin: Option<ChildStdin>, secret: &SecretString) {
    if let Some(mut stdin) = stdin {
        let _ = stdin.write_all(secret.expose_secret().as_bytes()).await;
    }
}

/// The end of a stream.
struct Tail(Zeroizing<Vec<u8>>);

impl Tail {
    fn new() -> Self {
        // It never grows, which would leave its old bytes behind.
        Self(Zeroizing::new(Vec::with_capacity(2 * KEPT_BYTES)))
    }

    async fn read(&mut self, stream: Option<impl AsyncRead + Unpin>) {
        let Some(mut stream) = stream else { return };
        loop {
            if self.0.len() > KEPT_BYTES {
                let start = self.0.len() - KEPT_BYTES;
                self.0.drain(..start);
            }
            let room = u64::try_from(KEPT_BYTES).unwrap_or(u64::MAX);
            match (&mut stream).take(room - 1).read_buf(&mut *self.0).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
        }
    }

    fn into_end(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}
