use std::fmt;
use std::pin::Pin;

use crate::bench::Bench;
use crate::facts::Facts;
use crate::harness::Harness;
use crate::need::Need;
use crate::verdict::Verdict;

/// One case of the suite: it checks one point of one clause.
///
/// ```
/// use pinning_keys_conformance::CASES;
///
/// let case = CASES.iter().find(|case| case.clause() == "revoke-04").unwrap();
/// assert_eq!(case.id(), "revoke-04-foreign-reference-is-refused-before-any-request");
/// ```
#[derive(Clone, Copy)]
pub struct Case {
    pub(crate) id: &'static str,
    pub(crate) needs: &'static [Need],
    /// The most keys that the case creates.
    pub(crate) keys: fn(&Facts) -> usize,
    pub(crate) run: CaseFn,
}

pub(crate) type CaseFn =
    for<'a> fn(&'a Bench<'a>) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

impl Case {
    /// The name of the case, which begins with the clause.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The clause in the documentation of [`KeyIssuer`](pinning_keys_core::KeyIssuer), such as
    /// `issue-03`.
    pub fn clause(&self) -> &'static str {
        let number = self.id.match_indices('-').nth(1).map_or(self.id.len(), |(at, _)| at);
        &self.id[..number]
    }

    /// What the case needs and does not have, if anything.
    pub(crate) fn missing(&self, harness: &dyn Harness, facts: &Facts) -> Option<String> {
        let has_own = self.needs.iter().any(|need| matches!(need, Need::OwnScopes));
        let makes_plain = (self.keys)(facts) > 0 && !has_own;
        let plain = makes_plain.then_some(Need::PlainKey);
        let mut needs = self.needs.iter().copied().chain(plain);
        needs.find_map(|need| need.missing(harness, facts))
    }

    /// Whether only running the case shows whether there is anything to check.
    pub(crate) fn may_skip_late(&self, facts: &Facts) -> bool {
        let may = |need: &Need| matches!(need, Need::MaySkipLate(holds) if holds(facts));
        self.needs.iter().any(may)
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Defines a case by its name, the most keys it creates, what it needs and what it does.
macro_rules! case {
    ($id:literal, $keys:expr, [$($need:expr),* $(,)?], $bench:ident => $run:expr $(,)?) => {
        $crate::case::Case {
            id: $id,
            needs: &[$($need),*],
            keys: $keys,
            run: |$bench| Box::pin($run),
        }
    };
}

pub(crate) use case;

pub(crate) fn no_keys(_: &Facts) -> usize {
    0
}

pub(crate) fn one_key(_: &Facts) -> usize {
    1
}

pub(crate) fn two_keys(_: &Facts) -> usize {
    2
}
