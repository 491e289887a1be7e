//! The entry points of the fuzz targets, run briefly and on a stable compiler: on the corpus, its
//! mutations, and random bytes. `CONTRIBUTING.md` describes the long runs.

mod corpus;
#[path = "../../fuzz/src/lib.rs"]
#[allow(unreachable_pub, reason = "it is the library of the fuzz targets")]
mod points;

use std::panic::catch_unwind;

use pinning_keys_testkit::page;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};

/// The entry point of this name.
fn point(name: &str) -> fn(&[u8]) {
    points::ALL.iter().find(|(known, _)| *known == name).expect("an entry point").1
}

#[test]
fn corpus_holds_the_recorded_bodies() {
    for (target, _) in points::ALL {
        let seeds = corpus::seeds(target);
        assert!(seeds.len() > 5, "the corpus of {target} is too small");
        corpus::assert_in_the_folder(target, &seeds);
    }
}

#[test]
fn every_entry_point_has_a_fuzz_target() {
    let manifest = page::read("fuzz/Cargo.toml");
    for (target, _) in points::ALL {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")), "{target}");
        let program = page::read(&format!("fuzz/fuzz_targets/{target}.rs"));
        assert!(program.contains(&format!("pinning_keys_fuzz::{target}(data)")), "{target}");
    }
    assert_eq!(manifest.matches("[[bin]]").count(), points::ALL.len());
}

/// One change to an input.
#[derive(Clone, Debug)]
enum Change {
    Insert(Index, Vec<u8>),
    Remove(Index, usize),
    Replace(Index, u8),
    Repeat(Index, usize),
}

impl Change {
    fn any() -> impl Strategy<Value = Self> {
        let piece = prop_oneof![
            select(vec![vec![points::ACCOUNT_MARK], vec![points::HOLDER_MARK]]),
            select(&b"\"{}[],:\\%.@/-0\n="[..]).prop_map(|byte| vec![byte]),
            vec(any::<u8>(), 1..8),
        ];
        prop_oneof![
            (any::<Index>(), piece).prop_map(|(at, piece)| Self::Insert(at, piece)),
            (any::<Index>(), 1..16_usize).prop_map(|(at, length)| Self::Remove(at, length)),
            (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Self::Replace(at, byte)),
            (any::<Index>(), 1..64_usize).prop_map(|(at, length)| Self::Repeat(at, length)),
        ]
    }

    fn make(self, bytes: &mut Vec<u8>) {
        let (Self::Insert(at, _)
        | Self::Remove(at, _)
        | Self::Replace(at, _)
        | Self::Repeat(at, _)) = &self;
        let at = at.index(bytes.len() + 1);
        let end = |length: usize| (at + length).min(bytes.len());
        match self {
            Self::Insert(_, piece) => drop(bytes.splice(at..at, piece)),
            Self::Remove(_, length) => drop(bytes.drain(at..end(length))),
            Self::Replace(_, byte) => drop(bytes.splice(at..end(1), [byte])),
            Self::Repeat(_, length) => {
                let piece = bytes[at..end(length)].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}

fn inputs(target: &str) -> impl Strategy<Value = Vec<u8>> {
    let seeds: Vec<Vec<u8>> = corpus::seeds(target).into_values().collect();
    let changed = (select(seeds), vec(Change::any(), 0..6)).prop_map(|(mut bytes, changes)| {
        for change in changes {
            change.make(&mut bytes);
        }
        bytes
    });
    prop_oneof![3 => changed, 1 => vec(any::<u8>(), 0..512)]
}

/// Runs an entry point on its corpus, then on generated inputs.
fn run(target: &str) {
    let point = point(target);
    for (name, seed) in corpus::seeds(target) {
        assert!(catch_unwind(|| point(&seed)).is_ok(), "{target} fails on {name}");
    }
    // A failure becomes a test, not a file.
    let config = Config { cases: 512, failure_persistence: None, ..Config::default() };
    let result = TestRunner::new(config).run(&inputs(target), |bytes| {
        point(&bytes);
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{target}: {error}"));
}

macro_rules! each {
    ($($target:ident,)+) => {
        $(#[test]
        fn $target() {
            run(stringify!($target));
        })+

        #[test]
        fn all_are_run() {
            let names: Vec<&str> = points::ALL.iter().map(|(name, _)| *name).collect();
            assert_eq!(names, [$(stringify!($target)),+]);
        }
    };
}

each! {
    pinata_answers,
    w3ipfs_answers,
    scopes,
    configuration,
    base_url,
    retry_after,
    key_ref,
}

/// Answers up to the limit, and longer.
#[test]
fn long_answers_are_bounded() {
    for (target, operation) in [("pinata_answers", b'A'), ("w3ipfs_answers", b'B')] {
        for length in [1024 * 1024, 8 * 1024 * 1024, 8 * 1024 * 1024 + 1] {
            let input = [&[operation, b'A', b'A'][..], &b"[".repeat(length)].concat();
            point(target)(&input);
        }
    }
}
