use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::bench::Bench;
use super::harness::BoxError;

/// One case of the suite: it checks one point of one law in the documentation of
/// [`Store`](crate::store::Store).
///
/// ```
/// use pinning_keys_lifecycle::conformance::CASES;
///
/// let case = CASES.iter().find(|case| case.law() == "store-12").unwrap();
/// assert_eq!(case.name(), "audit_numbers_grow_and_are_never_given_twice");
/// ```
#[derive(Clone, Copy)]
pub struct Case {
    pub(super) name: &'static str,
    pub(super) law: &'static str,
    pub(super) run: CaseFn,
}

type CaseFn = fn(Arc<Bench>) -> Pin<Box<dyn Future<Output = Verdict> + Send>>;

impl Case {
    /// The name of the case, which is the name of its test.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The law that it checks, such as `store-03`.
    pub fn law(&self) -> &'static str {
        self.law
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("name", &self.name).finish_non_exhaustive()
    }
}

/// `Ok` if the law is kept; otherwise why the case ended early.
pub(super) type Verdict = Result<(), Stop>;

/// Why a case ended early.
#[derive(Debug)]
pub(super) enum Stop {
    Failed(String),
    /// The harness has left out what the case needs.
    Skipped(&'static str),
}

impl<E: Into<BoxError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into().to_string())
    }
}

/// Ends the case as failed unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::conformance::case::Stop::Failed(format!($($text)+)));
        }
    };
}

/// Ends the case as failed unless both are equal.
macro_rules! ensure_eq {
    ($left:expr, $right:expr, $($text:tt)+) => {
        match (&$left, &$right) {
            (left, right) => $crate::conformance::case::ensure!(
                left == right,
                "{}:\n  found    {left:?}\n  expected {right:?}",
                format!($($text)+)
            ),
        }
    };
}

pub(super) use {ensure, ensure_eq};
