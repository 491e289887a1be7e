use http::StatusCode;
use serde::Serialize;

use super::scopes::Family;
pub(crate) use crate::answer::Answer;

/// The error shape of v3 [OBS].
#[derive(Serialize)]
struct V3Error<'a> {
    code: u16,
    message: &'a str,
}

/// The error shape of the legacy routes [OBS].
#[derive(Serialize)]
struct LegacyError<'a> {
    reason: &'a str,
    details: &'a str,
}

#[derive(Serialize)]
struct Failed<E> {
    error: E,
}

#[derive(Serialize)]
struct Data<T> {
    data: T,
}

impl Answer {
    /// 200 with this JSON.
    pub(crate) fn ok(body: impl Serialize) -> Self {
        Self::json(StatusCode::OK, &body)
    }

    /// 200 with this JSON as the member `data`, which wraps most answers of v3 [SDK].
    pub(crate) fn data(data: impl Serialize) -> Self {
        Self::ok(Data { data })
    }

    /// 200 with the text `OK`, the answer of legacy routes without a result [DOC]. That it is plain
    /// text is inferred from the server's framework [INF].
    pub(crate) fn text_ok() -> Self {
        Self::text(StatusCode::OK, "text/plain; charset=utf-8", "OK")
    }

    /// Only two messages of v3 are recorded, both for 401.
    fn v3_error(status: StatusCode, message: &str) -> Self {
        Self::json(status, &Failed { error: V3Error { code: status.as_u16(), message } })
    }

    fn legacy_error(status: StatusCode, reason: &str, details: &str) -> Self {
        Self::json(status, &Failed { error: LegacyError { reason, details } })
    }
}

/// Refusals whose bodies were recorded from the real service or reported [OBS].
impl Answer {
    /// v3: a key that is unknown or revoked, or lacks the resource.
    pub(crate) fn not_authorized() -> Self {
        Self::v3_error(StatusCode::UNAUTHORIZED, "Not Authorized")
    }

    /// v3: no header, and also a key with legacy endpoints only.
    pub(crate) fn no_authorization_header() -> Self {
        Self::v3_error(StatusCode::UNAUTHORIZED, "no Authorization header found")
    }

    /// Legacy: no credential at all, or half a key pair.
    pub(crate) fn keys_must_be_strings() -> Self {
        Self::legacy_error(
            StatusCode::BAD_REQUEST,
            "KEYS_MUST_BE_STRINGS",
            "pinata_api_key and pinata_secret_api_key must both be strings",
        )
    }

    /// Legacy: an unknown token or pair.
    pub(crate) fn invalid_credentials() -> Self {
        Self::legacy_error(
            StatusCode::UNAUTHORIZED,
            "INVALID_CREDENTIALS",
            "Invalid/expired credentials",
        )
    }

    /// Legacy: a key without the flag of the route.
    pub(crate) fn no_scopes_found() -> Self {
        Self::legacy_error(
            StatusCode::FORBIDDEN,
            "NO_SCOPES_FOUND",
            "This key does not have the required scopes associated with it",
        )
    }

    /// Legacy: a revoked key.
    pub(crate) fn api_key_revoked() -> Self {
        Self::legacy_error(
            StatusCode::FORBIDDEN,
            "API_KEY_REVOKED",
            "This API Key has been revoked",
        )
    }

    /// Legacy: nothing with this CID is pinned.
    pub(crate) fn not_pinned(cid: &str) -> Self {
        Self::legacy_error(
            StatusCode::BAD_REQUEST,
            "CURRENT_USER_HAS_NOT_PINNED_CID",
            &format!("The current user has not pinned the cid: {cid}"),
        )
    }

    /// Legacy: nothing is stored under this identifier. Recorded on a route of another family of
    /// the same server; that it also applies here is assumed.
    pub(crate) fn object_not_found() -> Self {
        Self::legacy_error(
            StatusCode::NOT_FOUND,
            "OBJECT_NOT_FOUND",
            "Your account does not currently have any record associated with this ID",
        )
    }
}

/// Refusals of which only the shape is known; their texts are made up to help a person.
impl Answer {
    pub(crate) fn bad_request(family: Family, message: &str) -> Self {
        match family {
            Family::V3 => Self::v3_bad_request(message),
            Family::Legacy => Self::legacy_bad_request(message),
        }
    }

    pub(crate) fn v3_bad_request(message: &str) -> Self {
        Self::v3_error(StatusCode::BAD_REQUEST, message)
    }

    pub(crate) fn v3_not_found(message: &str) -> Self {
        Self::v3_error(StatusCode::NOT_FOUND, message)
    }

    pub(crate) fn no_such_group() -> Self {
        Self::v3_not_found("there is no such group")
    }

    pub(crate) fn legacy_bad_request(details: &str) -> Self {
        Self::legacy_error(StatusCode::BAD_REQUEST, "INVALID_REQUEST", details)
    }

    /// The emulator knows this parameter of a list and does not honour it. To ignore it would
    /// return too many rows, and a client may delete what it lists.
    pub(crate) fn not_honoured(family: Family, parameter: &str) -> Self {
        let message = format!("the emulator does not honour {parameter}");
        match family {
            Family::V3 => Self::v3_error(StatusCode::NOT_IMPLEMENTED, &message),
            Family::Legacy => {
                Self::legacy_error(StatusCode::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", &message)
            }
        }
    }

    pub(crate) fn too_large() -> Self {
        Self::v3_error(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large for the emulator")
    }

    /// A file is larger than its signed URL allows. The status is assumed.
    pub(crate) fn file_too_large() -> Self {
        Self::v3_error(StatusCode::PAYLOAD_TOO_LARGE, "the file is larger than the URL allows")
    }

    /// Too many requests. A client recorded that the body is JSON; the text was seen in another
    /// family of the same server.
    pub(crate) fn too_many_requests(path: &str) -> Self {
        const TEXT: &str = "Rate limit exceeded";
        if path.starts_with("/v3/") {
            Self::v3_error(StatusCode::TOO_MANY_REQUESTS, TEXT)
        } else {
            Self::legacy_error(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", TEXT)
        }
    }

    /// No route with this path and method.
    pub(crate) fn no_route(path: &str) -> Self {
        if path.starts_with("/v3/") {
            Self::v3_not_found("Not Found")
        } else {
            Self::legacy_error(StatusCode::NOT_FOUND, "NOT_FOUND", "There is no such route")
        }
    }
}
