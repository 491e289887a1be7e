use pinning_keys_core::{IssuerProfile, Operation};

use crate::disturbance::{Disturbance, FaultSwitch};
use crate::facts::Facts;
use crate::harness::{Harness, Outputs, Surroundings};
use crate::scopes;

/// Something that a case needs to run.
#[derive(Clone, Copy)]
pub(crate) enum Need {
    HasProbe,
    HasLedger,
    HasOutputs,
    HasDebugForms,
    HasSurroundings,
    HasProxy,
    AdminKeys,
    /// A key with the least permissions can be requested. Every case that creates keys needs it,
    /// unless it has `OwnScopes`.
    PlainKey,
    /// The case derives its scopes from the table, so it needs no plain key.
    OwnScopes,
    /// A probe or a key's record shows what a key can do.
    Reach,
    /// The operation itself, and the disturbance of its requests.
    Fault(Operation, Disturbance),
    CountsEndless,
    Supports(Operation),
    Lacks(Operation),
    /// A condition on the profile, and the reason to skip the case if it does not hold.
    Profile(fn(&IssuerProfile) -> bool, &'static str),
    /// A condition on everything known before the run, with the same kind of reason.
    Known(fn(&Facts) -> bool, &'static str),
    /// Under this condition the case may find out only while it runs that there is nothing to
    /// check. No other case may skip once it runs.
    MaySkipLate(fn(&Facts) -> bool),
}

/// For cases that list keys.
pub(crate) const LISTS: Need = Need::Supports(Operation::List);
/// For cases that revoke keys on purpose.
pub(crate) const REVOKES: Need = Need::Supports(Operation::Revoke);

impl Need {
    /// What is missing, if anything.
    pub(crate) fn missing(self, harness: &dyn Harness, facts: &Facts) -> Option<String> {
        let (is_met, reason) = match self {
            Self::Supports(operation) | Self::Fault(operation, _) if harness.lacks(operation) => {
                return Some(format!("the provider cannot {operation}"));
            }
            Self::Lacks(operation) => {
                let reason = || format!("the provider can {operation}");
                return (!harness.lacks(operation)).then(reason);
            }
            Self::Fault(operation, disturbance) => {
                return fault_missing(harness, operation, disturbance);
            }
            Self::Supports(_) | Self::OwnScopes | Self::MaySkipLate(_) => return None,
            Self::HasProbe => (harness.probe().is_some(), "the harness has no probe"),
            Self::HasLedger => (harness.ledger().is_some(), "the harness has no ledger"),
            Self::HasOutputs => (harness.outputs().is_some(), "the harness has no outputs"),
            Self::HasDebugForms => {
                let forms = harness.outputs().map(Outputs::debug_forms).unwrap_or_default();
                (!forms.is_empty(), "the harness has no Debug forms")
            }
            Self::HasSurroundings => {
                (harness.surroundings().is_some(), "the harness has no surroundings")
            }
            Self::HasProxy => {
                let has_proxy = harness.surroundings().is_some_and(Surroundings::has_proxy);
                (has_proxy, "the harness has no proxy")
            }
            Self::AdminKeys if !facts.profile.supports_admin_keys() => {
                (false, "the profile offers no admin keys")
            }
            Self::AdminKeys => (facts.may_make_admin(), "the harness allows no admin keys"),
            Self::PlainKey => {
                let has_plain = scopes::plain(facts.profile.table()).is_some();
                let any = has_plain || facts.may_make_admin();
                (any, "every key would be an admin key, and none is allowed")
            }
            Self::Reach => {
                let any = harness.probe().is_some() || facts.can_list;
                (any, "neither a probe nor a list shows what a key can do")
            }
            Self::CountsEndless => {
                let count = harness.faults().and_then(FaultSwitch::endless_bytes_taken);
                (count.is_some(), "the fault switch does not count the bytes of endless answers")
            }
            Self::Profile(holds, otherwise) => (holds(&facts.profile), otherwise),
            Self::Known(holds, otherwise) => (holds(facts), otherwise),
        };
        (!is_met).then(|| reason.to_owned())
    }
}

fn fault_missing(
    harness: &dyn Harness,
    operation: Operation,
    disturbance: Disturbance,
) -> Option<String> {
    let Some(faults) = harness.faults() else {
        return Some("the harness has no fault switch".to_owned());
    };
    let reason = || format!("the fault switch does not offer {disturbance} for {operation}");
    (!faults.offers(operation, disturbance)).then(reason)
}
