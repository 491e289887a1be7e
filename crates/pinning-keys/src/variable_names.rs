//! Names that differ from a known one only in what is hard to see.
//!
//! A program that reads an environment file line by line can make names such as
//! `\u{feff}PINNING_KEYS_JWT` and `export PINNING_KEYS_JWT`. Such a variable must not be ignored:
//! its setting would keep the default, or the credential of another program would be used.

use std::collections::BTreeSet;

use pinning_keys_core::{Error, ErrorKind};

/// The longest name that is quoted, in characters.
const QUOTED_CHARS: usize = 80;

/// The longest text before a name that is quoted with it, in letters and digits, such as `export`.
/// Anything longer may be a secret.
const KEYWORD_CHARS: usize = 12;

/// For the first name of a file that an editor began with a byte order mark.
const MARK_STEP: &str =
    "save the file as UTF-8 without a byte order mark: the name begins with one";

/// The error for a name that is not known.
pub(crate) fn misspelt(name: &str, known: &BTreeSet<String>) -> Error {
    let known = || known.iter().map(String::as_str);
    if let Some(meant) = meant(name, known()) {
        let letters = |name| Letters::of(name).text.len();
        let more = letters(name).saturating_sub(letters(meant));
        let shown = name.chars().take(QUOTED_CHARS).collect::<String>();
        let shown = if more > KEYWORD_CHARS { String::new() } else { format!(" {shown:?}") };
        let error = unknown(&format!("{shown}; did you mean {meant:?}?"));
        return if name.starts_with('\u{feff}') { error.with_next_step(MARK_STEP) } else { error };
    }
    // A JWT by another name.
    if let Some(jwt) = known().find(|known| name.ends_with("TOKEN") && known.ends_with("_JWT")) {
        return unknown(&format!(" {name:?}; did you mean {jwt:?}?"));
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Error::unknown_setting(name, known());
    }
    // A line such as `NAME: value` was taken for a name, which must not be quoted then.
    let begins = known().filter(|known| is_meant_to_begin_with(name, known));
    if let Some(known) = begins.max_by_key(|known| known.len()) {
        return unknown(&format!("; did you mean {known:?}?"))
            .with_next_step("separate the name and the value with an equals sign");
    }
    let known: Vec<_> = known().collect();
    let hidden = ", whose name is not shown because it may contain a secret";
    unknown(&format!("{hidden}; expected one of {}", known.join(", ")))
}

fn unknown(rest: &str) -> Error {
    Error::new(ErrorKind::Configuration, format!("unknown setting{rest}"))
}

/// The known name that this name is meant to be, whatever else surrounds or interrupts it.
pub(crate) fn meant<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = Letters::of(name);
    known.into_iter().find(|known| {
        let known = Letters::of(known).text;
        name.ends().any(|end| end == known)
    })
}

/// Whether a name is meant to be one of these known ones, which have this prefix, or any other name
/// with the prefix and something after it.
pub(crate) fn is_meant_to_have(prefix: &str, name: &str, known: &BTreeSet<String>) -> bool {
    let (name, length) = (Letters::of(name), Letters::of(prefix).text.len());
    let is_known = |end: &str| known.iter().any(|known| Letters::of(known).text == end);
    let mut ends = name.beginning_with(prefix);
    ends.any(|(end, is_whole)| is_whole && end.len() > length || is_known(end))
}

fn is_meant_to_begin_with(name: &str, known: &str) -> bool {
    Letters::of(name).beginning_with(known).any(|(_, is_whole)| is_whole)
}

/// What distinguishes a name.
struct Letters {
    /// Its letters and digits in upper case, and marks that are neither quotation marks nor
    /// separators of words. Nothing else is part of a known name.
    text: String,
    /// Where the name may begin: at its beginning, and after a blank or a mark as in `export NAME`
    /// and `$env:NAME`. Nowhere in a comment.
    begins: Vec<usize>,
    /// Where a word ends: before anything that is no letter or digit, and at the end.
    breaks: BTreeSet<usize>,
}

impl Letters {
    fn of(name: &str) -> Self {
        let is_separator = |c: char| !c.is_ascii_graphic() || matches!(c, ':' | '$');
        if name.trim_start_matches(is_separator).starts_with(['#', ';']) {
            return Self { text: String::new(), begins: Vec::new(), breaks: BTreeSet::new() };
        }
        let (mut text, mut begins, mut breaks) = (String::new(), vec![0], BTreeSet::new());
        for c in name.chars() {
            let plain = half_width(c);
            if !plain.is_ascii_alphanumeric() {
                breaks.insert(text.len());
            }
            if plain.is_ascii_graphic() && !"_-.\"'`".contains(plain) {
                text.push(plain.to_ascii_uppercase());
            }
            if is_separator(c) {
                begins.push(text.len());
            }
        }
        begins.dedup();
        breaks.insert(text.len());
        Self { text, begins, breaks }
    }

    fn ends(&self) -> impl Iterator<Item = &str> {
        self.begins.iter().map(|at| &self.text[*at..])
    }

    /// The ends that begin with the letters of this prefix, and whether these are whole words:
    /// `PINNING_KEYSTORE` only begins with the letters of `PINNING_KEYS_`.
    fn beginning_with(&self, prefix: &str) -> impl Iterator<Item = (&str, bool)> {
        let prefix = Self::of(prefix).text;
        self.begins.iter().filter_map(move |at| {
            let end = &self.text[*at..];
            let is_whole = self.breaks.contains(&(at + prefix.len()));
            end.starts_with(&prefix).then_some((end, is_whole))
        })
    }
}

/// The ASCII character that a full-width one looks like.
fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}
