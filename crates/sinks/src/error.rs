use std::fmt;

/// Why a secret was not delivered, and whether that is certain.
///
/// `Display` is one line, and `{:#}` adds the advice as a second one. Neither shows a secret, nor
/// the text of a sink that could not be parsed, which may be a secret by mistake. Characters that a
/// terminal would obey or that nobody sees are escaped.
///
/// ```
/// use pinning_keys_sinks::{DeliveryEffect, SinkSpec};
///
/// let error = SinkSpec::parse("flie:key.json").unwrap_err();
/// assert_eq!(error.to_string(), "unknown kind of sink; did you mean \"file\"?");
/// assert_eq!(error.effect(), DeliveryEffect::NotDelivered);
/// assert!(error.is_usage());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkError {
    message: String,
    advice: Option<String>,
    effect: DeliveryEffect,
    usage: bool,
}

/// What a failed delivery did, as far as that is certain.
///
/// ```
/// use pinning_keys_sinks::DeliveryEffect;
///
/// assert_eq!(DeliveryEffect::Unknown.to_string(), "may be delivered");
/// assert!(DeliveryEffect::NotDelivered < DeliveryEffect::Unknown);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DeliveryEffect {
    /// Nobody has the secret, so the key can be revoked at once.
    NotDelivered,
    /// The secret may have arrived.
    Unknown,
}

impl DeliveryEffect {
    /// The stable text form, such as `not_delivered`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotDelivered => "not_delivered",
            Self::Unknown => "unknown",
        }
    }
}

/// `not delivered` or `may be delivered`.
impl fmt::Display for DeliveryEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotDelivered => "not delivered",
            Self::Unknown => "may be delivered",
        })
    }
}

impl SinkError {
    /// A failure before anything was delivered; for authors of sinks.
    ///
    /// The message is one line without a full stop and contains no secret.
    ///
    /// ```
    /// use pinning_keys_sinks::SinkError;
    ///
    /// let error = SinkError::new("the vault is sealed").with_advice("unseal it:  vault unseal");
    /// assert_eq!(format!("{error:#}"), "the vault is sealed\n  unseal it:  vault unseal");
    /// ```
    #[must_use]
    pub fn new(message: impl Into<String>) -> Self {
        let (message, effect) = (message.into(), DeliveryEffect::NotDelivered);
        Self { message, advice: None, effect, usage: false }
    }

    /// A request that no sink can fulfil, such as a sink that cannot be parsed.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { usage: true, ..Self::new(message) }
    }

    pub(crate) fn into_usage(mut self) -> Self {
        self.usage = true;
        self
    }

    /// Sets what to do about it.
    ///
    /// ```
    /// use pinning_keys_sinks::SinkError;
    ///
    /// let error = SinkError::new("the vault is sealed").with_advice("unseal it:  vault unseal");
    /// assert_eq!(error.advice(), Some("unseal it:  vault unseal"));
    /// ```
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }

    /// Sets what the failed delivery did (default: [`DeliveryEffect::NotDelivered`]).
    ///
    /// ```
    /// use pinning_keys_sinks::{DeliveryEffect, SinkError};
    ///
    /// let error = SinkError::new("the answer was lost").with_effect(DeliveryEffect::Unknown);
    /// assert_eq!(error.effect(), DeliveryEffect::Unknown);
    /// ```
    #[must_use]
    pub fn with_effect(mut self, effect: DeliveryEffect) -> Self {
        self.effect = effect;
        self
    }

    /// What to do about it.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// Whether the secret may have been delivered all the same.
    pub fn effect(&self) -> DeliveryEffect {
        self.effect
    }

    /// Whether the request itself is at fault: a sink that cannot be parsed, or a field that the
    /// key will not have.
    pub fn is_usage(&self) -> bool {
        self.usage
    }
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.advice {
            Some(advice) if f.alternate() => write!(f, "\n  {advice}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for SinkError {}
