use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::files::File;
use super::legacy::NETWORK;
use super::page::{self, Paging};
use super::pin_filter::PinFilter;

const PAGING: Paging = Paging { limit: "pageLimit", offset: "pageOffset", default_limit: 10 };

/// `GET /data/pinList`, newest first. What was unpinned stays in it, with the date [DOC].
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let query = &call.query;
    let filter = PinFilter::read(query)?;
    let files = call.state.files.ever_on(NETWORK).rev();
    let files: Vec<&File> = files.filter(|file| filter.keeps(file)).collect();
    let page = page::by_offset(&files, query, &PAGING)?;
    let user_id = call.state.keys.user_id();
    let rows: Vec<Value> = page.map(|file| row(file, user_id)).collect();
    // It was seen without being asked for [OBS], and can be declined [DOC].
    Ok(Answer::ok(if query.text("includeCount") == Some("false") {
        json!({ "rows": rows })
    } else {
        json!({ "count": files.len(), "rows": rows })
    }))
}

/// A file in the form of a pin.
fn row(file: &File, user_id: &str) -> Value {
    json!({
        "id": file.id,
        "ipfs_pin_hash": file.cid,
        "size": file.size,
        "user_id": user_id,
        "date_pinned": file.created_at,
        "date_unpinned": file.unpinned_at,
        "metadata": { "name": file.name, "keyvalues": file.keyvalues },
        "regions": [{ "regionId": "FRA1", "currentReplicationCount": 1,
                      "desiredReplicationCount": 1 }],
        "mime_type": file.mime_type,
        "number_of_files": file.number_of_files,
    })
}
