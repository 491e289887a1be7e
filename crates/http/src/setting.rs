use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use pinning_keys_core::{Error, ErrorKind};
use secrecy::{ExposeSecret, SecretString};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

use crate::address_setting::AddressSetting;
use crate::clean_text::{TextFault, path_fault, trimmed, word_fault};
use crate::credentials::SecretFrom;
use crate::misconfigured::misconfigured;

/// The value of one setting of an adapter's configuration, from a file or as a string.
///
/// The methods convert it to what a setting accepts. A value of another kind is an error that
/// names the setting and quotes nothing, because the value may be a misplaced secret.
///
/// Whitespace, line ends and byte order marks around a text are ignored. A text with a mark that is
/// part of no value, such as a quotation mark at its beginning, is an error.
///
/// ```
/// use pinning_keys_http::Setting;
///
/// assert_eq!(Setting::from("30").seconds("deadline_seconds")?.as_secs(), 30);
/// assert_eq!(Setting::from("a.internal, b.internal").texts("hosts")?.len(), 2);
/// assert!(Setting::from("soon").seconds("deadline_seconds").is_err());
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Setting(Kind);

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Kind {
    Number(u64),
    Secret(SecretFrom),
    /// Secrets, because a token in brackets is a likely mistake.
    Texts(Vec<SecretString>),
    /// Accepted here and refused later, with the setting's name: the errors of a file format quote
    /// the line, which may contain a secret.
    Other(IgnoredAny),
}

impl Setting {
    /// Whether the value is a string with nothing in it, as for a variable that is set to nothing.
    /// A setting with a default then keeps it.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    ///
    /// assert!(Setting::from(" \n").is_blank());
    /// assert!(Setting::from(" ").text("table").is_err());
    /// ```
    pub fn is_blank(&self) -> bool {
        match &self.0 {
            Kind::Secret(SecretFrom::Text(text)) => trimmed(text.expose_secret()).is_empty(),
            _ => false,
        }
    }

    /// Returns the value as a string.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    ///
    /// assert_eq!(Setting::from("resources").text("table")?, "resources");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value, empty, or contains a mark that
    /// is part of no value.
    pub fn text(self, name: &str) -> Result<String, Error> {
        self.checked_text(name, word_fault)
    }

    fn checked_text(
        self,
        name: &str,
        fault: fn(&str) -> Option<TextFault>,
    ) -> Result<String, Error> {
        let Kind::Secret(SecretFrom::Text(text)) = self.0 else {
            return Err(misfit(name, "a string"));
        };
        let text = trimmed(text.expose_secret());
        if text.is_empty() {
            return Err(TextFault::EMPTY.error(ErrorKind::Configuration, name));
        }
        match fault(text) {
            None => Ok(text.to_owned()),
            Some(fault) => Err(fault.error(ErrorKind::Configuration, name)),
        }
    }

    /// Returns the value as the address of an API. `name` ends in `_url`.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    ///
    /// let url = Setting::from("https://api.example.com").url("upload_url")?;
    /// assert_eq!(url, "https://api.example.com");
    /// let error = Setting::from("api.example.com").url("upload_url").unwrap_err();
    /// assert_eq!(error.to_string(), "the upload URL does not begin with https://");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value, or if
    /// [`BaseUrl::parse`](crate::BaseUrl::parse) refuses the address whatever hosts may be called by
    /// plain http.
    pub fn url(self, name: &str) -> Result<String, Error> {
        let text = self.text(name)?;
        AddressSetting(name).parse(&text)?;
        Ok(text)
    }

    /// Returns the value as strings: a list, or one string with commas.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    ///
    /// assert_eq!(Setting::from("a.internal, b.internal").texts("hosts")?[1], "b.internal");
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value, or if a string contains a mark
    /// that is part of no value. Empty strings are left out.
    pub fn texts(self, name: &str) -> Result<Vec<String>, Error> {
        let all: Vec<Self> = match self.0 {
            Kind::Texts(texts) => texts.into_iter().map(Self::from).collect(),
            Kind::Secret(SecretFrom::Text(text)) => {
                text.expose_secret().split(',').map(Self::from).collect()
            }
            _ => return Err(misfit(name, "a list of strings")),
        };
        all.into_iter().filter(|text| !text.is_blank()).map(|text| text.text(name)).collect()
    }

