//! Issuers that plan and never send.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use pinning_keys::adapter::{PermissionTable, async_trait};
use pinning_keys::credentials::from_fn;
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys::{Error, ErrorKind, IssuerConfig, KeyIssuer};

/// An issuer of the table's keys without an account. It reads no certificates either, which would
/// take longer than the plan.
pub(super) fn issuer(table: &PermissionTable) -> Result<Arc<dyn KeyIssuer>, Error> {
    let nobody = from_fn(|_| async {
        Err(Error::new(ErrorKind::CredentialUnavailable, "a plan needs no account"))
    });
    let config = IssuerConfig::for_provider(table.provider())?
        .with_credentials(Arc::new(nobody))
        .with_transport(Arc::new(Offline));
    let has_choice = config.settings().contains(&"table");
    let config = if has_choice { config.with_setting("table", table.name())? } else { config };
    config.build()
}

struct Offline;

#[async_trait]
impl Transport for Offline {
    async fn send(
        &self,
        _request: Request<Bytes>,
        _limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        Err(TransportError::new(TransportErrorKind::Other, Reach::NotSent))
    }
}
