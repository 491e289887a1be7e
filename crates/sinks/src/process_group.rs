//! A command and everything that it starts.

use tokio::process::Child;

/// The process group of a command. It is killed when this is dropped, unless it was released.
#[cfg(unix)]
pub(crate) struct Group(Option<rustix::process::Pid>);

#[cfg(unix)]
impl Group {
    /// The group that a child leads.
    pub(crate) fn of(child: &Child) -> Self {
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        Self(id.and_then(rustix::process::Pid::from_raw))
    }

    /// Leaves alone what the command left running, such as an agent.
    pub(crate) fn release(&mut self) {
        self.0 = None;
    }

    pub(crate) fn ask_to_end(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    pub(crate) fn kill(&mut self, _: &mut Child) {
        self.signal(rustix::process::Signal::KILL);
        self.release();
    }

    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(group) = self.0 {
            // It fails only if nothing is left in the group.
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }
}

#[cfg(unix)]
impl Drop for Group {
    fn drop(&mut self) {
        self.signal(rustix::process::Signal::KILL);
    }
}

/// On other systems, only the command itself is killed.
#[cfg(not(unix))]
pub(crate) struct Group;

#[cfg(not(unix))]
#[expect(clippy::unused_self, reason = "there is no group here")]
impl Group {
    pub(crate) fn of(_: &Child) -> Self {
        Self
    }

    pub(crate) fn release(&mut self) {}

    pub(crate) fn ask_to_end(&self) {}

    pub(crate) fn kill(&mut self, child: &mut Child) {
        let _ = child.start_kill();
    }
}
