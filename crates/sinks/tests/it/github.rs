//! `github`: only in a workflow, and hidden in its log before anything is written.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pinning_keys_core::KeyRef;
use pinning_keys_sinks::{DeliveryEffect, Environment, Field, SinkError, SinkSpec};

use crate::stand::{Folder, SECRET, TOKEN, check, deliver, pinata, secrets, w3ipfs};

/// A step of a workflow.
struct Step {
    folder: Folder,
    log: Log,
}

/// What the runner reads.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A stream that nobody reads.
struct Closed;

impl Write for Closed {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Step {
    fn new() -> Self {
        let folder = Folder::new();
        folder.write("env", "");
        folder.write("output", "");
        Self { folder, log: Log::default() }
    }

    fn environment(&self, more: &[(&str, &str)]) -> Environment {
        let path = |name: &str| self.folder.file(name).into_os_string();
        let own = [
            ("GITHUB_ACTIONS", "true".into()),
            ("GITHUB_ENV", path("env")),
            ("GITHUB_OUTPUT", path("output")),
        ];
        Environment::from_vars(own.into_iter().chain(more.iter().map(|(n, v)| (*n, v.into()))))
    }

    fn spec(&self, text: &str) -> SinkSpec {
        let spec = SinkSpec::parse(text).unwrap().with_mask_output(self.log.clone());
        spec.with_environment(self.environment(&[]))
    }

    fn log(&self) -> String {
        String::from_utf8(self.log.0.lock().unwrap().clone()).unwrap()
    }

    /// The log as the runner shows it: every masked text replaced.
    fn shown(&self, text: &str) -> String {
        let mut masks: Vec<_> = self.log().lines().map(masked_text).collect();
        masks.sort_by_key(|mask| std::cmp::Reverse(mask.len()));
        masks.iter().fold(text.to_owned(), |text, mask| text.replace(mask, "***"))
    }
}

/// What a line makes the runner hide.
fn masked_text(line: &str) -> String {
    let text = line.strip_prefix("::add-mask::").expect("only masks are printed");
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

#[track_caller]
fn refusal(result: Result<(), SinkError>) -> String {
    let error = result.unwrap_err();
    assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
    secrets().assert_not_in("an error", &format!("{error:#} {error:?}"));
    error.to_string()
}

/// The variables of a file, by the rule that GitHub documents.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut lines = text.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let (name, delimiter) = line.split_once("<<").expect("a delimiter");
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != delimiter).collect();
        found.push((name.to_owned(), value.join("\n")));
    }
    found
}

#[tokio::test]
async fn variable_and_output_are_set() {
    let step = Step::new();
    deliver(step.spec("github:env#A"), &pinata("ci")).await.unwrap();
    deliver(step.spec("github:env#B").with_field(Field::ApiSecret), &w3ipfs("ci")).await.unwrap();
    deliver(step.spec("github:output#a-b"), &pinata("ci")).await.unwrap();
    let env = variables(&step.folder.read("env"));
    assert_eq!(env, [("A".into(), TOKEN.into()), ("B".into(), SECRET.to_owned())]);
    let output = variables(&step.folder.read("output"));
    assert_eq!(output, [("a-b".to_owned(), TOKEN.to_owned())]);
}

#[tokio::test]
async fn every_form_of_the_secret_is_hidden() {
    let step = Step::new();
    deliver(step.spec("github:env#A").with_field(Field::Json), &pinata("ci")).await.unwrap();
    let payload = TOKEN.split('.').nth(1).unwrap();
    let json = &variables(&step.folder.read("env"))[0].1;
    let percent = SECRET.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    for text in [
        TOKEN,
        SECRET,
        payload,
        json,
        &STANDARD.encode(TOKEN),
        &STANDARD.encode(SECRET),
        &STANDARD.encode(json),
        &STANDARD.encode(format!("user:{SECRET}")),
        &format!("https://x/?s={percent}"),
        &format!("https://x/?s={}", percent.to_lowercase()),
    ] {
        let shown = step.shown(text);
        assert!(shown.contains("***"), "{text}");
        let left: String = shown.split("***").collect();
        secrets().assert_not_in("the log", &left);
    }
}

#[tokio::test]
async fn nothing_that_is_no_secret_is_hidden() {
    let step = Step::new();
    deliver(step.spec("github:env#A"), &pinata("ci-deploy")).await.unwrap();
    let header = TOKEN.split('.').next().unwrap();
    for text in [header, "ci-deploy", "v1:pinata:ci-deploy", "A", "true", ""] {
        assert_eq!(step.shown(text), text);
    }
    assert!(step.log().lines().all(|line| line.len() > "::add-mask::".len() + 12));
}

#[tokio::test]
async fn nothing_is_written_if_the_secret_cannot_be_hidden() {
    let step = Step::new();
    let spec = step.spec("github:env#A").with_mask_output(Closed);
    let message = refusal(deliver(spec, &pinata("ci")).await);
    assert_eq!(message, "cannot mask the secret in the log: broken pipe");
    assert_eq!(step.folder.read("env"), "");
}

