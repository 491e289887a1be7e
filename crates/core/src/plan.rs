use std::borrow::Cow;
use std::fmt;

use http::Method;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::{Grant, Translation};

/// What issuing a key would grant and send, computed without sending anything.
///
/// Returned by [`KeyIssuer::plan`](crate::KeyIssuer::plan). `Display` shows all of it:
///
/// ```
/// # use pinning_keys_core::{Plan, ScopeRequest, http::Method};
/// # use pinning_keys_pinata::RESOURCES;
/// # let translation = RESOURCES.translate(&ScopeRequest::reader())?;
/// # let body = r#"{"keyName":"dashboard","permissions":{"resources":["org:files:read"]}}"#;
/// # let plan = Plan::new(translation, Method::POST, "/v3/api_keys", body.to_owned());
/// assert_eq!(
///     plan.to_string(),
///     r#"POST /v3/api_keys at pinata (resources)
///   granted  pins:list pins:list-jobs
///   missing  nothing
///   extra    nothing
///   sends    {"keyName":"dashboard","permissions":{"resources":["org:files:read"]}}"#,
/// );
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    translation: Translation,
    method: Method,
    path: Cow<'static, str>,
    body: String,
}

impl Plan {
    /// A plan to send `body` to `path`, neither of which may contain a secret; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Plan, ScopeRequest, http::Method};
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let translation = RESOURCES.translate(&ScopeRequest::reader())?;
    /// let plan = Plan::new(translation, Method::POST, "/v3/api_keys", "{}".to_owned());
    /// assert_eq!(plan.path(), "/v3/api_keys");
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    #[must_use]
    pub fn new(
        translation: Translation,
        method: Method,
        path: impl Into<Cow<'static, str>>,
        body: String,
    ) -> Self {
        Self { translation, method, path: path.into(), body }
    }

    /// The grants that would be sent, and what would be granted, missing and extra.
    pub fn translation(&self) -> &Translation {
        &self.translation
    }

    /// The HTTP method of the request that would be sent.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path of the request that would be sent, below the provider's base URL.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The body that would be sent.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The method, path and body of the request, without copies; for adapters.
    #[must_use]
    pub fn into_parts(self) -> (Method, Cow<'static, str>, String) {
        (self.method, self.path, self.body)
    }
}

/// Serializes the provider, table, method, path, names of the grants, what is granted, missing and
/// extra, and the body.
impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let translation = &self.translation;
        let grants: Vec<_> = translation.grants().map(Grant::name).collect();
        let mut fields = serializer.serialize_struct("Plan", 9)?;
        fields.serialize_field("provider", translation.table().provider())?;
        fields.serialize_field("table", translation.table().name())?;
        fields.serialize_field("method", self.method.as_str())?;
        fields.serialize_field("path", &self.path)?;
        fields.serialize_field("grants", &grants)?;
        fields.serialize_field("granted", &translation.granted())?;
        fields.serialize_field("missing", &translation.missing())?;
        fields.serialize_field("extra", &translation.extra())?;
        fields.serialize_field("body", &self.body)?;
        fields.end()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} at {}", self.method, self.path, self.translation.table())?;
        writeln!(f, "  granted  {}", self.translation.granted())?;
        writeln!(f, "  missing  {}", self.translation.missing())?;
        writeln!(f, "  extra    {}", self.translation.extra())?;
        write!(f, "  sends    {}", self.body)
    }
}
