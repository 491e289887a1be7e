//! What `issue` prints about the key.

use pinning_keys::adapter::Translation;
use pinning_keys::{Granted, KeyRef, KeyRequest, Recorded};
use serde::Serialize;

#[cfg(feature = "store")]
use super::kept::Kept;
use crate::destination::Destination;
use crate::key_summary::KeySummary;
use crate::output::Output;
use crate::output::table::Cell;

/// Everything about the key but its secret.
#[derive(Serialize)]
pub(super) struct Report {
    dry_run: bool,
    /// `None` if nothing was sent.
    key_ref: Option<KeyRef>,
    #[serde(flatten)]
    summary: KeySummary,
    to: Option<String>,
    /// `None` if nothing was sent.
    recorded: Option<Record>,
    /// `None` if no store knows the key.
    #[cfg(feature = "store")]
    managed: Option<Kept>,
}

/// What the provider recorded, compared with what was requested.
#[derive(Serialize)]
struct Record {
    state: &'static str,
    differences: Vec<String>,
}

impl Report {
    pub(super) fn of_plan(
        request: &KeyRequest,
        translation: &Translation,
        destination: &Destination,
        dry_run: bool,
    ) -> Self {
        Self {
            dry_run,
            key_ref: None,
            summary: KeySummary::of(request, translation),
            to: destination.place(),
            recorded: None,
            #[cfg(feature = "store")]
            managed: None,
        }
    }

    pub(super) fn granted(&self) -> Granted {
        self.summary.granted()
    }

    pub(super) fn set_issued(&mut self, key_ref: Option<KeyRef>, recorded: Option<&Recorded>) {
        self.key_ref = key_ref;
        self.recorded = Some(Record::of(recorded));
    }

    #[cfg(feature = "store")]
    pub(super) fn set_managed(&mut self, managed: Kept) {
        self.managed = Some(managed);
    }

    pub(super) fn print(&self, output: &Output) {
        if output.is_json() {
            return output.object(self);
        }
        let mut lines = self.summary.labels(if self.dry_run { "issue" } else { "issued" });
        #[cfg(feature = "store")]
        if let Some(managed) = &self.managed {
            lines.push("lease", managed.lease());
        }
        if let Some(to) = &self.to {
            let state = if self.dry_run { "ready" } else { "confirmed" };
            lines.push("to", Cell::of_escaped(format!("{to}   {state}")));
        }
        output.labels(&lines);
        if let Some(key_ref) = &self.key_ref {
            output.detail(format!("reference: {key_ref}"));
        }
    }
}

impl Record {
    fn of(recorded: Option<&Recorded>) -> Self {
        let (state, differences) = match recorded {
            Some(Recorded::Shown { differences, .. }) if differences.is_empty() => {
                ("as_issued", Vec::new())
            }
            Some(Recorded::Shown { differences, .. }) => {
                ("differs", differences.iter().map(ToString::to_string).collect())
            }
            Some(_) => ("not_shown", Vec::new()),
            None => ("unknown", Vec::new()),
        };
        Self { state, differences }
    }
}
