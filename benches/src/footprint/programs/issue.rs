use pinning_keys::{Error, KeyIssuer, KeyRequest, ScopeRequest};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(create())?)
}

async fn create() -> Result<(), Error> {
    let request = KeyRequest::new("dashboard", ScopeRequest::reader())?;
    let key = issuer()?.issue(&request).await?;
    println!("{} may {}", key.key_ref(), key.granted());
    Ok(())
}
