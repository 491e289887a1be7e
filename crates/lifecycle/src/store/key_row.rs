use std::time::Duration;

use crate::{KeyId, KeyState, Timestamp};

/// The row of a key. It holds no secret.
///
/// All times are absolute and were written by the node that acted, so that another node can take
/// over without computing them.
///
/// ```
/// use pinning_keys_lifecycle::store::KeyRow;
///
/// fn describe(row: &KeyRow) -> String {
///     format!("{} is {}", row.name, row.state)
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The primary key.
    pub id: KeyId,
    /// The account, by its name in the store.
    pub account: String,
    /// Whose key it is: the name that the caller gave, unless the caller named a holder.
    pub holder: String,
    /// The name at the provider, with its suffix.
    pub name: String,
    /// The state.
    pub state: KeyState,
    /// A number that each change of the row raises by one. A new row has 0.
    pub version: i64,
    /// What was requested, in a versioned form.
    pub request: String,
    /// What the provider granted, in a versioned form, as far as it is known.
    pub granted: Option<String>,
    /// Key references as text, as a JSON array: one, or each key of this name if the create was in
    /// doubt. Empty (`[]`) until one is known.
    pub references: String,
    /// Further keys of exactly this name, which are reported and left alone, as a JSON array.
    pub twins: String,

    /// The length of the lease, which each renewal grants again. `None`: no end.
    pub lease: Option<Duration>,
    /// When the lease ends. `None`: no end.
    pub expires_at: Option<Timestamp>,
    /// When the lease was last granted: by the issue, a renewal, or the rotation that ends it.
    pub leased_at: Timestamp,
    /// The time beyond which no renewal extends the lease. `None`: no end.
    pub max_until: Option<Timestamp>,
    /// The last moment at which the create may be sent.
    pub send_by: Timestamp,
    /// When a create whose outcome was not recorded counts as in doubt.
    pub settle_after: Timestamp,
    /// When an unconfirmed delivery ends.
    pub deliver_by: Timestamp,
    /// When the secret was first handed to a sink, so that it may have arrived.
    pub deliver_began: Option<Timestamp>,

    /// The key that this one replaces.
    pub replaces: Option<KeyId>,
    /// The key that has replaced this one.
    pub replaced_by: Option<KeyId>,
    /// How long the replaced key continues to work after this one is confirmed.
    pub overlap: Option<Duration>,
    /// The holder, as long as this row is the holder's one open row that replaces nothing; unique.
    pub open_holder: Option<String>,
    /// The replaced key, as long as this row is its one open successor; unique.
    pub open_successor: Option<KeyId>,

    /// When the row was created.
    pub created_at: Timestamp,
    /// When the state last changed.
    pub changed_at: Timestamp,
    /// When the worker must next do something about the row. `None`: never.
    pub due_at: Option<Timestamp>,
    /// Until when another node works on the row.
    pub claimed_until: Option<Timestamp>,
    /// Whether a person asked for the end, which then has priority.
    pub by_hand: bool,
    /// How often something about the row failed since its last success, for its back-off.
    pub attempts: i64,
    /// When the key should have ended, while it is being revoked.
    pub end_due: Option<Timestamp>,

    /// When the key was last seen to exist.
    pub seen_at: Option<Timestamp>,
    /// What saw it: `create`, `listing` or `verify`.
    pub seen_by: Option<String>,
    /// How often the key had been used when a listing last showed it.
    pub uses: Option<i64>,
    /// When the first of two looks that did not find the key began.
    pub first_look: Option<Timestamp>,
    /// How often the row was looked at again after it ended.
    pub watched: i64,
    /// Until when the row is kept after its end.
    pub keep_until: Option<Timestamp>,

    /// The evidence for the state, such as `revoked by the provider`.
    pub evidence: Option<String>,
    /// Whether the end is not proven, so that the key may still work.
    pub unproven: bool,
    /// Whether the store had lost the row and adopted the key from a listing.
    pub adopted: bool,
    /// How the listed key differs from what is recorded, for example because its permissions were
    /// changed by hand.
    pub difference: Option<String>,
    /// The last failure, cleaned of secrets, at most 240 characters.
    pub failure: Option<String>,
}
