
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
