//! What a table makes of a request.

use pinning_keys::adapter::PermissionTable;
use pinning_keys::{KeyRequest, Plan, ScopeError};

use super::offline;
use crate::failure::Failure;

/// The plan of one table, or why it has none.
pub(super) struct Answer {
    pub(super) table: &'static PermissionTable,
    pub(super) verdict: Result<Plan, ScopeError>,
}

impl Answer {
    pub(super) fn of(
        table: &'static PermissionTable,
        request: &KeyRequest,
    ) -> Result<Self, Failure> {
        let verdict = match offline::issuer(table)?.plan(request) {
            Ok(plan) => Ok(plan),
            Err(error) => Err(error.scope_error().cloned().ok_or_else(|| Failure::from(error))?),
        };
        Ok(Self { table, verdict })
    }
}
