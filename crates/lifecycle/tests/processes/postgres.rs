//! Three nodes on one PostgreSQL, which loses nodes, connections, processes, and its primary.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::thread;
use std::time::Duration;

use http::Method;
use pinning_keys_lifecycle::{KeyId, KeyState};
use pinning_keys_testkit::postgres::{Database, Server, shared};

use crate::choices::Choices;
use crate::kills::Story;
use crate::operations::{ALMOST_OVER, LEASE, Operation};
use crate::pauses::{Work, stop_everywhere};
use crate::process::{Answer, Process};
use crate::trail::{Trigger, no_state_changes};
use crate::world::World;

/// How often something is killed while three nodes work.
const ROUNDS: usize = 16;

/// The connections of the nodes.
const NODES: &str = "application_name = 'pinning-keys'";

/// A node that does what is due, besides what it is asked for.
fn working(world: &World) -> Process {
    let mut node = world.start();
    node.must(&Operation::Run);
    node
}

fn issue(node: &mut Process, account: &'static str, holder: &str) -> KeyId {
    let holder = holder.to_owned();
    node.must(&Operation::Issue { account, holder }).parse().unwrap()
}

#[test]
fn three_nodes_lose_no_key_whatever_is_killed() {
    let Some(mut server) = Server::start() else { return };
    let database = server.database();
    let mut world = World::new(5000, database.url().to_owned());
    let mut choices = Choices::new(5000);
    let mut nodes = [(); 3].map(|()| working(&world));
    for round in 0..ROUNDS {
        let rows = world.rows();
        for node in &mut nodes {
            node.send(&choices.operation(&rows).to_string());
        }
        thread::sleep(choices.moment());
        match round % 4 {
            0 => nodes[choices.random.below(3)].kill(),
            1 => {
                let one = format!(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {NODES} \
                     ORDER BY backend_start DESC LIMIT 1"
                );
                server.sql(&database, &one);
            }
            2 => {
                let one = format!("SELECT min(pid) FROM pg_stat_activity WHERE {NODES}");
                server.kill_backend(server.sql(&database, &one).parse().unwrap());
            }
            _ => {
                server.kill_all();
                server.restart();
            }
        }
        // It may be recovering.
        server.sql(&database, "SELECT 1");
        for node in &mut nodes {
            if matches!(node.answer(), Answer::Killed) {
                *node = working(&world);
            }
        }
        world.check();
        if round % 4 == 3 {
            world.skip(choices.pause().unwrap_or_default());
            assert!(world.rest(&mut nodes[round % 3]));
            world.check();
        }
    }
    assert!(world.rest(&mut nodes[0]));
    world.leases_end(&mut nodes[0]);
    world.check();
    no_secret_is_in(&world, &server, &database);
}

#[test]
fn killed_nodes_lose_no_key_on_postgres() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let world = World::new(5010, database.url().to_owned());
    Story::new(5010, world).run();
}

#[test]
fn three_nodes_end_each_key_once() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let mut world = World::new(5020, database.url().to_owned());
    let mut nodes = [(); 3].map(|()| world.start());
    for number in 0..30 {
        issue(&mut nodes[number % 3], "pinata", &format!("holder-{number}"));
    }
    nodes[0].must(&Operation::RunDue);
    world.skip(LEASE);
    while !world.ledger.alive().is_empty() {
        for node in &mut nodes {
            node.send(&Operation::RunDue.to_string());
        }
        for node in &mut nodes {
            assert!(matches!(node.answer(), Answer::Done(_)));
        }
    }
    world.check();
    let sent = world.ledger.emulator.requests_to(&Method::DELETE, "/");
    assert_eq!(sent, 30, "each key is revoked once");
}

#[test]
fn a_stopped_node_does_no_harm_on_postgres() {
    let Some(server) = shared() else { return };
    thread::scope(|scope| {
        for (seed, work) in (5030..).zip([Work::Issue, Work::EndLease]) {
            scope.spawn(move || {
                let database = server.database();
                stop_everywhere(&mut World::new(seed, database.url().to_owned()), work);
            });
        }
    });
}

