//! A disk that is full at any write.

use std::fs;

use crate::operations::Operation;
use crate::process::{Answer, Process};
use crate::world::World;

/// A page of the file. Writes that cross the limit are cut at it, so the limits lie within pages
/// too.
const PAGE: u64 = 4096;

/// The file may grow by this much in one transaction.
const GROWTH: u64 = 12 * PAGE;

/// The system refuses to let files grow, as it does when a quota is used up. That is a real refusal
/// of the kernel, in the middle of a commit or of its rollback.
#[test]
fn a_full_disk_at_any_write_loses_no_key() {
    let mut world = World::sqlite(3000);
    let mut node = Process::start_with_limits(&world);
    node.must(&Operation::Issue { account: "pinata", holder: "before".to_owned() });
    let size = fs::metadata(world.file()).unwrap().len();
    let mut refusals = 0;
    for (number, limit) in (0..size + GROWTH).step_by(3 * 1024).enumerate() {
        node.limit_disk(Some(limit));
        let issue = Operation::Issue { account: "w3ipfs", holder: format!("holder-{number}") };
        // What the create has made may not be recorded, which is tried for a while.
        let answer = node.ask_and_skip(&mut world, &issue);
        node.limit_disk(None);
        match answer {
            Answer::Failed(_) => refusals += 1,
            Answer::Done(_) => {}
            Answer::Killed => panic!("the node has ended at a limit of {limit} bytes"),
        }
        assert!(world.rest(&mut node), "the node works on");
        world.check();
    }
    assert!(refusals > 10, "the disk was full {refusals} times");
    let last = Operation::Issue { account: "w3ipfs", holder: "after".to_owned() };
    node.must(&last);
    world.leases_end(&mut node);
    world.check();
}
