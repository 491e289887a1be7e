//! A store on PostgreSQL.
#![cfg(unix)]

use pinning_keys_testkit::postgres::{Server, shared};

use crate::support::Stand;

#[test]
fn store_on_postgresql_knows_the_keys() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let mut stand = Stand::pinata();
    stand.set_variable("PINNING_KEYS_STORE", database.url());
    stand.run("issue ci --preset reader --to file:ci.json --lease 30d").exits(0);
    let listed = stand.run("list --managed --json").exits(0).objects();
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0]["managed"]["holder"], "ci", "{listed:?}");
    stand.run("revoke ci --yes").exits(0);
    assert_eq!((stand.emulator().keys_made(), stand.emulator().keys_live()), (1, 0));
    stand.run("verify --file ci.json").exits(5);
    let status = stand.run("status --json").exits(0).objects();
    let shown = status[0]["store"].to_string();
    assert!(shown.contains("postgres") && !stand.home().join(".local").exists(), "{shown}");
}

#[test]
fn store_on_postgresql_of_a_newer_version_needs_a_newer_program() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let mut stand = Stand::pinata();
    stand.set_variable("PINNING_KEYS_STORE", database.url());
    stand.run("status").exits(0);
    server.sql(&database, "UPDATE pinning_keys.meta SET schema = 99, min_program = 99");
    let run = stand.run("issue ci --preset reader --to file:ci.json").exits(78);
    assert!(run.stderr.contains("the tables have version 99"), "{}", run.stderr);
    assert_eq!(stand.emulator().requests(), 0);
}

#[test]
fn server_that_does_not_run_is_tried_for_a_few_seconds() {
    let Some(mut server) = Server::start() else { return };
    let database = server.database();
    let mut stand = Stand::pinata();
    stand.set_variable("PINNING_KEYS_STORE", database.url());
    stand.run("issue ci --preset reader --to file:ci.json").exits(0);
    server.stop_fast();
    for (store, why) in [
        (database.url(), "the connection to PostgreSQL failed: entity not found"),
        ("postgres://me@127.0.0.1:1/x", "PostgreSQL accepted no connection in time"),
    ] {
        stand.set_variable("PINNING_KEYS_STORE", store);
        let run = stand.run("issue site --preset reader --to file:site.json").exits(75);
        let (first, next) = run.stderr.split_once('\n').expect("two lines");
        assert!(first.ends_with(why), "{}", run.stderr);
        assert_eq!(next, "  check that the server runs, and its address and user in the URL\n");
    }
    stand.set_variable("PINNING_KEYS_STORE", database.url());
    assert_eq!((stand.emulator().keys_made(), stand.emulator().keys_live()), (1, 1));
    server.restart();
    stand.run("issue site --preset reader --to file:site.json").exits(0);
}
