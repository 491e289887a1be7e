//! Which sessions a client accepts: where they may lead, and whose they are.

use std::sync::{Arc, OnceLock};

use pinning_keys_core::{Account, Error, ErrorKind};

use crate::BaseUrl;
use crate::credentials::AccountCredential;
use crate::misconfigured::misconfigured;

/// The longest id of an account that is read in a token, in bytes.
const LONGEST_ID: usize = 128;

/// The rules of one client.
#[derive(Clone, Default)]
pub(crate) struct SessionRules {
    /// The domains that a session may lead to; `None` if its base URL is ignored.
    pub(crate) domains: Option<&'static [&'static str]>,
    /// The account that is served: the configured one, or that of the first credential that names
    /// its account. Shared with clients of the same provider at other base URLs.
    pub(crate) account: Arc<OnceLock<String>>,
    /// Reads the account in a token, for credentials that do not come from a login.
    pub(crate) account_reader: Option<fn(&str) -> Option<Account>>,
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
        if credential.account_id().is_none() && self.account.get().is_none() {
            // There is nothing to compare, so the token is not read.
            return Ok(());
        }
        let own = self.account_of(credential);
        let is_served =
            |own: &Account| self.account.get_or_init(|| own.id().to_owned()) == own.id();
        let message = match own {
            Some(own) if is_served(&own) => return Ok(()),
            Some(_) => "the credential belongs to another account than the one that is served",
            None => "the credential does not show its account, so it may belong to another one",
        };
        Err(Error::new(ErrorKind::CredentialUnavailable, message).with_next_step(
            "have the credential source return credentials of one account, and build another \
             issuer for each further account",
        ))
    }

    /// The account that a credential belongs to: the one in its token, which decides at the
    /// provider, or else the one that its source named.
    pub(crate) fn account_of(&self, credential: &AccountCredential) -> Option<Account> {
        let read = || self.account_reader?(credential.token()?);
        let in_token = read().filter(|account| is_account_id(account.id()));
        in_token.or_else(|| credential.account_id().map(Account::new))
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

/// Whether a text in a token can be the id of an account. An id is shown and stored, and anything
/// may be in a token, such as a person's address.
fn is_account_id(text: &str) -> bool {
    let in_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-_:|".contains(&byte);
    !text.is_empty() && text.len() <= LONGEST_ID && text.bytes().all(in_id)
}

/// Whether this is a name such as `example.com`: neither a whole top-level domain nor an address.
fn is_domain(text: &str) -> bool {
    let labels: Vec<_> = text.split('.').collect();
    let is_lower = |label: &&str| is_label(label) && !label.bytes().any(|b| b.is_ascii_uppercase());
    let ends_in_name = |label: &&str| label.bytes().any(|byte| byte.is_ascii_alphabetic());
    labels.len() >= 2 && labels.iter().all(is_lower) && labels.last().is_some_and(ends_in_name)
}
