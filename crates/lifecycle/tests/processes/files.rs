//! Files of SQLite that somebody has restored or copied.

use std::fs;
use std::path::Path;
use std::time::Duration;

use pinning_keys_lifecycle::{KeyId, KeyState};

use crate::operations::{ALMOST_OVER, LEASE, MAX, Operation};
use crate::process::Process;
use crate::world::World;

fn issue(node: &mut Process, account: &'static str, holder: &str) -> KeyId {
    let holder = holder.to_owned();
    node.must(&Operation::Issue { account, holder }).parse().unwrap()
}

type Restore = fn(&Path, &[u8]);

/// Writes an old copy over the file, which stays the same file.
fn restore_in_place(file: &Path, copy: &[u8]) {
    fs::write(file, copy).unwrap();
}

/// Puts another file in its place.
fn replace(file: &Path, copy: &[u8]) {
    let restored = file.with_extension("restored");
    fs::write(&restored, copy).unwrap();
    fs::rename(restored, file).unwrap();
}

#[test]
fn a_restored_file_revokes_nobodys_key() {
    for (seed, restore) in (2000..).zip([restore_in_place, replace]) {
        let mut world = World::sqlite(seed);
        let mut node = world.start();
        let renewed = issue(&mut node, "pinata", "renewed");
        let rotated = issue(&mut node, "w3ipfs", "rotated");
        let revoked = issue(&mut node, "pinata", "revoked");
        let copy = fs::read(world.file()).unwrap();

        world.skip(ALMOST_OVER);
        node.must(&Operation::Renew(renewed.clone()));
        node.must(&Operation::Rotate(rotated, "w3ipfs"));
        node.must(&Operation::Revoke(revoked.clone()));
        let new = issue(&mut node, "pinata", "new");
        drop(node);
        restore(&world.file(), &copy);
        // By the copy, all leases are over.
        world.skip(Duration::from_mins(30));

        let mut node = world.start();
        assert!(world.rest(&mut node));
        world.check();
        assert!(world.store_row().rolled_back_at.is_some());
        assert_eq!(world.row(renewed.as_str()).state, KeyState::Live);
        assert_eq!(world.row(revoked.as_str()).state, KeyState::Revoked);
        let new = world.row(new.as_str());
        assert!(new.state == KeyState::Live && new.adopted, "{new:#?}");
        world.leases_end(&mut node);
        world.check();
    }
}

/// Nothing is lost that a listing could show. Another file is noticed nevertheless; if it is the same
/// file, only a person can know.
#[test]
fn a_restored_file_without_a_renewal_ends_no_lease_early() {
    let restores: [(u64, Restore, bool); 2] =
        [(2010, restore_in_place, false), (2011, replace, true)];
    for (seed, restore, is_other) in restores {
        let mut world = World::sqlite(seed);
        let mut node = world.start();
        let renewed = issue(&mut node, "pinata", "renewed");
        let copy = fs::read(world.file()).unwrap();
        world.skip(ALMOST_OVER);
        node.must(&Operation::Renew(renewed.clone()));
        drop(node);
        restore(&world.file(), &copy);

        let mut node = world.start();
        let is_noticed = world.store_row().rolled_back_at.is_some();
        assert_eq!(is_noticed, is_other);
        if !is_noticed {
            node.must(&Operation::MarkRestored);
        }
        world.skip(Duration::from_mins(30));
        assert!(world.rest(&mut node));
        world.check();
        assert_eq!(world.row(renewed.as_str()).state, KeyState::Live);
        world.leases_end(&mut node);
    }
}

#[test]
fn a_file_that_is_replaced_under_a_running_node_stops_its_work() {
    let mut world = World::sqlite(2020);
    let mut node = world.start();
    let copy = fs::read(world.file()).unwrap();
    let key = issue(&mut node, "pinata", "new");
    replace(&world.file(), &copy);

    let answer = format!("{:?}", node.ask(&Operation::Renew(key)));
    assert!(answer.contains("replaced while it was open"), "{answer}");
    let mut next = world.start();
    assert!(world.rest(&mut next));
    world.check();
}

#[test]
fn a_copy_beside_the_original_revokes_nobodys_key() {
    let mut world = World::sqlite(2030);
    let original = world.store.clone();
    let copy = world.folder().join("copy.db").display().to_string();
    let mut first = world.start();
    let shared = issue(&mut first, "pinata", "shared");
    fs::copy(&original, &copy).unwrap();

    world.store.clone_from(&copy);
    let refusal = Process::refusal(&world);
    assert!(refusal.contains("moved or copied"), "{refusal}");
    world.store = format!("{copy}?copied");
    let mut second = world.start();
    let old = issue(&mut first, "w3ipfs", "of-the-original");
    let new = issue(&mut second, "w3ipfs", "of-the-copy");

    // Longer than a lease, so that each node ends the leases that it considers over.
    let began = world.now();
    let renewed = [(0, &shared), (0, &old), (1, &new)];
    while world.now().since(began) < 3 * LEASE {
        world.skip(LEASE / 4);
        for (place, node) in [&mut first, &mut second].into_iter().enumerate() {
            for (_, key) in renewed.iter().filter(|(of, _)| *of == place) {
                node.must(&Operation::Renew((*key).clone()));
            }
            node.must(&Operation::RunDue);
        }
    }
    for (_, key) in renewed {
        assert!(world.ledger.alive().contains(key), "{key} was revoked");
    }
    // Each store ends its own.
    world.skip(MAX);
    for node in [&mut first, &mut second] {
        for _ in 0..3 {
            node.must(&Operation::RunDue);
        }
    }
    assert!(world.ledger.alive().is_empty());
}
