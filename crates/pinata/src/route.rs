//! The three families of routes through which Pinata manages keys.

use http::Method;
use pinning_keys_core::{Error, Filters, KeyRef, Operation, PermissionTable};
use pinning_keys_http::Call;

use crate::error::misconfigured;
use crate::table::Table;
use crate::wire;

/// The routes through which keys are managed.
///
/// All are on one host (documented) and appear to share one set of keys (inferred from their
/// shapes). The route that manages a key does not decide what the key opens: the [`Table`] does.
///
/// ```
/// use pinning_keys_core::{KeyIssuer, KeyRequest, ScopeRequest};
/// use pinning_keys_pinata::{PinataConfig, Route};
///
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// let admin = KeyRequest::new("admin", ScopeRequest::admin())?;
/// for (route, path) in [
///     (Route::V3, "/v3/api_keys"),
///     (Route::Sdk, "/v3/pinata/keys"),
///     (Route::Legacy, "/users/generateApiKey"),
/// ] {
///     let issuer = PinataConfig::new()
///         .with_route(route)
///         .with_jwt("eyJhbGciOi")
/// #       .with_transport(emulator.transport())
///         .build()?;
///     assert_eq!(issuer.plan(&admin)?.path(), path);
/// }
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// `/v3/api_keys`, which Pinata documents today. Accepts the JWT of an admin key or of a key
    /// with `org:write` (documented).
    #[default]
    V3,
    /// `/v3/pinata/keys`, which Pinata's own clients call (seen), and which was the documented
    /// path until April 2025. Accepts the same credentials as [`V3`](Self::V3).
    Sdk,
    /// `/users/…`, the legacy routes (documented). They accept a JWT (documented) or a key pair
    /// (seen in third parties' code), in both cases only of an admin key (documented). They issue
    /// admin keys and keys of the `endpoints` table, and list keys without filters, because the
    /// documents show nothing else.
    ///
    /// They answer `"Revoked"` for every API key, even for one that never existed (seen by third
    /// parties), so [`Revocation::Revoked`](pinning_keys_core::Revocation::Revoked) does not prove
    /// that the reference was right. What the other routes answer for an unknown key is not known.
    Legacy,
}

impl Route {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "v3" => Ok(Self::V3),
            "sdk" => Ok(Self::Sdk),
            "legacy" => Ok(Self::Legacy),
            _ => Err(misconfigured("unknown route; expected one of v3, sdk, legacy")),
        }
    }

    /// The table in which this route issues keys: the chosen one, if the route supports it.
    pub(crate) fn table(self, chosen: Option<Table>) -> Result<&'static PermissionTable, Error> {
        match (self, chosen) {
            (Self::Legacy, Some(Table::Resources)) => {
                Err(misconfigured("the legacy routes cannot issue keys of table \"resources\"")
                    .with_next_step(
                        "set table = \"endpoints\" (PINNING_KEYS_TABLE), or another route \
                         (PINNING_KEYS_ROUTE)",
                    ))
            }
            (Self::Legacy, None) => Ok(Table::Endpoints.table()),
            (Self::V3 | Self::Sdk, None) => Ok(Table::Resources.table()),
            (_, Some(chosen)) => Ok(chosen.table()),
        }
    }

    /// Whether the account can authenticate with a key pair. Third parties do so on the legacy
    /// routes (seen). For v3 no source shows it, and the documents declare only a bearer token.
    pub(crate) fn takes_key_pair(self) -> bool {
        self == Self::Legacy
    }

    /// The filters that a listing supports. For the legacy list only `offset` was ever documented
    /// (2022). A server is likely to ignore a filter that it does not know, and would then list
    /// keys that were not asked for, so the legacy routes get none.
    pub(crate) fn filters(self) -> Filters {
        match self {
            Self::V3 | Self::Sdk => Filters::ALL,
            Self::Legacy => Filters::NONE,
        }
    }

    /// The path that creates keys.
    pub(crate) fn create_path(self) -> &'static str {
        match self {
            Self::V3 => "/v3/api_keys",
            Self::Sdk => "/v3/pinata/keys",
            Self::Legacy => "/users/generateApiKey",
        }
    }

    /// The path that lists keys.
    pub(crate) fn list_path(self) -> &'static str {
        match self {
            Self::V3 | Self::Sdk => self.create_path(),
            Self::Legacy => "/users/apiKeys",
        }
    }

    /// The request that revokes a key, by its API key.
    ///
    /// Verb and path belong together: `DELETE` for the v3 path, `PUT` for the path of the official
    /// clients and for the legacy one (all documented; other combinations are not).
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
