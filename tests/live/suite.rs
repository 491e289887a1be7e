//! The part of the conformance suite that is safe with a real account: without faults, and without
//! admin keys unless they are allowed.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::KeyIssuer;
use pinning_keys_conformance::{
    BoxError, CaseReport, Harness, Outcome, Report, announce, async_trait, run,
};

use crate::mask::LABEL;
use crate::report::{BROKEN, Finding};

/// The default for the most keys that it creates. The cases that can run here create fewer at
/// either provider.
pub(crate) const MOST_KEYS: usize = 150;

/// More cases than these can run at either provider, unless fewer keys are allowed.
const MINIMUM: usize = 25;

pub(crate) const QUESTION: &str = "clauses of the contract";

/// A harness without a ledger: what the provider really created is unknown.
pub(crate) struct Suite {
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    /// 0 leaves the suite out.
    pub(crate) most_keys: usize,
    pub(crate) may_make_admin: bool,
    /// How long a change takes to take effect (default: the profile's time).
    pub(crate) propagation: Option<Duration>,
}

#[async_trait]
impl Harness for Suite {
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
        Ok(Arc::clone(&self.issuer))
    }

    fn label(&self) -> &'static str {
        LABEL
    }

    fn max_keys(&self) -> usize {
        self.most_keys
    }

    fn minimum(&self) -> usize {
        if self.most_keys < MOST_KEYS { 1 } else { MINIMUM }
    }

    fn propagation(&self) -> Option<Duration> {
        self.propagation
    }

    fn may_make_admin_keys(&self) -> bool {
        self.may_make_admin
    }
}

impl Suite {
    /// A text that announces the suite.
    pub(crate) async fn announcement(&self) -> String {
        if self.most_keys == 0 {
            return "The conformance suite is left out.".to_owned();
        }
        match announce(self).await {
            Ok(told) => format!(
                "Then the conformance suite: {told} They may do whatever the provider's scopes allow."
            ),
            Err(error) => format!("The conformance suite cannot run: {error}"),
        }
    }

    /// Runs what can run; nothing if no keys are allowed.
    pub(crate) async fn run(&self) -> Option<Result<Report, BoxError>> {
        if self.most_keys == 0 { None } else { Some(run(self).await) }
    }
}

/// The findings of a report: the counts and each failed case.
pub(crate) fn findings(report: &Report) -> Vec<Finding> {
    let is_well = report.failed() == 0 && report.left().next().is_none();
    let too_few = if is_well && !report.is_ok() { BROKEN } else { "" };
    let summary = format!("{too_few} {}", report.summary());
    let mut findings = vec![Finding::new(QUESTION, summary.trim())];
    let broken = report.cases().iter().filter_map(|case| Some((case, why(case)?)));
    findings.extend(broken.map(|(case, why)| Finding::new(case.case().id(), why)));
    findings
}

fn why(case: &CaseReport) -> Option<String> {
    match case.outcome() {
        Outcome::Failed(why) => Some(format!("{BROKEN}: {why}")),
        _ => None,
    }
}
