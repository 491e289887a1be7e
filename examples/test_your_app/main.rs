//! An app's own tests of the keys that it gives out, on an emulator in memory.
//!
//! `invite` is the app, `check` has the rules for its keys, and `tests` checks one against the
//! other. This program shows what the tests see, and that they catch mistakes which nobody would
//! notice in use.
//!
//! ```text
//! cargo run --example test_your_app
//! cargo test --test test_your_app
//! ```

mod check;
mod invite;

use pinning_keys::ScopeRequest;
use pinning_keys_emulator::Emulator;

use check::Table;
use invite::{admin_guest, editing_guest, guest, invite, tolerant_guest, uploading_guest};

#[tokio::main]
async fn main() -> Result<(), pinning_keys::Error> {
    println!("A guest may list pins and nothing else.\n");
    for (asked, scope) in [
        ("guest             reader()", guest()),
        ("tolerant_guest    reader().tolerates(\"pinata:org:files:write\")", tolerant_guest()),
        ("uploading_guest   the same with .prefers([PinsAddFile])", uploading_guest()),
        ("editing_guest     manager()", editing_guest()),
        ("admin_guest       admin()", admin_guest()),
    ] {
        println!("{asked}");
        for table in Table::ALL {
            show(table, scope.clone()).await?;
        }
        println!();
    }
    println!("The same in an app's tests: cargo test --test test_your_app");
    Ok(())
}

/// Invites a guest, and prints what the key can do and what a test says about that.
async fn show(table: Table, scope: ScopeRequest) -> Result<(), pinning_keys::Error> {
    let emulator = Emulator::in_memory();
    let issuer = table.issuer(&emulator)?;
    let key = invite(issuer.as_ref(), "ada", scope).await?;

    let deeds = table.deeds(&emulator, key.credential()).join(", ");
    let faults = table.faults(&emulator, key.credential());
    let verdict =
        if faults.is_empty() { "ok".to_owned() } else { format!("FAILS: {}", faults.join(", ")) };
    let at = issuer.profile().table().to_string();
    println!("  {at:<20} can {deeds:<31}   {verdict}");
    Ok(())
}
