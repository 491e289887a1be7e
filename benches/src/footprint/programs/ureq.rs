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
