fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(create())
}

async fn create() -> Result<(), Box<dyn std::error::Error>> {
    set_up_tls();
    let jwt = std::env::var("PINATA_JWT")?;
    let permissions = Permissions { resources: ["org:files:read"] };
    let created: Created = reqwest::Client::new()
        .post(URL)
        .bearer_auth(jwt)
        .json(&Create { key_name: "dashboard", permissions })
        .send()
        .await?
        .error_for_status()?
        .json()
        .await?;
    println!("{} {}", created.pinata_api_key, created.jwt.len() + created.pinata_api_secret.len());
    Ok(())
}
