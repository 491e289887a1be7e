//! An [`Error`] for programs to read.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::Error;

/// Serializes the kind, effect, operation, provider, status, provider code, retry-after (in
/// milliseconds), key name and one-line message, and nothing of the error's source. A field that
/// is not known is null.
///
/// ```
/// use pinning_keys_core::{Error, ErrorKind};
///
/// let error = serde_json::to_value(Error::new(ErrorKind::InvalidInput, "the name is empty"))?;
/// assert_eq!(error["kind"], "invalid_input");
/// assert_eq!(error["effect"], "not_sent");
/// assert_eq!(error["message"], "the name is empty");
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let milliseconds =
            |wait: std::time::Duration| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        let mut fields = serializer.serialize_struct("Error", 9)?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("effect", &self.effect())?;
        fields.serialize_field("operation", &self.operation())?;
        fields.serialize_field("provider", &self.provider())?;
        fields.serialize_field("status", &self.status().map(|status| status.as_u16()))?;
        fields.serialize_field("code", &self.provider_code())?;
        fields.serialize_field("retry_after_ms", &self.retry_after().map(milliseconds))?;
        fields.serialize_field("key_name", &self.key_name())?;
        fields.serialize_field("message", &self.to_string())?;
        fields.end()
    }
}