    /// Returns the value as a number of seconds.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    ///
    /// assert_eq!(Setting::from(30).seconds("deadline_seconds")?.as_secs(), 30);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value.
    pub fn seconds(self, name: &str) -> Result<Duration, Error> {
        let seconds = self.whole_number(name)?.map(Duration::from_secs);
        seconds.ok_or_else(|| misfit(name, "a whole number of seconds, such as 30"))
    }

    /// Returns the value as a number of things, at least one.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    ///
    /// assert_eq!(Setting::from("100").count("page_size")?.get(), 100);
    /// assert!(Setting::from("0").count("page_size").is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value or zero.
    pub fn count(self, name: &str) -> Result<NonZeroUsize, Error> {
        let number = self.whole_number(name)?.and_then(|number| usize::try_from(number).ok());
        number
            .and_then(NonZeroUsize::new)
            .ok_or_else(|| misfit(name, "a whole number above zero, such as 10"))
    }

    fn whole_number(self, name: &str) -> Result<Option<u64>, Error> {
        match self.0 {
            Kind::Number(number) => Ok(Some(number)),
            Kind::Secret(SecretFrom::Text(_)) => Ok(self.text(name)?.parse().ok()),
            _ => Ok(None),
        }
    }

    /// Returns the value as a secret or as the place where it is stored.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    /// use pinning_keys_http::credentials::SecretFrom;
    ///
    /// let secret = Setting::from("eyJhbGciOi").secret("jwt")?;
    /// assert!(matches!(secret, SecretFrom::Text(_)));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value, a string that cannot be sent as
    /// a credential, or a place that cannot exist.
    pub fn secret(self, name: &str) -> Result<SecretFrom, Error> {
        match self.0 {
            Kind::Secret(secret) => {
                secret.cleaned().map_err(|fault| fault.error(ErrorKind::Configuration, name))
            }
            _ => Err(misfit(name, "a string, { variable = \"NAME\" } or { file = \"PATH\" }")),
        }
    }

    /// Returns the value as the path of a file that contains a secret.
    ///
    /// ```
    /// use pinning_keys_http::Setting;
    /// use pinning_keys_http::credentials::SecretFrom;
    ///
    /// let secret = Setting::from("/run/secrets/jwt").secret_file("jwt_file")?;
    /// assert!(matches!(secret, SecretFrom::File(_)));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Configuration`] if it is another kind of value, empty, or contains a mark that
    /// is part of no path.
    pub fn secret_file(self, name: &str) -> Result<SecretFrom, Error> {
        Ok(SecretFrom::File(PathBuf::from(self.checked_text(name, path_fault)?)))
    }
}

impl From<&str> for Setting {
    fn from(text: &str) -> Self {
        Self(Kind::Secret(text.into()))
    }
}

impl From<String> for Setting {
    fn from(text: String) -> Self {
        Self(Kind::Secret(text.into()))
    }
}

impl From<SecretFrom> for Setting {
    fn from(secret: SecretFrom) -> Self {
        Self(Kind::Secret(secret))
    }
}

impl From<SecretString> for Setting {
    fn from(secret: SecretString) -> Self {
        Self(Kind::Secret(secret.into()))
    }
}

impl From<u64> for Setting {
    fn from(number: u64) -> Self {
        Self(Kind::Number(number))
    }
}

impl From<Vec<String>> for Setting {
    fn from(texts: Vec<String>) -> Self {
        Self(Kind::Texts(texts.into_iter().map(SecretString::from).collect()))
    }
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Kind::deserialize(deserializer).map(Self)
    }
}

fn misfit(name: &str, accepts: &str) -> Error {
    misconfigured(format!("{name} must be {accepts}"))
}
