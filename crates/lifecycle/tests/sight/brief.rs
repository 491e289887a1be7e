//! A managing call ends a few keys first, but does not read a whole listing for that.

use http::Method;
use pinning_keys_lifecycle::{KeyState, Lease};

use crate::stand::{At, DAY, HOUR, PAGE, Stand};

fn listings(stand: &Stand) -> u64 {
    let path = if stand.at == At::W3ipfs { "/api/apiKeys/list" } else { "/users/apiKeys" };
    stand.emulator.requests_to(&Method::GET, path)
}

#[tokio::test]
async fn managing_call_reads_two_pages_and_leaves_the_rest_to_the_worker() {
    // There, a key is looked for before it is revoked: for its id, or to recognize the account.
    for at in [At::W3ipfs, At::Legacy] {
        let stand = Stand::at(at).await;
        let old = stand.live("old", Lease::of(HOUR)).await;
        for number in 0..3 * PAGE {
            stand.create(&format!("foreign-{number}"));
        }
        let new = stand.live("new", Lease::of(HOUR)).await;
        stand.advance(HOUR);
        let before = listings(&stand);
        stand.live("other", Lease::of(DAY)).await;
        assert_eq!(listings(&stand) - before, 2, "{at:?}");
        // The newest keys are on the first page.
        let (old_row, new_row) = (stand.row(&old).await, stand.row(&new).await);
        assert_eq!((old_row.state, new_row.state), (KeyState::Live, KeyState::Revoked), "{at:?}");
        assert_eq!((old_row.attempts, old_row.claimed_until), (0, None), "{at:?}");
        // The clock is confirmed by then.
        let before = listings(&stand);
        stand.manager.forget(&new).await.unwrap_err();
        assert_eq!(listings(&stand) - before, 1, "{at:?}");
        stand.run().await;
        assert_eq!(stand.state(&old).await, KeyState::Revoked, "{at:?}");
    }
}
