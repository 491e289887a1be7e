use crate::propagation::Delays;
use crate::switches::{ListOrder, switches};

switches! {
    /// What the emulated Pinata does if no document and no recorded answer shows what the real
    /// service does, as far as a client of the key routes can notice.
    ///
    /// The defaults are the likelier choice, or the one that is harder on a client. A test that
    /// depends on a switch should name it and run with both settings.
    ///
    /// ```
    /// use pinning_keys_emulator::{Emulator, ListCount, PinataAssumptions};
    ///
    /// let assumptions = PinataAssumptions::default().page_size(3).list_count(ListCount::Total);
    /// let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
    /// # assert_eq!(emulator.keys_made(), 0);
    /// ```
    pub struct PinataAssumptions;

    /// Sets whether a key with `org:write` that is not admin may create an admin key (default:
    /// `true`, the more dangerous choice). No source says.
    org_write_mints_admin: bool = true;

    /// Sets whether a key may revoke itself (default: `true`). No source says.
    key_revokes_itself: bool = true;

    /// Sets the number of keys on a page of the list, at least 1 (default: 10, from a document of
    /// 2022 and from what clients rely on; today's document names no size).
    page_size: usize = 10;

    /// Sets what `count` of a list counts (default: the page). The documented example has one key
    /// and `count` 1, which fits both.
    list_count: ListCount = ListCount::Page;

    /// Sets the order of the list (default: newest first). No source says.
    list_order: ListOrder = ListOrder::NewestFirst;

    /// Sets whether a list without the filter `revoked` includes revoked keys (default: `true`,
    /// inferred from clients that send `revoked=false` to hide them).
    list_includes_revoked: bool = true;

    /// Sets whether `limitedUse=false` lists only unlimited keys and `exhausted=false` only keys
    /// that are not exhausted (default: `true`, as `revoked=false` does). If not, `false` is no
    /// filter at all. The documents describe only `true`.
    false_filters_invert: bool = true;

    /// Sets whether `exhausted` without `limitedUse=true` is refused with 400 (default: `false`;
    /// it is ignored). The document only says that the two go together.
    refuse_exhausted_alone: bool = false;

    /// Sets whether listed keys echo the `resources` that they were created with (default: `true`).
    /// The documents show the echo for `admin` and `endpoints` only.
    list_echoes_resources: bool = true;

    /// Sets whether listed keys carry their `secret` (default: `false`; it left the documented
    /// example in 2025, though the official client still has it in its types).
    list_shows_secret: bool = false;

    /// Sets the response to revoking a key that never existed (default: by the route). The legacy
    /// route was seen to say `"Revoked"` by two independent clients; for v3 there is no source.
    revoke_unknown: RevokeUnknown = RevokeUnknown::ByRoute;

    /// Sets the response to revoking a key for the second time (default: `"Revoked"` again). No
    /// source says, on any route.
    revoke_again: RevokeAgain = RevokeAgain::Revoked;

    /// Sets the response to a key that has used up its `maxUses` (default: the response to an
    /// unknown key). No source says.
    exhausted_key: ExhaustedKey = ExhaustedKey::LikeUnknown;

    /// Sets whether `GET /data/testAuthentication` counts as a use (default: `true`, since uses
    /// are counted per request). No source says.
    test_authentication_counts: bool = true;

    /// Sets the response of a legacy route to a request without a credential (default: 400, as
    /// recorded many times on one route; a later report says 401).
    missing_credentials: MissingCredentials = MissingCredentials::BadRequest;

    /// Sets how many requests of a new key get the response to an unknown key (default: 0).
    /// A third party waits for new keys; nothing more is known. Counting the requests of this key
    /// means that no time has to pass.
    new_key_refusals: u32 = 0;

    /// Sets how many requests of a revoked key are still let through (default: 0). No source says.
    honour_revoked: u32 = 0;

    /// Sets whether the legacy routes that change something check the input before the credential and
    /// its scope (default: `false`, as a third party measured on one of them).
    input_before_scope: bool = false;

    /// Sets whether an upload that names no network is private (default: `true`, as documented;
    /// otherwise it is public).
    upload_without_network_is_private: bool = true;

    /// Sets the number of files, groups or queued pins on a page of v3 if the request names no
    /// `limit`, at least 1 (default: 10). No source says; the legacy lists have documented sizes.
    data_page_size: usize = 10;
}

impl PinataAssumptions {
    pub(crate) fn delays(&self) -> Delays {
        Delays { new_key_refusals: self.new_key_refusals, honour_revoked: self.honour_revoked }
    }
}

/// What `count` of a list of keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListCount {
    /// The keys on this page.
    Page,
    /// All keys that match the filters.
    Total,
}

/// The response to revoking a key that never existed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevokeUnknown {
    /// `Revoked` on the legacy route, where it was seen, and `NotFound` on v3.
    ByRoute,
    /// 404 with an error body.
    NotFound,
    /// 200 `"Revoked"`, as if the key had existed.
    Revoked,
}

/// The response to revoking a revoked key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevokeAgain {
    /// 200 `"Revoked"` again.
    Revoked,
    /// 404 with an error body.
    NotFound,
}

/// The response to a key that has used up its `maxUses`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExhaustedKey {
    /// The response to an unknown key: v3 401 `Not Authorized`, legacy 401 `INVALID_CREDENTIALS`.
    LikeUnknown,
    /// The response to a revoked key: v3 401 `Not Authorized`, legacy 403 `API_KEY_REVOKED`.
    LikeRevoked,
}

/// The response of a legacy route to a request without a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingCredentials {
    /// 400 `KEYS_MUST_BE_STRINGS`.
    BadRequest,
    /// 401 `INVALID_CREDENTIALS`.
    Unauthorized,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switches::assert_in_readme;

    #[test]
    fn readme_lists_every_switch_with_its_default() {
        let settings = PinataAssumptions::default().settings();
        assert_in_readme("\n## Assumptions about Pinata\n", &settings);
    }
}