#[test]
fn without_its_audit_line_no_state_changes_on_postgres() {
    let Some(server) = shared() else { return };
    let database = server.database();
    let mut world = World::new(5040, database.url().to_owned());
    let refuse = |_: &World, states: &str| {
        server.sql(
            &database,
            &format!(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \
                 $$ BEGIN RAISE 'refused'; END $$; \
                 CREATE TRIGGER refuse BEFORE INSERT ON pinning_keys.audit \
                 FOR EACH ROW WHEN (NEW.to_state IN ({states})) EXECUTE FUNCTION refuse()"
            ),
        );
    };
    let accept = |_: &World| {
        server.sql(&database, "DROP FUNCTION refuse CASCADE");
    };
    no_state_changes(&mut world, &Trigger { refuse: &refuse, accept: &accept });
}

#[test]
fn a_promoted_replica_that_has_lost_commits_revokes_nobodys_key() {
    fail_over(5050, true);
}

/// Then no listing can show that the store has forgotten something.
#[test]
fn a_promoted_replica_without_a_renewal_ends_no_lease_early() {
    fail_over(5051, false);
}

/// The nodes reach the server by a name, as they do in production, and it leads to another server
/// after the failover.
fn fail_over(seed: u64, loses_keys: bool) {
    let Some(mut primary) = Server::start() else { return };
    let database = primary.database();
    let mut world = World::new(seed, String::new());
    let name = world.folder().join("server");
    symlink(primary.folder(), &name).unwrap();
    world.store = at(&name, &database);
    let mut nodes = [(); 3].map(|()| world.start());
    let renewed = issue(&mut nodes[0], "pinata", "renewed");
    let rotated = issue(&mut nodes[1], "w3ipfs", "rotated");
    let revoked = issue(&mut nodes[2], "pinata", "revoked");
    let replica = primary.replica();
    replica.cut_off();

    world.skip(ALMOST_OVER);
    nodes[0].must(&Operation::Renew(renewed.clone()));
    let new = loses_keys.then(|| {
        nodes[1].must(&Operation::Rotate(rotated, "w3ipfs"));
        nodes[2].must(&Operation::Revoke(revoked.clone()));
        issue(&mut nodes[0], "pinata", "new")
    });
    primary.kill_all();
    replica.promote();
    fs::remove_file(&name).unwrap();
    symlink(replica.folder(), &name).unwrap();
    // By the replica, all leases are over.
    world.skip(Duration::from_mins(30));

    // All nodes see it first, at the same time, without having been started again.
    for node in &mut nodes {
        node.send(&Operation::RunDue.to_string());
    }
    for node in &mut nodes {
        node.answer();
    }
    assert!(world.rest(&mut nodes[0]));
    world.check();
    assert!(world.store_row().rolled_back_at.is_some());
    assert_eq!(world.row(renewed.as_str()).state, KeyState::Live);
    if let Some(new) = new {
        assert_eq!(world.row(revoked.as_str()).state, KeyState::Revoked);
        let new = world.row(new.as_str());
        assert!(new.state == KeyState::Live && new.adopted, "{new:#?}");
    }
    for node in &mut nodes[1..] {
        assert!(world.rest(node));
    }
    world.leases_end(&mut nodes[2]);
    world.check();
    no_secret_is_in(&world, &replica, &database);
}

/// The URL of a database of the server that a link leads to.
fn at(link: &Path, database: &Database) -> String {
    let host = link.display().to_string().replace('/', "%2F");
    format!("postgres://postgres@{host}:5432/{}", database.name())
}

/// Neither a dump of the database nor any file of its server, such as the write-ahead log, shows a
/// secret.
fn no_secret_is_in(world: &World, server: &Server, database: &Database) {
    let secrets = world.secrets();
    let dump = server.sql(database, "SELECT schema_to_xml('pinning_keys', TRUE, TRUE, '')");
    let mut texts = vec![("the dump".to_owned(), dump)];
    let mut folders = vec![server.sql(database, "SHOW data_directory").into()];
    while let Some(folder) = folders.pop() {
        for file in fs::read_dir::<std::path::PathBuf>(folder).unwrap().map(Result::unwrap) {
            let path = file.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(content) = fs::read(&path) {
                // A file that is gone by now is no file of the server.
                let content = String::from_utf8_lossy(&content).into_owned();
                texts.push((path.display().to_string(), content));
            }
        }
    }
    assert!(texts.iter().any(|(name, _)| name.contains("pg_wal")), "the log was searched");
    for (name, text) in texts {
        for secret in &secrets {
            assert!(!text.contains(secret), "{name} shows the secret {secret}");
        }
    }
}
