//! Values of the model for property tests.

use pinning_keys_core::{Permission, PermissionSet};
use proptest::prelude::*;

/// Any permission.
pub fn permission() -> impl Strategy<Value = Permission> {
    proptest::sample::select(Permission::ALL)
}

/// Any set of permissions; the empty and the full one are frequent.
pub fn set() -> impl Strategy<Value = PermissionSet> {
    prop_oneof![
        1 => Just(PermissionSet::EMPTY),
        1 => Just(PermissionSet::ALL),
        20 => proptest::sample::subsequence(Permission::ALL, 0..=Permission::ALL.len())
            .prop_map(PermissionSet::from_iter),
    ]
}
