use std::time::SystemTime;

use super::answer::Answer;
use super::files::File;
use super::keyvalues::KeyvalueTests;
use super::pattern;
use crate::query::Query;

/// Which pins the legacy list shows, by the filters of the documents [DOC].
///
/// The ends of a span belong to it [DOC]; a pin that is not unpinned is in no span of unpinning
/// dates [INF].
pub(crate) struct PinFilter<'q> {
    /// Whether it shows pinned or unpinned ones alone; both by default [DOC].
    pinned: Option<bool>,
    cid: Option<&'q str>,
    /// Only the documents before 2024 and the client of that time have it [DOC][SDK].
    hash_contains: Option<&'q str>,
    group_id: Option<&'q str>,
    name: Option<&'q str>,
    sizes: Span<usize>,
    pinned_at: Span<SystemTime>,
    unpinned_at: Span<SystemTime>,
    keyvalues: KeyvalueTests,
}

impl<'q> PinFilter<'q> {
    pub(crate) fn read(query: &'q Query) -> Result<Self, Answer> {
        let refusal = Answer::legacy_bad_request;
        let size = |name| query.number_or(name, refusal);
        Ok(Self {
            pinned: match query.text("status") {
                None | Some("all") => None,
                Some("pinned") => Some(true),
                Some("unpinned") => Some(false),
                Some(_) => return Err(refusal("status must be all, pinned or unpinned")),
            },
            cid: query.text("cid"),
            hash_contains: query.text("hashContains"),
            group_id: query.text("groupId"),
            name: query.text("metadata[name]"),
            sizes: Span { from: size("pinSizeMin")?, to: size("pinSizeMax")? },
            pinned_at: Span { from: date(query, "pinStart")?, to: date(query, "pinEnd")? },
            unpinned_at: Span { from: date(query, "unpinStart")?, to: date(query, "unpinEnd")? },
            keyvalues: KeyvalueTests::read(query)?,
        })
    }

    pub(crate) fn keeps(&self, file: &File) -> bool {
        self.pinned.is_none_or(|pinned| pinned == file.unpinned_at.is_none())
            && self.cid.is_none_or(|cid| file.cid == cid)
            && self.hash_contains.is_none_or(|part| file.cid.contains(part))
            && self.group_id.is_none_or(|group| file.group_id.as_deref() == Some(group))
            && self.name.is_none_or(|name| pattern::contains(&file.name, name))
            && self.sizes.holds(Some(file.size))
            && self.pinned_at.holds(read_date(&file.created_at))
            && self.unpinned_at.holds(file.unpinned_at.as_deref().and_then(read_date))
            && self.keyvalues.fit(file)
    }
}

/// A span with both its ends; one that is missing is open.
struct Span<T> {
    from: Option<T>,
    to: Option<T>,
}

impl<T: PartialOrd> Span<T> {
    /// Whether a value lies in the span. A missing value lies only in one that is open on both
    /// sides.
    fn holds(&self, value: Option<T>) -> bool {
        let Some(value) = value else { return self.from.is_none() && self.to.is_none() };
        self.from.as_ref().is_none_or(|from| value >= *from)
            && self.to.as_ref().is_none_or(|to| value <= *to)
    }
}

/// A date in UTC, as the official client requires it [SDK]. That other forms of ISO 8601 are
/// refused is assumed.
fn date(query: &Query, name: &str) -> Result<Option<SystemTime>, Answer> {
    let read = |text| {
        let message = format!("{name} must be a date like 2024-07-16T11:41:19.000Z");
        read_date(text).ok_or_else(|| Answer::legacy_bad_request(&message))
    };
    query.text(name).map(read).transpose()
}

fn read_date(text: &str) -> Option<SystemTime> {
    humantime::parse_rfc3339(text).ok()
}
