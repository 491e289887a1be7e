use super::answer::{self, Answer};
use super::call::Call;
use crate::faults::lists::{self, Distortion};
use crate::query::at_least_one;

/// The length of a page if the query names none: said by the dashboard of keys, and by the
/// documents of other lists [CODE][DOC].
const DEFAULT_LIMIT: usize = 10;

/// The page of a list that `offset` and `limit` of the query name.
#[derive(Clone, Copy)]
pub(crate) struct Page {
    offset: usize,
    limit: usize,
}

impl Page {
    pub(crate) fn read(call: &Call<'_>) -> Result<Self, Answer> {
        let number = |name| call.query.number_or(name, answer::bad_request);
        let limit = number("limit")?.unwrap_or(DEFAULT_LIMIT);
        let most = call.assumptions.max_limit.unwrap_or(usize::MAX);
        let offset = number("offset")?.unwrap_or(0);
        Ok(Self { offset, limit: at_least_one(limit.min(most)) })
    }

    /// The page of a list of keys, distorted if asked to.
    pub(crate) fn of_keys<T: Copy>(
        self,
        all: Vec<T>,
        distortion: Option<Distortion>,
    ) -> lists::Page<T> {
        lists::cut(all, self.offset, self.limit, distortion)
    }

    pub(crate) fn of<T>(self, all: &[T]) -> impl Iterator<Item = &T> {
        all.iter().skip(self.offset).take(self.limit)
    }
}
