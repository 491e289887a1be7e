use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Create {
    #[serde(rename = "keyName")]
    key_name: &'static str,
    permissions: Permissions,
}

#[derive(Serialize)]
struct Permissions {
    resources: [&'static str; 1],
}

#[derive(Deserialize)]
struct Created {
    #[serde(rename = "JWT")]
    jwt: String,
    pinata_api_key: String,
    pinata_api_secret: String,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(create())
}

async fn create() -> Result<(), Box<dyn std::error::Error>> {
    let jwt = std::env::var("PINATA_JWT")?;
    let permissions = Permissions { resources: ["org:files:read"] };
    let created: Created = reqwest::Client::new()
        .post("http://127.0.0.1:8787/v3/api_keys")
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
