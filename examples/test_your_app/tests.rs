//! The app's tests, and tests that show what they catch.

mod check;
mod invite;

use pinning_keys::{ErrorKind, Revocation, ScopeRequest};
use pinning_keys_emulator::Emulator;

use check::Table;
use invite::{admin_guest, editing_guest, guest, invite, tolerant_guest, uploading_guest};

/// How the key of a guest who is invited with this scope breaks the rules.
async fn faults(table: Table, scope: ScopeRequest) -> Vec<String> {
    let emulator = Emulator::in_memory();
    let issuer = table.issuer(&emulator).unwrap();
    let key = invite(issuer.as_ref(), "ada", scope).await.unwrap();
    table.faults(&emulator, key.credential())
}

#[tokio::test]
async fn guest_may_list_and_nothing_else() {
    for table in Table::ALL {
        let nothing: [&str; 0] = [];
        assert_eq!(faults(table, guest()).await, nothing);
        assert_eq!(faults(table, tolerant_guest()).await, nothing);
    }
}

#[tokio::test]
async fn invitation_creates_one_key_that_can_be_revoked() {
    for table in Table::ALL {
        let emulator = Emulator::in_memory();
        let issuer = table.issuer(&emulator).unwrap();
        let key = invite(issuer.as_ref(), "ada", guest()).await.unwrap();
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 1));
        assert_eq!(table.deeds(&emulator, key.credential()), ["list"]);

        assert_eq!(issuer.revoke(key.key_ref()).await.unwrap(), Revocation::Revoked);
        assert_eq!((emulator.keys_made(), emulator.keys_live()), (1, 0));
        assert_eq!(table.faults(&emulator, key.credential()), ["cannot list"]);
    }
}

#[tokio::test]
async fn inexpressible_scope_creates_no_key() {
    let emulator = Emulator::in_memory();
    let issuer = Table::PinataResources.issuer(&emulator).unwrap();
    let refused = invite(issuer.as_ref(), "ada", ScopeRequest::uploader()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Inexpressible);
    assert_eq!((emulator.keys_made(), emulator.requests()), (0, 0));
}

/// In an app, these tests would fail.
#[tokio::test]
async fn mistakes_are_caught() {
    for table in Table::ALL {
        assert_eq!(faults(table, editing_guest()).await, ["can upload", "can remove"]);

        // One scope grants more at one provider than at another: test with those that you use.
        let expected: &[&str] = match table {
            Table::PinataResources => &["can upload", "can remove"],
            Table::PinataEndpoints | Table::W3ipfsScopes => &["can upload"],
        };
        assert_eq!(faults(table, uploading_guest()).await, expected);

        let everything = ["can upload", "can remove", "can make keys"];
        assert_eq!(faults(table, admin_guest()).await, everything);
    }
}

/// A key also keeps a rule that forbids an unknown route. An admin key shows that each rule names
/// a route that exists.
#[tokio::test]
async fn admin_key_may_do_everything_in_the_rules() {
    for table in Table::ALL {
        let emulator = Emulator::in_memory();
        let issuer = table.issuer(&emulator).unwrap();
        let key = invite(issuer.as_ref(), "ada", admin_guest()).await.unwrap();
        assert_eq!(
            table.deeds(&emulator, key.credential()),
            ["list", "upload", "remove", "make keys"]
        );
    }
}
