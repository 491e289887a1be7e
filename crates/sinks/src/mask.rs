//! Foreign text without the secrets that it may repeat.

use std::collections::HashSet;

use pinning_keys_core::Credential;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretString};

use crate::secret_forms::secret_forms;

/// A run of this many characters of a secret is hidden: a program that cuts its lines, or is killed
/// while it prints, shows only a part.
const RUN: usize = 8;

/// Hides the secrets of a credential in text that a command printed.
pub(crate) struct Mask(Vec<SecretString>);

impl Mask {
    pub(crate) fn of(credential: &Credential) -> Self {
        Self(secret_forms(credential))
    }

    /// The text with `***` for every part of a secret, also if line breaks or blanks wrap it.
    pub(crate) fn apply(&self, text: &[u8]) -> String {
        let hidden = self.hidden(text);
        let mut shown = Vec::with_capacity(text.len());
        for (at, byte) in text.iter().enumerate() {
            match hidden[at] {
                true if at > 0 && hidden[at - 1] => {}
                true => shown.extend_from_slice(b"***"),
                false => shown.push(*byte),
            }
        }
        String::from_utf8_lossy(&shown).into_owned()
    }

    /// Which bytes belong to a secret.
    fn hidden(&self, text: &[u8]) -> Vec<bool> {
        let forms = || self.0.iter().map(|form| form.expose_secret().as_bytes());
        let run = forms().map(<[u8]>::len).min().unwrap_or(RUN).min(RUN);
        let runs: HashSet<&[u8]> = forms().flat_map(|form| form.windows(run)).collect();

        let places: Vec<_> = (0..text.len()).filter(|at| text[*at].is_ascii_graphic()).collect();
        let visible = Zeroizing::new(places.iter().map(|at| text[*at]).collect::<Vec<_>>());
        let mut hidden = vec![false; text.len()];
        for (at, candidate) in visible.windows(run).enumerate() {
            if runs.contains(candidate) {
                places[at..at + run].iter().for_each(|place| hidden[*place] = true);
            }
        }
        hidden
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use pinning_keys_core::Credential;

    use super::Mask;

    const TOKEN: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzY29wZWRLZXlTZWNyZXQiOiI0ZjEifQ.c2lnbmF0dXJl";

    fn masked(text: &str) -> String {
        Mask::of(&Credential::bearer("pinata", TOKEN).unwrap()).apply(text.as_bytes())
    }

    #[test]
    fn whole_secret_is_hidden_and_the_rest_stays() {
        assert_eq!(
            masked(&format!("bad token '{TOKEN}', status 401")),
            "bad token '***', status 401"
        );
        assert_eq!(masked("no such repository"), "no such repository");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn part_of_a_secret_is_hidden() {
        assert_eq!(masked(&format!("{}…", &TOKEN[..30])), "***…");
        assert_eq!(masked(&TOKEN[9..]), "***");
    }

    #[test]
    fn wrapped_secret_is_hidden() {
        let wrapped: Vec<_> = TOKEN.as_bytes().chunks(5).collect();
        let text = masked(&String::from_utf8(wrapped.join(&b'\n')).unwrap());
        assert_eq!(text.replace("***", "").trim(), "");
    }

    #[test]
    fn secret_within_base64_is_hidden() {
        for text in [TOKEN.to_owned(), format!("{{\"a\":\"{TOKEN}\"}}"), format!(" {TOKEN} ")] {
            let shown = masked(&STANDARD.encode(text));
            assert!(shown.len() < 32 && shown.contains("***"), "{shown}");
        }
    }
}
