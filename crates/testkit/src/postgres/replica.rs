//! Replicas of a server.

use std::ffi::OsStr;

use super::cluster::{Cluster, PORT, USER};
use super::processes::wait_until;
use super::{Database, Server};

impl Server {
    /// Starts an asynchronous replica, which has all that this server has committed so far and
    /// receives what it commits from now on.
    ///
    /// It accepts connections that only read. Its databases have the same names.
    #[must_use]
    pub fn replica(&self) -> Self {
        let mut cluster = Cluster::new(self.cluster.programs().clone());
        let primary = format!("host='{}' port={PORT} user={USER}", self.cluster.folder().display());
        let data = cluster.data();
        let arguments =
            ["-R", "--wal-method=fetch", "--checkpoint=fast", "--no-sync", "-d", &primary, "-D"];
        let arguments = arguments.iter().map(OsStr::new).chain([data.as_os_str()]);
        cluster.run("pg_basebackup", &arguments.collect::<Vec<_>>());
        Self::on(cluster)
    }

    /// The replica's database with the same name as this one of its primary.
    #[must_use]
    pub fn database_of(&self, primary: &Database) -> Database {
        let name = primary.name();
        Database::new(name.to_owned(), self.cluster.url(name))
    }

    /// Disconnects a replica from its primary for good: it does not receive what the primary
    /// commits from now on.
    ///
    /// A replica that only applies its changes late (`recovery_min_apply_delay`) loses nothing: when
    /// it is promoted, it first applies all that it has received.
    pub fn cut_off(&self) {
        self.cluster.psql("postgres", "ALTER SYSTEM SET primary_conninfo = ''");
        self.cluster.psql("postgres", "SELECT pg_reload_conf()");
        let receivers = "SELECT count(*) FROM pg_stat_wal_receiver";
        wait_until("the replica receives nothing", || {
            self.cluster.psql("postgres", receivers) == "0"
        });
    }

    /// Makes a replica a primary, which accepts writes.
    pub fn promote(&self) {
        let promoted = self.cluster.psql("postgres", "SELECT pg_promote()");
        assert_eq!(promoted, "t", "the replica has not become a primary within a minute");
    }
}
