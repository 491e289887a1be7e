//! The choice between Pinata's two permission tables.

use pinning_keys_core::{Error, PermissionTable};

use crate::error::misconfigured;
use crate::permissions::{ENDPOINTS, RESOURCES};

/// The permission table in which keys are issued.
///
/// The choice depends on which API the key holders call: a key of one table is refused on the
/// other's routes (seen by third parties).
///
/// ```
/// use pinning_keys_core::ScopeRequest;
/// use pinning_keys_pinata::Table;
///
/// // Only the endpoints table can grant uploads without granting deletion.
/// let uploader = ScopeRequest::uploader();
/// assert!(Table::Endpoints.table().translate(&uploader).is_ok());
/// assert!(Table::Resources.table().translate(&uploader).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Table {
    /// [`RESOURCES`], for key holders that call `/v3/*`.
    Resources,
    /// [`ENDPOINTS`], for key holders that call `/pinning/*` and `/data/*`.
    Endpoints,
}

impl Table {
    /// Returns the grants of this table.
    pub fn table(self) -> &'static PermissionTable {
        match self {
            Self::Resources => &RESOURCES,
            Self::Endpoints => &ENDPOINTS,
        }
    }

    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "resources" => Ok(Self::Resources),
            "endpoints" => Ok(Self::Endpoints),
            _ => Err(misconfigured("unknown table; expected one of resources, endpoints")),
        }
    }
}
