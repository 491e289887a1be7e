//! A PostgreSQL server that tests start themselves.
//!
//! Each server has its own cluster in a temporary folder and listens only on a Unix socket in it.
//! [`shared`] returns the server that the tests of one binary share; a test that stops or kills a
//! server starts its own with [`Server::start`]. Both return `None`, and say so once on stderr, if
//! PostgreSQL is not installed. With `REQUIRE_POSTGRES=1` they panic instead.
//!
//! No server outlives the process that started it, even if that process is killed.

mod account;
mod cluster;
mod database;
mod processes;
mod programs;
mod replica;
mod watchdog;

use std::ffi::OsStr;
use std::path::Path;
use std::process::Child;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Signal, kill_process};

use cluster::{Cluster, USER};
use processes::Process;
use programs::Programs;

pub use database::Database;

/// The server that all tests of this process share.
///
/// It stops when the process ends.
pub fn shared() -> Option<&'static Server> {
    static SHARED: OnceLock<Option<Server>> = OnceLock::new();
    SHARED.get_or_init(Server::start).as_ref()
}

/// A PostgreSQL server.
///
/// Its calls block. Dropping it stops the server at once and removes its folder.
pub struct Server {
    cluster: Cluster,
    /// The first process of the server, from its start until somebody notices its end.
    postmaster: Option<Child>,
    databases: AtomicU32,
}

impl Server {
    /// Creates a cluster and starts its server, or returns `None` if PostgreSQL is not installed.
    ///
    /// The settings are the defaults, and so as durable as in production. `ALTER SYSTEM` changes
    /// them, until [`restart`](Self::restart) if the setting requires that.
    pub fn start() -> Option<Self> {
        let programs = Programs::find().or_else(programs::report_none)?;
        let mut cluster = Cluster::new(programs);
        let data = cluster.data();
        let arguments =
            ["--no-locale", "--encoding=UTF8", "--auth=trust", "--no-sync", "-U", USER, "-D"];
        let arguments = arguments.iter().map(OsStr::new).chain([data.as_os_str()]);
        cluster.run("initdb", &arguments.collect::<Vec<_>>());
        Some(Self::on(cluster))
    }

    /// Starts the server of a cluster.
    fn on(mut cluster: Cluster) -> Self {
        cluster.configure();
        let postmaster = Some(cluster.start());
        Self { cluster, postmaster, databases: AtomicU32::new(0) }
    }

    /// Creates an empty database.
    pub fn database(&self) -> Database {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.cluster.psql("postgres", &format!("CREATE DATABASE {name}"));
        let url = self.cluster.url(&name);
        Database::new(name, url)
    }

    /// Runs SQL with `psql` and returns the rows, one per line, with `|` between the columns.
    ///
    /// Several statements are one transaction. If the server is recovering, this waits for it.
    pub fn sql(&self, database: &Database, text: &str) -> String {
        self.cluster.psql(database.name(), text)
    }

    /// The folder with the server's socket.
    pub fn folder(&self) -> &Path {
        self.cluster.folder()
    }

    /// Whether the server is running.
    pub fn is_running(&mut self) -> bool {
        let Some(postmaster) = &mut self.postmaster else { return false };
        let running = postmaster.try_wait().unwrap().is_none();
        if !running {
            self.ended();
        }
        running
    }

    /// Stops the server, which rolls back what is open and disconnects all clients.
    pub fn stop_fast(&mut self) {
        if let Some(postmaster) = &self.postmaster {
            kill_process(Process::of(postmaster).pid(), Signal::INT).unwrap();
        }
        self.ended();
    }

    /// Kills all processes of the server at once with SIGKILL.
    pub fn kill_all(&mut self) {
        let Some(postmaster) = &mut self.postmaster else { return };
        let first = Process::of(postmaster);
        // A stopped process starts no others.
        kill_process(first.pid(), Signal::STOP).unwrap();
        let children = first.children();
        postmaster.kill().unwrap();
        for child in &children {
            // Some may have ended by themselves.
            let _ = kill_process(child.pid(), Signal::KILL);
        }
        self.ended();
        // While one of them uses the shared memory, the server does not start again.
        processes::wait_until_ended(&children);
    }

    /// Kills one process of the server with SIGKILL: the number that `pg_backend_pid()` returns.
    ///
    /// The server then ends all its other processes, for which this waits, and recovers.
    pub fn kill_backend(&self, pid: i32) {
        let postmaster = self.postmaster.as_ref().expect("the server is running");
        let children = Process::of(postmaster).children();
        let backend = Process::numbered(pid);
        assert!(children.contains(&backend), "{pid} is not a process of this server");
        kill_process(backend.pid(), Signal::KILL).unwrap();
        processes::wait_until_ended(&children);
    }

    /// Stops the server if it is running, and starts it.
    pub fn restart(&mut self) {
        self.stop_fast();
        self.postmaster = Some(self.cluster.start());
    }

    /// Waits for the end of the server.
    fn ended(&mut self) {
        if let Some(mut postmaster) = self.postmaster.take() {
            postmaster.wait().unwrap();
            self.cluster.stopped();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The system lists a process until its parent has noticed its end.
        self.cluster.end();
        if let Some(mut postmaster) = self.postmaster.take() {
            // A panic here, during another one, would end the process.
            let _ = postmaster.wait();
        }
    }
}
