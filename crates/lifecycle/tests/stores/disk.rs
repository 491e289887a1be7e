//! A disk that is full or read-only gives an error, and loses nothing.
//!
//! The test of a real disk runs in a child process that mounts its own disk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use pinning_keys_lifecycle::{SqliteStore, StoreErrorKind};

use super::rows::{all, insert, live};

/// The variable that tells the child where its disk is.
const DISK: &str = "PINNING_KEYS_TEST_DISK";

/// How many files of a page each fill the disk at first.
const PIECES: usize = 40;

#[test]
fn a_full_or_read_only_disk_gives_errors_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mount = r#"mount -t tmpfs -o size=700k none "$1" && echo mounted && exec "$0" \
        --exact disk::in_the_child --ignored --nocapture"#;
    let child = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", mount])
        .arg(std::env::current_exe().unwrap())
        .arg(folder.path())
        .env(DISK, folder.path())
        .output();
    let output = match child {
        Ok(output) if output.stdout.starts_with(b"mounted") => output,
        _ => {
            eprintln!("left out, because this user cannot mount a disk: full and read-only disks");
            return;
        }
    };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}{}", String::from_utf8_lossy(&output.stderr));
    assert!(shown.contains("1 passed"), "{shown}");
}

#[tokio::test]
#[ignore = "runs in a child of the test above"]
async fn in_the_child() {
    let disk = PathBuf::from(std::env::var_os(DISK).unwrap());
    let path = disk.join("keys.db");
    let ballast = |piece: usize| disk.join(format!("ballast-{piece}"));
    for piece in 0..PIECES {
        fs::write(ballast(piece), vec![0; 4096]).unwrap();
    }
    let store = SqliteStore::open(&path).await.unwrap();
    let mut kept = 0;
    // The disk is full now in the middle of a transaction, now while it is committed.
    for piece in 0..PIECES {
        let error = loop {
            match insert(&store, vec![live(kept)]).await {
                Ok(()) => kept += 1,
                Err(error) => break error,
            }
        };
        assert_eq!(error.kind(), StoreErrorKind::Full, "{error}");
        assert_eq!(all(&store).await.len(), kept);
        fs::remove_file(ballast(piece)).unwrap();
    }
    assert!(kept > 10, "{kept}");
    drop(store);

    remount_read_only(&disk).await;
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::ReadOnly, "{error}");
    assert!(error.next_step().is_some());
}

/// The connection of the dropped store closes in another thread, and keeps the disk busy until
/// then.
async fn remount_read_only(disk: &Path) {
    loop {
        let mut remount = Command::new("mount");
        if remount.args(["-o", "remount,ro"]).arg(disk).output().unwrap().status.success() {
            return;
        }
        tokio::task::yield_now().await;
    }
}
