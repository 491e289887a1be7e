use http::{HeaderMap, header::AUTHORIZATION};

use crate::answer::Answer;

/// The credential of a request that is let through.
pub(crate) struct Authorized {
    /// The public half of its key; `None` if something else opened the route.
    pub(crate) key: Option<String>,
}

/// Why a request is refused, and what is counted for it.
pub(crate) struct Refused {
    pub(crate) answer: Answer,
    pub(crate) counts: Counts,
}

/// What a refused request counts as, for the key with this public half.
pub(crate) enum Counts {
    Nothing,
    /// The key is too new to be known.
    AsNew(String),
    /// The key was honoured and only lacks the scope.
    AsHonoured(String),
}

impl From<Answer> for Refused {
    fn from(answer: Answer) -> Self {
        Self { answer, counts: Counts::Nothing }
    }
}

/// The credential that a request presents.
pub(crate) enum Presented<'a> {
    Bearer(&'a str),
    Pair {
        key: &'a str,
        secret: &'a str,
    },
    /// An `Authorization` header without a bearer token.
    Unreadable,
    /// No credential, or half a pair.
    Nothing,
}

/// Reads the credential; a pair comes in the headers with these two names. If a request carries
/// both, the bearer token is used [INF].
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

/// The value of a header, if it is text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
