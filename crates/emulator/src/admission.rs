use http::{HeaderMap, header::AUTHORIZATION};

use crate::answer::Answer;

/// The key that a request came with, and what the request may do.
pub(crate) struct Authorized {
    /// The public key; `None` where something else opened the route.
    pub(crate) key: Option<String>,
}

/// Why a request is refused, and what is to be counted for it.
pub(crate) struct Refused {
    pub(crate) answer: Answer,
    pub(crate) counts: Counts,
}

/// For which key, by its public half, a refused request counts, and as what.
pub(crate) enum Counts {
    Nothing,
    /// The key is too new to be known.
    AsNew(String),
    /// The key was honoured, and only lacks the scope.
    AsHonoured(String),
}

impl From<Answer> for Refused {
    fn from(answer: Answer) -> Self {
        Self { answer, counts: Counts::Nothing }
    }
}

/// The credential that a request shows.
pub(crate) enum Presented<'a> {
    Bearer(&'a str),
    Pair {
        key: &'a str,
        secret: &'a str,
    },
    /// An `Authorization` that is no bearer token.
    Unreadable,
    /// No credential, or half a pair.
    Nothing,
}

/// Reads the credential, of which the pair comes in headers of these two names. The bearer
/// token goes first where a request carries both [INF].
pub(crate) fn presented<'a>(headers: &'a HeaderMap, [key, secret]: [&str; 2]) -> Presented<'a> {
    if let Some(value) = headers.get(AUTHORIZATION) {
        let token = value.to_str().ok().and_then(|text| text.split_once(' '));
        return match token {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Presented::Bearer(token.trim())
            }
            _ => Presented::Unreadable,
        };
    }
    match (text(headers, key), text(headers, secret)) {
        (Some(key), Some(secret)) => Presented::Pair { key, secret },
        _ => Presented::Nothing,
    }
}

/// The value of a header, where it is text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
