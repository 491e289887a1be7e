use serde::Serialize;

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::files::{File, FileItem};
use super::keyvalues;
use super::page;
use super::pattern;

#[derive(Serialize)]
struct Listed<'a> {
    files: Vec<FileItem<'a>>,
    next_page_token: String,
}

/// Lists the files of a network, newest first unless `order` is `ASC`.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let query = &call.query;
    // The official client sends `group=null` for files without a group [SDK].
    let group_fits = |file: &File| match query.text("group") {
        None => true,
        Some("null") => file.group_id.is_none(),
        Some(group) => file.group_id.as_deref() == Some(group),
    };
    // The documents and the clients before version 2 say `metadata` [DOC], later ones `keyvalues`
    // [SDK]; "the operator will always be ===" [DOC].
    let pairs: Vec<_> = query.entries("metadata").chain(query.entries("keyvalues")).collect();
    let keyvalues_fit = |file: &File| {
        pairs.iter().all(|(name, value)| {
            file.keyvalues.get(*name).is_some_and(|known| keyvalues::text(known) == *value)
        })
    };
    let is_pending = query.flag("cidPending")?.unwrap_or(false);
    let mut files: Vec<&File> = call
        .state
        .files
        .on(call.segment(0))
        .filter(|file| query.text("name").is_none_or(|name| pattern::contains(&file.name, name)))
        .filter(|file| query.text("cid").is_none_or(|cid| file.cid == cid))
        .filter(|file| query.text("mimeType").is_none_or(|kind| file.mime_type == kind))
        // The CID of a file is always known at once.
        .filter(|_| !is_pending)
        .filter(|file| group_fits(file))
        .filter(|file| keyvalues_fit(file))
        .collect();
    if query.descending("order", Answer::v3_bad_request)? != Some(false) {
        files.reverse();
    }
    let page = page::cut(files, query, call.assumptions().data_page_size)?;
    let files = page.items.into_iter().map(File::item).collect();
    Ok(Answer::data(Listed { files, next_page_token: page.next_page_token }))
}
