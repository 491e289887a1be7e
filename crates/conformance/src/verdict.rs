//! How a case ends.

use pinning_keys_core::Error;

use crate::harness::BoxError;

/// The clause was kept, or the case stopped for a reason.
pub(crate) type Verdict = Result<(), Stop>;

/// Why a case stopped before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(String),
    /// The case found out while running that there is nothing to check.
    Skipped(String),
}

impl Stop {
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<BoxError> for Stop {
    fn from(error: BoxError) -> Self {
        Self::Failed(format!("harness error: {error}"))
    }
}

/// Ends the case as failed unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::verdict::Stop::failed(format!($($text)+)));
        }
    };
}

pub(crate) use ensure;
