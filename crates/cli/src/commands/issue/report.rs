//! What `issue` prints about the key.

use std::num::NonZeroU64;

use pinning_keys::adapter::Translation;
use pinning_keys::{KeyRef, KeyRequest, KeyScope, PermissionSet, Recorded};
use serde::Serialize;

use super::destination::Destination;
use crate::issuing::NewKey;
use crate::output::Output;
use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;

/// Everything about the key but its secret.
#[derive(Serialize)]
pub(super) struct Report {
    dry_run: bool,
    /// `None` if nothing was sent.
    key_ref: Option<KeyRef>,
    name: String,
    provider: &'static str,
    table: &'static str,
    granted: KeyScope,
    missing: PermissionSet,
    extra: PermissionSet,
    max_uses: Option<NonZeroU64>,
    to: Option<String>,
    /// `None` if nothing was sent.
    recorded: Option<Record>,
}

/// What the provider recorded, compared with what was asked for.
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
            name: request.name().to_string(),
            provider: translation.table().provider(),
            table: translation.table().name(),
            granted: translation.granted(),
            missing: translation.missing(),
            extra: translation.extra(),
            max_uses: request.max_uses(),
            to: destination.place(),
            recorded: None,
        }
    }

    pub(super) fn set_issued(&mut self, new: &NewKey) {
        self.key_ref = Some(new.key_ref.clone());
        self.recorded = Some(Record::of(new.recorded.as_ref()));
    }

    pub(super) fn print(&self, output: &Output) {
        if output.is_json() {
            return output.object(self);
        }
        let Self { name, provider, table, .. } = self;
        let mut lines = Labels::default();
        lines.push(
            if self.dry_run { "issue" } else { "issued" },
            format!("{name}   at {provider} ({table})"),
        );
        lines.push("granted", self.granted.to_string());
        if !self.missing.is_empty() {
            lines.push("missing", self.missing.to_string());
        }
        if !self.extra.is_empty() {
            lines.push("extra", Cell::new(self.extra.to_string()).with_tone(Tone::Notable));
        }
        if let Some(uses) = self.max_uses {
            lines.push("uses", format!("at most {uses}"));
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
