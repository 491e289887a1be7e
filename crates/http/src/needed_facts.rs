//! The facts of a session that a call needs, and how they are filled in.

use bytes::Bytes;
use pinning_keys_core::{Error, ErrorKind, with_members_in_front};

use crate::credentials::Session;

/// The names of the facts, by the part of the request that they belong to.
///
/// Only the path as the adapter wrote it is searched for them, so a value from elsewhere that looks
/// like a placeholder is sent unchanged.
#[derive(Default)]
pub(crate) struct NeededFacts {
    /// Those that replace `{name}` in the path.
    pub(crate) path: Vec<&'static str>,
    /// Those that are added to the query, each with the name of its parameter.
    pub(crate) query: Vec<(&'static str, &'static str)>,
    /// Those that are added to the body, as members of its object.
    pub(crate) body: Vec<&'static str>,
}

impl NeededFacts {
    /// The value of a fact.
    pub(crate) fn value<'a>(session: Option<&'a Session>, name: &str) -> Result<&'a str, Error> {
        session.and_then(|session| session.fact(name)).ok_or_else(|| missing(name))
    }

    /// The body with its facts, which come first.
    pub(crate) fn fill_body(&self, body: &[u8], session: Option<&Session>) -> Result<Bytes, Error> {
        let fact = |name: &&'static str| {
            let [name, value] = [*name, Self::value(session, name)?].map(serde_json::Value::from);
            Ok(format!("{name}:{value}"))
        };
        let facts = self.body.iter().map(fact).collect::<Result<Vec<_>, Error>>()?;
        let body = std::str::from_utf8(body).ok();
        let filled = body.and_then(|body| with_members_in_front(facts, body));
        filled.map(Bytes::from).ok_or_else(|| {
            let message = "facts cannot be added to a body that is not a JSON object";
            Error::new(ErrorKind::InvalidInput, message)
        })
    }
}

fn missing(name: &str) -> Error {
    let message =
        format!("the request needs {name}, which the account's credential does not provide");
    Error::new(ErrorKind::CredentialUnavailable, message)
        .with_next_step(format!("have the credential source add the fact {name}"))
}
