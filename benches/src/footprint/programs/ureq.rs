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
    let jwt = std::env::var("PINATA_JWT")?;
    let permissions = Permissions { resources: ["org:files:read"] };
    let created: Created = ureq::post("https://api.pinata.cloud/v3/api_keys")
        .header("authorization", format!("Bearer {jwt}"))
        .send_json(Create { key_name: "dashboard", permissions })?
        .body_mut()
        .read_json()?;
    println!("{} {}", created.pinata_api_key, created.jwt.len() + created.pinata_api_secret.len());
    Ok(())
}
