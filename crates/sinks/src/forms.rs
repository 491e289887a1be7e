use pinning_keys_core::{
    Credential, CredentialForm, DataRoute, IssuerProfile, KeyName, PermissionTable,
};

/// Which forms the credential of a key has, as far as that is known before the key is issued: a
/// bearer token, a key pair, a user and a password, or the value of a header.
///
/// ```
/// use pinning_keys_sinks::Forms;
///
/// // The routes of Pinata's table need a token, and those of W3IPFS a pair.
/// let pinata = Forms::of_table(&pinning_keys_pinata::RESOURCES);
/// assert_eq!((pinata.has_bearer(), pinata.has_pair()), (Some(true), None));
/// let w3ipfs = Forms::of_table(&pinning_keys_w3ipfs::SCOPES);
/// assert_eq!((w3ipfs.has_bearer(), w3ipfs.has_pair()), (Some(false), Some(true)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Forms {
    bearer: Option<bool>,
    pair: Option<bool>,
    basic: Option<bool>,
    value: Option<bool>,
}

impl Forms {
    /// Nothing is known.
    ///
    /// ```
    /// use pinning_keys_sinks::Forms;
    ///
    /// assert_eq!(Forms::unknown().has_bearer(), None);
    /// ```
    #[must_use]
    pub const fn unknown() -> Self {
        Self { bearer: None, pair: None, basic: None, value: None }
    }

    /// What the routes of a table need, which its keys therefore have.
    ///
    /// ```
    /// use pinning_keys_sinks::Forms;
    ///
    /// // Its routes accept a token or a pair, and an answer without a token has been seen.
    /// let forms = Forms::of_table(&pinning_keys_pinata::ENDPOINTS);
    /// assert_eq!((forms.has_bearer(), forms.has_pair()), (None, None));
    /// assert_eq!(forms.has_basic(), Some(false));
    /// ```
    #[must_use]
    pub fn of_table(table: &PermissionTable) -> Self {
        let forms = || table.routes().iter().map(DataRoute::credential);
        // A provider has no form to give that none of its routes accepts.
        let known = |is_needed: fn(CredentialForm) -> bool,
                     is_accepted: fn(CredentialForm) -> bool| {
            if forms().any(is_needed) {
                return Some(true);
            }
            (!table.routes().is_empty() && !forms().any(is_accepted)).then_some(false)
        };
        let is_basic = |form| form == CredentialForm::Basic;
        Self {
            bearer: known(|form| form == CredentialForm::Bearer, CredentialForm::accepts_bearer),
            // Except for a pair: Pinata's comes with each token, even if no route accepts it.
            pair: known(
                |form| form == CredentialForm::KeyPair,
                |form| form.accepts_key_pair() || form.accepts_bearer(),
            ),
            basic: known(is_basic, is_basic),
            value: known(is_value, is_value),
        }
    }

    /// The forms of a credential that exists.
    ///
    /// ```
    /// use pinning_keys_core::Credential;
    /// use pinning_keys_sinks::Forms;
    ///
    /// let forms = Forms::of(&Credential::bearer("pinata", "eyJhbGciOi")?);
    /// assert_eq!((forms.has_bearer(), forms.has_pair()), (Some(true), Some(false)));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn of(credential: &Credential) -> Self {
        let form = credential.form();
        Self {
            bearer: Some(form == CredentialForm::Bearer),
            pair: Some(credential.api_key().is_some()),
            basic: Some(form == CredentialForm::Basic),
            value: Some(is_value(form)),
        }
    }

    /// Whether there is a bearer token, such as a JWT; `None` if that is not known.
    pub const fn has_bearer(self) -> Option<bool> {
        self.bearer
    }

    /// Whether there is a key pair; `None` if that is not known.
    pub const fn has_pair(self) -> Option<bool> {
        self.pair
    }

    /// Whether there are a user and a password, for Basic authentication; `None` if that is not
    /// known.
    pub const fn has_basic(self) -> Option<bool> {
        self.basic
    }

    /// Whether there is a value for a header, which may be `Authorization`; `None` if that is not
    /// known.
    pub const fn has_header_value(self) -> Option<bool> {
        self.value
    }
}

fn is_value(form: CredentialForm) -> bool {
    matches!(form, CredentialForm::Authorization | CredentialForm::Header)
}

/// A key that is about to be issued, as far as a sink needs to know it.
///
/// ```
/// use pinning_keys_core::{IssuerProfile, KeyName};
/// use pinning_keys_sinks::{Field, Incoming};
/// use pinning_keys_w3ipfs::SCOPES;
///
/// let key = Incoming::new(&KeyName::new("dashboard")?, &IssuerProfile::new(&SCOPES));
/// let error = Field::Jwt.check(&key).unwrap_err();
/// assert_eq!(error.to_string(), "keys of w3ipfs have no JWT");
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Incoming {
    name: KeyName,
    provider: &'static str,
    forms: Forms,
}

impl Incoming {
    /// A key with this name, from the issuer with this profile.
    ///
    /// ```
    /// use pinning_keys_core::{IssuerProfile, KeyName};
    /// use pinning_keys_pinata::RESOURCES;
    /// use pinning_keys_sinks::Incoming;
    ///
    /// let key = Incoming::new(&KeyName::new("dashboard")?, &IssuerProfile::new(&RESOURCES));
    /// assert_eq!((key.provider(), key.forms().has_bearer()), ("pinata", Some(true)));
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn new(name: &KeyName, profile: &IssuerProfile) -> Self {
        let forms = Forms::of_table(profile.table());
        Self { name: name.clone(), provider: profile.provider(), forms }
    }

    /// Sets which forms its credential will have (default: those that the routes of the profile's
    /// table need).
    ///
    /// ```
    /// # use pinning_keys_core::{IssuerProfile, KeyName};
    /// # use pinning_keys_pinata::RESOURCES;
    /// use pinning_keys_sinks::{Forms, Incoming};
    ///
    /// let key = Incoming::new(&KeyName::new("dashboard")?, &IssuerProfile::new(&RESOURCES))
    ///     .with_forms(Forms::unknown());
    /// assert_eq!(key.forms(), Forms::unknown());
    /// # Ok::<(), pinning_keys_core::Error>(())
    /// ```
    #[must_use]
    pub fn with_forms(mut self, forms: Forms) -> Self {
        self.forms = forms;
        self
    }

    /// The key's name.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// The id of the provider.
    pub fn provider(&self) -> &'static str {
        self.provider
    }

    /// The forms of the credential.
    pub fn forms(&self) -> Forms {
        self.forms
    }
}