#[tokio::test]
async fn check_prints_and_writes_nothing() {
    let step = Step::new();
    let sink = step.spec("github:env#A").open().unwrap();
    assert_eq!(check(&*sink, &pinata("ci")).await, Ok(()));
    assert_eq!((step.log(), step.folder.read("env")), (String::new(), String::new()));
}

#[tokio::test]
async fn only_a_workflow_has_the_sink() {
    let step = Step::new();
    for actions in [None, Some(""), Some("1"), Some("TRUE")] {
        let vars = actions.map(|value| ("GITHUB_ACTIONS", value.into()));
        let env = ("GITHUB_ENV", step.folder.file("env").into_os_string());
        let vars = Environment::from_vars(vars.into_iter().chain([env]));
        let spec = step.spec("github:env#A").with_environment(vars);
        let message = refusal(deliver(spec, &pinata("ci")).await);
        assert_eq!(message, "this is not a GitHub Actions workflow");
    }
    assert_eq!((step.log(), step.folder.read("env")), (String::new(), String::new()));
}

#[tokio::test]
async fn file_of_the_step_must_exist() {
    let step = Step::new();
    let spec = |file: Option<&str>| {
        let vars = [("GITHUB_ACTIONS", Some("true")), ("GITHUB_ENV", file)];
        let vars = vars.into_iter().filter_map(|(name, value)| Some((name, value?)));
        step.spec("github:env#A").with_environment(Environment::from_vars(vars))
    };
    for unset in [None, Some("")] {
        let message = refusal(deliver(spec(unset), &pinata("ci")).await);
        assert_eq!(message, "the variable GITHUB_ENV is not set");
    }
    let message = refusal(deliver(spec(Some("/no/such/file")), &pinata("ci")).await);
    assert_eq!(message, "the file of GITHUB_ENV does not exist");
    let folder = step.folder.path().to_str().unwrap();
    let message = refusal(deliver(spec(Some(folder)), &pinata("ci")).await);
    assert!(message.ends_with("is not a regular file"), "{message}");
}

#[tokio::test]
async fn existing_name_needs_a_rotation_or_overwrite() {
    let step = Step::new();
    step.folder.write("env", "OTHER=1\nA=old");
    let message = refusal(deliver(step.spec("github:env#A"), &pinata("ci")).await);
    assert_eq!(message, "GITHUB_ENV#A is already set");

    // Set by an earlier step.
    let earlier = step.environment(&[("B", "old")]);
    let spec = step.spec("github:env#B").with_environment(earlier.clone());
    let message = refusal(deliver(spec, &pinata("ci")).await);
    assert_eq!(message, "GITHUB_ENV#B is already set");
    // The account's own credential, which the other steps would lose.
    let account = step.environment(&[("PINATA_JWT", "old")]);
    let spec = step.spec("github:env#PINATA_JWT").with_environment(account);
    let message = refusal(deliver(spec, &pinata("ci")).await);
    assert_eq!(message, "GITHUB_ENV#PINATA_JWT is already set");
    // Variables are no outputs.
    let spec = step.spec("github:output#B").with_environment(earlier.clone());
    deliver(spec.clone(), &pinata("ci")).await.unwrap();
    refusal(deliver(spec, &pinata("ci")).await);

    let spec = step.spec("github:env#B").with_environment(earlier).with_overwrite(true);
    deliver(spec, &pinata("ci")).await.unwrap();
    let rotated = KeyRef::new("pinata", "old").unwrap();
    deliver(step.spec("github:env#A").with_predecessor(rotated), &pinata("ci")).await.unwrap();
    let text = step.folder.read("env");
    let set = variables(text.strip_prefix("OTHER=1\nA=old\n").expect(&text));
    assert_eq!(set, [("B".into(), TOKEN.into()), ("A".into(), TOKEN.to_owned())]);
}

#[tokio::test]
async fn delimiter_differs_each_time() {
    let (one, other) = (Step::new(), Step::new());
    for step in [&one, &other] {
        deliver(step.spec("github:env#A"), &pinata("ci")).await.unwrap();
    }
    assert_ne!(one.folder.read("env"), other.folder.read("env"));
}

#[tokio::test]
async fn names_that_the_runner_ignores_are_refused() {
    let step = Step::new();
    for name in ["GITHUB_TOKEN", "RUNNER_TEMP", "ACTIONS_X", "CI", "github_x"] {
        let error = deliver(step.spec(&format!("github:env#{name}")), &pinata("ci")).await;
        let error = error.unwrap_err();
        assert_eq!(error.to_string(), format!("GitHub reserves the variable {name}"));
    }
    deliver(step.spec("github:output#GITHUB_TOKEN"), &pinata("ci")).await.unwrap();
}
