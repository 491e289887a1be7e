
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use pinning_keys::pinata::{PinataConfig, SecretFrom};
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};

/// Takes the place of a client that the app has already.
struct Mine;

#[async_trait::async_trait]
impl Transport for Mine {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, TransportError> {
        Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent))
    }
}

fn issuer() -> Result<impl KeyIssuer, Error> {
    let config = PinataConfig::new().with_jwt(SecretFrom::variable("PINATA_JWT"));
    config.with_transport(Arc::new(Mine)).build()
}
