//! Helpers for texts that people read.

use std::fmt::{self, Write as _};
use std::time::SystemTime;

/// The longest part of a foreign text that is quoted in an error, in characters.
const QUOTED_CHARS: usize = 80;

/// How similar two texts must be (1 is equal) for one to be suggested instead of the other.
const LIKENESS: f64 = 0.75;

/// The known text that is most similar to `text`, if it is similar enough to be what was meant, or
/// one typing error away.
pub(crate) fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if text.len() > QUOTED_CHARS {
        return None;
    }
    let known: Vec<_> = known.collect();
    let shared = shared_prefix(text, &known);
    let lower = text[shared..].to_lowercase();
    let judge = |candidate: &&'a str| {
        let own = candidate[shared..].to_lowercase();
        let likeness = strsim::normalized_damerau_levenshtein(&lower, &own);
        let is_slip = own.len() > 2 && strsim::damerau_levenshtein(&lower, &own) == 1;
        (likeness >= LIKENESS || is_slip).then_some((likeness, *candidate))
    };
    known
        .iter()
        .filter_map(judge)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// `unknown setting "jwtt"; did you mean "jwt"?`, or all known texts if none is similar.
pub(crate) fn unknown(what: &str, text: &str, known: &[&str]) -> String {
    let advice = match nearest(text, known.iter().copied()) {
        Some(nearest) => format!("did you mean {nearest:?}?"),
        None => format!("expected one of {}", known.join(", ")),
    };
    format!("unknown {what} {:?}; {advice}", shortened(text))
}

/// The length in bytes of a prefix such as `PINNING_KEYS_` that all texts share, and that therefore
/// says nothing about their similarity.
fn shared_prefix(text: &str, known: &[&str]) -> usize {
    let mut ends = text.rmatch_indices('_').map(|(at, _)| at + 1);
    ends.find(|end| known.iter().all(|name| name.starts_with(&text[..*end]))).unwrap_or(0)
}

/// Whether a text begins with another. Written by hand, because constants need it.
pub(crate) const fn begins_with(text: &[u8], beginning: &[u8]) -> bool {
    if text.len() < beginning.len() {
        return false;
    }
    let mut i = 0;
    while i < beginning.len() {
        if text[i] != beginning[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether two texts are equal, in constants too.
pub(crate) const fn is_same(a: &str, b: &str) -> bool {
    a.len() == b.len() && begins_with(a.as_bytes(), b.as_bytes())
}

/// The text, cut if it is too long to be quoted in an error.
pub(crate) fn shortened(text: &str) -> std::borrow::Cow<'_, str> {
    match text.char_indices().nth(QUOTED_CHARS) {
        Some((cut, _)) => format!("{}…", &text[..cut]).into(),
        None => text.into(),
    }
}

/// The time in RFC 3339; `None` before 1970 and after the year 9999, which it cannot express.
pub(crate) fn rfc3339(time: SystemTime) -> Option<String> {
    time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let mut text = String::new();
    write!(text, "{}", humantime::format_rfc3339(time)).ok()?;
    Some(text)
}

/// Writes what `write` writes, padded to the formatter's width.
pub(crate) fn padded(
    f: &mut fmt::Formatter<'_>,
    write: impl Fn(&mut fmt::Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    if f.width().is_none() && f.precision().is_none() {
        return write(f);
    }
    f.pad(&FromFn(write).to_string())
}

/// Displays what a function writes.
struct FromFn<F>(F);

impl<F: Fn(&mut fmt::Formatter<'_>) -> fmt::Result> fmt::Display for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

/// Writes the items with `separator` between them.
pub(crate) fn join<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    separator: &str,
) -> fmt::Result {
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
