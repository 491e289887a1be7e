//! What a provider expects of a request on one of its routes.

use std::fmt;

/// The host that serves a route.
///
/// A provider may accept uploads at another address than the rest of its API.
///
/// ```
/// use pinning_keys_core::RouteHost;
/// use pinning_keys_pinata::RESOURCES;
///
/// let mut uploads = RESOURCES.routes().iter().filter(|route| route.host() == RouteHost::Uploads);
/// assert_eq!(uploads.next().unwrap().path(), "/v3/files");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RouteHost {
    /// The host of the API, which also manages keys.
    #[default]
    Api,
    /// The host that takes uploads.
    Uploads,
}

/// How the holder of a key authenticates on a route.
///
/// [`Credential::headers_for`](crate::Credential::headers_for) returns the headers in a form.
///
/// ```
/// use pinning_keys_core::CredentialForm;
///
/// assert!(CredentialForm::BearerOrKeyPair.accepts_key_pair());
/// assert!(!CredentialForm::Bearer.accepts_key_pair());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CredentialForm {
    /// The bearer token: [`Credential::bearer_headers`](crate::Credential::bearer_headers).
    Bearer,
    /// The key pair: [`Credential::pair_headers`](crate::Credential::pair_headers).
    KeyPair,
    /// Either of the two.
    BearerOrKeyPair,
    /// A user and a password: [`Credential::basic`](crate::Credential::basic).
    Basic,
    /// A raw value of the `Authorization` header:
    /// [`Credential::authorization`](crate::Credential::authorization).
    Authorization,
    /// The value of another header: [`Credential::header`](crate::Credential::header).
    Header,
}

impl CredentialForm {
    /// Whether the route accepts a bearer token.
    #[must_use]
    pub const fn accepts_bearer(self) -> bool {
        matches!(self, Self::Bearer | Self::BearerOrKeyPair)
    }

    /// Whether the route accepts a key pair.
    #[must_use]
    pub const fn accepts_key_pair(self) -> bool {
        matches!(self, Self::KeyPair | Self::BearerOrKeyPair)
    }
}

/// Such as `bearer or key pair`.
impl fmt::Display for CredentialForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Bearer => "bearer",
            Self::KeyPair => "key pair",
            Self::BearerOrKeyPair => "bearer or key pair",
            Self::Basic => "basic",
            Self::Authorization => "authorization",
            Self::Header => "header",
        })
    }
}

/// The form of the body that a route expects. The names of its members differ between providers.
///
/// ```
/// use pinning_keys_core::BodyForm;
///
/// assert_eq!(BodyForm::Multipart.to_string(), "multipart");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyForm {
    /// No body.
    #[default]
    Empty,
    /// A JSON object.
    Json,
    /// A form with parts, `multipart/form-data`, whose part `file` is the content.
    Multipart,
}

/// Such as `multipart`.
impl fmt::Display for BodyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Empty => "none",
            Self::Json => "JSON",
            Self::Multipart => "multipart",
        })
    }
}
