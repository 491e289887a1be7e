//! The program of a node: this test binary in another process.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead as _, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use pinning_keys::IssuerConfig;
use pinning_keys_core::{Credential, KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_http::ReqwestTransport;
use pinning_keys_lifecycle::{Delivery, KeyId, KeyManager, Lease};
use pinning_keys_sinks::{Sink, SinkSpec};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use tokio::runtime::Runtime;

use crate::clock::SharedClock;
use crate::journal::Journal;
use crate::operations::{ACCOUNTS, LEASE, MAX, OVERLAP};
use crate::stores;
use crate::tap::Tap;
use crate::tapped::{TappedStore, TappedTransport};

/// The folder of the node's files: the time, the journal, the secrets.
pub(crate) const FOLDER: &str = "PINNING_KEYS_NODE_FOLDER";
/// The path or the URL of the store.
pub(crate) const STORE: &str = "PINNING_KEYS_NODE_STORE";
/// The accounts' addresses and credentials, with the account's name at the end.
pub(crate) const BASE_URL: &str = "PINNING_KEYS_NODE_BASE_URL_";
pub(crate) const JWT: &str = "PINNING_KEYS_NODE_JWT_";

/// How many rows a worker may take at a time.
const LIMIT: usize = 100;

type Failure = Box<dyn Error + Send + Sync>;

/// In a process that is a node, this obeys until its input ends. In any other it does nothing.
#[test]
fn this_binary_is_a_node_if_it_is_asked_to_be() {
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else { return };
    let runtime = Runtime::new().unwrap();
    let started = runtime.block_on(Node::start(folder));
    let node = match started {
        Ok(node) => node,
        Err(error) => {
            say(Err(error));
            return;
        }
    };
    say(Ok("started".to_owned()));
    for line in io::stdin().lock().lines() {
        say(runtime.block_on(node.obey(&line.unwrap())));
    }
    // A loop that still runs ends with the process.
    runtime.shutdown_background();
}

/// Prints the answer on a separate line, because the test harness writes to the same output.
fn say(answer: Result<String, Failure>) {
    let line = match answer {
        Ok(text) => format!("\nok {text}\n"),
        Err(error) => {
            let mut causes = vec![format!("{error:#}")];
            let mut source = error.source();
            while let Some(cause) = source {
                causes.push(format!("{cause:#}"));
                source = cause.source();
            }
            // The next step is on a separate line.
            format!("\nfailed {}\n", causes.join(": ").replace('\n', " "))
        }
    };
    let mut output = io::stdout().lock();
    output.write_all(line.as_bytes()).and_then(|()| output.flush()).unwrap();
}

struct Node {
    manager: KeyManager,
    tap: Tap,
    journal: Journal,
    clock: SharedClock,
    folder: PathBuf,
}

impl Node {
    async fn start(folder: PathBuf) -> Result<Self, Failure> {
        let journal = Journal::open(&folder.join("journal"))?;
        let clock = SharedClock::open(&folder.join("clock"))?;
        let tap = Tap::new(journal.clone());
        let store = stores::open(&env::var(STORE)?, &clock).await?;
        let mut builder = KeyManager::builder(TappedStore { tap: tap.clone(), store });
        let answers = File::options().append(true).create(true).open(folder.join("answers"))?;
        let answers = Arc::new(answers);
        for account in ACCOUNTS {
            let (tap, answers) = (tap.clone(), Arc::clone(&answers));
            let transport = ReqwestTransport::new()?;
            let transport = TappedTransport { tap, transport, answers };
            builder = builder.account(account, issuer(account, transport)?);
        }
        let manager = builder.build().await?;
        Ok(Self { manager, tap, journal, clock, folder })
    }

    /// Does what a line says.
    async fn obey(&self, line: &str) -> Result<String, Failure> {
        let words: Vec<&str> = line.split(' ').collect();
        match *words {
            ["kill", point] => self.stop(point, Signal::KILL),
            ["pause", point] => self.stop(point, Signal::STOP),
            ["disk", bytes] => limit_files(bytes),
            ["issue", account, holder] => {
                let delivery = self.issue(account, holder).await?;
                self.store_and_confirm(&delivery, None).await
            }
            ["deliver", account, holder] => {
                let delivery = self.issue(account, holder).await?;
                self.journal.stored(delivery.id());
                Ok(delivery.id().to_string())
            }
            ["issue_to", account, holder, file] => {
                let request = request(account, holder)?;
                let keys = self.manager.account(account)?;
                let key = keys.issue_to(&request, lease(), &*self.sink(file)?).await?;
                self.journal.promised(&key);
                Ok(key.id().to_string())
            }
            ["rotate", key, account] => {
                let key = key.parse()?;
                let rotation = self.manager.rotate(&key).overlap(OVERLAP).onto(account);
                let delivery = rotation.start().await?;
                self.store_and_confirm(&delivery, Some(&key)).await
            }
            ["rotate_to", key, file] => {
                let key = key.parse()?;
                self.journal.ending(&key, self.clock.timestamp().saturating_add(OVERLAP));
                let rotation = self.manager.rotate(&key).overlap(OVERLAP);
                let next = rotation.issue_to(&*self.sink(file)?).await?;
                self.journal.promised(&next);
                Ok(next.id().to_string())
            }
            ["run_due"] => {
                let tick = self.manager.run_due(LIMIT).await?;
                Ok(format!("{tick:?}"))
            }
            ["run"] => {
                let manager = self.manager.clone();
                tokio::spawn(async move { manager.run(std::future::pending::<()>()).await });
                Ok("running".to_owned())
            }
            ["mark_restored"] => {
                self.manager.mark_restored().await?;
                Ok(String::new())
            }
            [verb, key] => self.on_key(verb, &key.parse()?).await,
            _ => Err(format!("a node does not know {line:?}").into()),
        }
    }

    async fn on_key(&self, verb: &str, key: &KeyId) -> Result<String, Failure> {
        match verb {
            "confirm" => self.journal.promised(&self.manager.confirm(key).await?),
            "renew" => self.journal.promised(&self.manager.renew(key).await?),
            "revoke" => {
                self.journal.ending(key, self.clock.timestamp());
                // It may be scheduled only.
                let _ = self.manager.revoke(key).await?;
            }
            "forget" => {
                self.journal.forgotten(key);
                self.manager.forget(key).await?;
            }
            _ => return Err(format!("a node does not know {verb:?}").into()),
        }
        Ok(key.to_string())
    }

    fn stop(&self, point: &str, signal: Signal) -> Result<String, Failure> {
        self.tap.stop_at(point.parse()?, signal);
        Ok(String::new())
    }

    async fn issue(&self, account: &str, holder: &str) -> Result<Delivery, Failure> {
        let keys = self.manager.account(account)?;
        Ok(keys.issue(&request(account, holder)?, lease()).await?)
    }

    /// Does what an app does with a new key, which may replace another.
    async fn store_and_confirm(
        &self,
        delivery: &Delivery,
        replaced: Option<&KeyId>,
    ) -> Result<String, Failure> {
        self.save(delivery.credential())?;
        self.journal.stored(delivery.id());
        if let Some(replaced) = replaced {
            self.journal.ending(replaced, self.clock.timestamp().saturating_add(OVERLAP));
        }
        let key = delivery.confirm().await?;
        self.journal.promised(&key);
        Ok(key.id().to_string())
    }

    fn save(&self, credential: &Credential) -> io::Result<()> {
        let file = File::options().append(true).create(true).open(self.folder.join("secrets"))?;
        for secret in credential.expose().secrets() {
            (&file).write_all(format!("{secret}\n").as_bytes())?;
        }
        file.sync_data()
    }

    fn sink(&self, file: &str) -> Result<Box<dyn Sink>, Failure> {
        let path = self.folder.join("sinks").join(file);
        Ok(SinkSpec::parse(format!("file:{}", path.display()))?.open()?)
    }
}

fn issuer(account: &str, transport: TappedTransport) -> Result<Arc<dyn KeyIssuer>, Failure> {
    let variable = |name: &str| env::var(format!("{name}{account}"));
    let config = IssuerConfig::for_provider(account)?;
    let config = config.with_jwt(variable(JWT)?).with_base_url(variable(BASE_URL)?);
    Ok(config.with_transport(Arc::new(transport)).build()?)
}

fn request(account: &str, holder: &str) -> Result<KeyRequest, Failure> {
    let scope = if account == "pinata" { ScopeRequest::reader() } else { ScopeRequest::uploader() };
    Ok(KeyRequest::new(holder, scope)?)
}

fn lease() -> Lease {
    Lease::of(LEASE).renewable_until(MAX)
}

/// Lets no file grow beyond a size, or lifts the limit.
fn limit_files(bytes: &str) -> Result<String, Failure> {
    let maximum = getrlimit(Resource::Fsize).maximum;
    let current = if bytes == "unlimited" { maximum } else { Some(bytes.parse()?) };
    setrlimit(Resource::Fsize, Rlimit { current, maximum })?;
    Ok(String::new())
}
