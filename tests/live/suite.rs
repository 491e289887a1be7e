//! The part of the conformance suite that is safe at a real account: without faults, and without
//! keys that can do everything unless they are allowed.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::KeyIssuer;
use pinning_keys_conformance::{
    BoxError, CaseReport, Harness, Outcome, Report, announce, async_trait, run,
};

use crate::mask::LABEL;
use crate::report::{BROKEN, Finding};

/// How many keys it makes at most where nothing else is said. All cases that can run here make
/// fewer, at either provider.
pub(crate) const MOST_KEYS: usize = 150;

/// At either provider more cases than these can run, where no fewer keys are allowed.
const MINIMUM: usize = 25;

pub(crate) const QUESTION: &str = "clauses of the contract";

/// An account as the suite sees it: of what was really made, nothing is known here.
pub(crate) struct Suite {
    pub(crate) issuer: Arc<dyn KeyIssuer>,
    /// None leave the suite out.
    pub(crate) most_keys: usize,
    pub(crate) may_make_admin: bool,
    /// How long a change takes to take effect; the profile's time where nothing is said.
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
    /// What a run will do, to be said before it does.
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

    /// Runs what can run; nothing, where no keys are allowed.
    pub(crate) async fn run(&self) -> Option<Result<Report, BoxError>> {
        if self.most_keys == 0 { None } else { Some(run(self).await) }
    }
}

/// What is found of the suite's report: the counts, and each case that failed.
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
