//! The recipe for an upload without a key.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use pinning_keys::Error;
use pinning_keys::pinata::{PinataConfig, PinataIssuer, SignedUpload, UploadRequest};
use pinning_keys_emulator::Emulator;

pub(crate) async fn one_avatar(issuer: &PinataIssuer, user: &str) -> Result<SignedUpload, Error> {
    let max_bytes = NonZeroU64::new(10 << 20).expect("10 MiB is not zero");
    let request = UploadRequest::new(Duration::from_secs(5 * 60), max_bytes)
        .with_mime_type("image/*")
        .with_file_name(format!("avatar of {user}"))
        .with_key_value("user", user);
    issuer.sign_upload(&request).await // send its expose_url() to the user
}

#[tokio::test]
async fn url_for_an_avatar_is_signed_and_creates_no_key() {
    let emulator = Emulator::in_memory();
    let (base_url, jwt) = (emulator.pinata().base_url(), emulator.pinata().jwt());
    let config = PinataConfig::new().with_base_url(base_url).with_upload_url(base_url);
    let issuer = config.with_jwt(jwt).with_transport(emulator.transport()).build().unwrap();
    let upload = one_avatar(&issuer, "user-42").await.unwrap();
    let seconds = upload.expires_at().duration_since(SystemTime::now()).unwrap().as_secs();
    assert!((290..=300).contains(&seconds), "{seconds}");
    assert_eq!(emulator.keys_made(), 0);
}
