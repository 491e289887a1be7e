use serde::Serialize;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::call::{Call, Outcome};
use crate::clock::Moment;

/// A stored file: its metadata without its content.
pub(crate) struct File {
    pub(crate) id: String,
    pub(crate) network: String,
    pub(crate) name: String,
    pub(crate) cid: String,
    pub(crate) size: usize,
    pub(crate) number_of_files: usize,
    pub(crate) mime_type: String,
    pub(crate) keyvalues: Map<String, Value>,
    pub(crate) group_id: Option<String>,
    pub(crate) created_at: String,
    /// When it was deleted or unpinned; only the legacy list shows it from then on.
    pub(crate) unpinned_at: Option<String>,
}

impl File {
    /// The form in lists and single look-ups [SDK].
    pub(crate) fn item(&self) -> FileItem<'_> {
        FileItem {
            id: &self.id,
            name: &self.name,
            cid: &self.cid,
            size: self.size,
            created_at: &self.created_at,
            number_of_files: self.number_of_files,
            mime_type: &self.mime_type,
            group_id: self.group_id.as_deref(),
            keyvalues: &self.keyvalues,
        }
    }

    /// The form in the answer to an upload, with two more members [SDK].
    pub(crate) fn uploaded(&self) -> Uploaded<'_> {
        Uploaded { item: self.item(), vectorized: false, network: &self.network }
    }

    /// Sets values, and removes those that are null.
    pub(crate) fn change_keyvalues(&mut self, changes: &Map<String, Value>) {
        for (name, value) in changes {
            if value.is_null() {
                self.keyvalues.remove(name);
            } else {
                self.keyvalues.insert(name.clone(), value.clone());
            }
        }
    }
}

#[derive(Serialize)]
pub(crate) struct FileItem<'a> {
    id: &'a str,
    name: &'a str,
    cid: &'a str,
    size: usize,
    created_at: &'a str,
    number_of_files: usize,
    mime_type: &'a str,
    group_id: Option<&'a str>,
    keyvalues: &'a Map<String, Value>,
}

#[derive(Serialize)]
pub(crate) struct Uploaded<'a> {
    #[serde(flatten)]
    item: FileItem<'a>,
    vectorized: bool,
    network: &'a str,
}

/// The files of both networks, oldest first; legacy uploads are public files.
#[derive(Default)]
pub(crate) struct FileStore {
    files: Vec<File>,
}

impl FileStore {
    pub(crate) fn add(&mut self, file: File) {
        self.files.push(file);
    }

    pub(crate) fn on<'a>(&'a self, network: &'a str) -> impl DoubleEndedIterator<Item = &'a File> {
        self.ever_on(network).filter(|file| file.unpinned_at.is_none())
    }

    /// The files of a network, including those that are gone.
    pub(crate) fn ever_on<'a>(
        &'a self,
        network: &'a str,
    ) -> impl DoubleEndedIterator<Item = &'a File> {
        self.files.iter().filter(move |file| file.network == network)
    }

    pub(crate) fn all_mut(&mut self) -> impl Iterator<Item = &mut File> {
        self.files.iter_mut().filter(|file| file.unpinned_at.is_none())
    }

    pub(crate) fn find_mut(&mut self, network: &str, id: &str) -> Option<&mut File> {
        self.all_mut().find(|file| file.network == network && file.id == id)
    }

    /// Removes files; returns whether there was any.
    pub(crate) fn remove(&mut self, gone: impl Fn(&File) -> bool, now: Moment) -> bool {
        let mut removed = false;
        for file in self.all_mut().filter(|file| gone(file)) {
            file.unpinned_at = Some(now.iso());
            removed = true;
        }
        removed
    }
}

pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    Ok(Answer::data(find(call)?.item()))
}

/// Changes the name and the key-values.
pub(crate) fn update(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let file = find(call)?;
    if let Some(name) = body.get("name").and_then(Value::as_str) {
        name.clone_into(&mut file.name);
    }
    if let Some(changes) = body.get("keyvalues").and_then(Value::as_object) {
        file.change_keyvalues(changes);
    }
    Ok(Answer::data(file.item()))
}

pub(crate) fn remove(call: &mut Call<'_>) -> Outcome {
    let (network, id) = (call.segment(0).to_owned(), call.segment(1).to_owned());
    let now = call.state.clock.tick();
    if call.state.files.remove(|file| file.network == network && file.id == id, now) {
        Ok(Answer::data(Value::Null))
    } else {
        Err(no_such_file())
    }
}

/// A link with which anyone may read a private file for a while. It points to the gateway that the
/// request named, so nothing serves it here.
pub(crate) fn download_link(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(url) = body.get("url").and_then(Value::as_str) else {
        return Err(Answer::v3_bad_request("url is required and must be a string"));
    };
    let separator = if url.contains('?') { '&' } else { '?' };
    let date = body.get("date").and_then(Value::as_u64).unwrap_or(0);
    let expires = body.get("expires").and_then(Value::as_u64).unwrap_or(0);
    let signature = call.state.random.hex(64);
    Ok(Answer::data(format!(
        "{url}{separator}X-Algorithm=PINATA1&X-Date={date}&X-Expires={expires}&X-Method=GET\
         &X-Signature={signature}"
    )))
}

fn find<'a>(call: &'a mut Call<'_>) -> Result<&'a mut File, Answer> {
    let (network, id) = (call.segment(0).to_owned(), call.segment(1).to_owned());
    call.state.files.find_mut(&network, &id).ok_or_else(no_such_file)
}

pub(crate) fn no_such_file() -> Answer {
    Answer::v3_not_found("there is no such file")
}
