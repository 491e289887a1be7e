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
    /// Something differs or needs attention, and `--exit-code` was given.
    Changes,
    /// Something may exist at the provider whose outcome is unknown.
    Unknown,
    /// The account's credential was refused or lacks the permission.
    Refused,
    /// `verify`: the credential is not live.
    NotLive,
    /// `status --exit-code`: keys that should have ended may still work.
    Overdue,
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
    /// Every end that has a code of its own, by its code.
    pub(crate) const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Changes,
        Self::Unknown,
        Self::Refused,
        Self::NotLive,
        Self::Overdue,
        Self::Usage,
        Self::Later,
        Self::Configuration,
        Self::Interrupted,
    ];

    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Changes => 2,
            Self::Unknown => 3,
            Self::Refused => 4,
            Self::NotLive => 5,
            Self::Overdue => 6,
            Self::Usage => 64,
            Self::Later => 75,
            Self::Configuration => 78,
            Self::Interrupted => 130,
            Self::Command(code) => code,
        }
    }

    /// What the code means, for people.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed, some items failed, declined, or nothing matched",
            Self::Changes => "with --exit-code: something differs or needs attention",
            Self::Unknown => {
                "outcome unknown: something may exist at the provider; the next command is printed"
            }
            Self::Refused => "the account's credential was rejected or lacks a permission",
            Self::NotLive => "verify: the credential is not live",
            Self::Overdue => "status --exit-code: overdue keys may still work",
            Self::Usage => "the command line is wrong; nothing was done",
            Self::Later => "temporary failure such as a rate limit; try again later",
            Self::Configuration => "the configuration is invalid; nothing was done",
            Self::Interrupted => "interrupted",
            Self::Command(_) => "exec: the exit code of the command that it ran",
        }
    }

    /// Which of two ends the program reports if both apply.
    pub(crate) fn or_worse(self, other: Self) -> Self {
        if other.weight() > self.weight() { other } else { self }
    }

    /// Whether another end can apply too.
    pub(crate) const fn can_be_joint(self) -> bool {
        self.weight() > Self::Done.weight() && self.weight() < Self::Usage.weight()
    }

    /// The order in which ends that apply together are reported.
    pub(crate) const fn weight(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Changes => 1,
            Self::NotLive => 2,
            Self::Overdue => 3,
            Self::Command(_) => 4,
            Self::Failed => 5,
            Self::Later => 6,
            Self::Refused => 7,
            Self::Unknown => 8,
            // These end the program before anything else can apply.
            Self::Usage | Self::Configuration | Self::Interrupted => 9,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

#[cfg(test)]
mod tests {
    use super::Exit;

    #[test]
    fn the_worst_of_several_ends_is_reported() {
        let order = [3, 4, 75, 1, 6, 5, 2, 0];
        let exit = |code: u8| *Exit::ALL.iter().find(|exit| exit.code() == code).unwrap();
        for (at, worse) in order.iter().enumerate() {
            for better in &order[at..] {
                assert_eq!(exit(*worse).or_worse(exit(*better)), exit(*worse));
                assert_eq!(exit(*better).or_worse(exit(*worse)), exit(*worse));
            }
        }
    }

    #[test]
    fn what_exec_could_not_revoke_outweighs_the_end_of_its_command() {
        assert_eq!(Exit::Command(7).or_worse(Exit::Failed), Exit::Failed);
        assert_eq!(Exit::Done.or_worse(Exit::Command(7)), Exit::Command(7));
    }

    #[test]
    fn codes_are_sorted_and_differ() {
        assert!(Exit::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
    }
}
