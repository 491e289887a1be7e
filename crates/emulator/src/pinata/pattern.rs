/// Whether `text` matches the SQL pattern `%pattern%`, ignoring case.
///
/// The documents say that names are filtered with SQL `ilike`; it follows [INF] that `%` matches
/// any text, `_` any one character, and a backslash escapes the next character. A backslash at the
/// end matches itself.
pub(crate) fn contains(text: &str, pattern: &str) -> bool {
    let mut tokens = vec![Token::Any];
    tokens.extend(read(&lower(pattern)));
    tokens.push(Token::Any);
    matches(&lower(text), &tokens)
}

/// Whether the whole `text` matches the SQL pattern, as `like` does.
pub(crate) fn like(text: &str, pattern: &str) -> bool {
    matches(text, &read(pattern))
}

/// Whether the whole `text` matches the SQL pattern, ignoring case, as `ilike` does.
pub(crate) fn ilike(text: &str, pattern: &str) -> bool {
    matches(&lower(text), &read(&lower(pattern)))
}

fn lower(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

#[derive(Clone, Copy)]
enum Token {
    Any,
    One,
    This(char),
}

fn read(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '%' => Token::Any,
            '_' => Token::One,
            '\\' => Token::This(characters.next().unwrap_or('\\')),
            other => Token::This(other),
        });
    }
    tokens
}

/// Matches in one pass: after a mismatch only the last [`Token::Any`] takes one more character;
/// earlier ones need no second try.
fn matches(text: &str, tokens: &[Token]) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut token) = (0, 0);
    let mut resume = None;
    while at < text.len() {
        let fits = match tokens.get(token) {
            Some(Token::Any) => {
                resume = Some((at, token));
                token += 1;
                continue;
            }
            Some(Token::One) => true,
            Some(Token::This(character)) => *character == text[at],
            None => false,
        };
        if fits {
            (at, token) = (at + 1, token + 1);
        } else if let Some((from, any)) = resume {
            resume = Some((from + 1, any));
            (at, token) = (from + 1, any + 1);
        } else {
            return false;
        }
    }
    tokens[token..].iter().all(|token| matches!(token, Token::Any))
}

#[cfg(test)]
mod tests {
    use super::{contains, ilike, like};

    #[test]
    fn substring_matches_in_any_case() {
        assert!(contains("x a-2", "x a"));
        assert!(contains("User One", "ser o"));
        assert!(contains("anything", ""));
        assert!(contains("", ""));
        assert!(!contains("", "a"));
        assert!(!contains("user", "users"));
    }

    #[test]
    fn wildcards_match() {
        assert!(contains("key-2024-live", "key%live"));
        assert!(!contains("abcabd", "ab_d"));
        assert!(contains("abcabxd", "ab_d"));
        assert!(!contains("user", "u_r"));
        assert!(contains("user", "u__r"));
        assert!(contains("aaaab", "a%a%b"));
    }

    #[test]
    fn like_matches_the_whole_text() {
        assert!(like("invoice", "inv%"));
        assert!(like("invoice", "%v_ice"));
        assert!(!like("invoice", "invoic"));
        assert!(!like("invoice", "INV%"));
        assert!(ilike("Invoice", "iNV%"));
        assert!(!ilike("Invoice", "voice"));
    }

    #[test]
    fn escaped_wildcards_match_themselves() {
        assert!(contains("100%", r"100\%"));
        assert!(!contains("1000", r"100\%"));
        assert!(contains("a_b", r"a\_b"));
        assert!(!contains("axb", r"a\_b"));
        assert!(contains(r"a\b", r"a\\b"));
        assert!(contains(r"a\", r"a\"));
    }
}
