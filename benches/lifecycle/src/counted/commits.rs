//! Commits for a key that is issued and confirmed.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use pinning_keys_lifecycle::{Lease, SqliteStore, SystemClock};
use pinning_keys_sinks::SinkSpec;

use crate::counting::Counting;
use crate::provider::{Provider, Which};
use crate::report::Report;
use crate::world::{ACCOUNT, issue, manager, request, rest};

const KEYS: u64 = 20;

/// Counts the commits to a SQLite file with the counter in its header.
pub(super) async fn run(report: &mut Report) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("keys.db");
    let store = Counting::new(Arc::new(SqliteStore::open(&path).await?));
    let provider = Provider::new(Which::Pinata, SystemClock);
    let manager = manager(&store, &provider, Some(10_000)).await?;
    let account = manager.account(ACCOUNT)?;
    rest(&manager).await?;

    let before = commits(&path)?;
    for number in 0..KEYS {
        issue(&account, number, Lease::none()).await?.confirm().await?;
    }
    let a_key = f64::from(commits(&path)? - before) / KEYS as f64;
    report.at_most("commits to issue and confirm a key", 3.0, "", Some(a_key));

    let before = commits(&path)?;
    for number in KEYS..2 * KEYS {
        let file = folder.path().join(format!("{number}.json"));
        let sink = SinkSpec::parse(format!("file:{}", file.display()))?.open()?;
        account.issue_to(&request(number)?, Lease::none(), &*sink).await?;
    }
    let a_key = f64::from(commits(&path)? - before) / KEYS as f64;
    report.at_most("commits to issue a key to a sink", 4.0, "", Some(a_key));
    Ok(())
}

/// The file change counter, which each commit raises while the file has a rollback journal
/// (documented: sqlite.org/fileformat2.html).
fn commits(path: &Path) -> Result<u32> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(24))?;
    let mut counter = [0; 4];
    file.read_exact(&mut counter)?;
    Ok(u32::from_be_bytes(counter))
}
