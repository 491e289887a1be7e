use http::StatusCode;
use serde_json::json;

use super::answer;
use super::call::{Call, Outcome};

/// `GET /api/users/me`. Clients read only `is_verified` [CODE]; the rest is made up.
pub(crate) fn me(call: &mut Call<'_>) -> Outcome {
    let user = json!({
        "id": call.state.sessions.user_id(),
        "email": "owner@emulator.invalid",
        "is_verified": true,
    });
    Ok(answer::data(StatusCode::OK, json!({ "user": user })))
}

/// `GET /api/auth/refresh`: a new session token; earlier ones stay valid [CODE].
pub(crate) fn refresh(call: &mut Call<'_>) -> Outcome {
    let state = &mut *call.state;
    state.sessions.renew(&mut state.random, &mut state.clock);
    let access_token = state.sessions.current();
    Ok(answer::plain(json!({ "access_token": access_token, "status": "success" })))
}
