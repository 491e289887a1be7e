//! What is wrong with the address in a setting.

use pinning_keys_core::{Error, ErrorKind};
use url::{Host, Url};

use crate::clean_text::word_fault;

/// The setting that contains an address, by its name, which ends in `_url`. Errors name it and
/// quote the host at most.
#[derive(Clone, Copy)]
pub(crate) struct AddressSetting<'a>(pub(crate) &'a str);

impl AddressSetting<'_> {
    /// Parses an address and refuses what cannot be a base URL, whatever hosts may be called.
    pub(crate) fn parse(self, text: &str) -> Result<Url, Error> {
        let url = self.parse_absolute(text)?;
        self.refuse_extras(&url)?;
        Ok(url)
    }

    /// Parses a URL that is written out in full.
    ///
    /// The URL standard repairs what is more likely a mistake here: it drops blanks, turns
    /// backslashes into slashes, and adds the slashes to `https:host`.
    fn parse_absolute(self, text: &str) -> Result<Url, Error> {
        if text.trim().is_empty() {
            return Err(self.fault("is empty"));
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(self.fault("contains whitespace, a control character or a backslash"));
        }
        if let Some(fault) = word_fault(text) {
            return Err(fault.error(ErrorKind::Configuration, &self.subject()));
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(self.fault("does not begin with https://"));
        };
        if rest.starts_with('/') {
            return Err(self.fault("has no host"));
        }
        if !scheme.eq_ignore_ascii_case("https") && !scheme.eq_ignore_ascii_case("http") {
            return Err(self.fault("does not begin with https://"));
        }
        // The parser's error does not quote the text.
        Url::parse(text).map_err(|error| self.fault(&format!("is not a URL ({error})")))
    }

    /// Refuses what a base URL has no use for and what could contain a secret.
    fn refuse_extras(self, url: &Url) -> Result<(), Error> {
        let (what, step) = if !url.username().is_empty() || url.password().is_some() {
            let step = "remove everything before the @ and set the credential separately";
            ("contains credentials", step)
        } else if url.query().is_some() {
            ("has a query", "remove the ? and everything after it")
        } else if url.fragment().is_some() {
            ("has a fragment", "remove the # and everything after it")
        } else {
            return Ok(());
        };
        Err(self.fault(what).with_next_step(step))
    }

    /// The error for plain http to a host that it is not allowed to.
    pub(crate) fn plain_http(self, host: &Host<&str>) -> Error {
        let step = format!(
            "use https:// in {}, or, for a test server, add the host to allow_plain_http \
             (PINNING_KEYS_ALLOW_PLAIN_HTTP)",
            self.with_variable()
        );
        let what = format!("would send the credential to {host} unencrypted");
        self.fault(&what).with_next_step(step)
    }

    /// The error about the address; `what` continues "the base URL …".
    pub(crate) fn fault(self, what: &str) -> Error {
        Error::new(ErrorKind::Configuration, format!("{} {what}", self.subject())).with_next_step(
            format!("set {} to an address such as https://api.example.com", self.with_variable()),
        )
    }

    /// The address in words: `the base URL`.
    fn subject(self) -> String {
        format!("the {} URL", self.0.strip_suffix("_url").unwrap_or(self.0))
    }

    /// The setting and the environment variable that sets it.
    fn with_variable(self) -> String {
        format!("{} (PINNING_KEYS_{})", self.0, self.0.to_ascii_uppercase())
    }
}
