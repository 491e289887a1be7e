use http::StatusCode;
use serde_json::{Value, json};

use super::account::State;
use super::answer::{self, Answer};
use super::call::{Call, Outcome};
use super::shelf::{self, Listed, NewPin, Pick, Shelf};
use crate::cid;

fn pins(state: &mut State) -> &mut Shelf {
    &mut state.pins
}

/// `GET /api/pinning/pins/`.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let Listed { totals, page } = shelf::list(call, pins)?;
    let listed = json!({ "totals": totals, "pins": call.list(page) });
    Ok(answer::data(StatusCode::OK, listed))
}

/// `GET /api/pinning/{pinId}`.
pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    Ok(answer::data(StatusCode::OK, shelf::show(call, pins)?))
}

/// `POST /api/pinning/pinByHash`. Nothing is fetched, so the size is unknown.
pub(crate) fn pin_by_hash(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(cid) = body.get("hash_to_pin").and_then(Value::as_str) else {
        return Err(answer::bad_request("hash_to_pin is required and must be a string"));
    };
    let metadata = body.get("metadata").cloned().unwrap_or_default();
    let new = NewPin { cid: cid.to_owned(), name: None, size: 0, metadata };
    Ok(answer::data(StatusCode::OK, shelf::add(call, pins, new)?))
}

/// `POST /api/pinning/`, multipart; 201, unlike other routes [DOC].
pub(crate) fn upload(call: &mut Call<'_>) -> Outcome {
    let new = uploaded(call)?;
    Ok(answer::data(StatusCode::CREATED, shelf::add(call, pins, new)?))
}

/// The upload of a form: `file`, and `metadata` as JSON text.
pub(crate) fn uploaded(call: &Call<'_>) -> Result<NewPin, Answer> {
    let form = call.payload.form().filter(|form| !form.files.is_empty());
    let Some(form) = form else {
        return Err(answer::bad_request("the body is not a multipart form with a file"));
    };
    let not_json = |_| answer::bad_request("metadata is not JSON");
    Ok(NewPin {
        cid: cid::of_files(&form.files),
        name: form.files.first().and_then(|file| file.name.clone()),
        size: form.files.iter().map(|file| file.content.len()).sum(),
        metadata: form.json_field("metadata").map_err(not_json)?,
    })
}

/// `DELETE /api/pinning/unpin/{pinId}`.
pub(crate) fn unpin(call: &mut Call<'_>) -> Outcome {
    shelf::unpin(call, pins)?;
    Ok(answer::data(StatusCode::OK, json!({})))
}

/// `PUT /api/pinning/metadata/`, of pins and NFTs alike.
pub(crate) fn set_metadata(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let (Some(id), Some(metadata)) = (body.get("id").and_then(Value::as_str), body.get("metadata"))
    else {
        return Err(answer::bad_request("id and metadata are required"));
    };
    let shelves: [Pick; 2] = [pins, super::nfts::nfts];
    for pick in shelves {
        if let Some(pin) = pick(call.state).find_mut(id) {
            pin.metadata.clone_from(metadata);
            return Ok(answer::data(StatusCode::OK, &*pin));
        }
    }
    Err(answer::record_not_found())
}
