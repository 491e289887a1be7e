//! The processes of a server.

use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::Pid;

/// A process of the system, which may have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Process(Pid);

impl Process {
    pub(super) fn of(child: &Child) -> Self {
        Self(Pid::from_child(child))
    }

    /// The process with a number that the server reported.
    pub(super) fn numbered(number: i32) -> Self {
        Self(Pid::from_raw(number).expect("the number of a process is positive"))
    }

    pub(super) fn pid(self) -> Pid {
        self.0
    }

    /// The processes that it started and that are running.
    pub(super) fn children(self) -> Vec<Self> {
        let children = running().into_iter().filter(|(_, parent)| *parent == Some(self.0));
        children.map(|(pid, _)| Self(pid)).collect()
    }
}

/// All running processes with their parents, without those that have ended but are still listed.
///
/// From `/proc`, because `ps` is missing in small images of Linux.
#[cfg(target_os = "linux")]
fn running() -> Vec<(Pid, Option<Pid>)> {
    let folders = std::fs::read_dir("/proc").unwrap().flatten();
    let stats =
        folders.filter_map(|folder| std::fs::read_to_string(folder.path().join("stat")).ok());
    // `7 (name) S 1 …`; a name may contain spaces and parentheses.
    let parsed = stats.filter_map(|stat| {
        let (pid, rest) = stat.split_once(" (")?;
        let mut rest = rest.rsplit_once(") ")?.1.split(' ');
        running_entry(pid, rest.next()?, rest.next()?)
    });
    parsed.collect()
}

/// All running processes with their parents, without those that have ended but are still listed.
#[cfg(not(target_os = "linux"))]
fn running() -> Vec<(Pid, Option<Pid>)> {
    let arguments = ["-A", "-o", "pid=", "-o", "stat=", "-o", "ppid="];
    let output = std::process::Command::new("ps").args(arguments).output().unwrap();
    let parsed = String::from_utf8_lossy(&output.stdout).lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        running_entry(words.next()?, words.next()?, words.next()?)
    });
    parsed.collect()
}

fn running_entry(pid: &str, state: &str, parent: &str) -> Option<(Pid, Option<Pid>)> {
    let ended = state.starts_with(['Z', 'X']);
    let pid = Pid::from_raw(pid.parse().ok()?)?;
    (!ended).then_some((pid, Pid::from_raw(parent.parse().ok()?)))
}

pub(super) fn have_ended(processes: &[Process]) -> bool {
    !running().iter().any(|(pid, _)| processes.contains(&Process(*pid)))
}

pub(super) fn wait_until_ended(processes: &[Process]) {
    wait_until("all processes have ended", || have_ended(processes));
}

/// Waits for something that other processes do.
///
/// # Panics
///
/// If it has not happened after a minute.
pub(super) fn wait_until(what: &str, mut happened: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(60);
    while !happened() {
        assert!(Instant::now() < limit, "not after a minute: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}
