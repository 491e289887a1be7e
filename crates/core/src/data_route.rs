use http::Method;

use crate::{BodyForm, CredentialForm, Permission, Provenance, RouteHost};

/// A route of a provider that carries out what a permission names; for adapters.
///
/// A table lists its routes as constant data with
/// [`PermissionTable::with_routes`](crate::PermissionTable::with_routes). Applications get them
/// with the issuer's own address as [`HolderRoute`](crate::HolderRoute)s.
///
/// ```
/// use pinning_keys_core::http::Method;
/// use pinning_keys_core::{BodyForm, CredentialForm, DataRoute, Permission, RouteHost};
///
/// const UPLOAD: DataRoute =
///     DataRoute::new(Permission::PinsAddFile, Method::POST, "/files", CredentialForm::Bearer)
///         .with_host(RouteHost::Uploads)
///         .with_body(BodyForm::Multipart);
/// assert_eq!(UPLOAD.path(), "/files");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataRoute {
    permission: Permission,
    method: Method,
    path: &'static str,
    host: RouteHost,
    credential: CredentialForm,
    body: BodyForm,
    provenance: Provenance,
}

impl DataRoute {
    /// A documented route without a body on the API's host.
    ///
    /// The path is below the host's base URL. Segments in braces are for the caller to fill in, as
    /// in `/files/{id}`.
    ///
    /// ```
    /// use pinning_keys_core::http::Method;
    /// use pinning_keys_core::{BodyForm, CredentialForm, DataRoute, Permission, Provenance};
    ///
    /// const LIST: DataRoute =
    ///     DataRoute::new(Permission::PinsList, Method::GET, "/files", CredentialForm::Bearer);
    /// assert_eq!(LIST.body(), BodyForm::Empty);
    /// assert_eq!(LIST.provenance(), Provenance::Documented);
    /// ```
    ///
    /// # Panics
    ///
    /// If the path does not begin with a slash. In a `static` or `const`, where routes belong, that
    /// is a compile error.
    #[must_use]
    pub const fn new(
        permission: Permission,
        method: Method,
        path: &'static str,
        credential: CredentialForm,
    ) -> Self {
        assert!(matches!(path.as_bytes(), [b'/', ..]), "a route's path begins with a slash");
        Self {
            permission,
            method,
            path,
            host: RouteHost::Api,
            credential,
            body: BodyForm::Empty,
            provenance: Provenance::Documented,
        }
    }

    /// Sets the host (default: [`RouteHost::Api`]).
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, RouteHost, http::Method};
    /// # let route =
    /// #     DataRoute::new(Permission::PinsAddFile, Method::POST, "/files", CredentialForm::Bearer);
    /// assert_eq!(route.with_host(RouteHost::Uploads).host(), RouteHost::Uploads);
    /// ```
    #[must_use]
    pub const fn with_host(mut self, host: RouteHost) -> Self {
        self.host = host;
        self
    }

    /// Sets the form of the body (default: [`BodyForm::Empty`]).
    ///
    /// ```
    /// # use pinning_keys_core::{BodyForm, CredentialForm, DataRoute, Permission, http::Method};
    /// # let route =
    /// #     DataRoute::new(Permission::PinsAddFile, Method::POST, "/files", CredentialForm::Bearer);
    /// assert_eq!(route.with_body(BodyForm::Multipart).body(), BodyForm::Multipart);
    /// ```
    #[must_use]
    pub const fn with_body(mut self, body: BodyForm) -> Self {
        self.body = body;
        self
    }

    /// Sets how it is known that the provider has this route (default:
    /// [`Provenance::Documented`]).
    ///
    /// ```
    /// # use pinning_keys_core::{CredentialForm, DataRoute, Permission, Provenance, http::Method};
    /// # let route =
    /// #     DataRoute::new(Permission::NftsRemove, Method::DELETE, "/{id}", CredentialForm::Bearer);
    /// assert_eq!(route.with_provenance(Provenance::Seen).provenance(), Provenance::Seen);
    /// ```
    #[must_use]
    pub const fn with_provenance(mut self, provenance: Provenance) -> Self {
        self.provenance = provenance;
        self
    }

    /// The permission that the route carries out.
    pub const fn permission(&self) -> Permission {
        self.permission
    }

    /// The HTTP method.
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path below the host's base URL, with segments to fill in in braces.
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// The host that serves the route.
    pub const fn host(&self) -> RouteHost {
        self.host
    }

    /// How the holder of a key authenticates.
    pub const fn credential(&self) -> CredentialForm {
        self.credential
    }

    /// The form of the body.
    pub const fn body(&self) -> BodyForm {
        self.body
    }

    /// How it is known that the provider has this route in this form. It says nothing about how it is
    /// known that a grant opens the route.
    pub const fn provenance(&self) -> Provenance {
        self.provenance
    }
}
