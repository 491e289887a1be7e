use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use pinning_keys::pinata::{PinataConfig, SecretFrom};
use pinning_keys::transport::{Limits, Reach, Transport, TransportError, TransportErrorKind};
use pinning_keys::{Error, KeyIssuer, KeyRequest, ScopeRequest};

/// Stands for a client that the app has already.
struct Mine;

#[async_trait::async_trait]
impl Transport for Mine {
    async fn send(&self, _: Request<Bytes>, _: Limits) -> Result<Response<Bytes>, TransportError> {
        Err(TransportError::new(TransportErrorKind::Connect, Reach::NotSent))
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(create())?)
}

async fn create() -> Result<(), Error> {
    let issuer = PinataConfig::new()
        .with_jwt(SecretFrom::variable("PINATA_JWT"))
        .with_transport(Arc::new(Mine))
        .build()?;
    let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    let key = issuer.issue(&request).await?;
    println!("{} may {}", key.key_ref(), key.granted());
    Ok(())
}
