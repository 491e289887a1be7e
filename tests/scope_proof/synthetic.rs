//! A table that no provider has, with every shape that tables may have.

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
    // Four deep, and escalating: whoever got it for `account:read` could make keys.
    Grant::new(
        "own",
        &[PinsList, PinsAddFile, PinsRemove, PinsEditMetadata, AccountRead, KeysManage],
    ),
];

pub(crate) static SYNTHETIC: PermissionTable = PermissionTable::new("synthetic", "nested", &GRANTS);
