use std::num::NonZeroU32;

use crate::{Error, ErrorKind, KeyName, ScopeRequest};

/// A key that is asked for: its name, its scope, and how often it may be used.
///
/// ```
/// use pinning_keys_core::{KeyRequest, ScopeRequest};
///
/// let request = KeyRequest::new("dashboard", ScopeRequest::reader())?.with_max_uses(10)?;
/// assert_eq!(request.max_uses().map(|uses| uses.get()), Some(10));
/// # Ok::<(), pinning_keys_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRequest {
    name: KeyName,
    scope: ScopeRequest,
    max_uses: Option<NonZeroU32>,
}

impl KeyRequest {
    /// Asks for a key of this name and scope, without a limit on its uses.
    ///
    /// The name is a text, or a [`KeyName`] such as [`KeyName::unique`] makes.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] where the name is not allowed ([`KeyName::new`]) or the
    /// scope is wrong whatever the provider ([`ScopeRequest::check`]).
    pub fn new<N>(name: N, scope: ScopeRequest) -> Result<Self, Error>
    where
        N: TryInto<KeyName>,
        Error: From<N::Error>,
    {
        let name = name.try_into()?;
        scope.check()?;
        Ok(Self { name, scope, max_uses: None })
    }

    /// Limits how often the key may be used. Providers count each HTTP request as a use.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] for 0, which providers document with no meaning.
    pub fn with_max_uses(mut self, uses: u32) -> Result<Self, Error> {
        let Some(uses) = NonZeroU32::new(uses) else {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                "a key with 0 uses could do nothing; give it 1 or more, or no limit",
            ));
        };
        self.max_uses = Some(uses);
        Ok(self)
    }

    /// The name of the key.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// What the key is to be able to do.
    pub fn scope(&self) -> &ScopeRequest {
        &self.scope
    }

    /// How often the key may be used; `None` for any number of times.
    pub fn max_uses(&self) -> Option<NonZeroU32> {
        self.max_uses
    }
}
