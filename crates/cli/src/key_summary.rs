//! The lines about an issued or planned key.

use std::num::NonZeroU64;

use pinning_keys::adapter::Translation;
use pinning_keys::{Granted, KeyRequest, PermissionSet};
use serde::Serialize;

use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;

#[derive(Serialize)]
pub(crate) struct KeySummary {
    name: String,
    provider: &'static str,
    table: &'static str,
    granted: Granted,
    missing: PermissionSet,
    extra: PermissionSet,
    max_uses: Option<NonZeroU64>,
}

impl KeySummary {
    pub(crate) fn of(request: &KeyRequest, translation: &Translation) -> Self {
        Self {
            name: request.name().to_string(),
            provider: translation.table().provider(),
            table: translation.table().name(),
            granted: translation.granted(),
            missing: translation.missing(),
            extra: translation.extra(),
            max_uses: request.max_uses(),
        }
    }

    pub(crate) fn granted(&self) -> Granted {
        self.granted
    }

    /// The lines for people, the first of which has this label.
    pub(crate) fn labels(&self, label: &str) -> Labels {
        let Self { name, provider, table, .. } = self;
        let mut lines = Labels::default();
        lines.push(label, format!("{name}   at {provider} ({table})"));
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
        lines
    }
}
