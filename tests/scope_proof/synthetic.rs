//! A table of no provider, with every shape that a table may have.

use pinning_keys_core::{Grant, Permission, PermissionTable};

use Permission::{
    AccountRead, GroupsWrite, KeysManage, PinsAddFile, PinsEditMetadata, PinsList, PinsRemove,
};

static GRANTS: [Grant; 6] = [
    Grant::new("list", &[PinsList]),
    Grant::new("upload", &[PinsAddFile]),
    // Exactly the two above, so that one grant and two grants can open the same.
    Grant::new("add", &[PinsList, PinsAddFile]),
    // Opens the reading of groups by implication.
    Grant::new("groups", &[GroupsWrite]),
    Grant::new("edit", &[PinsList, PinsAddFile, PinsRemove, PinsEditMetadata]),
    // Four deep and escalating: a key that gets it for `account:read` could create keys.
    Grant::new(
        "own",
        &[PinsList, PinsAddFile, PinsRemove, PinsEditMetadata, AccountRead, KeysManage],
    ),
];

pub(crate) static SYNTHETIC: PermissionTable = PermissionTable::new("synthetic", "nested", &GRANTS);
