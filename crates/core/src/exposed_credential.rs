use secrecy::ExposeSecret as _;
use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::key_pair::KeyPair;
use crate::one_header::{Basic, OneHeader, Other};

/// The secrets of a [`Credential`](crate::Credential), exposed.
///
/// It serializes, so that it can be stored and read back as a `Credential`. It has no `Debug` and
/// no `Display`.
///
/// ```
/// use pinning_keys_core::Credential;
///
/// let credential = Credential::bearer("pinata", "eyJhbGciOi")?;
/// let exposed = credential.expose();
/// assert_eq!((exposed.bearer(), exposed.api_secret()), (Some("eyJhbGciOi"), None));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct ExposedCredential<'a> {
    pub(crate) provider: &'a str,
    pub(crate) one: Option<&'a OneHeader>,
    pub(crate) pair: Option<&'a KeyPair>,
}

impl<'a> ExposedCredential<'a> {
    /// The id of the provider.
    pub fn provider(self) -> &'a str {
        self.provider
    }

    /// The bearer token, such as a JWT.
    pub fn bearer(self) -> Option<&'a str> {
        match self.one? {
            OneHeader::Bearer(token) => Some(token.expose_secret()),
            _ => None,
        }
    }

    /// The public part of the key pair.
    pub fn api_key(self) -> Option<&'a str> {
        self.pair.map(KeyPair::key)
    }

    /// The secret part of the key pair.
    pub fn api_secret(self) -> Option<&'a str> {
        self.pair.map(KeyPair::secret)
    }

    /// The name of the header that takes the public part.
    pub fn api_key_header(self) -> Option<&'a str> {
        self.pair.map(|pair| pair.names().key().as_str())
    }

    /// The name of the header that takes the secret part.
    pub fn api_secret_header(self) -> Option<&'a str> {
        self.pair.map(|pair| pair.names().secret().as_str())
    }

    /// The user of Basic authentication.
    pub fn user(self) -> Option<&'a str> {
        self.basic().map(Basic::user)
    }

    /// The password of Basic authentication.
    pub fn password(self) -> Option<&'a str> {
        self.basic().map(Basic::password)
    }

    /// The raw value of the `Authorization` header; `None` for a bearer token and for Basic.
    pub fn authorization(self) -> Option<&'a str> {
        match self.one? {
            OneHeader::Authorization(value) => Some(value.expose_secret()),
            _ => None,
        }
    }

    /// The name of the one header, other than `Authorization`, that the credential is sent in.
    pub fn header(self) -> Option<&'a str> {
        self.other().map(|other| other.name().as_str())
    }

    /// The value of that header.
    pub fn header_value(self) -> Option<&'a str> {
        self.other().map(Other::value)
    }

    /// The texts to hide: each secret part, the user and the password of Basic with the colon
    /// between them, and what follows the scheme in the value of a header.
    ///
    /// The API key and the user are not among them. They name the key at most providers.
    ///
    /// ```
    /// use pinning_keys_core::Credential;
    ///
    /// let credential = Credential::basic("example", "0d2a", "s3cret")?;
    /// let secrets: Vec<_> = credential.expose().secrets().collect();
    /// assert_eq!(secrets, ["0d2a:s3cret", "s3cret"]);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    pub fn secrets(self) -> impl Iterator<Item = &'a str> {
        let value = self.authorization().or(self.header_value());
        let after_scheme = value.and_then(|value| value.rsplit_once(' ')).map(|(_, rest)| rest);
        let basic = self.basic().map(Basic::text);
        [self.bearer(), basic, self.password(), value, after_scheme, self.api_secret()]
            .into_iter()
            .flatten()
    }

    fn basic(self) -> Option<&'a Basic> {
        match self.one? {
            OneHeader::Basic(basic) => Some(basic),
            _ => None,
        }
    }

    fn other(self) -> Option<&'a Other> {
        match self.one? {
            OneHeader::Other(other) => Some(other),
            _ => None,
        }
    }
}

/// An object of the parts that the credential has.
impl Serialize for ExposedCredential<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = [
            ("bearer", self.bearer()),
            ("user", self.user()),
            ("password", self.password()),
            ("authorization", self.authorization()),
            ("header", self.header()),
            ("header_value", self.header_value()),
            ("api_key", self.api_key()),
            ("api_secret", self.api_secret()),
            ("api_key_header", self.api_key_header()),
            ("api_secret_header", self.api_secret_header()),
        ];
        let count = members.iter().filter(|(_, part)| part.is_some()).count();
        let mut stored = serializer.serialize_struct("ExposedCredential", 1 + count)?;
        stored.serialize_field("provider", self.provider)?;
        for (name, part) in members {
            match part {
                Some(part) => stored.serialize_field(name, part)?,
                None => stored.skip_field(name)?,
            }
        }
        stored.end()
    }
}
