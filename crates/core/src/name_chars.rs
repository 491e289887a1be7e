use std::fmt;

/// The characters that a provider allows in the names of keys; see
/// [`IssuerProfile::with_name_chars`](crate::IssuerProfile::with_name_chars).
///
/// ```
/// use pinning_keys_core::NameChars;
///
/// const NAME_CHARS: NameChars =
///     NameChars::new("letters, digits and -", |c| c.is_ascii_alphanumeric() || c == '-');
/// assert!(NAME_CHARS.allows('x') && !NAME_CHARS.allows('_'));
/// assert_eq!(NAME_CHARS.to_string(), "letters, digits and -");
/// ```
#[derive(Clone, Copy)]
pub struct NameChars {
    description: &'static str,
    allows: fn(char) -> bool,
}

impl NameChars {
    /// The characters for which `allows` returns `true`. The description completes the sentence "the
    /// provider allows only …".
    ///
    /// Allow `-`, lower-case letters and digits if the provider does:
    /// [`KeyName::unique`](crate::KeyName::unique) adds those.
    ///
    /// ```
    /// use pinning_keys_core::NameChars;
    ///
    /// const ASCII: NameChars = NameChars::new("ASCII characters", |c| c.is_ascii());
    /// assert!(!ASCII.allows('é'));
    /// ```
    #[must_use]
    pub const fn new(description: &'static str, allows: fn(char) -> bool) -> Self {
        Self { description, allows }
    }

    /// Whether names can have this character.
    ///
    /// ```
    /// use pinning_keys_core::NameChars;
    ///
    /// let digits = NameChars::new("digits", |c| c.is_ascii_digit());
    /// assert!(digits.allows('7') && !digits.allows('x'));
    /// ```
    pub fn allows(self, character: char) -> bool {
        (self.allows)(character)
    }

    /// The first character of a name that is not allowed, and its position, counted from 1.
    pub(crate) fn first_outside(self, name: &str) -> Option<(usize, char)> {
        (1..).zip(name.chars()).find(|(_, character)| !self.allows(*character))
    }
}

/// Shows the description instead of the function.
impl fmt::Debug for NameChars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NameChars").field(&self.description).finish()
    }
}

impl fmt::Display for NameChars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.description)
    }
}
