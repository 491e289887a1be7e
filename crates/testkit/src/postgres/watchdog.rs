//! The process that stops a server when the process that started it ends, however it ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A folder and the process that removes it, after it has stopped the server there.
pub(super) struct Watchdog {
    folder: PathBuf,
    process: Child,
    /// Closing it makes the watchdog act.
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    /// Creates a folder in another one, if that is possible.
    ///
    /// The folder is the watchdog's from the beginning, so that none is left behind.
    pub(super) fn new(parent: &Path) -> Option<Self> {
        let mut process = Command::new("sh")
            .args(["-c", include_str!("watchdog.sh"), "watchdog"])
            .arg(parent)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal ends a whole group.
            .process_group(0)
            .spawn()
            .unwrap();
        let pipe = process.stdin.take();
        let mut watchdog = Self { folder: PathBuf::new(), process, pipe };
        let mut folder = String::new();
        BufReader::new(watchdog.process.stdout.take()?).read_line(&mut folder).unwrap();
        watchdog.folder = folder.trim_end().into();
        watchdog.folder.is_absolute().then_some(watchdog)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Sets the process to stop.
    pub(super) fn watch(&mut self, process: Option<&Child>) {
        let line = process.map_or(String::new(), |child| child.id().to_string());
        let pipe = self.pipe.as_mut().expect("the watchdog has not acted");
        writeln!(pipe, "{line}").expect("the watchdog is running");
    }

    /// Makes it act, as the end of this process would.
    pub(super) fn act(&mut self) {
        self.pipe = None;
    }
}

impl Drop for Watchdog {
    /// Waits until the folder is removed.
    fn drop(&mut self) {
        self.act();
        // A panic here, during another one, would end the process.
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;

    use super::super::processes::{Process, have_ended, wait_until};
    use super::super::{Server, shared};
    use super::*;

    const CHILD: &str = "PINNING_KEYS_TEST_WITH_A_SERVER";

    /// The child is this test in another process, which starts two servers and waits to be killed.
    #[test]
    fn a_killed_process_leaves_no_server_and_no_folder_behind() {
        if env::var_os(CHILD).is_some() {
            let (Some(shared), Some(mut own)) = (shared(), Server::start()) else { return };
            // A server that has restarted is another process.
            own.restart();
            for server in [shared, &own] {
                println!("folder: {}", server.cluster.folder().display());
            }
            println!("all");
            loop {
                std::thread::park();
            }
        }
        let name = std::thread::current().name().unwrap().to_owned();
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "--nocapture", &name])
            .env(CHILD, "1")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let folders = lines
            .take_while(|line| line != "all")
            .filter_map(|line| Some(PathBuf::from(line.split_once("folder: ")?.1)))
            .collect::<Vec<_>>();
        let servers = folders.iter().flat_map(|folder| {
            let file = fs::read_to_string(folder.join("data/postmaster.pid")).unwrap();
            let postmaster = Process::numbered(file.lines().next().unwrap().parse().unwrap());
            let mut family = postmaster.children();
            assert!(family.len() > 2, "{family:?}");
            family.push(postmaster);
            family
        });
        let servers = servers.collect::<Vec<_>>();

        child.kill().unwrap();
        child.wait().unwrap();

        wait_until("the folders are gone", || !folders.iter().any(|folder| folder.exists()));
        // A server also stops by itself, within a minute after its folder is gone.
        assert!(have_ended(&servers));
    }
}
