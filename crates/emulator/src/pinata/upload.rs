use serde_json::{Map, Value};

use super::account::State;
use super::answer::Answer;
use super::call::{Call, Outcome};
use super::files::File;
use super::groups::NoSuchGroup;
use crate::cid;
use crate::payload::{FilePart, Form};

/// The metadata of an upload.
pub(crate) struct About {
    pub(crate) network: String,
    /// The name of the first file if not given.
    pub(crate) name: Option<String>,
    pub(crate) group_id: Option<String>,
    pub(crate) keyvalues: Map<String, Value>,
}

/// `POST /v3/files`, multipart.
pub(crate) fn upload(call: &mut Call<'_>) -> Outcome {
    let form = form(call)?;
    let private = call.assumptions().upload_without_network_is_private;
    let about = about(form, private)?;
    store(call, about)
}

pub(crate) fn form<'a>(call: &Call<'a>) -> Result<&'a Form, Answer> {
    let payload = call.payload;
    payload
        .form()
        .filter(|form| !form.files.is_empty())
        .ok_or_else(|| Answer::v3_bad_request("the body is not a multipart form with a file"))
}

pub(crate) fn about(form: &Form, unnamed_is_private: bool) -> Result<About, Answer> {
    let unnamed = if unnamed_is_private { "private" } else { "public" };
    let network = form.field("network").unwrap_or(unnamed);
    if !is_network(network) {
        return Err(Answer::v3_bad_request("network must be public or private"));
    }
    let keyvalues = match form.json_field("keyvalues") {
        Ok(Value::Null) => Map::new(),
        Ok(Value::Object(keyvalues)) => keyvalues,
        _ => return Err(Answer::v3_bad_request("keyvalues must be a JSON object")),
    };
    Ok(About {
        network: network.to_owned(),
        name: form.field("name").map(str::to_owned),
        group_id: form.field("group_id").map(str::to_owned),
        keyvalues,
    })
}

pub(crate) fn is_network(name: &str) -> bool {
    matches!(name, "public" | "private")
}

pub(crate) fn store(call: &mut Call<'_>, about: About) -> Outcome {
    let form = form(call)?;
    let file =
        file(call.state, about, &form.files).map_err(|NoSuchGroup| Answer::no_such_group())?;
    let answer = Answer::data(file.uploaded());
    call.state.files.add(file);
    Ok(answer)
}

/// Makes a file of one part, or a directory of several.
pub(crate) fn file(
    state: &mut State,
    about: About,
    parts: &[FilePart],
) -> Result<File, NoSuchGroup> {
    state.groups.check(&about.network, about.group_id.as_deref())?;
    let cid = cid::of_files(parts);
    let mime_type = match parts {
        [only] => only.media_type(),
        _ => "directory",
    };
    let first_name = parts.first().and_then(|part| part.name.clone());
    Ok(File {
        id: state.random.uuid(),
        network: about.network,
        name: about.name.or(first_name).unwrap_or_else(|| cid.clone()),
        cid,
        size: parts.iter().map(|part| part.content.len()).sum(),
        number_of_files: parts.len(),
        mime_type: mime_type.to_owned(),
        keyvalues: about.keyvalues,
        group_id: about.group_id,
        created_at: state.clock.tick().iso(),
        unpinned_at: None,
    })
}
