use crate::{Permission, PermissionSet};

/// The argument of [`ScopeRequest::tolerates`](crate::ScopeRequest::tolerates): permissions, or the
/// text of a permission or of a provider's grant.
///
/// ```
/// use pinning_keys_core::{ScopeRequest, Tolerance};
///
/// fn from_config(request: ScopeRequest, texts: Vec<String>) -> ScopeRequest {
///     texts.into_iter().map(Tolerance::from).fold(request, ScopeRequest::tolerates)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Tolerance(pub(crate) Tolerated);

#[derive(Clone, Debug)]
pub(crate) enum Tolerated {
    Permissions(PermissionSet),
    Native(String),
}

impl<T: Into<PermissionSet>> From<T> for Tolerance {
    fn from(permissions: T) -> Self {
        Self(Tolerated::Permissions(permissions.into()))
    }
}

impl From<&str> for Tolerance {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl From<String> for Tolerance {
    fn from(text: String) -> Self {
        Self(match Permission::known(&text) {
            Some(permission) => Tolerated::Permissions(permission.into()),
            None => Tolerated::Native(text),
        })
    }
}
