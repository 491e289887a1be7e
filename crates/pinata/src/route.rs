//! The three families of routes under which Pinata manages keys.

use http::Method;
use pinning_keys_core::{Error, Filters, KeyRef, Operation, PermissionTable};
use pinning_keys_http::Call;

use crate::config::{Table, misconfigured};
use crate::wire;

/// Through which of Pinata's routes keys are managed.
///
/// All are on one host (documented) and, it seems, on one store of keys (inferred from their
/// shapes). Which route manages a key does not decide what the key opens: that is the
/// [`Table`]'s choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// `/v3/api_keys`, which Pinata documents today. Takes a JWT, of an admin key or of one
    /// with `org:write` (documented).
    #[default]
    V3,
    /// `/v3/pinata/keys`, which Pinata's own clients call (seen), and which was the documented
    /// path until April 2025. Takes what [`V3`](Self::V3) takes.
    Sdk,
    /// `/users/…`, the legacy routes (documented). They take a JWT (documented) or a key pair
    /// (seen in third parties' code), of an admin key alone (documented). They make keys of the
    /// `endpoints` vocabulary and admin keys, and list without filters, since the documents show
    /// nothing else.
    Legacy,
}

impl Route {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "v3" => Ok(Self::V3),
            "sdk" => Ok(Self::Sdk),
            "legacy" => Ok(Self::Legacy),
            _ => Err(misconfigured("route must be \"v3\", \"sdk\" or \"legacy\"")),
        }
    }

    /// The table that keys are made of here: the chosen one, if the route takes it.
    pub(crate) fn table(self, chosen: Option<Table>) -> Result<&'static PermissionTable, Error> {
        match (self, chosen) {
            (Self::Legacy, Some(Table::Resources)) => {
                Err(misconfigured("the legacy routes make no keys of the table \"resources\"")
                    .with_next_step("set table = \"endpoints\", or another route"))
            }
            (Self::Legacy, None) => Ok(Table::Endpoints.table()),
            (Self::V3 | Self::Sdk, None) => Ok(Table::Resources.table()),
            (_, Some(chosen)) => Ok(chosen.table()),
        }
    }

    /// Whether the account may authenticate with a key pair. Third parties do so on the legacy
    /// routes (seen); for v3 no source shows it, and the documents declare a bearer token alone.
    pub(crate) fn takes_key_pair(self) -> bool {
        self == Self::Legacy
    }

    /// The filters that a listing takes. Of the legacy list's query only `offset` was ever
    /// documented (2022). What a server does not know it is likely to ignore, and a filter that
    /// is ignored lists keys that were not asked for: so none is sent there.
    pub(crate) fn filters(self) -> Filters {
        match self {
            Self::V3 | Self::Sdk => Filters::ALL,
            Self::Legacy => Filters::NONE,
        }
    }

    /// Where keys are made.
    pub(crate) fn create_path(self) -> &'static str {
        match self {
            Self::V3 => "/v3/api_keys",
            Self::Sdk => "/v3/pinata/keys",
            Self::Legacy => "/users/generateApiKey",
        }
    }

    /// Where keys are listed.
    pub(crate) fn list_path(self) -> &'static str {
        match self {
            Self::V3 | Self::Sdk => self.create_path(),
            Self::Legacy => "/users/apiKeys",
        }
    }

    /// The request that revokes a key, by its public part.
    ///
    /// Verb and path belong together: `DELETE` to the v3 path, `PUT` to that of the official
    /// clients and to the legacy one (all documented; other combinations are not).
    pub(crate) fn revoke_call(self, key: &KeyRef) -> Call {
        let call = |method, path| Call::new(Operation::Revoke, method, path);
        match self {
            Self::V3 => call(Method::DELETE, self.create_path()).segment(key.api_key()),
            Self::Sdk => call(Method::PUT, self.create_path()).segment(key.api_key()),
            Self::Legacy => {
                call(Method::PUT, "/users/revokeApiKey").json(wire::revoke_body(key.api_key()))
            }
        }
    }
}
