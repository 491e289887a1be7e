//! What a rotation would do, shown before it is done.

use std::time::{Duration, SystemTime};

use pinning_keys::adapter::{PermissionTable, Translation};
use pinning_keys::{KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_lifecycle::{Lease, ManagedKey};

use super::changes::Changes;
use crate::failure::Failure;
use crate::key_args;
use crate::keys::age::Age;
use crate::keys::view::moment;
use crate::managed::comparison::{Comparison, recorded_text};
use crate::managed::rows::base_name;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

pub(super) struct Plan<'a> {
    pub(super) key: &'a ManagedKey,
    pub(super) request: KeyRequest,
    pub(super) translation: Translation,
    /// `None` if it is not known what the old key may do.
    recorded: Option<ScopeRequest>,
    pub(super) comparison: Option<Comparison>,
    /// `None`: that of the old key.
    lease: Option<Lease>,
    pub(super) overlap: Duration,
}

impl<'a> Plan<'a> {
    /// The plan for a request that the rotation would make.
    pub(super) fn new(
        key: &'a ManagedKey,
        planned: &KeyRequest,
        changes: &Changes,
        issuer: &dyn KeyIssuer,
    ) -> Result<Self, Failure> {
        let request = KeyRequest::new(base_name(key), planned.scope().clone())?;
        let request = planned.max_uses().into_iter().fold(request, KeyRequest::with_max_uses);
        let translation = *issuer.plan(&request)?.translation();
        let recorded = key.recorded_scope();
        let provider = issuer.profile().provider();
        let compare =
            |recorded: &ScopeRequest| Comparison::of(recorded, translation.granted(), provider);
        let comparison = recorded.as_ref().map(compare);
        let Changes { lease, overlap, .. } = *changes;
        Ok(Self { key, request, translation, recorded, comparison, lease, overlap })
    }

    /// Shows the old and the new key side by side, with --quiet only if a question follows.
    pub(super) fn show(&self, yes: bool, output: &Output) {
        let is_asked = !yes && self.question().is_some();
        if is_asked {
            output.question_table(&self.table());
        } else {
            output.note_table(&self.table());
        }
    }

    /// The question to ask first, if the holder could do more with the new key, or would have to use
    /// other routes.
    pub(super) fn question(&self) -> Option<String> {
        let name = escaped(base_name(self.key));
        let granted = self.translation.granted();
        if let Some(question) = key_args::question(self.request.name(), granted.scope()) {
            return Some(question);
        }
        match &self.comparison {
            Some(comparison) if comparison.gained.is_empty() => {
                let old = self.replaced_table()?;
                let (new, routes) = (self.new_table().name(), self.new_table().serves());
                Some(format!(
                    "Replace \"{name}\" with a key of table {new} instead of {old}, for {routes}?"
                ))
            }
            Some(comparison) => {
                let gained = comparison.gained.join(", ");
                Some(format!("Replace \"{name}\" with a key that may also {gained}?"))
            }
            None => Some(format!(
                "It is not known what \"{name}\" may do. Replace it with a key that may {granted}?"
            )),
        }
    }

    fn new_table(&self) -> &'static PermissionTable {
        self.translation.table()
    }

    /// The table of the old key, if the new key is of another one.
    fn replaced_table(&self) -> Option<&str> {
        self.key.table().filter(|old| *old != self.new_table().name())
    }

    /// The old and the new key side by side.
    pub(super) fn table(&self) -> Table {
        let mut table = Table::new(["", "old key", "new key"]);
        let dim = |label: &str| Cell::new(label).with_tone(Tone::Dim);
        let granted = self.translation.granted().to_string();
        table.push([dim("granted"), recorded_text(self.recorded.as_ref()).into(), granted.into()]);
        let Comparison { lost, gained } = self.comparison.clone().unwrap_or_default();
        if !lost.is_empty() {
            let lost = Cell::new(lost.join(" ")).with_tone(Tone::Notable);
            table.push([dim("loses"), lost, Cell::default()]);
        }
        if !gained.is_empty() {
            let gained = Cell::new(gained.join(" ")).with_tone(Tone::Bad);
            table.push([dim("gains"), Cell::default(), gained]);
        }
        if let Some(old) = self.replaced_table() {
            let new = Cell::new(self.new_table().name()).with_tone(Tone::Notable);
            table.push([dim("table"), old.into(), new]);
        }
        if let Some(uses) = self.request.max_uses() {
            let used = self.key.uses().map_or_else(String::new, |used| format!("{used} so far"));
            table.push([dim("uses"), used.into(), format!("at most {uses}").into()]);
        }
        if let Some(lease) = self.lease {
            table.push([dim("lease"), self.old_lease().into(), lease_text(lease).into()]);
        }
        table.push([dim("ends"), self.old_end().into(), self.new_end().into()]);
        table
    }

    fn old_end(&self) -> String {
        let end = SystemTime::now().checked_add(self.overlap);
        if self.overlap.is_zero() {
            "when the new key is delivered".to_owned()
        } else if self.key.expires_at() < end && self.key.expires_at().is_some() {
            "when its lease ends".to_owned()
        } else {
            format!("{} after the new key is delivered", Age::of(self.overlap))
        }
    }

    /// The length of the new key's lease.
    pub(super) fn lease_length(&self) -> Option<Duration> {
        self.lease.map_or(self.key.lease(), |lease| lease.length())
    }

    fn old_lease(&self) -> String {
        let length =
            self.key.lease().map_or_else(|| "none".to_owned(), |it| Age::of(it).to_string());
        match self.old_maximum().and_then(moment) {
            Some(most) => format!("{length}, renewable until {most}"),
            None => length,
        }
    }

    /// The maximum of the old key's lease, if it can be renewed.
    fn old_maximum(&self) -> Option<SystemTime> {
        self.key.max_until().filter(|most| self.key.expires_at() < Some(*most))
    }

    fn new_end(&self) -> String {
        // Flags that name a lease set its maximum, too.
        let most = self.old_maximum().filter(|_| self.lease.is_none());
        let now = SystemTime::now();
        let end = self.lease_length().and_then(|length| now.checked_add(length));
        match end.map(|end| most.map_or(end, |most| end.min(most))) {
            Some(end) => format!("in {}", Age::of(end.duration_since(now).unwrap_or_default())),
            None => "when it is revoked".to_owned(),
        }
    }
}

fn lease_text(lease: Lease) -> String {
    let text = |length: Option<Duration>| length.map(|length| Age::of(length).to_string());
    let length = text(lease.length()).unwrap_or_default();
    match text(lease.max()) {
        Some(most) => format!("{length}, renewable up to {most}"),
        None => length,
    }
}
