//! The secrets that a run has seen.

use std::collections::BTreeSet;

use pinning_keys_core::Credential;

use crate::CANARY;

/// What is shorter is too likely to stand in a text by chance.
const LEAST_CHARS: usize = 6;

/// Secrets, to look for in texts and to keep out of reports.
#[derive(Default)]
pub(crate) struct Secrets(BTreeSet<String>);

impl Secrets {
    pub(crate) fn add(&mut self, secret: &str) {
        if secret.len() >= LEAST_CHARS {
            self.0.insert(secret.to_owned());
        }
    }

    pub(crate) fn add_credential(&mut self, credential: &Credential) {
        let exposed = credential.expose();
        for secret in [exposed.bearer, exposed.api_secret].into_iter().flatten() {
            self.add(secret);
        }
    }

    /// Whether one of them stands in the text, as it is or escaped as in a `Debug` form.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        text.contains(CANARY) || self.0.iter().any(|secret| text.contains(secret.as_str()))
    }

    pub(crate) fn redacted(&self, text: &str) -> String {
        // Longer ones first, since one can be a part of another.
        let mut secrets: Vec<_> = self.0.iter().collect();
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
            .iter()
            .fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "[secret]"))
    }
}
