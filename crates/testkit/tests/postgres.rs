//! A server of the tests does what its methods say, and keeps what it has committed.

#![cfg(unix)]

use pinning_keys_testkit::postgres::{Database, Server, shared};

#[test]
fn databases_of_the_shared_server_are_empty_and_apart() {
    let Some(server) = shared() else { return };
    let (first, second) = (server.database(), server.database());
    server.sql(&first, "CREATE TABLE t (a int, b text); INSERT INTO t VALUES (1, 'x'), (2, NULL)");
    assert_eq!(server.sql(&first, "SELECT * FROM t ORDER BY a"), "1|x\n2|");
    assert_eq!(
        server.sql(&second, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"),
        "0"
    );
    assert_ne!(first.url(), second.url());
}

#[test]
fn a_server_is_as_durable_as_in_production_and_listens_on_its_socket_only() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let show = |setting: &str| server.sql(&database, &format!("SHOW {setting}"));
    assert_eq!(show("fsync"), "on");
    assert_eq!(show("full_page_writes"), "on");
    assert_eq!(show("synchronous_commit"), "on");
    assert_eq!(show("listen_addresses"), "");
}

#[test]
fn what_was_committed_survives_a_restart_and_both_kills() {
    let Some(mut server) = Server::start() else { return };
    let database = server.database();
    server.sql(&database, "CREATE TABLE t (a int)");

    server.stop_fast();
    assert!(!server.is_running());
    server.restart();
    assert!(server.is_running());

    server.sql(&database, "INSERT INTO t VALUES (1)");
    server.kill_all();
    assert!(!server.is_running());
    server.restart();
    assert_eq!(server.sql(&database, "SELECT a FROM t"), "1");

    server.sql(&database, "INSERT INTO t VALUES (2)");
    kill_the_backend_of_a_client(&server, &database);
    assert!(server.is_running());
    assert_eq!(server.sql(&database, "SELECT max(a) FROM t"), "2");
}

fn kill_the_backend_of_a_client(server: &Server, database: &Database) {
    std::thread::scope(|scope| {
        let client =
            scope.spawn(|| server.sql(database, "SELECT pg_advisory_lock(1), pg_sleep(60)"));
        let holder = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'";
        let pid = loop {
            if let Ok(pid) = server.sql(database, holder).parse() {
                break pid;
            }
        };
        server.kill_backend(pid);
        assert!(client.join().is_err(), "the client's connection is closed");
    });
}

#[test]
fn a_promoted_replica_lost_what_was_committed_after_it_was_cut_off() {
    let Some(mut primary) = Server::start() else { return };
    let database = primary.database();
    primary.sql(&database, "CREATE TABLE t AS SELECT 1 AS a");
    let replica = primary.replica();
    let everything = "SELECT string_agg(a::text, ' ' ORDER BY a) FROM t";
    primary.sql(&database, "INSERT INTO t VALUES (2)");
    // It receives what is committed while it is connected.
    while replica.sql(&database, everything) != "1 2" {}
    assert_eq!(replica.sql(&database, "SELECT pg_is_in_recovery()"), "t");

    replica.cut_off();
    primary.sql(&database, "INSERT INTO t VALUES (3)");
    primary.kill_all();
    replica.promote();

    replica.sql(&database, "INSERT INTO t VALUES (4)");
    assert_eq!(replica.sql(&database, everything), "1 2 4");
    let identifier = "SELECT system_identifier FROM pg_control_system()";
    let promoted = replica.sql(&database, identifier);
    primary.restart();
    assert_eq!(primary.sql(&database, everything), "1 2 3");
    assert_eq!(primary.sql(&database, identifier), promoted);
}
