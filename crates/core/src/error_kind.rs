use std::fmt;

use serde::{Serialize, Serializer};

/// Makes the kinds, their texts and their words from one list, so that none can be forgotten.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $words:literal;)*) => {
        /// What kind of failure an [`Error`](crate::Error) is.
        ///
        /// `Display` writes words for people; [`as_str`](Self::as_str) is the stable text form.
        ///
        /// ```
        /// use pinning_keys_core::ErrorKind;
        ///
        /// assert_eq!(ErrorKind::RateLimited.to_string(), "rate limited");
        /// assert_eq!(ErrorKind::RateLimited.as_str(), "rate_limited");
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorKind {
            $($(#[doc = $doc])* $variant,)*
        }

        impl ErrorKind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable text form, such as `rate_limited`, which serde writes.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            const fn words(self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                }
            }
        }
    };
}

kinds! {
    /// A name, a number or a text given to the library is invalid.
    InvalidInput = "invalid_input", "invalid input";
    /// The provider cannot grant the requested scope; see
    /// [`Error::scope_error`](crate::Error::scope_error).
    Inexpressible = "inexpressible", "inexpressible";
    /// The provider does not offer what was asked for, so nothing was sent.
    Unsupported = "unsupported", "unsupported";
    /// The configuration of the issuer is incomplete or contradictory.
    Configuration = "configuration", "configuration";
    /// The source of the account's own credential did not return it.
    CredentialUnavailable = "credential_unavailable", "credential unavailable";
    /// The provider does not accept the account's credential.
    Unauthenticated = "unauthenticated", "unauthenticated";
    /// The provider accepts the credential, but not for this operation.
    PermissionDenied = "permission_denied", "permission denied";
    /// The account or its plan does not allow it, whichever key of the account asks: the account is
    /// blocked, or the plan lacks the feature.
    AccountRestricted = "account_restricted", "account restricted";
    /// The provider does not know what the call is about.
    NotFound = "not_found", "not found";
    /// The request contradicts what the provider has.
    Conflict = "conflict", "conflict";
    /// A key of the account already has this name, and the provider's names are unique.
    NameTaken = "name_taken", "name taken";
    /// The provider reserves this name.
    NameReserved = "name_reserved", "name reserved";
    /// The account has as many keys as the provider allows: revoke one, then issue again.
    TooManyKeys = "too_many_keys", "too many keys";
    /// The provider's rate limit was exceeded; see
    /// [`Error::retry_after`](crate::Error::retry_after).
    RateLimited = "rate_limited", "rate limited";
    /// The provider refused the request for another reason.
    Refused = "refused", "refused";
    /// The provider reported an internal error.
    Unavailable = "unavailable", "unavailable";
    /// The call did not finish before its deadline.
    Timeout = "timeout", "timeout";
    /// The connection could not be made, or broke.
    Connection = "connection", "connection";
    /// No secure connection could be made: the server's certificate is not acceptable, or the
    /// server does not speak TLS. Unlike [`Connection`](Self::Connection), this does not pass.
    Tls = "tls", "tls";
    /// The provider answered with a redirect that is not safe to follow.
    Redirected = "redirected", "redirected";
    /// The provider's answer cannot be read.
    UnreadableAnswer = "unreadable_answer", "unreadable answer";
}

impl ErrorKind {
    /// Whether calls for other keys would fail in the same way until somebody changes something,
    /// because the cause is the account, its credential, the configuration or the way to the
    /// provider.
    ///
    /// When one call of many fails like this, make no more of them. Kinds whose cause may pass,
    /// such as [`RateLimited`](Self::RateLimited) and [`Connection`](Self::Connection), are not
    /// among these.
    ///
    /// ```
    /// use pinning_keys_core::ErrorKind;
    ///
    /// assert!(ErrorKind::TooManyKeys.affects_all_keys());
    /// assert!(!ErrorKind::NameTaken.affects_all_keys()); // another name may be free
    /// assert!(!ErrorKind::Unavailable.affects_all_keys()); // it may work in a minute
    /// ```
    #[must_use]
    pub const fn affects_all_keys(self) -> bool {
        match self {
            Self::Configuration
            | Self::CredentialUnavailable
            | Self::Unauthenticated
            | Self::PermissionDenied
            | Self::AccountRestricted
            | Self::TooManyKeys
            | Self::Tls
            | Self::Redirected => true,
            Self::InvalidInput
            | Self::Inexpressible
            | Self::Unsupported
            | Self::NotFound
            | Self::Conflict
            | Self::NameTaken
            | Self::NameReserved
            | Self::Refused
            | Self::RateLimited
            | Self::Unavailable
            | Self::Timeout
            | Self::Connection
            | Self::UnreadableAnswer => false,
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// Writes the stable text form.
impl Serialize for ErrorKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
