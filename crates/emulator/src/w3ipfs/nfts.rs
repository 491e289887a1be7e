use http::StatusCode;
use serde::Serialize;
use serde_json::json;

use super::account::State;
use super::answer;
use super::call::{Call, Outcome};
use super::pins::{self, Metadata};
use super::shelf::{self, Content, Listed, Pin, Shelf};
use crate::cid;

pub(crate) fn nfts(state: &mut State) -> &mut Shelf {
    &mut state.nfts
}

/// `GET /api/nft/nfts/`.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let Listed { totals, page } = shelf::list(call, nfts)?;
    let rows: Vec<Nft<'_>> = page.iter().map(Nft::of).collect();
    let listed = json!({ "totals": totals, "nfts": call.list(rows) });
    Ok(answer::data(StatusCode::OK, listed))
}

/// `GET /api/nft/{nftId}`.
pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    Ok(answer::data(StatusCode::OK, Nft::of(&shelf::show(call, nfts)?)))
}

/// `POST /api/nft/`: a form like that of an upload, or just `?cid=` [DOC].
pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let content = if let Some(cid) = call.query.text("cid") {
        Content::of_cid(cid)
    } else {
        let (content, metadata) = pins::uploaded(call)?;
        let metadata_cid = metadata.map(|text| cid::of_file(text.as_bytes()));
        Content { metadata_cid, ..content }
    };
    Ok(answer::data(StatusCode::CREATED, Nft::of(&shelf::add(call, nfts, content)?)))
}

/// `DELETE /api/nft/unpin/{nftId}`. No document shows the response.
pub(crate) fn unpin(call: &mut Call<'_>) -> Outcome {
    shelf::unpin(call, nfts)?;
    Ok(answer::data(StatusCode::OK, json!({})))
}

/// An NFT in a response [DOC].
#[derive(Serialize)]
pub(crate) struct Nft<'a> {
    id: &'a str,
    asset_cid: &'a str,
    metadata_cid: &'a str,
    asset_pin_id: &'a str,
    metadata_pin_id: &'a str,
    size: usize,
    user_id: &'a str,
    created_at: &'a str,
    updated_at: &'a str,
    pinned: bool,
    metadata_asset: Metadata<'a>,
    status: &'static str,
}

impl<'a> Nft<'a> {
    pub(crate) fn of(pin: &'a Pin) -> Self {
        Self {
            id: &pin.id,
            asset_cid: &pin.content.cid,
            metadata_cid: pin.content.metadata_cid.as_deref().unwrap_or_default(),
            asset_pin_id: &pin.file_id,
            metadata_pin_id: &pin.metadata_id,
            size: pin.content.size,
            user_id: &pin.user_id,
            created_at: &pin.created_at,
            updated_at: &pin.updated_at,
            pinned: pin.is_pinned,
            metadata_asset: Metadata::of(&pin.content),
            status: pins::STATUS,
        }
    }
}
