use std::fmt;
use std::time::SystemTime;

/// Something that needs attention although the key was issued.
///
/// ```
/// use pinning_keys_lifecycle::Warning;
///
/// let warning = Warning::NoWorker { last_run: None };
/// assert_eq!(warning.to_string(), "no worker has ever run, so nothing ends the lease");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The key has a lease, but no worker has run for a day.
    NoWorker {
        /// When a worker last ran, if ever.
        last_run: Option<SystemTime>,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWorker { last_run: None } => {
                f.write_str("no worker has ever run, so nothing ends the lease")
            }
            Self::NoWorker { last_run: Some(time) } => {
                let time = crate::Timestamp::from(*time);
                write!(f, "no worker has run since {time}, so nothing ends the lease")
            }
        }
    }
}
