//! What `rotate` prints.

use std::time::SystemTime;

use serde::Serialize;

use super::plan::Plan;
use crate::destination::Destination;
use crate::key_summary::KeySummary;
use crate::managed::comparison::Comparison;
use crate::managed::key_view::{ManagedObject, lease};
use crate::managed::replacing::{Attempt, AttemptObject, OldKey, Replaced};
use crate::output::Output;
use crate::output::table::{Cell, Labels};
use crate::output::time::rfc3339;
use crate::output::tone::Tone;

/// Everything about a rotation but the secret.
#[derive(Serialize)]
struct Object<'a> {
    dry_run: bool,
    #[serde(flatten)]
    summary: KeySummary,
    /// Null if it is not known what the old key may do, as for what is gained.
    lost: Option<&'a [String]>,
    gained: Option<&'a [String]>,
    /// Null if the new key has no lease.
    lease_seconds: Option<u64>,
    overlap_seconds: u64,
    to: Option<String>,
    old: ManagedObject<'a>,
    /// What became of the old key; null if nothing was sent.
    old_key: Option<&'static str>,
    #[serde(serialize_with = "rfc3339")]
    old_key_works_until: Option<SystemTime>,
    /// The earlier attempts that were ended; none if nothing was sent.
    attempts: Vec<AttemptObject<'a>>,
    /// Null if nothing was sent.
    new: Option<ManagedObject<'a>>,
}

/// Prints what would be done.
pub(super) fn print_plan(plan: &Plan<'_>, destination: &Destination, output: &Output) {
    if output.is_json() {
        return output.object(&object(plan, destination, None));
    }
    output.table(&plan.table());
    if let Some(to) = destination.place() {
        let mut lines = Labels::default();
        lines.push("to     ", Cell::of_escaped(format!("{to}   ready")));
        output.labels(&lines);
    }
}

/// Prints what was done.
pub(super) fn print(
    plan: &Plan<'_>,
    destination: &Destination,
    replaced: &Replaced,
    output: &Output,
) {
    if output.is_json() {
        return output.object(&object(plan, destination, Some(replaced)));
    }
    let Replaced { new, old, attempts } = replaced;
    let mut lines = summary(plan).labels("rotated");
    if new.lease().is_some() {
        lines.push("lease", lease(new));
    }
    if let Some(to) = destination.place() {
        lines.push("to", Cell::of_escaped(format!("{to}   confirmed")));
    }
    let tone = |end: &OldKey| if end.is_settled() { Tone::Plain } else { Tone::Bad };
    lines.push("old key", Cell::new(old.text()).with_tone(tone(old)));
    for Attempt { id, end } in attempts {
        let text = format!("{id}   {}", end.text());
        lines.push("attempt", Cell::new(text).with_tone(tone(end)));
    }
    output.labels(&lines);
}

fn summary(plan: &Plan<'_>) -> KeySummary {
    KeySummary::of(&plan.request, &plan.translation)
}

fn object<'a>(
    plan: &'a Plan<'a>,
    destination: &Destination,
    replaced: Option<&'a Replaced>,
) -> Object<'a> {
    let Plan { key, comparison, overlap, .. } = plan;
    let old = replaced.map(|replaced| &replaced.old);
    Object {
        dry_run: replaced.is_none(),
        summary: summary(plan),
        lost: comparison.as_ref().map(|Comparison { lost, .. }| &lost[..]),
        gained: comparison.as_ref().map(|Comparison { gained, .. }| &gained[..]),
        lease_seconds: plan.lease_length().map(|length| length.as_secs()),
        overlap_seconds: overlap.as_secs(),
        to: destination.place(),
        old: ManagedObject::of(key),
        old_key: old.map(OldKey::word),
        old_key_works_until: old.and_then(OldKey::works_until),
        attempts: replaced.map_or_else(Vec::new, |replaced| {
            replaced.attempts.iter().map(AttemptObject::of).collect()
        }),
        new: replaced.map(|replaced| ManagedObject::of(&replaced.new)),
    }
}
