//! An adapter that keeps every clause passes every case, each as a test of its own.

mod support;

use support::harness::Reference;

async fn harness() -> Reference {
    Reference::new(None)
}

pinning_keys_conformance::conformance_tests!(harness);
