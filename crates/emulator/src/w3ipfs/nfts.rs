use http::StatusCode;
use serde_json::{Value, json};

use super::account::State;
use super::answer;
use super::call::{Call, Outcome};
use super::pins;
use super::shelf::{self, Listed, NewPin, Shelf};

pub(crate) fn nfts(state: &mut State) -> &mut Shelf {
    &mut state.nfts
}

/// `GET /api/nft/nfts/`.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let Listed { totals, page } = shelf::list(call, nfts)?;
    let listed = json!({ "totals": totals, "nfts": call.list(page) });
    Ok(answer::data(StatusCode::OK, listed))
}

/// `GET /api/nft/{nftId}`.
pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    Ok(answer::data(StatusCode::OK, shelf::show(call, nfts)?))
}

/// `POST /api/nft/`: a form like that of an upload, or just `?cid=` [DOC].
pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let new = match call.query.text("cid") {
        Some(cid) => NewPin { cid: cid.to_owned(), name: None, size: 0, metadata: Value::Null },
        None => pins::uploaded(call)?,
    };
    Ok(answer::data(StatusCode::CREATED, shelf::add(call, nfts, new)?))
}

/// `DELETE /api/nft/unpin/{nftId}`.
pub(crate) fn unpin(call: &mut Call<'_>) -> Outcome {
    shelf::unpin(call, nfts)?;
    Ok(answer::data(StatusCode::OK, json!({})))
}
