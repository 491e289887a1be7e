use std::collections::BTreeMap;
use std::num::NonZeroU64;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{Error, ErrorKind};

use crate::network::Network;

/// What a [signed upload URL](crate::PinataIssuer::sign_upload) allows.
///
/// Time and size are always limited. Name, group and key-values are fixed by the URL: its holder
/// cannot add them (documented). The library fixes the network too.
///
/// ```
/// use std::num::NonZeroU64;
/// use std::time::Duration;
///
/// use pinning_keys_pinata::{Network, UploadRequest};
///
/// let ten_mib = NonZeroU64::new(10 << 20).unwrap();
/// let request = UploadRequest::new(Duration::from_secs(5 * 60), ten_mib)
///     .with_network(Network::Public)
///     .with_mime_type("image/png")
///     .with_mime_type("image/jpeg")
///     .with_file_name("avatar of user-42")
///     .with_key_value("user", "42");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadRequest {
    valid_for: Duration,
    time: Option<SystemTime>,
    pub(crate) max_bytes: NonZeroU64,
    pub(crate) network: Network,
    pub(crate) mime_types: Vec<String>,
    pub(crate) file_name: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) key_values: BTreeMap<String, String>,
}

/// When a URL is valid, in the seconds that Pinata takes.
pub(crate) struct Validity {
    /// Seconds since 1970.
    pub(crate) date: u64,
    pub(crate) seconds: u64,
    pub(crate) expires_at: SystemTime,
}

impl UploadRequest {
    /// A request for a URL that is valid for this long, counted in whole seconds, and accepts files
    /// of at most this size in bytes.
    ///
    /// Nothing can revoke the URL, so keep the time short: a few minutes are enough for a browser.
    ///
    /// ```
    /// use std::num::NonZeroU64;
    /// use std::time::Duration;
    ///
    /// use pinning_keys_pinata::UploadRequest;
    ///
    /// let five_minutes = Duration::from_secs(5 * 60);
    /// let request = UploadRequest::new(five_minutes, NonZeroU64::new(1_000_000).unwrap());
    /// ```
    #[must_use]
    pub fn new(valid_for: Duration, max_bytes: NonZeroU64) -> Self {
        Self {
            valid_for,
            time: None,
            max_bytes,
            network: Network::default(),
            mime_types: Vec::new(),
            file_name: None,
            group: None,
            key_values: BTreeMap::new(),
        }
    }

    /// Sets the time from which the URL is valid (default: the system's time when the URL is
    /// signed), for an app that has its own clock.
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// # use std::time::{Duration, SystemTime};
    /// # use pinning_keys_pinata::UploadRequest;
    /// # let request = UploadRequest::new(Duration::from_secs(300), NonZeroU64::MIN);
    /// let now = SystemTime::now(); // or the time of the app's clock
    /// let request = request.with_time(now);
    /// ```
    #[must_use]
    pub fn with_time(mut self, time: SystemTime) -> Self {
        self.time = Some(time);
        self
    }

    /// Sets the network that files are stored on (default: [`Network::Private`]).
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// # use std::time::Duration;
    /// # use pinning_keys_pinata::{Network, UploadRequest};
    /// # let request = UploadRequest::new(Duration::from_secs(300), NonZeroU64::MIN);
    /// let request = request.with_network(Network::Public);
    /// ```
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// Allows files of this type (default: all types), such as `image/png` or `image/*`
    /// (documented), or folders with `directory` (seen in the official client).
    ///
    /// Each call allows one more type. The type is the one that the holder declares.
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// # use std::time::Duration;
    /// # use pinning_keys_pinata::UploadRequest;
    /// # let request = UploadRequest::new(Duration::from_secs(300), NonZeroU64::MIN);
    /// let request = request.with_mime_type("image/*").with_mime_type("application/pdf");
    /// ```
    #[must_use]
    pub fn with_mime_type(mut self, mime_type: impl Into<String>) -> Self {
        self.mime_types.push(mime_type.into());
        self
    }

    /// Sets the name that files are stored under (default: the name that the holder sends).
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// # use std::time::Duration;
    /// # use pinning_keys_pinata::UploadRequest;
    /// # let request = UploadRequest::new(Duration::from_secs(300), NonZeroU64::MIN);
    /// let request = request.with_file_name("avatar of user-42");
    /// ```
    #[must_use]
    pub fn with_file_name(mut self, name: impl Into<String>) -> Self {
        self.file_name = Some(name.into());
        self
    }

    /// Sets the group that files are added to, by its id (default: none).
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// # use std::time::Duration;
    /// # use pinning_keys_pinata::UploadRequest;
    /// # let request = UploadRequest::new(Duration::from_secs(300), NonZeroU64::MIN);
    /// let request = request.with_group("3f2c0d36-8b4e-4c6f-9d0a-0d5b8f6a1c11");
    /// ```
    #[must_use]
    pub fn with_group(mut self, id: impl Into<String>) -> Self {
        self.group = Some(id.into());
        self
    }

    /// Adds a key-value to files. A second value for a name replaces the first.
    ///
    /// ```
    /// # use std::num::NonZeroU64;
    /// # use std::time::Duration;
    /// # use pinning_keys_pinata::UploadRequest;
    /// # let request = UploadRequest::new(Duration::from_secs(300), NonZeroU64::MIN);
    /// let request = request.with_key_value("user", "42").with_key_value("kind", "avatar");
    /// ```
    #[must_use]
    pub fn with_key_value(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.key_values.insert(name.into(), value.into());
        self
    }

    /// When the URL is valid, if the request is.
    ///
    /// An empty text is refused, because a provider may treat it as a limit that is not set.
    pub(crate) fn check(&self) -> Result<Validity, Error> {
        let has_empty = |text: &Option<String>| text.as_deref().is_some_and(str::is_empty);
        if has_empty(&self.file_name) {
            return Err(invalid("the file name is empty"));
        }
        if has_empty(&self.group) {
            return Err(invalid("the id of the group is empty"));
        }
        if self.key_values.contains_key("") {
            return Err(invalid("the name of a key-value is empty"));
        }
        if !self.mime_types.iter().all(|mime_type| is_mime_type(mime_type)) {
            return Err(invalid("a MIME type is malformed").with_next_step(
                "allow a type such as image/png, a kind such as image/*, or directory",
            ));
        }
        self.validity()
    }

    fn validity(&self) -> Result<Validity, Error> {
        let seconds = self.valid_for.as_secs();
        if seconds == 0 {
            return Err(invalid("the URL would be valid for less than a second"));
        }
        let time = self.time.unwrap_or_else(SystemTime::now);
        let since_1970 = time.duration_since(SystemTime::UNIX_EPOCH);
        let since_1970 =
            since_1970.map_err(|_| invalid("the time of the request is before 1970"))?;
        let date = since_1970.as_secs();
        let expires_at = date
            .checked_add(seconds)
            .and_then(|end| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end)))
            .ok_or_else(|| invalid("the URL would be valid for too long"))?;
        Ok(Validity { date, seconds, expires_at })
    }
}

/// Whether this is a type, a kind such as `image/*`, or `directory`, each without parameters.
fn is_mime_type(text: &str) -> bool {
    text == "directory"
        || text
            .split_once('/')
            .is_some_and(|(kind, subtype)| is_name(kind) && (subtype == "*" || is_name(subtype)))
}

/// Whether this is a name in a MIME type (RFC 6838).
fn is_name(text: &str) -> bool {
    let may_contain = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(may_contain)
}

fn invalid(message: &'static str) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
