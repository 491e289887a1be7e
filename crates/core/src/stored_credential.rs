//! The form that an exposed credential is read from.

use http::HeaderName;
use secrecy::SecretString;
use serde::Deserialize;

use crate::key_pair::{KeyPair, PairHeaders};
use crate::one_header::OneHeader;
use crate::{Error, ErrorKind};

/// The form that an exposed credential is read from. It is an enum with one variant, because the
/// error for a struct would quote a secret that appears instead of the struct.
#[derive(Deserialize)]
#[serde(untagged, expecting = "not a stored credential")]
pub(crate) enum StoredForm {
    Members(StoredMembers),
}

#[derive(Deserialize)]
pub(crate) struct StoredMembers {
    provider: String,
    bearer: Option<SecretString>,
    user: Option<SecretString>,
    password: Option<SecretString>,
    authorization: Option<SecretString>,
    header: Option<String>,
    header_value: Option<SecretString>,
    api_key: Option<String>,
    api_secret: Option<SecretString>,
    api_key_header: Option<String>,
    api_secret_header: Option<String>,
}

/// The parts of a stored credential: one at least.
pub(crate) struct StoredParts {
    pub(crate) provider: String,
    pub(crate) one: Option<OneHeader>,
    pub(crate) pair: Option<KeyPair>,
}

impl StoredForm {
    pub(crate) fn parts(self) -> Result<StoredParts, Error> {
        let Self::Members(mut stored) = self;
        let one = one_header(&mut stored)?;
        let pair = key_pair(&mut stored)?;
        if one.is_none() && pair.is_none() {
            return Err(incomplete("no secret"));
        }
        Ok(StoredParts { provider: stored.provider, one, pair })
    }
}

/// The error for a stored credential that has this.
fn incomplete(what: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("the stored credential has {what}"))
}

/// Both halves, neither, or the error for the half that is there.
fn both<A, B>(
    (first, second): (Option<A>, Option<B>),
    only: [&str; 2],
) -> Result<Option<(A, B)>, Error> {
    match (first, second) {
        (Some(first), Some(second)) => Ok(Some((first, second))),
        (None, None) => Ok(None),
        (Some(_), None) => Err(incomplete(only[0])),
        (None, Some(_)) => Err(incomplete(only[1])),
    }
}

fn one_header(stored: &mut StoredMembers) -> Result<Option<OneHeader>, Error> {
    let basic = both(
        (stored.user.take(), stored.password.take()),
        ["a user, but no password", "a password, but no user"],
    )?;
    let other = both(
        (stored.header.take(), stored.header_value.take()),
        ["a header, but no header_value", "a header_value, but no header"],
    )?;
    let found = [
        stored.bearer.take().map(OneHeader::bearer),
        basic.map(|(user, password)| OneHeader::basic(&user, &password)),
        stored.authorization.take().map(OneHeader::authorization),
        other.map(|(name, value)| OneHeader::other(name, value)),
    ];
    let mut found = found.into_iter().flatten();
    let one = found.next().transpose()?;
    if found.next().is_some() {
        return Err(incomplete("more than one of bearer, user, authorization and header"));
    }
    Ok(one)
}

fn key_pair(stored: &mut StoredMembers) -> Result<Option<KeyPair>, Error> {
    let pair = both(
        (stored.api_key.take(), stored.api_secret.take()),
        ["an api_key, but no api_secret", "an api_secret, but no api_key"],
    )?;
    let Some((key, secret)) = pair else { return Ok(None) };
    let name = |text: Option<String>| -> Result<HeaderName, Error> {
        let unnamed = || incomplete("a key pair without the names of its headers");
        text.and_then(|name| name.parse().ok()).ok_or_else(unnamed)
    };
    let names = (name(stored.api_key_header.take())?, name(stored.api_secret_header.take())?);
    let headers = PairHeaders::read(names.0, names.1)
        .ok_or_else(|| incomplete("a key pair whose parts cannot be sent in its headers"))?;
    KeyPair::new(headers, key, secret).map(Some)
}
