//! How the program ends.

use std::process::ExitCode;

/// The exit codes that scripts rely on.
///
/// The text that is printed and the code come from one value, so that they cannot disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It is done.
    Done,
    /// It failed, or some of many failed, or it was declined, or nothing matched.
    Failed,
    /// Something may exist at the provider whose outcome is unknown.
    Unknown,
    /// The account's credential was refused or lacks the permission.
    Refused,
    /// `verify`: the credential is not live.
    NotLive,
    /// The command line cannot be understood.
    Usage,
    /// It may work later.
    Later,
    /// The configuration is invalid.
    Configuration,
    /// It was interrupted.
    Interrupted,
    /// `exec`: the exit code of its command.
    Command(u8),
}

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Unknown => 3,
            Self::Refused => 4,
            Self::NotLive => 5,
            Self::Usage => 64,
            Self::Later => 75,
            Self::Configuration => 78,
            Self::Interrupted => 130,
            Self::Command(code) => code,
        }
    }

    /// Which of two ends the program reports if both apply.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    /// The order in which ends that apply together are reported.
    const fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::NotLive => 1,
            Self::Command(_) => 2,
            Self::Failed => 3,
            Self::Later => 4,
            Self::Refused => 5,
            Self::Unknown => 6,
            // These end the program before anything else can apply.
            Self::Usage | Self::Configuration | Self::Interrupted => 7,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
