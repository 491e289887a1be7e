//! Secrets in every form in which they could come out, and the search for them.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use pinning_keys::{Credential, Error};

/// The shortest run of characters that is taken for something encoded.
const ENCODED: usize = 16;

/// Texts that must come out nowhere.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    /// As they are, and folded.
    plain: Forms,
    /// Encoded, and folded.
    encoded: Forms,
}

impl Secrets {
    pub(crate) fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets = Self::default();
        texts.into_iter().for_each(|text| secrets.add(text));
        secrets
    }

    /// Adds a secret; of a JWT also what it says and its signature, each by itself.
    pub(crate) fn add(&mut self, secret: &str) {
        let segments = secret.split('.').skip(1).filter(|segment| segment.len() >= ENCODED);
        for text in std::iter::once(secret).chain(segments) {
            assert!(text.len() >= ENCODED, "a secret that is too short to be recognised");
            self.plain.insert(text.to_lowercase());
            encoded(text).for_each(|form| self.encoded.insert(form.to_lowercase()));
        }
    }

    pub(crate) fn add_credential(&mut self, credential: &Credential) {
        let shown = credential.expose();
        [shown.bearer(), shown.api_secret()].into_iter().flatten().for_each(|text| self.add(text));
    }

    /// # Panics
    ///
    /// Where a text shows one of the secrets, as it is, encoded, or within something encoded.
    #[track_caller]
    pub(crate) fn assert_not_in(&self, what: &str, text: &str) {
        if let Some(form) = self.plain.find(text).or_else(|| self.encoded.find(text)) {
            panic!("{what} shows {form}:\n{text}");
        }
        for inner in decoded(text) {
            if let Some(form) = self.plain.find(&inner) {
                panic!("{what} shows {form}, encoded:\n{text}");
            }
        }
    }

    /// The same for all that an error shows, with its sources.
    #[track_caller]
    pub(crate) fn assert_not_in_error(&self, what: &str, error: &Error) {
        self.assert_not_in(what, &all_of(error));
    }
}

/// Forms, to be searched for all at once. Only where two bytes are those that a form begins with
/// is there anything to compare: `str::contains` for each form takes several times as long.
#[derive(Clone)]
struct Forms {
    texts: BTreeSet<String>,
    begins: Vec<bool>,
}

impl Default for Forms {
    fn default() -> Self {
        Self { texts: BTreeSet::new(), begins: vec![false; 1 << 16] }
    }
}

impl Forms {
    fn insert(&mut self, form: String) {
        self.begins[place(form.as_bytes())] = true;
        self.texts.insert(form);
    }

    /// The form that a text holds, if there is one.
    fn find(&self, text: &str) -> Option<&String> {
        let text = text.to_lowercase();
        let text = text.as_bytes();
        let places = (1..text.len()).filter(|end| self.begins[place(&text[end - 1..])]);
        let mut rests = places.map(|end| &text[end - 1..]);
        rests.find_map(|rest| self.texts.iter().find(|form| rest.starts_with(form.as_bytes())))
    }
}

fn place(text: &[u8]) -> usize {
    usize::from(text[0]) << 8 | usize::from(text[1])
}

/// All that an error shows, with its sources.
pub(crate) fn all_of(error: &Error) -> String {
    let mut text = format!("{error}\n{error:?}\n{error:#?}\n{:?}", error.provider_code());
    write!(text, "\n{:?} {:?}", error.next_step(), error.key_name()).unwrap();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, "\n{cause}\n{cause:?}").unwrap();
        source = cause.source();
    }
    text
}

/// A secret with percent signs, and in both alphabets of base 64 behind zero, one or two bytes.
fn encoded(secret: &str) -> impl Iterator<Item = String> {
    let percent = secret.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").unwrap();
        }
        text
    });
    let base64 = (0..3).flat_map(|before| {
        let bytes = [&vec![b' '; before][..], secret.as_bytes()].concat();
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)].map(|text| {
            // What the bytes around have a part in is left out.
            let begin = [0, 2, 3][before];
            let end = text.len() - usize::from(bytes.len() % 3 != 0);
            text[begin..end].to_owned()
        })
    });
    std::iter::once(percent).chain(base64.collect::<Vec<_>>())
}

/// What the parts of a text say that may be base 64, such as the segments of a JWT.
fn decoded(text: &str) -> impl Iterator<Item = String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let runs = text.split(move |c| !is_part(c)).filter(|run| run.len() >= ENCODED);
    runs.filter_map(|run| {
        let whole = run[..run.len() - usize::from(run.len() % 4 == 1)].replace('+', "-");
        let bytes = URL_SAFE_NO_PAD.decode(whole.replace('/', "_")).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    })
}
