use http::StatusCode;
use serde_json::json;

use super::answer;
use super::call::{Call, Outcome};
use crate::clock::Clock;

/// `GET /api/users/me`: the members of the document [DOC], and two that clients read [CODE].
pub(crate) fn me(call: &mut Call<'_>) -> Outcome {
    // The account is as old as the emulator's time.
    let since = Clock::default().tick().iso_micros();
    let user = json!({
        "id": call.state.sessions.user_id(),
        "first_name": "Emulated",
        "last_name": "Owner",
        "email": "owner@emulator.invalid",
        "wallet_address": "0x0000000000000000000000000000000000000000",
        "role": "user",
        "provider": "local",
        "is_verified": true,
        "created_at": since,
        "updated_at": since,
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
