use std::cmp::Ordering;

use http::StatusCode;
use serde::Serialize;
use serde_json::Value;

use super::account::State;
use super::answer::{self, Answer};
use super::call::Call;
use super::page::Page;
use crate::query::Query;

/// A pin or NFT, still pinned or not. The documents seen so far show the totals of a list only, so
/// all members are assumed.
#[derive(Clone, Serialize)]
pub(crate) struct Pin {
    pub(crate) id: String,
    pub(crate) cid: String,
    pub(crate) name: String,
    pub(crate) size: usize,
    pub(crate) metadata: Value,
    pub(crate) is_pinned: bool,
    pub(crate) created_at: String,
}

/// The pins, or the NFTs, oldest first.
#[derive(Default)]
pub(crate) struct Shelf {
    pins: Vec<Pin>,
}

/// A pin to add.
pub(crate) struct NewPin {
    pub(crate) cid: String,
    /// The name in the metadata wins; without either, the CID is used.
    pub(crate) name: Option<String>,
    pub(crate) size: usize,
    pub(crate) metadata: Value,
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

impl Shelf {
    pub(crate) fn find_mut(&mut self, id: &str) -> Option<&mut Pin> {
        self.pins.iter_mut().find(|pin| pin.id == id)
    }
}

/// Lists with the order and the filters of the documents [DOC]. The defaults are assumed: newest
/// first, and only what is pinned.
pub(crate) fn list(call: &mut Call<'_>, pick: Pick) -> Result<Listed, Answer> {
    let page = Page::read(call)?;
    let wanted = match call.query.text("pinned") {
        None | Some("true") => Some(true),
        Some("false") => Some(false),
        Some("all") => None,
        Some(_) => return Err(answer::bad_request("pinned must be all, true or false")),
    };
    let keyvalues = keyvalues(&call.query)?;
    let order = order(&call.query)?;
    let pins = pick(call.state).pins.iter();
    let mut pins: Vec<&Pin> = pins
        .filter(|pin| wanted.is_none_or(|wanted| pin.is_pinned == wanted))
        .filter(|pin| {
            let mut pairs = keyvalues.as_object().into_iter().flatten();
            pairs.all(|(name, value)| pin.metadata["keyvalues"][name] == *value)
        })
        .collect();
    pins.sort_by(|one, other| order(one, other));
    let totals = Totals { files: pins.len(), size: pins.iter().map(|pin| pin.size).sum() };
    Ok(Listed { totals, page: page.of(&pins).map(|pin| (*pin).clone()).collect() })
}

/// The pairs that the metadata of a pin must contain: `metadata={"key":"value"}`.
fn keyvalues(query: &Query) -> Result<Value, Answer> {
    let Some(text) = query.text("metadata") else { return Ok(Value::Null) };
    let object = serde_json::from_str(text).ok().filter(Value::is_object);
    object.ok_or_else(|| answer::bad_request("metadata must be a JSON object"))
}

/// The order that `sortBy` and `sortOrder` name.
fn order(query: &Query) -> Result<impl Fn(&Pin, &Pin) -> Ordering + use<>, Answer> {
    let by: fn(&Pin, &Pin) -> Ordering = match query.text("sortBy") {
        None | Some("created_at") => |one, other| one.created_at.cmp(&other.created_at),
        Some("size") => |one, other| one.size.cmp(&other.size),
        Some("name") => |one, other| one.name.cmp(&other.name),
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
pub(crate) fn add(call: &mut Call<'_>, pick: Pick, new: NewPin) -> Result<Pin, Answer> {
    let known = pick(call.state).pins.iter().any(|pin| pin.is_pinned && pin.cid == new.cid);
    if known {
        return Err(answer::failed(StatusCode::CONFLICT, "Pin with that hash already exists"));
    }
    let named = new.metadata["name"].as_str().map(str::to_owned);
    let pin = Pin {
        id: call.state.random.uuid(),
        name: named.or(new.name).unwrap_or_else(|| new.cid.clone()),
        cid: new.cid,
        size: new.size,
        metadata: new.metadata,
        is_pinned: true,
        created_at: call.state.clock.tick().iso_micros(),
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
pub(crate) fn unpin(call: &mut Call<'_>, pick: Pick) -> Result<(), Answer> {
    let id = call.id().to_owned();
    let pin = pick(call.state).find_mut(&id).filter(|pin| pin.is_pinned);
    pin.ok_or_else(answer::record_not_found)?.is_pinned = false;
    Ok(())
}
