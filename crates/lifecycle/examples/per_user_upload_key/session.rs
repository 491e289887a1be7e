//! Who is logged in: replace this by the app's own log-in.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use crate::refusal::Refusal;

/// The header that carries a session.
pub(crate) const HEADER: &str = "x-session";

/// Alice's session, which never ends.
pub(crate) const ALICE: &str = "sample-session-of-alice";

/// The sessions and their users.
const SESSIONS: [(&str, &str); 2] = [(ALICE, "alice"), ("sample-session-of-bob", "bob")];

/// The user of a request. A handler with this argument refuses everyone who is not logged in.
pub(crate) struct User(pub(crate) &'static str);

impl<S: Sync> FromRequestParts<S> for User {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let session = parts.headers.get(HEADER).and_then(|value| value.to_str().ok());
        let user = SESSIONS.iter().find(|(known, _)| session == Some(known));
        user.map(|(_, user)| Self(user))
            .ok_or_else(|| Refusal::new(StatusCode::UNAUTHORIZED, "log in first"))
    }
}
