//! Secrets in every form in which they could leak, and the search for them.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::{Debug, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use pinning_keys_core::{Credential, Error};

/// The shortest text that can be searched for: any shorter one appears by chance.
const SHORTEST: usize = 6;

/// The shortest run of characters that is treated as encoded.
const ENCODED: usize = 16;

/// Texts that no output may show.
#[derive(Clone, Default)]
pub struct Secrets {
    /// As they are, in lower case.
    plain: Forms,
    /// Encoded, in lower case.
    encoded: Forms,
}

impl Secrets {
    /// These texts.
    pub fn of<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets = Self::default();
        texts.into_iter().for_each(|text| secrets.add(text));
        secrets
    }

    /// Adds a secret; of a JWT also the payload and the signature, separately.
    pub fn add(&mut self, secret: &str) {
        let segments = secret.split('.').skip(1).filter(|segment| segment.len() >= ENCODED);
        for text in std::iter::once(secret).chain(segments) {
            assert!(text.len() >= SHORTEST, "the secret is too short to be recognised");
            self.plain.insert(text.to_lowercase());
            encoded(text).for_each(|form| self.encoded.insert(form.to_lowercase()));
        }
    }

    /// Adds the secret parts of a credential.
    pub fn add_credential(&mut self, credential: &Credential) {
        credential.expose().secrets().for_each(|text| self.add(text));
    }

    /// Adds a signed URL, and its signature separately.
    pub fn add_url(&mut self, url: &str) {
        let (_, signature) = url.split_once("X-Signature=").expect("the URL is signed");
        self.add(url);
        self.add(signature);
    }

    /// The secret that a text shows: as it is, encoded, or within something encoded.
    pub fn find(&self, text: &str) -> Option<String> {
        let found = self.plain.find(text).or_else(|| self.encoded.find(text));
        found.cloned().or_else(|| decoded(text).find_map(|inner| self.plain.find(&inner).cloned()))
    }

    /// Fails if a text shows one of the secrets.
    #[track_caller]
    pub fn assert_not_in(&self, what: &str, text: &str) {
        if let Some(secret) = self.find(text) {
            panic!("{what} shows {secret}:\n{text}");
        }
    }

    /// Fails if the debug form of a value shows one of the secrets.
    #[track_caller]
    pub fn assert_not_in_debug(&self, what: &str, value: &impl Debug) {
        self.assert_not_in(what, &format!("{value:?} {value:#?}"));
    }

    /// Fails if an error or one of its sources shows one of the secrets.
    #[track_caller]
    pub fn assert_not_in_error(&self, what: &str, error: &Error) {
        self.assert_not_in(what, &all_of(error));
    }

    /// Fails if the debug form of a value, or all that an error shows, holds one of the secrets.
    #[track_caller]
    pub fn assert_not_in_result<T: Debug>(&self, what: &str, result: &Result<T, Error>) {
        match result {
            Ok(value) => self.assert_not_in_debug(what, value),
            Err(error) => self.assert_not_in_error(what, error),
        }
    }
}

/// Texts that are searched for all at once. They are compared only at places that begin with
/// the two bytes that one of them begins with: `str::contains` for each is several times
/// slower.
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
pub fn all_of(error: &Error) -> String {
    let mut text = format!("{error}\n{error:#}\n{error:?}\n{error:#?}");
    let (code, name) = (error.provider_code(), error.key_name());
    write!(text, "\n{code:?} {:?} {name:?} {:?}", error.next_step(), error.origin()).unwrap();
    let serialized = serde_json::to_string(error).expect("an error serializes");
    write!(text, "\n{serialized}").unwrap();
    let mut source = error.source();
    while let Some(cause) = source {
        write!(text, "\n{cause}\n{cause:?}").unwrap();
        source = cause.source();
    }
    text
}

/// A secret with percent signs, and in both alphabets of base 64 behind zero, one or two bytes.
fn encoded(secret: &str) -> impl Iterator<Item = String> {
    let base64 = (0..3).flat_map(|before| {
        let bytes = [&vec![b' '; before][..], secret.as_bytes()].concat();
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)].map(|text| {
            // Without the characters that depend on the bytes around the secret.
            let begin = [0, 2, 3][before];
            let end = text.len() - usize::from(bytes.len() % 3 != 0);
            text[begin..end].to_owned()
        })
    });
    std::iter::once(percent_encoded(secret)).chain(base64.collect::<Vec<_>>())
}

/// A text with a percent sign for everything but letters and digits.
pub fn percent_encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    bytes.collect()
}

/// The parts of a text that may be base 64, such as the segments of a JWT, decoded.
fn decoded(text: &str) -> impl Iterator<Item = String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    let runs = text.split(move |c| !is_part(c)).filter(|run| run.len() >= ENCODED);
    runs.filter_map(|run| {
        let whole = run[..run.len() - usize::from(run.len() % 4 == 1)].replace('+', "-");
        let bytes = URL_SAFE_NO_PAD.decode(whole.replace('/', "_")).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    })
}
