use std::fmt;
use std::str::FromStr;

/// Generates the states and their texts from one list, so that none can be forgotten.
macro_rules! states {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal;)*) => {
        /// The state of a key in the store.
        ///
        /// ```
        /// use pinning_keys_lifecycle::KeyState;
        ///
        /// assert_eq!(KeyState::InDoubt.to_string(), "in doubt");
        /// assert_eq!("in doubt".parse(), Ok(KeyState::InDoubt));
        /// assert!(KeyState::Live.is_open() && !KeyState::Revoked.is_open());
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum KeyState {
            $($(#[doc = $doc])* $variant,)*
        }

        impl KeyState {
            /// Every state, in the order of a key's life.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The text that stores keep for the state, such as `in doubt`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }
    };
}

states! {
    /// The intent to create the key is committed; the create may be in flight.
    Intended = "intended";
    /// The outcome of the create is unknown, and nobody has the secret.
    InDoubt = "in doubt";
    /// As far as known, no key was created.
    Closed = "closed";
    /// The key exists, and nobody has confirmed that the secret is stored.
    Undelivered = "undelivered";
    /// The key belongs to its holder.
    Live = "live";
    /// The key must end, and the provider has not confirmed that it has.
    Revoking = "revoking";
    /// The key has ended.
    Revoked = "revoked";
    /// The store no longer manages the key, which may still work.
    Forgotten = "forgotten";
}

impl KeyState {
    /// Whether a key in this state is one that its holder has or is about to get.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Intended | Self::Undelivered | Self::Live)
    }

    /// Whether the row is kept only to recognize the key if it shows up after all.
    #[must_use]
    pub const fn is_tombstone(self) -> bool {
        matches!(self, Self::Closed | Self::Revoked | Self::Forgotten)
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The error of parsing a [`KeyState`].
///
/// ```
/// use pinning_keys_lifecycle::{KeyState, UnknownKeyState};
///
/// assert_eq!("asleep".parse::<KeyState>(), Err(UnknownKeyState));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKeyState;

impl fmt::Display for UnknownKeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a state of a key")
    }
}

impl std::error::Error for UnknownKeyState {}

impl FromStr for KeyState {
    type Err = UnknownKeyState;

    fn from_str(text: &str) -> Result<Self, UnknownKeyState> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or(UnknownKeyState)
    }
}
