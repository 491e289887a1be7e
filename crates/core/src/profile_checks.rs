//! What an adapter has checked before it sends anything.

use std::borrow::Cow;
use std::time::SystemTime;

use crate::jwt::contains_jwt;
use crate::translation::translate_checked;
use crate::{
    Credential, Error, ErrorKind, IssuerProfile, KeyQuery, KeyRef, KeyRequest, Operation,
    Translation,
};

impl IssuerProfile {
    /// Checks a request against the profile and translates its scope; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{ErrorKind, IssuerProfile, KeyRequest, ScopeRequest};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_reserved_names(&["Default"]);
    /// let request = KeyRequest::new("uploads", ScopeRequest::uploader())?;
    /// assert_eq!(profile.check_request(&request)?.granted().to_string(), "pins:add-file");
    ///
    /// let reserved = KeyRequest::new("Default", ScopeRequest::uploader())?;
    /// assert_eq!(profile.check_request(&reserved).unwrap_err().kind(), ErrorKind::NameReserved);
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Inexpressible`] if the table cannot express the scope,
    /// [`ErrorKind::Unsupported`] for a limit on uses, an expiry or an admin key that the provider
    /// lacks, [`ErrorKind::InvalidInput`] for a name that is too long for it or has a character that
    /// it does not allow, and for an expiry that is zero, in the past or too late, and
    /// [`ErrorKind::NameReserved`] for a name that it reserves.
    pub fn check_request(&self, request: &KeyRequest) -> Result<Translation, Error> {
        self.check_request_by(request, SystemTime::now)
    }

    /// The same by another clock, which is read only if the request has an expiry.
    #[doc(hidden)]
    pub fn check_request_by(
        &self,
        request: &KeyRequest,
        clock: impl FnOnce() -> SystemTime,
    ) -> Result<Translation, Error> {
        self.translation(request, clock).map_err(|error| {
            error.with_operation(Operation::Issue).with_key_name(request.name().clone())
        })
    }

    fn translation(
        &self,
        request: &KeyRequest,
        clock: impl FnOnce() -> SystemTime,
    ) -> Result<Translation, Error> {
        self.check_name(request)?;
        if request.max_uses().is_some() && !self.supports_max_uses() {
            return Err(self.unsupported("limiting a key's uses"));
        }
        if let Some(expiry) = request.expiry() {
            self.check_expiry(expiry, clock())?;
        }
        if request.scope().is_admin() && !self.supports_admin_keys() {
            return Err(self.unsupported("admin keys").with_next_step(
                "name what the key must be able to do, such as pins:list, in needs",
            ));
        }
        let translation = translate_checked(self.table(), request.scope());
        translation.map_err(|error| Error::from(error).with_provider(self.provider()))
    }

    fn check_name(&self, request: &KeyRequest) -> Result<(), Error> {
        let (name, provider) = (request.name().as_str(), self.provider());
        // A text has at most as many characters as bytes, so most need not be counted.
        if let Some(most) = self.max_name_chars().filter(|most| name.len() > *most) {
            let chars = name.chars().count();
            if chars > most {
                let message = format!("the name has {chars} characters, and the limit is {most}");
                return Err(self.invalid(message));
            }
        }
        if self.reserved_names().contains(&name) {
            let message = format!("the provider reserves the name {name:?}");
            return Err(Error::new(ErrorKind::NameReserved, message)
                .with_provider(provider)
                .with_next_step("give the key another name"));
        }
        let outside = self.name_chars().and_then(|chars| Some((chars, chars.first_outside(name)?)));
        if let Some((chars, (position, character))) = outside {
            return Err(self
                .invalid(format!(
                    "the name has {character:?} at position {position}, and the provider allows \
                     only {chars}"
                ))
                .with_next_step(format!("give the key a name of {chars}")));
        }
        Ok(())
    }

    /// Checks that the provider supports the filters of a query, and that none shows a JWT; for
    /// adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Filters, IssuerProfile, KeyQuery};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_filters(Filters::NONE.with_name(true));
    /// assert!(profile.check_query(&KeyQuery::new().with_name_containing("user")).is_ok());
    /// assert!(profile.check_query(&KeyQuery::new().with_revoked(false)).is_err());
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`] if it lacks one, and [`ErrorKind::InvalidInput`] if the name to
    /// filter by contains a JWT, because filters appear in URLs.
    pub fn check_query(&self, query: &KeyQuery) -> Result<(), Error> {
        let filters = self.filters();
        let uses = query.limited_use().is_some() || query.exhausted().is_some();
        let lacking = [
            (query.name_containing().is_some() && !filters.name(), "name", "record.name()"),
            (query.revoked().is_some() && !filters.revoked(), "revocation", "record.is_revoked()"),
            (uses && !filters.uses(), "uses", "record.uses() with record.max_uses()"),
        ];
        if let Some((_, what, instead)) = lacking.iter().find(|(lacks, ..)| *lacks) {
            return Err(self
                .unsupported(&format!("filtering keys by {what}"))
                .with_operation(Operation::List)
                .with_next_step(format!(
                    "set only filters that issuer.profile().filters() has; without this one, list \
                     all keys and compare {instead}"
                )));
        }
        if query.name_containing().is_some_and(contains_jwt) {
            return Err(self
                .invalid("the name to filter by contains a JWT")
                .with_operation(Operation::List)
                .with_next_step("filter by the name of a key; a JWT is a secret"));
        }
        Ok(())
    }

    /// Checks that a key to be revoked belongs to this provider, and that its reference contains no
    /// secret; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{IssuerProfile, KeyRef, SecretShape};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS).with_secret_shape(SecretShape::hex(8));
    /// assert!(profile.check_key_ref(&KeyRef::new("pinata", "0d2a")?).is_ok());
    /// assert!(profile.check_key_ref(&KeyRef::new("w3ipfs", "0d2a")?).is_err());
    /// assert!(profile.check_key_ref(&KeyRef::new("pinata", "5ec2e75e")?).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it belongs to another provider, or if its API key or id has
    /// the [form of a secret](Self::secret_shape). The error does not show it.
    pub fn check_key_ref(&self, key: &KeyRef) -> Result<(), Error> {
        self.check_reference(key).map_err(|error| error.with_operation(Operation::Revoke))
    }

    fn check_reference(&self, key: &KeyRef) -> Result<(), Error> {
        self.check_provider("key reference", key.provider())
            .map_err(|error| error.with_next_step("revoke it with an issuer of that provider"))?;
        self.check_public("API key of the key reference", Some(key.api_key()))?;
        self.check_public("id of the key reference", key.id())
    }

    /// Checks that a credential to be verified belongs to this provider, and that its API key is
    /// not a secret; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Credential, IssuerProfile};
    /// use pinning_keys_pinata::ENDPOINTS;
    ///
    /// let profile = IssuerProfile::new(&ENDPOINTS);
    /// assert!(profile.check_credential(&Credential::bearer("pinata", "eyJhbGciOi")?).is_ok());
    /// assert!(profile.check_credential(&Credential::bearer("w3ipfs", "eyJhbGciOi")?).is_err());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if it belongs to another provider, or if its API key has the
    /// [form of a secret](Self::secret_shape). The error does not show it.
    pub fn check_credential(&self, credential: &Credential) -> Result<(), Error> {
        self.check_parts(credential).map_err(|error| error.with_operation(Operation::Verify))
    }

    fn check_parts(&self, credential: &Credential) -> Result<(), Error> {
        self.check_provider("credential", credential.provider())
            .map_err(|error| error.with_next_step("verify it with an issuer of that provider"))?;
        self.check_public("API key of the credential", credential.api_key())
    }

    /// Refuses a text that has the form of the provider's secrets.
    fn check_public(&self, what: &str, text: Option<&str>) -> Result<(), Error> {
        match (self.secret_shape(), text) {
            (Some(shape), Some(text)) if shape.is_in(text) => Err(self
                .invalid(format!("the {what} has the form of an API secret ({shape})"))
                .with_next_step("a key pair has a public part, the API key, and the API secret")),
            _ => Ok(()),
        }
    }

    fn check_provider(&self, what: &str, provider: &str) -> Result<(), Error> {
        if provider == self.provider() {
            return Ok(());
        }
        Err(self.invalid(format!("the {what} belongs to {provider}, not to this provider")))
    }

    pub(crate) fn invalid(&self, message: impl Into<Cow<'static, str>>) -> Error {
        Error::new(ErrorKind::InvalidInput, message).with_provider(self.provider())
    }

    pub(crate) fn unsupported(&self, what: &str) -> Error {
        Error::new(ErrorKind::Unsupported, format!("the provider does not support {what}"))
            .with_provider(self.provider())
    }
}
