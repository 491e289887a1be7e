//! The forms of a credential that is sent in one header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::header_text::{check_header_text, check_header_value, sensitive};
use crate::jwt::contains_jwt;
use crate::text::is_same;
use crate::{CredentialForm, Error, ErrorKind};

/// A credential that is sent in one header.
#[derive(Clone)]
pub(crate) enum OneHeader {
    Bearer(SecretString),
    Basic(Box<Basic>),
    Authorization(SecretString),
    Other(Box<Other>),
}

/// A user and a password, kept as they are encoded: with a colon between them.
#[derive(Clone)]
pub(crate) struct Basic {
    text: SecretString,
    colon: usize,
}

/// A value and the header that takes it.
#[derive(Clone)]
pub(crate) struct Other {
    name: HeaderName,
    value: SecretString,
}

impl OneHeader {
    #[inline]
    pub(crate) fn bearer(token: SecretString) -> Result<Self, Error> {
        check_header_text("the bearer token", token.expose_secret())?;
        Ok(Self::Bearer(token))
    }

    pub(crate) fn basic(user: &SecretString, password: &SecretString) -> Result<Self, Error> {
        let (user, password) = (user.expose_secret(), password.expose_secret());
        check_basic_user(user)?;
        check_header_text("the password", password)?;
        // Reserved at once: a text that grows leaves its old bytes behind.
        let mut text = String::with_capacity(user.len() + 1 + password.len());
        text.push_str(user);
        text.push(':');
        text.push_str(password);
        Ok(Self::Basic(Box::new(Basic { text: text.into(), colon: user.len() })))
    }

    pub(crate) fn authorization(value: SecretString) -> Result<Self, Error> {
        check_header_value("the Authorization value", value.expose_secret())?;
        Ok(Self::Authorization(value))
    }

    pub(crate) fn other(
        name: impl TryInto<HeaderName>,
        value: SecretString,
    ) -> Result<Self, Error> {
        let name = credential_header(name)?;
        check_header_value("the header value", value.expose_secret())?;
        Ok(Self::Other(Box::new(Other { name, value })))
    }

    pub(crate) fn form(&self) -> CredentialForm {
        match self {
            Self::Bearer(_) => CredentialForm::Bearer,
            Self::Basic(_) => CredentialForm::Basic,
            Self::Authorization(_) => CredentialForm::Authorization,
            Self::Other(_) => CredentialForm::Header,
        }
    }

    pub(crate) fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([match self {
            Self::Bearer(token) => {
                (AUTHORIZATION, sensitive(&format!("Bearer {}", token.expose_secret())))
            }
            Self::Basic(basic) => {
                let encoded = Zeroizing::new(STANDARD.encode(basic.text()));
                (AUTHORIZATION, sensitive(&format!("Basic {}", *encoded)))
            }
            Self::Authorization(value) => (AUTHORIZATION, sensitive(value.expose_secret())),
            Self::Other(other) => (other.name.clone(), sensitive(other.value())),
        }])
    }
}

impl Basic {
    /// The user, a colon and the password.
    pub(crate) fn text(&self) -> &str {
        self.text.expose_secret()
    }

    pub(crate) fn user(&self) -> &str {
        &self.text()[..self.colon]
    }

    pub(crate) fn password(&self) -> &str {
        &self.text()[self.colon + 1..]
    }
}

impl Other {
    pub(crate) fn name(&self) -> &HeaderName {
        &self.name
    }

    pub(crate) fn value(&self) -> &str {
        self.value.expose_secret()
    }
}

/// Refuses a user that Basic cannot send, without repeating it.
#[doc(hidden)]
pub fn check_basic_user(user: &str) -> Result<(), Error> {
    check_header_text("the user", user)?;
    // RFC 7617: the first colon ends the user.
    if let Some(at) = user.find(':') {
        let message = format!("the user has a colon at position {} of {}", at + 1, user.len());
        return Err(Error::new(ErrorKind::InvalidInput, message).with_next_step(
            "pass the part before the colon as the user, the rest as the password",
        ));
    }
    if contains_jwt(user) {
        return Err(Error::new(ErrorKind::InvalidInput, "a JWT was passed as the user")
            .with_next_step("pass it as the password, or make a bearer credential of it"));
    }
    Ok(())
}

/// The header of this name, if a credential can be sent in it. Refused are
///
/// * the headers that a connection consumes (hop-by-hop), which would not reach the provider,
/// * those that frame, route and describe the message, which the HTTP client sets itself,
/// * `Cookie`, which clients merge with their own cookies, and `Set-Cookie`,
/// * `Authorization`, whose forms have constructors of their own.
///
/// An error does not repeat a name that is not in this list: a secret may have been passed there.
#[doc(hidden)]
pub fn credential_header(name: impl TryInto<HeaderName>) -> Result<HeaderName, Error> {
    let invalid = |message: String| Error::new(ErrorKind::InvalidInput, message);
    let name: HeaderName =
        name.try_into().map_err(|_| invalid("the name of the header is not valid".to_owned()))?;
    if is_reserved(&name) {
        let message = format!("a credential cannot be sent in the header {name}");
        let error = invalid(message);
        return Err(if name == AUTHORIZATION {
            error.with_next_step("use bearer, basic or authorization for this header")
        } else {
            error.with_next_step("name the header that the provider documents for keys")
        });
    }
    Ok(name)
}

fn is_reserved(name: &HeaderName) -> bool {
    name == AUTHORIZATION || is_of_the_message(name.as_str())
}

/// Whether a header says something about the connection or the message, so that a credential in it
/// would be overwritten or misread.
pub(crate) const fn is_of_the_message(name: &str) -> bool {
    const NAMES: [&str; 20] = [
        "accept",
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "set-cookie",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
    ];
    let mut i = 0;
    while i < NAMES.len() {
        if is_same(NAMES[i], name) {
            return true;
        }
        i += 1;
    }
    false
}
