/// The maximum length of a text in the store, in characters.
const MOST: usize = 240;

/// A text from outside as the store keeps it: one line, at most 240 characters.
///
/// Adapters clean their errors of every secret that they know; what remains is shown to people, so
/// control and invisible characters are escaped.
pub(crate) fn scrubbed(text: &str) -> String {
    let escaped = pinning_keys_core::escaped(text);
    if escaped.chars().count() <= MOST {
        return escaped;
    }
    escaped.chars().take(MOST - 1).chain(['…']).collect()
}
