use std::fmt::{self, Write as _};

use http::Method;

use crate::text::padded;
use crate::{BodyForm, CredentialForm, DataRoute, Error, ErrorKind, Permission, Provenance};

/// A request that the holder of a key can send to the provider, at the issuer's own address.
///
/// [`KeyIssuerExt::holder_route`](crate::KeyIssuerExt::holder_route) returns it for a permission.
/// An app can pass it on to the holder along with the key, so that switching the provider switches
/// the route too. The form of the provider's answer is not part of it.
///
/// ```
/// use pinning_keys_core::{BodyForm, KeyIssuerExt, Permission};
///
/// # let emulator = pinning_keys_emulator::Emulator::in_memory();
/// # let vars = emulator.pinata().vars().into_iter().filter(|(name, _)| !name.ends_with("BASE_URL"));
/// # let vars = vars.chain([("PINNING_KEYS_TABLE", "endpoints".to_owned())]);
/// # let config = pinning_keys::IssuerConfig::from_vars(vars)?.with_transport(emulator.transport());
/// let issuer = config.build()?;
/// let upload = issuer.holder_route(Permission::PinsAddFile).expect("the table can upload");
/// assert_eq!(upload.to_string(), "POST https://api.pinata.cloud/pinning/pinFileToIPFS");
/// assert!(upload.credential().accepts_key_pair());
/// assert_eq!(upload.body(), BodyForm::Multipart);
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HolderRoute {
    route: &'static DataRoute,
    url: String,
}

impl HolderRoute {
    /// The route below a base URL, which has no slash at its end.
    pub(crate) fn below(base_url: &str, route: &'static DataRoute) -> Self {
        Self { route, url: format!("{base_url}{}", route.path()) }
    }

    /// Fills in the segment of the URL named `name` with a value, escaped so that it stays one
    /// segment.
    ///
    /// ```
    /// use pinning_keys_core::{KeyIssuerExt, Permission};
    ///
    /// # let emulator = pinning_keys_emulator::Emulator::in_memory();
    /// # let issuer = pinning_keys::IssuerConfig::from_vars(emulator.pinata().vars())?
    /// #     .with_transport(emulator.transport())
    /// #     .build()?;
    /// let remove = issuer.holder_route(Permission::PinsRemove).expect("the table can remove");
    /// assert!(remove.url().ends_with("/v3/files/{network}/{id}"));
    /// let remove = remove.with_value("network", "public")?.with_value("id", "0d2a")?;
    /// assert!(remove.url().ends_with("/v3/files/public/0d2a"));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the URL has no such segment left, or if the value is empty,
    /// `.` or `..`, which URL parsers treat as steps in the path. The error does not show the value.
    pub fn with_value(mut self, name: &str, value: &str) -> Result<Self, Error> {
        if matches!(value, "" | "." | "..") {
            let message = "an empty text, \".\" and \"..\" cannot be a segment of a URL";
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        let left = self.placeholders();
        if !left.contains(&name) {
            let message = if left.is_empty() {
                "the URL has no segment to fill in".to_owned()
            } else {
                format!("the URL has no such segment to fill in; it has {}", left.join(", "))
            };
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        self.url = self.url.replacen(&format!("{{{name}}}"), &Segment(value).to_string(), 1);
        Ok(self)
    }

    /// The permission that a key needs here.
    pub fn permission(&self) -> Permission {
        self.route.permission()
    }

    /// The HTTP method.
    pub fn method(&self) -> &Method {
        self.route.method()
    }

    /// The URL. Segments that are not filled in yet are in braces.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The names of the segments that are not filled in yet, such as `cid`.
    pub fn placeholders(&self) -> Vec<&'static str> {
        let names = self.route.path().split('/').filter_map(braced);
        names.filter(|name| self.url.contains(&format!("{{{name}}}"))).collect()
    }

    /// How the holder of a key authenticates.
    pub fn credential(&self) -> CredentialForm {
        self.route.credential()
    }

    /// The form of the body.
    pub fn body(&self) -> BodyForm {
        self.route.body()
    }

    /// How it is known that the provider has this route in this form.
    pub fn provenance(&self) -> Provenance {
        self.route.provenance()
    }
}

/// Such as `POST https://api.pinata.cloud/pinning/pinFileToIPFS`.
impl fmt::Display for HolderRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, |f| write!(f, "{} {}", self.method(), self.url))
    }
}

/// The name of a segment to fill in, such as `{cid}`.
fn braced(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// A text as one segment of a path: everything that is not unreserved is percent-encoded.
struct Segment<'a>(&'a str);

impl fmt::Display for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                f.write_char(char::from(byte))?;
            } else {
                write!(f, "%{byte:02X}")?;
            }
        }
        Ok(())
    }
}
