use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::account::State;
use super::answer::{self, Answer};
use super::call::{Call, Outcome};
use super::shelf::{self, Content, Listed, Pin, Shelf};
use crate::cid;

/// The time that Go writes if there is none, and the clients expect a text [CODE][INF].
const NEVER: &str = "0001-01-01T00:00:00Z";

/// The state of content that was pinned; what is unpinned keeps it [CODE].
pub(crate) const STATUS: &str = "pinned";

pub(crate) fn pins(state: &mut State) -> &mut Shelf {
    &mut state.pins
}

/// `GET /api/pinning/pins/`.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let Listed { totals, page } = shelf::list(call, pins)?;
    let rows: Vec<Row<'_>> = page.iter().map(Row::of).collect();
    let listed = json!({ "totals": totals, "pins": call.list(rows) });
    Ok(answer::data(StatusCode::OK, listed))
}

/// `GET /api/pinning/{pinId}`.
pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    Ok(answer::data(StatusCode::OK, Row::of(&shelf::show(call, pins)?)))
}

/// `POST /api/pinning/pinByHash`.
pub(crate) fn pin_by_hash(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(cid) = body.get("hash_to_pin").and_then(Value::as_str) else {
        return Err(answer::bad_request("hash_to_pin is required and must be a string"));
    };
    let mut content = Content::of_cid(cid);
    content.describe(body.get("metadata").unwrap_or(&Value::Null));
    Ok(answer::data(StatusCode::OK, Row::of(&shelf::add(call, pins, content)?)))
}

/// `POST /api/pinning/`, multipart; 201, unlike other routes [DOC].
pub(crate) fn upload(call: &mut Call<'_>) -> Outcome {
    let (content, _) = uploaded(call)?;
    Ok(answer::data(StatusCode::CREATED, Row::of(&shelf::add(call, pins, content)?)))
}

/// The upload of a form: `file`, and `metadata` as JSON text, which is returned too.
pub(crate) fn uploaded<'a>(call: &Call<'a>) -> Result<(Content, Option<&'a str>), Answer> {
    let payload = call.payload;
    let form = payload.form().filter(|form| !form.files.is_empty());
    let Some(form) = form else {
        return Err(answer::bad_request("the body is not a multipart form with a file"));
    };
    let metadata = form.json_field("metadata");
    let metadata = metadata.map_err(|_| answer::bad_request("metadata is not JSON"))?;
    let (cid, first) = (cid::of_files(&form.files), form.files.first());
    let mut content = Content {
        name: first.and_then(|file| file.name.clone()).unwrap_or_else(|| cid.clone()),
        kind: first.map(|file| file.media_type().to_owned()),
        size: form.files.iter().map(|file| file.content.len()).sum(),
        is_dir: form.files.len() > 1,
        is_by_hash: false,
        ..Content::of_cid(&cid)
    };
    content.describe(&metadata);
    Ok((content, form.field("metadata")))
}

/// `DELETE /api/pinning/unpin/{pinId}`, which returns the pin [DOC].
pub(crate) fn unpin(call: &mut Call<'_>) -> Outcome {
    Ok(answer::data(StatusCode::OK, Row::of(&shelf::unpin(call, pins)?)))
}

/// A pin in a response [DOC].
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    id: &'a str,
    file_record_id: &'a str,
    root_hash: &'a str,
    cid: &'a str,
    size: usize,
    user_id: &'a str,
    date_pinned: &'a str,
    date_unpinned: &'a str,
    pinned: bool,
    is_pin_by_hash: bool,
    sub_hash_status: &'a str,
    is_dir: bool,
    metadata: Metadata<'a>,
    status: &'static str,
}

impl<'a> Row<'a> {
    pub(crate) fn of(pin: &'a Pin) -> Self {
        Self {
            id: &pin.id,
            file_record_id: &pin.file_id,
            root_hash: &pin.content.cid,
            cid: &pin.content.cid,
            size: pin.content.size,
            user_id: &pin.user_id,
            date_pinned: &pin.created_at,
            date_unpinned: pin.unpinned_at.as_deref().unwrap_or(NEVER),
            pinned: pin.is_pinned,
            is_pin_by_hash: pin.content.is_by_hash,
            sub_hash_status: "",
            is_dir: pin.content.is_dir,
            metadata: Metadata::of(&pin.content),
            status: STATUS,
        }
    }
}

/// The metadata of a pin or NFT: `name` and `type` [DOC], and the `keyvalues` that it was given
/// [CODE].
#[derive(Serialize)]
pub(crate) struct Metadata<'a> {
    name: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyvalues: Option<&'a Value>,
}

impl<'a> Metadata<'a> {
    pub(crate) fn of(content: &'a Content) -> Self {
        Self {
            name: &content.name,
            kind: content.kind.as_deref(),
            keyvalues: content.keyvalues.as_ref(),
        }
    }
}
