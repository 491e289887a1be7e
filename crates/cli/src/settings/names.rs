//! Names that are not known, and what may have been meant.

use crate::nearest::nearest;
use crate::output::escape::escaped;

/// The longest name that is quoted.
const QUOTED_BYTES: usize = 40;

/// Says that a name is unknown, and suggests the nearest one or lists all.
pub(crate) fn unknown<'a>(
    what: &str,
    name: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let known: Vec<_> = known.into_iter().collect();
    let quoted = quoted(name).map(|name| format!(" {name}")).unwrap_or_default();
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("unknown {what}{quoted}; did you mean \"{nearest}\"?"),
        None => format!("unknown {what}{quoted}; expected one of {}", known.join(", ")),
    }
}

/// The name in quotation marks, unless it is so long that it may be a misplaced secret.
pub(crate) fn quoted(name: &str) -> Option<String> {
    (name.len() <= QUOTED_BYTES).then(|| format!("\"{}\"", escaped(name)))
}
