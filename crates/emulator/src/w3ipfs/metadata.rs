use http::StatusCode;
use serde_json::Value;

use super::answer;
use super::call::{Call, Outcome};
use super::nfts::{self, Nft};
use super::pins::{self, Row};
use super::shelf::Pin;

/// `PUT /api/pinning/metadata/`, of pins and NFTs alike. That members which are not given stay as
/// they are is assumed.
pub(crate) fn set(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let (Some(id), Some(metadata)) = (body.get("id").and_then(Value::as_str), body.get("metadata"))
    else {
        return Err(answer::bad_request("id and metadata are required"));
    };
    let now = call.state.clock.tick().iso_micros();
    let change = |pin: &mut Pin| {
        pin.content.describe(metadata);
        pin.updated_at = now;
        pin.clone()
    };
    if let Some(pin) = pins::pins(call.state).find_mut(id) {
        return Ok(answer::data(StatusCode::OK, Row::of(&change(pin))));
    }
    let nft = nfts::nfts(call.state).find_mut(id).ok_or_else(answer::record_not_found)?;
    Ok(answer::data(StatusCode::OK, Nft::of(&change(nft))))
}
