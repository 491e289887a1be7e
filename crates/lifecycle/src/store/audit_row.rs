use crate::{KeyId, KeyState, Timestamp};

/// One line of the audit trail: a change of a key's state, or an attempt at one. It is committed
/// with the change and holds no secret.
///
/// ```
/// use pinning_keys_lifecycle::store::AuditRow;
///
/// fn line(row: &AuditRow) -> String {
///     format!("{} {} {} {} → {}", row.at, row.actor, row.action, row.key, row.to)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// A number that grows; the store assigns it.
    pub number: i64,
    /// When it happened.
    pub at: Timestamp,
    /// Who acted: the name that the manager was built with, or `worker`.
    pub actor: String,
    /// The account.
    pub account: String,
    /// The key.
    pub key: KeyId,
    /// The key's reference, if it is known.
    pub reference: Option<String>,
    /// What was done, such as `issue` or `revoke`.
    pub action: String,
    /// The state before. `None`: the row is new.
    pub from: Option<KeyState>,
    /// The state after.
    pub to: KeyState,
    /// What the call at the provider did: `not sent`, `rejected`, `unknown` or `done`.
    pub effect: Option<String>,
    /// Further explanation, cleaned of secrets, at most 240 characters.
    pub text: Option<String>,
}
