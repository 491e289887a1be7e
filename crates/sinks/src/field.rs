use std::fmt;
use std::str::FromStr;

use secrecy::SecretString;

use crate::text::unknown;
use crate::{Delivery, Forms, Incoming, SinkError, stored_key};

/// Which part of a credential a sink gets.
///
/// ```
/// use pinning_keys_sinks::Field;
///
/// assert_eq!("api-secret".parse(), Ok(Field::ApiSecret));
/// let error = "api_secrt".parse::<Field>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown field; did you mean \"api-secret\"?");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Field {
    /// The bearer token.
    Jwt,
    /// The public part of the key pair.
    ApiKey,
    /// The secret part of the key pair.
    ApiSecret,
    /// The user of Basic authentication, which is not treated as a secret.
    User,
    /// The password of Basic authentication.
    Password,
    /// The value of the one header that the key is sent in, which may be `Authorization`.
    HeaderValue,
    /// All of it as one JSON object on one line, which [`StoredKey`](crate::StoredKey) reads.
    Json,
}

/// What a sink without a named field gets.
#[derive(Clone, Copy)]
pub(crate) enum Choice {
    /// This field.
    Field(Field),
    /// The token or the value of a header if the key has one; a part of two has to be named.
    SingleSecret,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 7] = [
        Self::Jwt,
        Self::ApiKey,
        Self::ApiSecret,
        Self::User,
        Self::Password,
        Self::HeaderValue,
        Self::Json,
    ];

    /// The text form, such as `api-key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::ApiKey => "api-key",
            Self::ApiSecret => "api-secret",
            Self::User => "user",
            Self::Password => "password",
            Self::HeaderValue => "header-value",
            Self::Json => "json",
        }
    }

    /// Refuses a field that the key certainly will not have.
    ///
    /// ```
    /// use pinning_keys_core::{IssuerProfile, KeyName};
    /// use pinning_keys_sinks::{Field, Incoming};
    /// use pinning_keys_w3ipfs::SCOPES;
    ///
    /// let key = Incoming::new(&KeyName::new("dashboard")?, &IssuerProfile::new(&SCOPES));
    /// assert!(Field::Jwt.check(&key).is_err());
    /// assert!(Field::ApiSecret.check(&key).is_ok());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SinkError`] that names the fields of such keys.
    pub fn check(self, key: &Incoming) -> Result<(), SinkError> {
        match self.is_in(key.forms()) {
            Some(false) => Err(self.missing(key.provider(), key.forms()).into_usage()),
            _ => Ok(()),
        }
    }

    /// The value of the field.
    ///
    /// ```
    /// # use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
    /// use pinning_keys_sinks::{Delivery, Field};
    /// use secrecy::ExposeSecret;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let key = issuer.issue(&KeyRequest::new("dashboard", ScopeRequest::reader())?).await?;
    /// let token = Field::Jwt.of(&Delivery::new(&key))?;
    /// assert_eq!(Some(token.expose_secret()), key.credential().expose().bearer());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// A [`SinkError`] if the key has no such field.
    pub fn of(self, delivery: &Delivery<'_>) -> Result<SecretString, SinkError> {
        let exposed = delivery.credential().expose();
        let value = match self {
            Self::Jwt => exposed.bearer(),
            Self::ApiKey => exposed.api_key(),
            Self::ApiSecret => exposed.api_secret(),
            Self::User => exposed.user(),
            Self::Password => exposed.password(),
            Self::HeaderValue => exposed.authorization().or(exposed.header_value()),
            Self::Json => return stored_key::json(delivery),
        };
        let forms = Forms::of(delivery.credential());
        value.map(SecretString::from).ok_or_else(|| self.missing(exposed.provider(), forms))
    }

    fn is_in(self, forms: Forms) -> Option<bool> {
        match self {
            Self::Jwt => forms.has_bearer(),
            Self::ApiKey | Self::ApiSecret => forms.has_pair(),
            Self::User | Self::Password => forms.has_basic(),
            Self::HeaderValue => forms.has_header_value(),
            Self::Json => Some(true),
        }
    }

    fn missing(self, provider: &str, forms: Forms) -> SinkError {
        let what = match self {
            Self::Jwt => "JWT",
            Self::User | Self::Password => "user and password",
            Self::HeaderValue => "header value",
            Self::ApiKey | Self::ApiSecret | Self::Json => "key pair",
        };
        let fields: Vec<_> =
            Self::ALL.into_iter().filter(|f| f.is_in(forms) == Some(true)).collect();
        SinkError::new(format!("keys of {provider} have no {what}")).with_advice(name_one(&fields))
    }
}

impl Choice {
    /// The field that a sink was told to use, or otherwise this choice.
    pub(crate) fn named(field: Option<Field>, otherwise: Self) -> Self {
        field.map_or(otherwise, Self::Field)
    }

    pub(crate) fn check(self, key: &Incoming) -> Result<(), SinkError> {
        match self {
            Self::Field(field) => field.check(key),
            Self::SingleSecret => match Self::one(key.forms()) {
                Ok(_) => Ok(()),
                Err(parts) => Err(ambiguous(key.provider(), parts).into_usage()),
            },
        }
    }

    pub(crate) fn of(self, delivery: &Delivery<'_>) -> Result<SecretString, SinkError> {
        let field = match self {
            Self::Field(field) => field,
            Self::SingleSecret => Self::one(Forms::of(delivery.credential()))
                .map_err(|parts| ambiguous(delivery.credential().provider(), parts))?,
        };
        field.of(delivery)
    }

    /// The field of a credential that is one text, or the fields of one that has two parts.
    fn one(forms: Forms) -> Result<Field, &'static [Field]> {
        if forms.has_header_value() == Some(true) {
            return Ok(Field::HeaderValue);
        }
        match (forms.has_bearer(), forms.has_basic()) {
            (Some(false), Some(true)) => Err(&[Field::User, Field::Password, Field::Json]),
            (Some(false), _) => Err(&[Field::ApiKey, Field::ApiSecret, Field::Json]),
            _ => Ok(Field::Jwt),
        }
    }
}

fn ambiguous(provider: &str, parts: &[Field]) -> SinkError {
    let message = format!("keys of {provider} are pairs, and this sink gets one part");
    SinkError::new(message).with_advice(name_one(parts))
}

/// `name one:  --field api-key, --field api-secret or --field json`
fn name_one(fields: &[Field]) -> String {
    let flags: Vec<_> = fields.iter().map(|field| format!("--field {field}")).collect();
    match flags.as_slice() {
        [rest @ .., last] if !rest.is_empty() => {
            format!("name one:  {} or {last}", rest.join(", "))
        }
        flags => format!("name it:  {}", flags.concat()),
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Field {
    type Err = SinkError;

    fn from_str(text: &str) -> Result<Self, SinkError> {
        Self::ALL
            .into_iter()
            .find(|field| field.as_str() == text)
            .ok_or_else(|| SinkError::usage(unknown("field", text, &Self::ALL.map(Self::as_str))))
    }
}
