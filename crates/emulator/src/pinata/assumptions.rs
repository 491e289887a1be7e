use crate::propagation::Delays;
use crate::switches::{ListOrder, switches};

switches! {
    /// What the emulated Pinata does where no document and no recorded answer says what the
    /// real service does.
    ///
    /// The defaults are the likelier choice, or the one that is harder on a client. A
    /// test that depends on one should name it, and run with both settings.
    ///
    /// ```
    /// use pinning_keys_emulator::{Emulator, ListCount, PinataAssumptions};
    ///
    /// let assumptions = PinataAssumptions::default()
    ///     .page_size(3)
    ///     .list_count(ListCount::Total);
    /// let emulator = Emulator::builder().pinata_assumptions(assumptions).in_memory();
    /// # assert_eq!(emulator.keys_made(), 0);
    /// ```
    pub struct PinataAssumptions;

    /// Whether create also takes the name from a member `keyname` (default: yes).
    ///
    /// The v3 document requires `keyName` and shows `keyname` in its example; no source says
    /// whether the server takes both. It does here, so that the document's example works.
    accept_lowercase_keyname: bool = true;

    /// Whether create refuses a resource, or an endpoint flag, that no document knows
    /// (default: yes, with 400). No source says whether it is refused, kept or dropped.
    refuse_unknown_scopes: bool = true;

    /// Whether create refuses a key without any permission (default: no).
    ///
    /// Such keys were observed; that create makes them today is not documented.
    refuse_empty_permissions: bool = false;

    /// Whether create refuses `admin: true` together with resources or endpoints, and
    /// resources together with endpoints (default: no; the key may then do the sum).
    /// The schema permits all of it; no source says what the server does.
    refuse_mixed_permissions: bool = false;

    /// Whether create refuses a `maxUses` that is not a whole number above zero (default:
    /// yes, with 400). Otherwise such a value means unlimited. An old document shows 0
    /// without saying what it means.
    refuse_bad_max_uses: bool = true;

    /// Whether a key with `org:write`, but not admin, may make an admin key (default: yes,
    /// the more dangerous answer). No source says.
    org_write_mints_admin: bool = true;

    /// Whether `org:write` opens every v3 resource (default: no). The documents label only
    /// the key routes with it, and say nothing of the others.
    org_write_opens_everything: bool = false;

    /// Whether a key may revoke itself (default: yes). No source says.
    key_revokes_itself: bool = true;

    /// How many keys a page of the list holds (default: 10, from a document of 2022 and
    /// from what clients count on; today's document names no size). At least 1.
    page_size: usize = 10;

    /// Whether `count` of a list counts the page or all matches (default: the page). The
    /// documented example has one key and `count` 1, which fits both.
    list_count: ListCount = ListCount::Page;

    /// Which key a list begins with (default: the newest). No source says.
    list_order: ListOrder = ListOrder::NewestFirst;

    /// Whether a list without the filter `revoked` holds revoked keys too (default: yes,
    /// inferred from clients that send `revoked=false` to hide them).
    list_includes_revoked: bool = true;

    /// Whether `limitedUse=false` lists only unlimited keys, and `exhausted=false` only
    /// keys that are not exhausted (default: yes, as `revoked=false` does). Otherwise
    /// `false` is as good as no filter. The documents describe only `true`.
    false_filters_invert: bool = true;

    /// Whether `exhausted` without `limitedUse=true` is refused with 400 (default: no, it
    /// is ignored). The document only says that the two go together.
    refuse_exhausted_alone: bool = false;

    /// Whether listed keys echo the `resources` that they were made with (default: yes).
    /// The documents show the echo for `admin` and `endpoints` only.
    list_echoes_resources: bool = true;

    /// Whether listed keys carry their `secret` (default: no, it left the documented
    /// example in 2025 though the official client still has it in its types).
    list_shows_secret: bool = false;

    /// What revoking a key that never existed answers (default: 404). No source says.
    revoke_unknown: RevokeUnknown = RevokeUnknown::NotFound;

    /// What revoking a key for the second time answers (default: `"Revoked"` again). No
    /// source says.
    revoke_again: RevokeAgain = RevokeAgain::Revoked;

    /// What a key gets that has used up its `maxUses` (default: the answer that an unknown
    /// key gets). No source says.
    exhausted_key: ExhaustedKey = ExhaustedKey::LikeUnknown;

    /// Whether `GET /data/testAuthentication` counts as a use (default: yes, since uses are
    /// counted per request). No source says.
    test_authentication_counts: bool = true;

    /// Whether a request of a live key that lacks the scope counts as a use (default: yes,
    /// since uses are counted per request). No source says.
    refused_request_counts: bool = true;

    /// What a legacy route answers when no credential was sent (default: 400, as recorded
    /// many times on one route; a later report says 401).
    missing_credentials: MissingCredentials = MissingCredentials::BadRequest;

    /// Whether v3 routes take the header pair `pinata_api_key` and `pinata_secret_api_key`
    /// (default: no). No source shows it used there.
    v3_takes_key_pair: bool = false;

    /// Whether malformed JSON on a legacy route is answered 400 before the credential is
    /// looked at (default: yes, reported for one route by a third party).
    bad_json_before_authentication: bool = true;

    /// Whether `POST /users/generateApiKey` takes `resources` (default: no, 400). The legacy
    /// schema has none; no source says what the server does with them.
    users_takes_resources: bool = false;

    /// How many requests of a new key are answered as those of an unknown one, before the
    /// key is honoured (default: 0 requests). A third party waits for new keys; nothing
    /// more is known. It is counted in requests of this key, so that no time has to pass.
    new_key_refusals: u32 = 0;

    /// How many requests of a revoked key are still let through (default: 0 requests). No
    /// source says.
    honour_revoked: u32 = 0;

    /// Whether an upload that names no network is private (default: no, it is public).
    upload_without_network_is_private: bool = false;

    /// How many files, groups or queued pins a page holds when the request names no `limit`
    /// (default: 10). At least 1. No source says.
    data_page_size: usize = 10;
}

impl PinataAssumptions {
    pub(crate) fn delays(&self) -> Delays {
        Delays { new_key_refusals: self.new_key_refusals, honour_revoked: self.honour_revoked }
    }
}

/// What `count` in a list of keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListCount {
    /// The keys on this page.
    Page,
    /// All keys that match the filters.
    Total,
}

/// What revoking a key that never existed answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevokeUnknown {
    /// 404 with an error body.
    NotFound,
    /// 200 `"Revoked"`, as if there had been a key.
    Revoked,
}

/// What revoking a revoked key answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevokeAgain {
    /// 200 `"Revoked"` again.
    Revoked,
    /// 404 with an error body.
    NotFound,
}

/// What a key gets that has used up its `maxUses`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExhaustedKey {
    /// What an unknown key gets: v3 401 `Not Authorized`, legacy 401 `INVALID_CREDENTIALS`.
    LikeUnknown,
    /// What a revoked key gets: v3 401 `Not Authorized`, legacy 403 `API_KEY_REVOKED`.
    LikeRevoked,
}

/// What a legacy route answers when no credential was sent.
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
    fn the_readme_lists_every_switch_with_its_default() {
        let settings = PinataAssumptions::default().settings();
        assert_in_readme("\n## Assumptions about Pinata\n", &settings);
    }
}
