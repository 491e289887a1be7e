//! The process that stops a server when the process that started it ends, however it ends.

use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

pub(super) struct Watchdog {
    process: Child,
    /// Closing it makes the watchdog act.
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    /// Watches a server's folder.
    pub(super) fn of(folder: &Path) -> Self {
        let mut process = Command::new("sh")
            .args(["-c", include_str!("watchdog.sh"), "watchdog"])
            .arg(folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C in a terminal ends a whole group.
            .process_group(0)
            .spawn()
            .unwrap();
        let pipe = process.stdin.take();
        Self { process, pipe }
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

    /// Waits until it has acted.
    pub(super) fn wait(&mut self) {
        let _ = self.process.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;
    use std::io::{BufRead as _, BufReader};
    use std::path::PathBuf;

    use super::super::processes::{Process, wait_until, wait_until_ended};
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
                println!("folder: {}", server.cluster.socket_folder().display());
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

        wait_until_ended(&servers);
        wait_until("the folders are gone", || !folders.iter().any(|folder| folder.exists()));
    }
}
