//! No secret is shown or stored.

use pinning_keys_core::ExposedCredential;
use pinning_keys_lifecycle::Lease;

use crate::world::{DAY, World, request};

/// Each part of the credential that nobody may see.
fn secrets(exposed: &ExposedCredential<'_>) -> Vec<String> {
    let parts = [exposed.bearer(), exposed.api_secret()];
    parts.into_iter().flatten().map(str::to_owned).collect()
}

#[tokio::test]
async fn deliveries_rows_errors_and_the_audit_trail_hold_no_secret() {
    let world = World::new();
    let manager = world.manager().await;
    for account in ["main", "w3ipfs"] {
        let keys = manager.account(account).unwrap();
        let delivery = keys.issue(&request(account), Lease::of(DAY)).await.unwrap();
        let key = delivery.confirm().await.unwrap();
        let next = manager.rotate(key.id()).start().await.unwrap();
        let refused = manager.rotate(key.id()).start().await.unwrap_err();
        let shown = [
            format!("{delivery:#?} {next:#?} {key:#?}"),
            format!("{refused:#?} {refused:#}"),
            format!("{:#?} {:#?}", world.rows().await, world.audit().await),
        ]
        .concat();
        for delivery in [&delivery, &next] {
            let secrets = secrets(&delivery.credential().expose());
            assert!(!secrets.is_empty());
            for secret in secrets {
                assert!(!shown.contains(&secret), "a secret of {account} is shown");
            }
        }
    }
}
