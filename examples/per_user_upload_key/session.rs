//! Who is logged in. A stand-in for what an app has anyway: replace it.

use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;

use crate::service::Refusal;

/// The header that carries a session.
pub(crate) const HEADER: &str = "x-session";

/// A session of alice's that never ends.
pub(crate) const ALICE: &str = "sample-session-of-alice";

/// The sessions that there are, and whose each is.
const SESSIONS: [(&str, &str); 2] = [(ALICE, "alice"), ("sample-session-of-bob", "bob")];

/// The user who makes a request; as an argument of a handler, it lets nobody else in.
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
