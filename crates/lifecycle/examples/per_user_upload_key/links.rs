//! Upload links, which need no key: URLs that Pinata accepts uploads to until they expire.
//!
//! For a user who uploads one file now. A link cannot be revoked, so it is valid for a short time.

use std::num::NonZeroU64;
use std::time::Duration;

use pinning_keys::Error;
use pinning_keys::pinata::{PinataIssuer, SignedUpload, UploadRequest};

const VALID_FOR: Duration = Duration::from_mins(5);
const MAX_BYTES: NonZeroU64 = NonZeroU64::new(10 << 20).expect("10 MiB is not zero");

/// Signs a link for a file of this user.
pub(crate) async fn sign(issuer: &PinataIssuer, user: &str) -> Result<SignedUpload, Error> {
    let request = UploadRequest::new(VALID_FOR, MAX_BYTES)
        .with_file_name(format!("upload of {user}"))
        .with_key_value("user", user);
    issuer.sign_upload(&request).await
}
