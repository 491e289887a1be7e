//! Everything that the program is configured with, and what is wrong with it.

use serde::Serialize;

use super::effective::Effective;
use super::loaded::Settings;
use super::report::{AccountRow, FileRow, Row};
use crate::failure::Failure;
use crate::scope_args::TargetArgs;

/// What `config` shows.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    /// `null` if no account is configured, or if its configuration is invalid.
    pub(crate) account: Option<AccountRow>,
    pub(crate) settings: Vec<Row>,
    pub(crate) files: Vec<FileRow>,
    pub(crate) problems: Vec<Failure>,
    /// What to do if no account is configured.
    #[serde(skip)]
    pub(crate) without_account: Option<Failure>,
}

impl Overview {
    /// The effective settings, and what keeps other commands from working with them.
    pub(crate) fn of(settings: Settings, target: &TargetArgs) -> Self {
        let account = settings.account(target);
        let without_account =
            (account.is_none() && settings.is_sound()).then(|| settings.no_account());
        let mut rows = Vec::new();
        let files = settings.files.all.iter().map(FileRow::of).collect();
        let output = Row::of_output(&settings.output);
        let store = Row::of_store(&settings);
        let mut problems = settings.into_problems();
        let store = store.unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let account = match account {
            Some(Ok(effective)) => {
                rows = Row::of_account(&effective);
                let account = AccountRow::of(&effective);
                problems.extend(effective.build().err());
                Some(account)
            }
            Some(Err(found)) => {
                problems.extend(found);
                None
            }
            None => None,
        };
        rows.extend(store);
        rows.extend(output);
        Self { account, settings: rows, files, problems, without_account }
    }
}

/// Everything that is wrong, as far as it can be found without sending anything: with every file and
/// profile, and with the secrets of the account.
pub(crate) fn check(settings: Settings, target: &TargetArgs) -> Vec<Failure> {
    let mut found = Vec::new();
    match settings.account(target) {
        Some(Ok(effective)) => {
            found.extend(effective.unreadable_secrets());
            found.extend(effective.build().err());
        }
        Some(Err(problems)) => found.extend(problems),
        None if settings.is_sound() => found.push(settings.no_account()),
        None => {}
    }
    for profile in settings.other_profiles() {
        match Effective::of_profile_alone(&profile) {
            Ok(effective) => found.extend(effective.build().err()),
            Err(problems) => found.extend(problems),
        }
    }
    found.extend(Row::of_store(&settings).err());
    let mut problems = settings.into_problems();
    problems.append(&mut found);
    problems
}
