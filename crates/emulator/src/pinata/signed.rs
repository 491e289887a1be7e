use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::upload;
use crate::payload::{FilePart, Form};
use crate::query::Query;

/// The signed upload URLs, by the identifier in the path.
#[derive(Default)]
pub(crate) struct SignedUploads {
    by_id: HashMap<String, SignedUpload>,
}

/// What a signed upload URL permits.
struct SignedUpload {
    signature: String,
    /// The body of the request that signed it.
    options: Map<String, Value>,
}

impl SignedUploads {
    /// The options of the URL with this identifier, if its query has the right signature and its
    /// time is not over.
    pub(crate) fn open(&self, id: &str, query: &Query) -> Result<&Map<String, Value>, Answer> {
        let known = self.by_id.get(id);
        known
            .filter(|known| query.text("X-Signature") == Some(known.signature.as_str()))
            .map(|known| &known.options)
            .filter(|options| !is_over(options, SystemTime::now()))
            .ok_or_else(Answer::not_authorized)
    }
}

/// `POST /v3/files/sign`: a URL that accepts uploads without a key. Its form is documented [DOC];
/// that the methods are escaped in it is assumed.
pub(crate) fn sign(call: &mut Call<'_>) -> Outcome {
    let options = call.object()?;
    let (date, expires) = (number(&options, "date"), number(&options, "expires"));
    let (id, signature) = (call.state.random.uuid(), call.state.random.hex(64));
    let url = format!(
        "{}/v3/files/{id}?X-Algorithm=PINATA2&X-Date={date}&X-Expires={expires}\
         &X-Method=%5B%22HEAD%22%2C%22PATCH%22%2C%22POST%22%5D&X-User-ID={}\
         &X-Signature={signature}",
        call.account.base_url,
        call.state.keys.user_id(),
    );
    call.state.signed_uploads.by_id.insert(id, SignedUpload { signature, options });
    Ok(Answer::data(url))
}

/// An upload to a signed URL. The options of the URL override the form.
pub(crate) fn upload(call: &mut Call<'_>) -> Outcome {
    let options = call.state.signed_uploads.open(call.segment(0), &call.query)?.clone();
    let private = call.assumptions().upload_without_network_is_private;
    let form = upload::form(call)?;
    let mut about = upload::about(form, private)?;
    check_limits(&options, form)?;
    let text = |name: &str| options.get(name).and_then(Value::as_str).map(str::to_owned);
    about.network =
        text("network").filter(|name| upload::is_network(name)).unwrap_or(about.network);
    about.name = text("filename").or(about.name);
    about.group_id = text("group_id").or(about.group_id);
    if let Some(keyvalues) = options.get("keyvalues").and_then(Value::as_object) {
        about.keyvalues.clone_from(keyvalues);
    }
    upload::store(call, about)
}

fn number(options: &Map<String, Value>, name: &str) -> u64 {
    options.get(name).and_then(Value::as_u64).unwrap_or(0)
}

/// Whether the time of a URL is over: `date`, in seconds since 1970, plus `expires`, in seconds
/// [DOC].
///
/// The system's time counts and not the emulator's, because the date is the client's. Assumed are
/// the status of the refusal, and that a date in the future is accepted.
fn is_over(options: &Map<String, Value>, now: SystemTime) -> bool {
    let end = number(options, "date").saturating_add(number(options, "expires"));
    now.duration_since(UNIX_EPOCH).is_ok_and(|now| now.as_secs() >= end)
}

/// Checks an upload against `max_file_size`, in bytes, and `allow_mime_types` of its URL.
///
/// The documents name both limits [DOC]. Assumed are the statuses of the refusals, 413 and 400, and
/// that the type is the one in the form.
fn check_limits(options: &Map<String, Value>, form: &Form) -> Result<(), Answer> {
    let size: usize = form.files.iter().map(|file| file.content.len()).sum();
    let most = options.get("max_file_size").and_then(Value::as_u64);
    if most.is_some_and(|most| u64::try_from(size).is_ok_and(|size| size > most)) {
        return Err(Answer::file_too_large());
    }
    let allowed = options.get("allow_mime_types").and_then(Value::as_array);
    // The official client sends no list if none is wanted; an empty one limits nothing.
    let Some(allowed) = allowed.filter(|allowed| !allowed.is_empty()) else { return Ok(()) };
    let allowed: Vec<&str> = allowed.iter().filter_map(Value::as_str).collect();
    let fits = |file: &FilePart| {
        let media_type = file.media_type();
        allowed.iter().any(|pattern| allows(pattern, media_type))
    };
    if form.files.iter().all(fits) {
        Ok(())
    } else {
        Err(Answer::v3_bad_request("the URL does not allow files of this type"))
    }
}

/// Whether a type matches a type or a kind such as `image/*` [DOC].
fn allows(pattern: &str, media_type: &str) -> bool {
    // A type may have parameters: `text/plain; charset=utf-8`.
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let (pattern, media_type) = (pattern.to_ascii_lowercase(), media_type.to_ascii_lowercase());
    match pattern.strip_suffix('*') {
        Some(kind) => media_type.starts_with(kind),
        None => media_type == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::allows;

    #[test]
    fn type_is_allowed_by_name_or_kind() {
        assert!(allows("image/png", "image/PNG"));
        assert!(allows("image/*", "image/png"));
        assert!(allows("text/plain", "text/plain; charset=utf-8"));
        assert!(!allows("image/*", "imagery/png"));
        assert!(!allows("image/png", "image/jpeg"));
        assert!(!allows("image/png", ""));
    }
}
