//! Names that look like ours or like those of the providers' programs, and are neither.
//!
//! Nothing reads such a variable. If something is missing, an error names it, because it may be
//! what somebody meant.

/// The longest name that is shown, in bytes.
const SHOWN_BYTES: usize = 60;

/// The beginnings of names that miss a letter of our prefix.
const ALMOST_PREFIXES: [&str; 3] = ["PINNING_KEY_", "PINING_KEYS_", "PINING_KEY_"];

/// What the names of credentials contain.
const CREDENTIALS: [&str; 3] = ["JWT", "KEY", "SECRET"];

/// A name that looks like one that is read.
pub(crate) struct SimilarName {
    pub(crate) name: String,
    /// The name that is one typing error away.
    pub(crate) meant: Option<String>,
}

impl SimilarName {
    /// Returns this name if it is similar enough to one that is read, or is for a credential of a
    /// provider with one of these words in the names of its variables, and can be shown.
    pub(crate) fn of<'a>(
        name: &str,
        read: impl IntoIterator<Item = &'a str>,
        words: &[String],
    ) -> Option<Self> {
        let is_plain =
            |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if name.len() > SHOWN_BYTES || !name.bytes().all(is_plain) {
            return None;
        }
        let mut read = read.into_iter();
        let meant = read.find(|read| strsim::damerau_levenshtein(name, read) == 1);
        (meant.is_some() || is_almost_ours(name) || is_for_a_provider(name, words))
            .then(|| Self { name: name.to_owned(), meant: meant.map(str::to_owned) })
    }
}

fn is_almost_ours(name: &str) -> bool {
    let is_for_pinning = name.starts_with("PINNING_") || name.starts_with("PINING_");
    let is_credential = name.split('_').any(|word| CREDENTIALS.contains(&word));
    is_for_pinning && is_credential || ALMOST_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn is_for_a_provider(name: &str, words: &[String]) -> bool {
    let delimited = format!("_{name}_");
    words.iter().any(|word| delimited.contains(&format!("_{word}_")))
        && CREDENTIALS.iter().any(|credential| name.contains(credential))
}
