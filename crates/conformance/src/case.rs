use std::fmt;
use std::pin::Pin;

use pinning_keys_core::{Error, IssuerProfile, Operation};

use crate::bench::Bench;
use crate::scopes;
use crate::selection::Terms;
use crate::{BoxError, Disturbance, FaultSwitch, Harness, Outputs, Surroundings};

/// One case of the suite: one point of one clause.
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
    /// How many keys it makes at most.
    pub(crate) keys: fn(&Terms) -> usize,
    pub(crate) run: CaseFn,
}

pub(crate) type CaseFn =
    for<'a> fn(&'a Bench<'a>) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

/// Something without which a case cannot run.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    Probe,
    Ledger,
    Outputs,
    /// Outputs among which there are `Debug` forms.
    DebugForms,
    Surroundings,
    Proxy,
    AdminKeys,
    /// A key that may do the least can be asked for. Cases that make keys need it in any case.
    PlainKey,
    /// What the case asks for follows from the table, so that it needs no plain key.
    OwnScopes,
    /// What a key can do is to be found out: by a probe, or by its record.
    Reach,
    /// The operation itself, and the disturbance of its requests.
    Fault(Operation, Disturbance),
    /// A fault switch that counts what is taken of an endless body.
    EndlessCount,
    /// An operation that some providers do not have.
    Has(Operation),
    Lacks(Operation),
    /// Something that the issuer's profile must offer or leave open.
    Profile(fn(&IssuerProfile) -> bool, &'static str),
    /// Something that must hold of what is known before a run.
    Known(fn(&Terms) -> bool, &'static str),
    /// Under these circumstances the case can find out only while it runs that there is nothing
    /// to look at. All others must not skip any more once they run.
    RunTells(fn(&dyn Harness, &Terms) -> bool),
}

/// What cases need that look at the list.
pub(crate) const LISTS: Need = Need::Has(Operation::List);
/// What cases need that revoke on purpose.
pub(crate) const REVOKES: Need = Need::Has(Operation::Revoke);

impl Need {
    /// What is lacking, where something is.
    fn lacking(self, harness: &dyn Harness, terms: &Terms) -> Option<String> {
        let (met, lack): (bool, &str) = match self {
            Self::Probe => (harness.probe().is_some(), "the harness has no probe"),
            Self::Ledger => (harness.ledger().is_some(), "the harness has no ledger"),
            Self::Outputs => (harness.outputs().is_some(), "the harness tells no outputs"),
            Self::DebugForms => {
                let forms = harness.outputs().map(Outputs::debug_forms).unwrap_or_default();
                (!forms.is_empty(), "the harness tells no Debug forms")
            }
            Self::Surroundings => {
                (harness.surroundings().is_some(), "the harness has no surroundings")
            }
            Self::Proxy => {
                let has_proxy = harness.surroundings().is_some_and(Surroundings::has_proxy);
                (has_proxy, "the harness knows no proxy")
            }
            Self::AdminKeys => (harness.may_make_admin_keys(), "the harness allows no admin keys"),
            Self::PlainKey => {
                let any =
                    harness.may_make_admin_keys() || scopes::plain(terms.profile.table()).is_some();
                (any, "there is no key to ask for that is not admin")
            }
            Self::Reach => {
                let any = harness.probe().is_some() || !harness.lacks(Operation::List);
                (any, "there is neither a probe nor a list to tell what a key can do")
            }
            Self::EndlessCount => {
                let count = harness.faults().and_then(FaultSwitch::endless_bytes_taken);
                (
                    count.is_some(),
                    "the fault switch does not count what is taken of an endless body",
                )
            }
            Self::Profile(holds, otherwise) => (holds(&terms.profile), otherwise),
            Self::Known(holds, otherwise) => (holds(terms), otherwise),
            Self::Lacks(operation) => {
                (harness.lacks(operation), "it is there, as the harness says")
            }
            Self::Has(operation) | Self::Fault(operation, _) if harness.lacks(operation) => {
                return Some(format!("the provider cannot {operation}"));
            }
            Self::Has(_) | Self::OwnScopes | Self::RunTells(_) => (true, ""),
            Self::Fault(operation, disturbance) => {
                let Some(faults) = harness.faults() else {
                    return Some("the harness has no fault switch".to_owned());
                };
                let lack =
                    || format!("the fault switch does not make: {disturbance} ({operation})");
                return (!faults.offers(operation, disturbance)).then(lack);
            }
        };
        (!met).then(|| lack.to_owned())
    }
}

impl Case {
    /// What the case lacks, where it cannot run.
    pub(crate) fn lacking(&self, harness: &dyn Harness, terms: &Terms) -> Option<String> {
        let has_own = self.needs.iter().any(|need| matches!(need, Need::OwnScopes));
        let makes_plain = (self.keys)(terms) > 0 && !has_own;
        let plain = makes_plain.then_some(Need::PlainKey);
        let mut needs = self.needs.iter().copied().chain(plain);
        needs.find_map(|need| need.lacking(harness, terms))
    }

    /// Whether only running it tells whether there is anything to look at.
    pub(crate) fn may_skip_late(&self, harness: &dyn Harness, terms: &Terms) -> bool {
        let tells = |need: &Need| matches!(need, Need::RunTells(holds) if holds(harness, terms));
        self.needs.iter().any(tells)
    }

    /// The name of the case, which begins with its clause's.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The clause in the documentation of [`KeyIssuer`](pinning_keys_core::KeyIssuer), such as
    /// `issue-03`.
    pub fn clause(&self) -> &'static str {
        let number = self.id.match_indices('-').nth(1).map_or(self.id.len(), |(at, _)| at);
        &self.id[..number]
    }
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("id", &self.id).finish_non_exhaustive()
    }
}

/// How a case ended: well, or for a reason.
pub(crate) type Verdict = Result<(), Stop>;

/// Why a case did not come to a good end.
#[derive(Debug)]
pub(crate) enum Stop {
    Failed(String),
    /// It turned out on the way that there is nothing to look at.
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
        Self::Failed(format!("{error}"))
    }
}

impl From<BoxError> for Stop {
    fn from(error: BoxError) -> Self {
        Self::Failed(format!("the harness: {error}"))
    }
}

/// Ends the case as failed unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($text:tt)+) => {
        if !$condition {
            return Err($crate::case::Stop::failed(format!($($text)+)));
        }
    };
}

/// A case of this name, which makes so many keys at most and needs these things.
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

pub(crate) use {case, ensure};
