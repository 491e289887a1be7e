use std::borrow::Cow;
use std::fmt;

use http::Method;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::placeholders::{Placeholders, is_name};
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
    /// Without placeholders.
    body: String,
    /// Boxed, because few providers need any.
    placeholders: Option<Box<Placeholders>>,
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
        Self { translation, method, path: path.into(), body, placeholders: None }
    }

    /// Declares a placeholder for a fact that is known only after the login, such as the id of the
    /// account; for adapters.
    ///
    /// If the path contains `{name}`, that is the placeholder. Otherwise the body, which must be a
    /// JSON object, gets the member `"name":"{name}"` in front of its own members. The rest of the
    /// body is never searched, so a key name that looks like a placeholder stays what it is.
    ///
    /// ```
    /// use pinning_keys_core::{Plan, ScopeRequest, http::Method};
    /// use pinning_keys_pinata::RESOURCES;
    ///
    /// let translation = RESOURCES.translate(&ScopeRequest::reader())?;
    /// let body = r#"{"keyName":"{accountId}"}"#.to_owned();
    /// let plan = Plan::new(translation, Method::POST, "/b2api/v3/b2_create_key", body);
    /// let plan = plan.with_placeholder("accountId");
    /// assert_eq!(plan.body(), r#"{"accountId":"{accountId}","keyName":"{accountId}"}"#);
    /// assert!(plan.is_sent_as(r#"{"accountId":"a1b2c3","keyName":"{accountId}"}"#));
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// If the name is not a word of ASCII letters, digits and underscores, or if the path does not
    /// contain it and the body is not a JSON object.
    #[must_use]
    pub fn with_placeholder(mut self, name: &'static str) -> Self {
        assert!(is_name(name), "the name of a placeholder is a word of ASCII characters");
        let is_in_path = self.path.contains(&format!("{{{name}}}"));
        assert!(is_in_path || self.body.starts_with('{'), "the body is not a JSON object");
        self.placeholders.get_or_insert_default().declare(name, is_in_path, &self.body);
        self
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

    /// The body that would be sent, with its placeholders.
    pub fn body(&self) -> &str {
        self.placeholders.as_ref().map_or(&self.body, |placeholders| placeholders.body(&self.body))
    }

    /// The names of the [placeholders](Self::with_placeholder) in the path and the body.
    ///
    /// ```
    /// # use pinning_keys_core::{Plan, ScopeRequest, http::Method};
    /// # let translation = pinning_keys_pinata::RESOURCES.translate(&ScopeRequest::reader())?;
    /// let plan = Plan::new(translation, Method::POST, "/accounts/{account}/keys", "{}".to_owned());
    /// let plan = plan.with_placeholder("account");
    /// assert_eq!(plan.placeholders(), ["account"]);
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn placeholders(&self) -> &[&'static str] {
        self.placeholders.as_ref().map_or(&[], |placeholders| placeholders.names())
    }

    /// Whether this text is the body with a JSON string instead of each placeholder; for tests.
    ///
    /// ```
    /// # use pinning_keys_core::{Plan, ScopeRequest, http::Method};
    /// # let translation = pinning_keys_pinata::RESOURCES.translate(&ScopeRequest::reader())?;
    /// let plan = Plan::new(translation, Method::POST, "/keys", r#"{"name":"a"}"#.to_owned());
    /// assert!(plan.is_sent_as(r#"{"name":"a"}"#) && !plan.is_sent_as(r#"{"name":"b"}"#));
    /// let plan = plan.with_placeholder("account");
    /// assert!(plan.is_sent_as(r#"{"account":"a1b2c3","name":"a"}"#));
    /// assert!(!plan.is_sent_as(r#"{"account":"{account}","name":"a"}"#));
    /// # Ok::<(), pinning_keys_core::ScopeError>(())
    /// ```
    pub fn is_sent_as(&self, body: &str) -> bool {
        match &self.placeholders {
            None => self.body == body,
            Some(placeholders) => placeholders.are_filled(&self.body, body),
        }
    }

    /// The method, path and body of the request, without copies; for adapters. The body has no
    /// placeholder yet.
    #[must_use]
    #[inline] // A plan is large, and would be copied once more.
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
        fields.serialize_field("body", self.body())?;
        fields.end()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {} at {}", self.method, self.path, self.translation.table())?;
        writeln!(f, "  granted  {}", self.translation.granted())?;
        writeln!(f, "  missing  {}", self.translation.missing())?;
        writeln!(f, "  extra    {}", self.translation.extra())?;
        write!(f, "  sends    {}", self.body())?;
        for (i, name) in self.placeholders().iter().enumerate() {
            let before = if i == 0 { "\n  filled   " } else { " " };
            write!(f, "{before}{{{name}}}")?;
        }
        Ok(())
    }
}
