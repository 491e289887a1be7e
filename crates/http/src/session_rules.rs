//! Which sessions a client accepts: where they may lead, and whose they are.

use std::sync::{Arc, OnceLock};

use pinning_keys_core::{Error, ErrorKind};

use crate::BaseUrl;
use crate::credentials::AccountCredential;
use crate::misconfigured::misconfigured;

/// The rules of one client.
#[derive(Clone, Default)]
pub(crate) struct SessionRules {
    /// The domains that a session may lead to; `None` if its base URL is ignored.
    pub(crate) domains: Option<&'static [&'static str]>,
    /// The account that is served: the configured one, or that of the first credential that names
    /// its account. Shared with clients of the same provider at other base URLs.
    pub(crate) account: Arc<OnceLock<String>>,
}

impl SessionRules {
    /// Refuses domains that would admit more than the adapter's author means.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut domains = self.domains.unwrap_or_default().iter();
        if domains.all(|domain| is_domain(domain)) {
            return Ok(());
        }
        let message = "a domain of sessions is not a name in lower case with at least two parts";
        Err(misconfigured(message).with_next_step("set it to a domain such as example.com"))
    }

    /// Refuses a credential of another account than the one that is served.
    pub(crate) fn check_account(&self, credential: &AccountCredential) -> Result<(), Error> {
        let served = match credential.account_id() {
            Some(id) => self.account.get_or_init(|| id.to_owned()),
            None => match self.account.get() {
                Some(served) => served,
                None => return Ok(()),
            },
        };
        let message = match credential.account_id() {
            Some(id) if id == served => return Ok(()),
            Some(_) => "the credential belongs to another account than the one that is served",
            None => "the credential does not name its account, so it may belong to another one",
        };
        Err(Error::new(ErrorKind::CredentialUnavailable, message).with_next_step(
            "have the credential source return credentials of one account, and build another \
             issuer for each further account",
        ))
    }

    /// The base URL that a credential's session leads to, if it names one that counts.
    pub(crate) fn base_url(
        &self,
        configured: &BaseUrl,
        credential: &AccountCredential,
    ) -> Result<Option<BaseUrl>, Error> {
        let named = credential.session().and_then(|session| session.base_url());
        let (Some(domains), Some(named)) = (self.domains, named) else {
            return Ok(None);
        };
        let is_below = |url: &BaseUrl| domains.iter().any(|domain| url.is_below(domain));
        let accepted = if configured.is_https() && is_below(configured) {
            is_plain_https(named)
                .then(|| BaseUrl::parse(named, &[]).ok())
                .flatten()
                .filter(|url| is_below(url))
        } else {
            // A test server must not be able to send anything to the provider, or elsewhere.
            configured
                .is_origin_of(named)
                .then(|| BaseUrl::parse(named, &[configured.host().to_owned()]).ok())
                .flatten()
        };
        match accepted {
            Some(url) => Ok(Some(url)),
            None => Err(foreign(configured, domains, is_below(configured))),
        }
    }
}

/// The error for a base URL that is not accepted. It is not quoted, because anything may be in it.
fn foreign(configured: &BaseUrl, domains: &[&str], is_provider: bool) -> Error {
    let step = if is_provider && configured.is_https() {
        format!("report it; https URLs at {} and below are expected", domains.join(", "))
    } else {
        format!("have the server at {configured} name its own base URL")
    };
    let message = "the session leads to a base URL that does not belong to the provider";
    Error::new(ErrorKind::CredentialUnavailable, message).with_next_step(step)
}

/// Whether a text is an https URL of nothing but a name and a path, written so that every parser
/// reads the same name: no user information, port, address, escape, query, fragment or blank.
fn is_plain_https(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://") else {
        return false;
    };
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let in_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    host.split('.').all(is_label) && path.bytes().all(in_path)
}

fn is_label(text: &str) -> bool {
    let in_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.bytes().all(in_label)
}

/// Whether this is a name such as `example.com`: neither a whole top-level domain nor an address.
fn is_domain(text: &str) -> bool {
    let labels: Vec<_> = text.split('.').collect();
    let is_lower = |label: &&str| is_label(label) && !label.bytes().any(|b| b.is_ascii_uppercase());
    let ends_in_name = |label: &&str| label.bytes().any(|byte| byte.is_ascii_alphabetic());
    labels.len() >= 2 && labels.iter().all(is_lower) && labels.last().is_some_and(ends_in_name)
}
