use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

/// A URL that accepts uploads without a key until it expires; from
/// [`PinataIssuer::sign_upload`](crate::PinataIssuer::sign_upload).
///
/// The holder sends a `POST` with a multipart form, whose part `file` is the file, and no
/// credential (documented).
///
/// Whoever has the URL can upload at the account's expense, so `Debug` does not show it and there
/// is no `Display`. Treat it like a key: do not log it, and send it to its holder only.
#[derive(Clone)]
pub struct SignedUpload {
    url: SecretString,
    expires_at: SystemTime,
}

impl SignedUpload {
    pub(crate) fn new(url: &str, expires_at: SystemTime) -> Self {
        Self { url: url.into(), expires_at }
    }

    /// Returns the URL, to be sent to its holder.
    ///
    /// No other method does, so a search for `expose` finds every use of a secret.
    #[must_use]
    pub fn expose_url(&self) -> &str {
        self.url.expose_secret()
    }

    /// Returns the time from which the URL is refused.
    ///
    /// It follows from the request. Pinata judges it by its own clock.
    #[must_use]
    pub fn expires_at(&self) -> SystemTime {
        self.expires_at
    }
}

/// Shows when the URL expires, but not the URL.
impl fmt::Debug for SignedUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedUpload").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
