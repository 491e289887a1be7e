use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::files::File;
use super::groups::NoSuchGroup;
use super::input;
use super::upload::{self, About};
use crate::payload::FilePart;

/// Legacy routes know public files only.
pub(crate) const NETWORK: &str = "public";

/// Confirms that a credential is live, whatever it may do [OBS].
pub(crate) fn test_authentication(_: &mut Call<'_>) -> Outcome {
    let message = "Congratulations! You are communicating with the Pinata API!";
    Ok(Answer::ok(json!({ "message": message })))
}

/// `GET /data/userPinnedDataTotal`; not wrapped [SDK].
pub(crate) fn total(call: &mut Call<'_>) -> Outcome {
    let size: usize = call.state.files.on(NETWORK).map(|file| file.size).sum();
    Ok(Answer::ok(json!({
        "pin_count": call.state.files.on(NETWORK).count(),
        "pin_size_total": size,
        "pin_size_with_replications_total": size,
    })))
}

/// `PUT /pinning/hashMetadata`.
pub(crate) fn hash_metadata(call: &mut Call<'_>) -> Outcome {
    let body = Value::Object(call.object()?);
    let cid = input::text(&body, "ipfsPinHash")?;
    let mut files: Vec<&mut File> = call
        .state
        .files
        .all_mut()
        .filter(|file| file.network == NETWORK && file.cid == cid)
        .collect();
    if files.is_empty() {
        return Err(Answer::object_not_found());
    }
    for file in &mut files {
        if let Some(name) = body.get("name").and_then(Value::as_str) {
            name.clone_into(&mut file.name);
        }
        if let Some(changes) = body.get("keyvalues").and_then(Value::as_object) {
            file.change_keyvalues(changes);
        }
    }
    Ok(Answer::text_ok())
}

/// `POST /pinning/pinFileToIPFS`, multipart.
pub(crate) fn pin_file(call: &mut Call<'_>) -> Outcome {
    let payload = call.payload;
    let Some(form) = payload.form().filter(|form| !form.files.is_empty()) else {
        return Err(input::no_file());
    };
    let object = |name: &str| {
        let not_json = |_| Answer::legacy_bad_request(&format!("{name} is not JSON"));
        form.json_field(name).map_err(not_json)
    };
    let about = about(&object("pinataMetadata")?, &object("pinataOptions")?);
    store(call, about, &form.files)
}

/// `POST /pinning/pinJSONToIPFS`. A body without `pinataContent` is the content itself.
pub(crate) fn pin_json(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    input::cid_version(&Value::Object(body.clone()))?;
    let member = |name: &str| body.get(name).cloned().unwrap_or_default();
    let content = match body.get("pinataContent") {
        Some(content) => content.to_string(),
        None => Value::Object(body.clone()).to_string(),
    };
    let part = FilePart {
        name: None,
        mime_type: Some("application/json".to_owned()),
        content: Bytes::from(content),
    };
    let about = about(&member("pinataMetadata"), &member("pinataOptions"));
    store(call, about, &[part])
}

/// `DELETE /pinning/unpin/{cid}`. The list goes on showing it, as unpinned.
pub(crate) fn unpin(call: &mut Call<'_>) -> Outcome {
    let cid = call.segment(0).to_owned();
    let now = call.state.clock.tick();
    if call.state.files.remove(|file| file.network == NETWORK && file.cid == cid, now) {
        Ok(Answer::text_ok())
    } else {
        Err(Answer::not_pinned(&cid))
    }
}

fn about(metadata: &Value, options: &Value) -> About {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    About {
        network: NETWORK.to_owned(),
        name: text(&metadata["name"]),
        group_id: text(&options["groupId"]),
        keyvalues: metadata["keyvalues"].as_object().cloned().unwrap_or_else(Map::new),
    }
}

/// Stores an upload and answers in the legacy form.
fn store(call: &mut Call<'_>, about: About, parts: &[FilePart]) -> Outcome {
    let file =
        upload::file(call.state, about, parts).map_err(|NoSuchGroup| Answer::object_not_found())?;
    let known = call.state.files.on(NETWORK).any(|known| known.cid == file.cid);
    let mut answer = json!({
        "IpfsHash": file.cid,
        "PinSize": file.size,
        "Timestamp": file.created_at,
        "ID": file.id,
        "Name": file.name,
        "NumberOfFiles": file.number_of_files,
        "MimeType": file.mime_type,
        "GroupId": file.group_id,
        "Keyvalues": file.keyvalues,
    });
    if known {
        // It is not stored a second time.
        answer["isDuplicate"] = json!(true);
    } else {
        call.state.files.add(file);
    }
    Ok(Answer::ok(answer))
}
