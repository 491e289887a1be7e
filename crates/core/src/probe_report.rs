use std::fmt;

use crate::{Error, Permission, Verification};

/// What a probe learned about a key; from [`KeyIssuer::probe`](crate::KeyIssuer::probe).
///
/// `Display` has a line for each permission that was asked about.
///
/// ```
/// use pinning_keys_core::{
///     Permission, ProbeAnswer, ProbeReport, ProbeVerdict, Verification,
/// };
///
/// let answer = ProbeAnswer::new(Permission::PinsList, ProbeVerdict::Yes, None);
/// let report = ProbeReport::new(Verification::Live, vec![answer]);
/// assert_eq!(report.verdict(Permission::PinsList), ProbeVerdict::Yes);
/// assert_eq!(report.verdict(Permission::PinsRemove), ProbeVerdict::Unknown);
/// assert_eq!(report.to_string(), "live\n  pins:list            yes");
/// ```
#[derive(Debug)]
pub struct ProbeReport {
    verification: Verification,
    answers: Vec<ProbeAnswer>,
}

impl ProbeReport {
    /// The verdict on the credential, and the answers; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{ProbeReport, Verification};
    ///
    /// let report = ProbeReport::new(Verification::Revoked, Vec::new());
    /// assert!(report.answers().is_empty());
    /// ```
    #[must_use]
    pub fn new(verification: Verification, answers: Vec<ProbeAnswer>) -> Self {
        Self { verification, answers }
    }

    /// Whether the credential works. If it does not, nothing else was asked.
    pub fn verification(&self) -> Verification {
        self.verification
    }

    /// An answer for each request that was sent.
    pub fn answers(&self) -> &[ProbeAnswer] {
        &self.answers
    }

    /// Whether the key may do what this permission names; [`ProbeVerdict::Unknown`] if no
    /// request was about it.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ProbeReport, ProbeVerdict, Verification};
    ///
    /// let report = ProbeReport::new(Verification::Live, Vec::new());
    /// assert_eq!(report.verdict(Permission::PinsList), ProbeVerdict::Unknown);
    /// ```
    pub fn verdict(&self, permission: Permission) -> ProbeVerdict {
        let answer = self.answers.iter().find(|answer| answer.permission == permission);
        answer.map_or(ProbeVerdict::Unknown, ProbeAnswer::verdict)
    }
}

impl fmt::Display for ProbeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verification)?;
        self.answers.iter().try_for_each(|answer| write!(f, "\n  {answer}"))
    }
}

/// What a probe learned about one permission.
///
/// ```
/// use pinning_keys_core::{Error, ErrorKind, Permission, ProbeAnswer, ProbeVerdict};
///
/// let blocked = Error::new(ErrorKind::AccountRestricted, "the account is blocked");
/// let answer = ProbeAnswer::new(Permission::PinsRemove, ProbeVerdict::Unknown, Some(blocked));
/// assert_eq!(answer.to_string(), "pins:remove          unknown: the account is blocked");
/// ```
#[derive(Debug)]
pub struct ProbeAnswer {
    permission: Permission,
    verdict: ProbeVerdict,
    error: Option<Error>,
}

impl ProbeAnswer {
    /// The verdict, and the error that it was made from, if any; for adapters.
    ///
    /// ```
    /// use pinning_keys_core::{Permission, ProbeAnswer, ProbeVerdict};
    ///
    /// let answer = ProbeAnswer::new(Permission::PinsList, ProbeVerdict::Yes, None);
    /// assert!(answer.error().is_none());
    /// ```
    #[must_use]
    pub fn new(permission: Permission, verdict: ProbeVerdict, error: Option<Error>) -> Self {
        Self { permission, verdict, error }
    }

    /// The permission.
    pub fn permission(&self) -> Permission {
        self.permission
    }

    /// Whether the key may do it.
    pub fn verdict(&self) -> ProbeVerdict {
        self.verdict
    }

    /// The refusal in the provider's words, or what else went wrong. A request that is meant to be
    /// refused has one with every verdict.
    ///
    /// [`ErrorKind::AccountRestricted`](crate::ErrorKind::AccountRestricted) means that the account
    /// or its plan does not allow the request, so that the verdict is unknown.
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }
}

/// Such as `pins:list yes`, with the error if the verdict is not yes.
impl fmt::Display for ProbeAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20} {}", self.permission, self.verdict)?;
        match &self.error {
            Some(error) if self.verdict != ProbeVerdict::Yes => write!(f, ": {error}"),
            _ => Ok(()),
        }
    }
}

/// Whether a key may do what a permission names, as far as a probe can learn it.
///
/// ```
/// use pinning_keys_core::ProbeVerdict;
///
/// assert_eq!(ProbeVerdict::default().to_string(), "unknown");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProbeVerdict {
    /// The key may do it.
    Yes,
    /// The provider refused the key for its scope.
    No,
    /// The answer shows neither, or nothing was asked, because no request is known that shows it
    /// without changing something.
    #[default]
    Unknown,
}

impl fmt::Display for ProbeVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        })
    }
}
