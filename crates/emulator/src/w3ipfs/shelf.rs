use std::cmp::Ordering;

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value};

use super::account::State;
use super::answer::{self, Answer};
use super::call::Call;
use super::page::Page;
use crate::query::Query;

/// What the server knows about a pin or an NFT, still pinned or not. Each has its own form in
/// responses.
#[derive(Clone)]
pub(crate) struct Pin {
    pub(crate) id: String,
    /// The identifiers of its file and of its metadata, which lead nowhere here.
    pub(crate) file_id: String,
    pub(crate) metadata_id: String,
    pub(crate) content: Content,
    pub(crate) user_id: String,
    pub(crate) is_pinned: bool,
    pub(crate) created_at: String,
    pub(crate) updated_at: String,
    pub(crate) unpinned_at: Option<String>,
}

/// What is pinned.
#[derive(Clone)]
pub(crate) struct Content {
    pub(crate) cid: String,
    pub(crate) name: String,
    /// The media type, if it was uploaded.
    pub(crate) kind: Option<String>,
    pub(crate) size: usize,
    pub(crate) is_dir: bool,
    pub(crate) is_by_hash: bool,
    pub(crate) keyvalues: Option<Value>,
    /// The CID of the metadata, which NFTs store as a file.
    pub(crate) metadata_cid: Option<String>,
}

impl Content {
    /// Content that is only known by its CID. Nothing is fetched, so its size is unknown.
    pub(crate) fn of_cid(cid: &str) -> Self {
        Self {
            cid: cid.to_owned(),
            name: cid.to_owned(),
            kind: None,
            size: 0,
            is_dir: false,
            is_by_hash: true,
            keyvalues: None,
            metadata_cid: None,
        }
    }

    /// Sets what the metadata names; the rest stays as it is.
    pub(crate) fn describe(&mut self, metadata: &Value) {
        if let Some(name) = metadata["name"].as_str() {
            name.clone_into(&mut self.name);
        }
        if let Some(kind) = metadata["type"].as_str() {
            self.kind = Some(kind.to_owned());
        }
        if let Some(keyvalues) = metadata.get("keyvalues") {
            self.keyvalues = Some(keyvalues.clone());
        }
    }
}

/// The pins, or the NFTs, oldest first.
#[derive(Default)]
pub(crate) struct Shelf {
    pins: Vec<Pin>,
}

impl Shelf {
    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Pin> {
        self.pins.iter_mut().find(|pin| pin.id == id)
    }
}

/// Selects one of the two shelves of the account.
pub(crate) type Pick = fn(&mut State) -> &mut Shelf;

/// The totals of a list and a page of it.
pub(crate) struct Listed {
    pub(crate) totals: Totals,
    pub(crate) page: Vec<Pin>,
}

#[derive(Serialize)]
pub(crate) struct Totals {
    files: usize,
    size: usize,
}

/// Lists with the order, the filters and the defaults of the documents [DOC]; the filter `metadata`
/// is a client's [CODE].
pub(crate) fn list(call: &mut Call<'_>, pick: Pick) -> Result<Listed, Answer> {
    let page = Page::read(call)?;
    let wanted = match call.query.text("pinned") {
        None | Some("all") => None,
        Some("true") => Some(true),
        Some("false") => Some(false),
        Some(_) => return Err(answer::bad_request("pinned must be all, true or false")),
    };
    let keyvalues = keyvalues(&call.query)?;
    let order = order(&call.query)?;
    let has = |pin: &Pin, (name, value): (&String, &Value)| {
        pin.content.keyvalues.as_ref().and_then(|known| known.get(name)) == Some(value)
    };
    let pins = pick(call.state).pins.iter();
    let mut pins: Vec<&Pin> = pins
        .filter(|pin| wanted.is_none_or(|wanted| pin.is_pinned == wanted))
        .filter(|pin| keyvalues.iter().all(|pair| has(pin, pair)))
        .collect();
    pins.sort_by(|one, other| order(one, other));
    let size = pins.iter().map(|pin| pin.content.size).sum();
    let totals = Totals { files: pins.len(), size };
    Ok(Listed { totals, page: page.of(&pins).map(|pin| (*pin).clone()).collect() })
}

/// The pairs that the metadata of a pin must contain: `metadata={"key":"value"}`. The provider's
/// own client sends `null` if it has none [CODE].
fn keyvalues(query: &Query) -> Result<Map<String, Value>, Answer> {
    match query.text("metadata").map(serde_json::from_str) {
        None | Some(Ok(Value::Null)) => Ok(Map::new()),
        Some(Ok(Value::Object(pairs))) => Ok(pairs),
        Some(_) => Err(answer::bad_request("metadata must be a JSON object")),
    }
}

/// The order that `sortBy` and `sortOrder` name.
fn order(query: &Query) -> Result<impl Fn(&Pin, &Pin) -> Ordering + use<>, Answer> {
    let by: fn(&Pin, &Pin) -> Ordering = match query.text("sortBy") {
        None | Some("created_at") => |one, other| one.created_at.cmp(&other.created_at),
        Some("size") => |one, other| one.content.size.cmp(&other.content.size),
        Some("name") => |one, other| one.content.name.cmp(&other.content.name),
        Some(_) => return Err(answer::bad_request("sortBy must be created_at, size or name")),
    };
    let descending = match query.text("sortOrder") {
        None | Some("DESC") => true,
        Some("ASC") => false,
        Some(_) => return Err(answer::bad_request("sortOrder must be ASC or DESC")),
    };
    Ok(move |one: &Pin, other: &Pin| if descending { by(other, one) } else { by(one, other) })
}

/// Pins something that is not pinned yet.
pub(crate) fn add(call: &mut Call<'_>, pick: Pick, content: Content) -> Result<Pin, Answer> {
    let mut pins = pick(call.state).pins.iter();
    if pins.any(|pin| pin.is_pinned && pin.content.cid == content.cid) {
        return Err(answer::failed(StatusCode::CONFLICT, "Pin with that hash already exists"));
    }
    let now = call.state.clock.tick().iso_micros();
    let pin = Pin {
        id: call.state.random.uuid(),
        file_id: call.state.random.uuid(),
        metadata_id: call.state.random.uuid(),
        content,
        user_id: call.state.sessions.user_id().to_owned(),
        is_pinned: true,
        created_at: now.clone(),
        updated_at: now,
        unpinned_at: None,
    };
    pick(call.state).pins.push(pin.clone());
    Ok(pin)
}

/// The pin in the path, still pinned or not.
pub(crate) fn show(call: &mut Call<'_>, pick: Pick) -> Result<Pin, Answer> {
    let id = call.id().to_owned();
    pick(call.state).find_mut(&id).cloned().ok_or_else(answer::record_not_found)
}

/// Unpins the pin in the path, once.
pub(crate) fn unpin(call: &mut Call<'_>, pick: Pick) -> Result<Pin, Answer> {
    let (id, now) = (call.id().to_owned(), call.state.clock.tick().iso_micros());
    let pin = pick(call.state).find_mut(&id).filter(|pin| pin.is_pinned);
    let pin = pin.ok_or_else(answer::record_not_found)?;
    pin.is_pinned = false;
    pin.updated_at.clone_from(&now);
    pin.unpinned_at = Some(now);
    Ok(pin.clone())
}
