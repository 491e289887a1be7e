//! A plan for programs: one object for each table.

use pinning_keys::adapter::{Grant, Translation};
use pinning_keys::{Granted, NextStep, PermissionSet, Plan, ScopeChange, ScopeError};
use serde::Serialize;
use serde_json::{Value, json};

use super::answer::Answer;
use crate::next_lines::flags;
use crate::output::escape::escaped;
use crate::rewording::reworded;

#[derive(Serialize)]
pub(super) struct Object<'a> {
    provider: &'a str,
    table: &'a str,
    expressible: bool,
    /// The grants that would be sent.
    grants: Option<Vec<&'a str>>,
    granted: Option<Granted>,
    missing: Option<PermissionSet>,
    extra: Option<PermissionSet>,
    request: Option<Value>,
    refusal: Option<Value>,
}

impl<'a> Object<'a> {
    pub(super) fn of(answer: &'a Answer) -> Self {
        let plan = answer.verdict.as_ref().ok();
        let translation = plan.map(Plan::translation);
        Self {
            provider: answer.table.provider(),
            table: answer.table.name(),
            expressible: plan.is_some(),
            grants: translation.map(|it| it.grants().map(Grant::name).collect()),
            granted: translation.map(Translation::granted),
            missing: translation.map(Translation::missing),
            extra: translation.map(Translation::extra),
            request: plan.map(request),
            refusal: answer.verdict.as_ref().err().map(refusal),
        }
    }
}

/// The request that would issue the key.
fn request(plan: &Plan) -> Value {
    // The adapters write JSON.
    let body: Value = serde_json::from_str(plan.body()).unwrap_or_default();
    json!({ "method": plan.method().as_str(), "path": plan.path(), "body": body })
}

fn refusal(error: &ScopeError) -> Value {
    let mut object = json!({ "message": escaped(&error.to_string()), "changes": changes(error) });
    if let ScopeError::Inexpressible(why) = error {
        let too_wide: Vec<_> = why.too_wide().iter().map(|grant| grant.name()).collect();
        object["unopened"] = json!(why.unopened());
        object["admin_only"] = json!(why.admin_only());
        object["uncovered"] = json!(why.uncovered());
        object["too_wide"] = json!(too_wide);
        object["beyond"] = json!(why.beyond());
    }
    object
}

fn changes(error: &ScopeError) -> Vec<Value> {
    match error.next_step() {
        Some(NextStep::ChangeScope(changes)) => changes.iter().map(change).collect(),
        _ => Vec::new(),
    }
}

/// A change that would help. `flags` is what to add to the command line, if that is enough.
fn change(change: &ScopeChange) -> Value {
    let mut object = match change {
        ScopeChange::Tolerate(grants) => json!({ "change": "tolerate", "grants": grants }),
        ScopeChange::UseTable { table, is_exact, .. } => {
            json!({ "change": "use_table", "table": table.name(), "exact": is_exact })
        }
        ScopeChange::Need(set) => json!({ "change": "need", "permissions": set }),
        ScopeChange::Prefer(set) => json!({ "change": "prefer", "permissions": set }),
        ScopeChange::Drop(set) => json!({ "change": "drop", "permissions": set }),
        ScopeChange::GoWithoutKey(way) => {
            json!({ "change": "go_without_key", "way": reworded(way) })
        }
        other => json!({ "change": "other", "way": reworded(&other.to_string()) }),
    };
    if let Some(flags) = flags(change) {
        object["flags"] = flags.into();
    }
    object
}
