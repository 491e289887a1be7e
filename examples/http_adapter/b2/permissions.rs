//! B2's capabilities, and what each of them lets the holder of a key do.

use pinning_keys::Permission::{
    GroupsRead, GroupsWrite, KeysManage, LinksCreate, PinsAddFile, PinsList, PinsRemove,
    UploadsDelegate,
};
use pinning_keys::adapter::{Grant, PermissionTable};

/// The provider's id in tables, key references, configuration and errors.
pub(super) const PROVIDER: &str = "b2";

/// Grants for B2's 26 capabilities, whose names and calls are documented. `manageBuckets` and
/// `manageKeys` are our names for compounds.
///
/// A key also works in the S3-compatible API. There, its holder signs URLs for uploads and downloads
/// without asking the provider.
static GRANTS: [Grant; 26] = [
    Grant::new("listFiles", &[PinsList]),
    // It also hides files, which deletes nothing. No document describes an upload for JSON.
    Grant::new("writeFiles", &[PinsAddFile, UploadsDelegate]),
    Grant::new("deleteFiles", &[PinsRemove]),
    // It changes a bucket's lifecycle rules, which delete files.
    Grant::new("writeBuckets", &[PinsRemove]),
    // Of grants that open the same, a request for the permission gets the first.
    Grant::new("shareFiles", &[LinksCreate]),
    Grant::new("readFiles", &[LinksCreate]),
    // A bucket is a group of files.
    Grant::new("listBuckets", &[GroupsRead]),
    // Compound grants: only these capabilities together open the permission, and they include those
    // for what it implies. Each has one that is no grant by itself, or others would add up to it:
    // `deleteBuckets`, and `writeKeys`, whose holder can get every permission.
    Grant::new("manageBuckets", &[GroupsWrite, PinsRemove]).with_wire_names(&[
        "listBuckets",
        "writeBuckets",
        "deleteBuckets",
    ]),
    Grant::new("manageKeys", &[KeysManage]).with_wire_names(&[
        "listKeys",
        "writeKeys",
        "deleteKeys",
    ]),
    // Native grants open no permission, and are granted only by name.
    Grant::native("listKeys"),
    Grant::native("deleteKeys"),
    Grant::native("listAllBucketNames"),
    Grant::native("readBuckets"),
    Grant::native("readBucketRetentions"),
    Grant::native("writeBucketRetentions"),
    Grant::native("readBucketEncryption"),
    Grant::native("writeBucketEncryption"),
    Grant::native("readBucketReplications"),
    Grant::native("writeBucketReplications"),
    Grant::native("readBucketNotifications"),
    Grant::native("writeBucketNotifications"),
    Grant::native("readFileLegalHolds"),
    Grant::native("writeFileLegalHolds"),
    Grant::native("readFileRetentions"),
    Grant::native("writeFileRetentions"),
    Grant::native("bypassGovernance"),
];

/// The capabilities of B2's application keys.
pub(crate) static CAPABILITIES: PermissionTable =
    PermissionTable::new(PROVIDER, "capabilities", &GRANTS)
        .with_serves("/b2api/v3/*")
        .with_unknowns(&[
            "whether making a bucket public, which writeBuckets allows, counts as links",
        ]);
