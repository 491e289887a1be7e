//! `command:`: nothing that a command does with its pipes, its children or its time hangs a
//! delivery or outlives it.

use std::io::Read as _;
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use pinning_keys_sinks::{Delivery, DeliveryEffect, SinkError, SinkSpec};

use crate::stand::{Folder, TOKEN, deliver, pinata, secrets};

/// Limits to try one after the other: on a busy machine, a shell may not even start within the
/// first.
const LIMITS: [Duration; 3] =
    [Duration::from_millis(400), Duration::from_secs(3), Duration::from_secs(12)];

/// Longer than any of this takes, and shorter than the commands would run.
const SOON: Duration = Duration::from_secs(15);

fn shell(script: &str) -> SinkSpec {
    SinkSpec::parse(format!("command:sh -c {}", shlex::try_quote(script).unwrap())).unwrap()
}

/// Delivers with a limit that no command reaches unless it hangs.
async fn promptly(script: &str) -> Result<(), SinkError> {
    let began = Instant::now();
    let result = deliver(shell(script), &pinata("ci")).await;
    assert!(began.elapsed() < SOON, "{script} took {:?}", began.elapsed());
    result
}

#[tokio::test]
async fn command_need_not_read_the_secret() {
    promptly("exec 0<&-; exit 0").await.unwrap();
    promptly("true").await.unwrap();
    promptly("head -c 1 > /dev/null").await.unwrap();
}

#[tokio::test]
async fn command_may_close_its_pipes_and_go_on() {
    promptly("exec 0<&- 2>&-; sleep 0.3").await.unwrap();
    assert!(promptly("exec 0<&- 2>&-; sleep 0.3; exit 1").await.is_err());
}

#[tokio::test]
async fn command_may_print_megabytes() {
    let flood =
        "head -c 3000000 /dev/zero | tr '\\0' '\\n'; head -c 3000000 /dev/zero | tr '\\0' 'x' >&2";
    promptly(flood).await.unwrap();
    let error = promptly(&format!("{flood}; exit 1")).await.unwrap_err();
    assert!(error.to_string().len() < 500);
}

#[tokio::test]
async fn process_that_keeps_a_pipe_open_holds_nothing_up() {
    let holder = Holder::new();
    let began = holder.folder.file("began").display().to_string();
    let wait = format!("while [ ! -e {began} ]; do sleep 0.01; done");
    promptly(&format!("{} & {wait}; exit 0", holder.script())).await.unwrap();
    // What the command left running is its own affair.
    assert!(!holder.has_ended_within(Duration::from_millis(100)));
    holder.end();
}

#[tokio::test]
async fn everything_in_the_group_is_killed_at_the_limit() {
    // The command itself is deaf to SIGTERM in one case, and its child in both.
    for trap in ["", "trap '' TERM; "] {
        let script =
            |holder: &Holder| format!("{trap}(trap '' TERM; {}) & wait; sleep 60", holder.script());
        let holder = stopped(script).await;
        assert!(holder.has_ended_within(SOON), "a process outlived the limit");
    }
}

#[tokio::test]
async fn command_is_asked_to_end_before_it_is_killed() {
    let script = |holder: &Holder| {
        let folder = holder.folder.path().display();
        let trap = format!("trap 'echo clean > {folder}/end; exit 0' TERM");
        format!("{trap}; echo > {folder}/began; sleep 60 & wait")
    };
    let holder = stopped(script).await;
    assert_eq!(holder.folder.read("end"), "clean\n");
}

/// A holder whose command had begun when the limit stopped it.
async fn stopped(script: impl Fn(&Holder) -> String) -> Holder {
    for limit in LIMITS {
        let holder = Holder::new();
        let spec = shell(&script(&holder)).with_time_limit(limit);
        let start = Instant::now();
        let error = deliver(spec, &pinata("ci")).await.unwrap_err();
        assert!(start.elapsed() < limit + SOON);
        let message = format!("the command sh was stopped after {} s", limit.as_secs_f64());
        assert_eq!(error.to_string(), message);
        assert_eq!(error.effect(), DeliveryEffect::Unknown);
        if holder.has_begun() {
            return holder;
        }
    }
    panic!("no shell started");
}

#[tokio::test]
async fn stopped_command_shows_what_it_printed() {
    for limit in LIMITS {
        let spec = shell("cat >&2; echo; echo waiting >&2; sleep 60").with_time_limit(limit);
        let message = deliver(spec, &pinata("ci")).await.unwrap_err().to_string();
        secrets().assert_not_in("an error", &message);
        if message.ends_with("s: ***waiting") {
            return;
        }
    }
    panic!("nothing was shown");
}

#[tokio::test]
async fn everything_in_the_group_is_killed_if_the_delivery_is_dropped() {
    let holder = Holder::new();
    let script = format!("trap '' TERM; (trap '' TERM; {}) & wait", holder.script());
    let (key, sink) = (pinata("ci"), shell(&script).open().unwrap());
    let delivery = Delivery::new(&key);
    let mut delivered = sink.deliver(&delivery);
    while !holder.has_begun() {
        let turn = tokio::time::timeout(Duration::from_millis(20), &mut delivered).await;
        assert!(turn.is_err(), "the command runs for a minute");
    }
    drop(delivered);
    assert!(holder.has_ended_within(SOON), "a process outlived the delivery");
}

#[tokio::test]
async fn several_commands_run_at_once() {
    let folder = Folder::new();
    let key = pinata("ci");
    let runs = (0..4).map(|n| {
        let script = format!("cat > {}", folder.file(&n.to_string()).display());
        deliver(shell(&script), &key)
    });
    for run in futures(runs).await {
        run.unwrap();
    }
    assert!((0..4).all(|n: u8| folder.read(&n.to_string()) == TOKEN));
}

/// Runs four futures at once.
async fn futures<F: Future>(mut all: impl Iterator<Item = F>) -> [F::Output; 4] {
    let mut next = || all.next().unwrap();
    tokio::join!(next(), next(), next(), next()).into()
}

/// A process that runs for a minute, and a pipe that shows whether it still does.
struct Holder {
    folder: Folder,
    news: Receiver<()>,
}

impl Holder {
    fn new() -> Self {
        let folder = Folder::new();
        let (pipe, began) = (folder.file("pipe"), folder.file("began"));
        let is_made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(is_made.success());
        let (sender, news) = mpsc::channel();
        std::thread::spawn(move || {
            // It opens when the process has opened it too, and ends with the process.
            let mut pipe = std::fs::File::open(pipe).unwrap();
            std::fs::write(began, "").unwrap();
            pipe.read_to_end(&mut Vec::new()).unwrap();
            let _ = sender.send(());
        });
        Self { folder, news }
    }

    /// The process, which also keeps all pipes that it inherits open.
    fn script(&self) -> String {
        let folder = self.folder.path().display();
        format!("sh -c 'exec 9> {folder}/pipe; echo $$ > {folder}/pid; exec sleep 60'")
    }

    fn has_begun(&self) -> bool {
        self.folder.names().contains(&"began".to_owned())
    }

    fn has_ended_within(&self, time: Duration) -> bool {
        self.news.recv_timeout(time).is_ok()
    }

    fn end(&self) {
        let pid = self.folder.read("pid");
        let _ = std::process::Command::new("kill").arg(pid.trim()).status();
    }
}
