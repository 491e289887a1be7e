//! What was probably meant by a word that is not known.

/// The longest word that is compared. A longer one is no slip of the fingers, and may be a secret.
const LONGEST: usize = 80;

/// How similar two words must be (1 is equal) for one to be suggested instead of the other.
const LIKENESS: f64 = 0.75;

/// The known word that is most similar, if it is similar enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let word = word.to_lowercase();
    let judge = |known: &'a str| {
        let likeness = strsim::normalized_damerau_levenshtein(&word, &known.to_lowercase());
        let is_slip = known.len() > 2 && strsim::damerau_levenshtein(&word, known) == 1;
        (likeness >= LIKENESS || is_slip).then_some((likeness, known))
    };
    let best = known.into_iter().filter_map(judge).max_by(|a, b| a.0.total_cmp(&b.0));
    best.map(|(_, known)| known)
}

/// `unknown preset; did you mean reader?`, or all known words if none is similar. The unknown word
/// is not repeated, because it may be a secret.
pub(crate) fn unknown(what: &str, word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(nearest) => format!("unknown {what}; did you mean {nearest}?"),
        None => format!("unknown {what}; expected one of {}", known.join(", ")),
    }
}
