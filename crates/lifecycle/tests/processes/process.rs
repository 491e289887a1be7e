//! A node as the test sees it: a process that takes orders.

use std::env;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};

use crate::node::{BASE_URL, FOLDER, JWT, STORE};
use crate::operations::{ACCOUNTS, Operation};
use crate::tap::{Edge, Point};
use crate::world::World;

/// The longest time that an answer may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long to wait for an answer before time is skipped, and by how much.
const MOMENT: Duration = Duration::from_millis(300);
const MINUTE: Duration = Duration::from_mins(1);

/// A process. Dropping it kills it, and so does the end of the test's own process.
pub(crate) struct Process {
    child: Child,
    orders: Option<ChildStdin>,
    answers: Receiver<String>,
}

/// What became of an order.
#[derive(Debug)]
pub(crate) enum Answer {
    Done(String),
    Failed(String),
    /// The node has ended.
    Killed,
}

impl Process {
    /// Starts a node of a world.
    pub(crate) fn start(world: &World) -> Self {
        let mut node = Self::spawn(world, Command::new(env::current_exe().unwrap()));
        match node.answer() {
            Answer::Done(_) => node,
            other => panic!("a node does not start: {other:?}"),
        }
    }

    /// Starts a node that gets an error, instead of a signal, when a file grows beyond the limit.
    pub(crate) fn start_with_limits(world: &World) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "trap '' XFSZ && exec \"$0\" \"$@\""]);
        command.arg(env::current_exe().unwrap());
        let mut node = Self::spawn(world, command);
        assert!(matches!(node.answer(), Answer::Done(_)), "a node does not start");
        node
    }

    /// Why a node of this world does not start.
    pub(crate) fn refusal(world: &World) -> String {
        let mut node = Self::spawn(world, Command::new(env::current_exe().unwrap()));
        match node.answer() {
            Answer::Failed(why) => why,
            other => panic!("a node starts: {other:?}"),
        }
    }

    fn spawn(world: &World, mut command: Command) -> Self {
        // A separate process group: if the test's process is killed while the node is stopped, the
        // system ends the orphaned group.
        command
            .args(["--exact", "--nocapture", "node::this_binary_is_a_node_if_it_is_asked_to_be"])
            .env(FOLDER, world.folder())
            .env(STORE, &world.store)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0);
        for (account, base_url, jwt) in ACCOUNTS.map(|name| world.credential(name)) {
            command.env(format!("{BASE_URL}{account}"), base_url);
            command.env(format!("{JWT}{account}"), jwt);
        }
        let mut child = command.spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, answers) = channel();
        thread::spawn(move || {
            // The rest of a line that was killed with its node is no answer.
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { orders: child.stdin.take(), child, answers }
    }

    /// Asks for something and waits for the answer.
    pub(crate) fn ask(&mut self, operation: &Operation) -> Answer {
        self.order(&operation.to_string())
    }

    /// Asks for something that may wait, and lets time pass until there is an answer.
    pub(crate) fn ask_and_skip(&mut self, world: &mut World, operation: &Operation) -> Answer {
        self.send(&operation.to_string());
        self.answer_and_skip(world)
    }

    /// Waits for an answer, and lets time pass until there is one.
    pub(crate) fn answer_and_skip(&mut self, world: &mut World) -> Answer {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(answer) = self.answer_within(MOMENT) {
                return answer;
            }
            world.skip(MINUTE);
        }
        panic!("a node does not answer");
    }

    /// Asks for something that must succeed, and returns the id or the text of the answer.
    #[track_caller]
    pub(crate) fn must(&mut self, operation: &Operation) -> String {
        match self.ask(operation) {
            Answer::Done(text) => text,
            other => panic!("{operation}: {other:?}"),
        }
    }

    /// Lets the node kill itself at a point.
    pub(crate) fn kill_at(&mut self, point: Point) {
        assert!(matches!(self.order(&format!("kill {point}")), Answer::Done(_)));
    }

    /// Lets the node stop itself at a point.
    pub(crate) fn pause_at(&mut self, point: Point) {
        assert!(matches!(self.order(&format!("pause {point}")), Answer::Done(_)));
    }

    /// Lets no file grow beyond this many bytes.
    pub(crate) fn limit_disk(&mut self, bytes: Option<u64>) {
        let bytes = bytes.map_or("unlimited".to_owned(), |bytes| bytes.to_string());
        assert!(matches!(self.order(&format!("disk {bytes}")), Answer::Done(_)));
    }

    /// Asks for something without waiting for the answer.
    pub(crate) fn send(&mut self, order: &str) {
        // Writing fails if the node has been killed.
        let _ = writeln!(self.orders.as_mut().unwrap(), "{order}");
    }

    fn order(&mut self, order: &str) -> Answer {
        self.send(order);
        self.answer()
    }

    /// Waits for an answer.
    pub(crate) fn answer(&mut self) -> Answer {
        self.answer_within(PATIENCE).expect("a node answers")
    }

    fn answer_within(&mut self, time: Duration) -> Option<Answer> {
        let began = Instant::now();
        loop {
            match self.answers.recv_timeout(time.saturating_sub(began.elapsed())) {
                Ok(line) => match line.split_once(' ') {
                    Some(("ok", text)) => return Some(Answer::Done(text.to_owned())),
                    Some(("failed", text)) => return Some(Answer::Failed(text.to_owned())),
                    _ => {}
                },
                Err(RecvTimeoutError::Disconnected) => return Some(Answer::Killed),
                Err(RecvTimeoutError::Timeout) => return None,
            }
        }
    }

    /// Whether the node stops itself before it answers.
    pub(crate) fn pauses(&mut self) -> bool {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            let options = WaitOptions::UNTRACED | WaitOptions::NOHANG;
            let stopped = waitpid(Some(self.pid()), options).unwrap();
            if stopped.is_some_and(|(_, status)| status.stopped()) {
                return true;
            }
            if self.answer_within(Duration::from_millis(1)).is_some() {
                return false;
            }
        }
        panic!("a node neither stops nor answers");
    }

    /// Lets a stopped node go on.
    pub(crate) fn resume(&mut self) {
        kill_process(self.pid(), Signal::CONT).unwrap();
    }

    /// Kills the node now.
    pub(crate) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        self.child.wait().unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.orders = None;
        self.kill();
    }
}

/// The child is this test in another process, which starts a node, stops it, and is killed.
#[test]
fn a_killed_test_leaves_no_node_behind() {
    const CHILD: &str = "PINNING_KEYS_TEST_WITH_A_NODE";
    if env::var_os(CHILD).is_some() {
        let world = World::sqlite(1);
        let mut node = world.start();
        node.pause_at(Point { call: 0, edge: Edge::Before });
        node.send(&Operation::RunDue.to_string());
        assert!(node.pauses());
        println!("\nfolder {}", world.folder().display());
        loop {
            thread::park();
        }
    }
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "--nocapture", "process::a_killed_test_leaves_no_node_behind"])
        .env(CHILD, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let folder = lines.find_map(|line| Some(line.strip_prefix("folder ")?.to_owned()));
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_dir_all(folder.unwrap()).unwrap();

    // The node has inherited the output for errors, which ends when no process holds it any more.
    let (ended, has_ended) = channel();
    let mut errors = child.stderr.take().unwrap();
    thread::spawn(move || ended.send(errors.read_to_end(&mut Vec::new())));
    has_ended.recv_timeout(PATIENCE).expect("the node has ended").unwrap();
}
