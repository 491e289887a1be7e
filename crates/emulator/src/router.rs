use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;

use crate::faults::inject::{Entrance, enter};
use crate::pinata::{self, Pinata};
use crate::serve::serve;
use crate::w3ipfs::{self, W3ipfs};

/// Everything that the emulator answers, on one port.
///
/// Each provider finds its routes in its own table, which also enforces scopes. W3IPFS's begin with
/// `/api`, as the real ones do, and Pinata's at the root.
pub(crate) fn router(entrance: Entrance, pinata: &Pinata, w3ipfs: &W3ipfs) -> Router {
    let pinata = Router::new().fallback(serve::<pinata::Account>).with_state(pinata.account());
    let w3ipfs = any(serve::<w3ipfs::Account>).with_state(w3ipfs.account());
    ["/api", "/api/", "/api/{*path}"]
        .into_iter()
        .fold(pinata, |router, path| router.route(path, w3ipfs.clone()))
        .layer(from_fn_with_state(entrance, enter))
}
