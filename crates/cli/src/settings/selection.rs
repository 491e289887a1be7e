//! Which account the program works with.
//!
//! The credential and the address that it is sent to always come from one source: the environment,
//! or one profile of one file.

use std::ffi::OsStr;

use super::environment::{Environment, PROFILE};
use super::files::{ConfigFile, Files};
use super::origin::{Origin, Place};
use super::sections::Profile;
use super::value::ProfileName;
use crate::failure::Failure;
use crate::nearest::nearest;

/// The source of an account.
#[derive(Clone, Debug)]
pub(crate) enum Selected<'a> {
    /// The variables `PINNING_KEYS_*`, or `PINATA_JWT`.
    Environment,
    Profile(SelectedProfile<'a>),
}

/// A profile, and what selected it.
#[derive(Clone, Debug)]
pub(crate) struct SelectedProfile<'a> {
    pub(crate) name: &'a ProfileName,
    pub(crate) profile: &'a Profile,
    pub(crate) file: &'a ConfigFile,
    pub(crate) by: Origin,
}

/// Selects the account. In this order, these count:
///
/// 1. the profile that `--profile` or `PINNING_KEYS_PROFILE` names,
/// 2. a credential in a variable `PINNING_KEYS_*`,
/// 3. the profile that a file chooses, or the only one that there is,
/// 4. what else the environment has, such as `PINATA_JWT`.
pub(crate) fn select<'a>(
    flag: Option<&OsStr>,
    environment: &Environment,
    files: &'a Files,
) -> Result<Selected<'a>, Failure> {
    if let Some((name, by)) = named(flag, environment)? {
        let variables = environment.account_variables();
        if !variables.is_empty() {
            return Err(two_accounts(&by, &variables));
        }
        return find(files, &name, by).map(Selected::Profile);
    }
    if environment.credential().is_some() {
        return Ok(Selected::Environment);
    }
    let Some(selected) = chosen_by_a_file(files)? else { return Ok(Selected::Environment) };
    match &environment.account_variables()[..] {
        [] => Ok(Selected::Profile(selected)),
        variables => Err(another_place(&selected, variables)),
    }
}

/// Fails if no file has the profile that this flag names.
#[cfg(feature = "store")]
pub(super) fn check_profile(name: &str, flag: &'static str, files: &Files) -> Result<(), Failure> {
    find(files, name, Origin::Flag(flag)).map(drop)
}

/// The name that the flag or the variable gives.
fn named(
    flag: Option<&OsStr>,
    environment: &Environment,
) -> Result<Option<(String, Origin)>, Failure> {
    let (name, by) = match (flag, environment.get(PROFILE)) {
        (Some(name), _) => (name, Origin::Flag("--profile")),
        (None, Some(name)) => (name, Origin::Variable(PROFILE)),
        (None, None) => return Ok(None),
    };
    // An empty name must not select another account.
    let name = name.to_string_lossy().trim().to_owned();
    if name.is_empty() {
        return Err(Failure::configuration(format!("{by} is empty"))
            .with_next("set it to the name of a profile, or remove it"));
    }
    Ok(Some((name, by)))
}

/// The profile of this name in the file with the highest precedence that has one.
fn find<'a>(files: &'a Files, name: &str, by: Origin) -> Result<SelectedProfile<'a>, Failure> {
    let all = profiles(files);
    match all.iter().find(|(known, ..)| known.as_str() == name) {
        Some((name, profile, file)) => Ok(SelectedProfile { name, profile, file, by }),
        None => Err(unknown_profile(name, &by, &all)),
    }
}

fn chosen_by_a_file(files: &Files) -> Result<Option<SelectedProfile<'_>>, Failure> {
    for file in &files.all {
        if let Some(choice) = &file.document.profile {
            let place = Place { path: file.path.clone(), line: choice.line };
            return find(files, choice.value.as_str(), Origin::File(place)).map(Some);
        }
    }
    match profiles(files)[..] {
        [] => Ok(None),
        [(name, profile, file)] => {
            Ok(Some(SelectedProfile { name, profile, file, by: Origin::Default }))
        }
        [(first, ..), ..] => Err(no_choice(files, first)),
    }
}

type Known<'a> = (&'a ProfileName, &'a Profile, &'a ConfigFile);

/// The profiles of all files. A profile replaces one of the same name in a file of lower precedence
/// as a whole.
fn profiles(files: &Files) -> Vec<Known<'_>> {
    let mut all: Vec<Known<'_>> = Vec::new();
    for file in files.with_profiles() {
        for (name, profile) in &file.document.profiles {
            if all.iter().all(|(known, ..)| *known != name) {
                all.push((name, profile, file));
            }
        }
    }
    all
}

fn names(all: &[Known<'_>]) -> String {
    all.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>().join(", ")
}

fn unknown_profile(name: &str, by: &Origin, all: &[Known<'_>]) -> Failure {
    let failure = Failure::configuration(format!("{by} names a profile that does not exist"));
    let known = || all.iter().map(|(name, ..)| name.as_str());
    if all.is_empty() {
        return failure
            .with_next("there are no profiles; run this to see which files were read:")
            .with_next("pinning-keys config");
    }
    match nearest(name, known()) {
        Some(nearest) => failure.with_next(format!("did you mean {nearest}?")),
        None => failure,
    }
    .with_next(format!("the profiles are {}", names(all)))
}

fn no_choice(files: &Files, first: &ProfileName) -> Failure {
    let all = names(&profiles(files));
    let first = first.as_str();
    Failure::configuration(format!("several profiles exist, and none is chosen: {all}"))
        .with_next(format!("for this command:  --profile {first}"))
        .with_next(format!(
            "for all commands:  profile = \"{first}\" in the first line of your configuration file"
        ))
}

fn two_accounts(by: &Origin, variables: &[&str]) -> Failure {
    let leave_out = match by {
        Origin::Variable(name) => format!("unset {name}"),
        by => format!("leave out {by}"),
    };
    Failure::configuration(format!(
        "{by} cannot be combined with {}, because each account has a single source",
        variables.join(", ")
    ))
    .with_next(format!("to use the profile:  unset {}", variables.join(" ")))
    .with_next(format!("to use the environment:  {leave_out}"))
}

fn another_place(selected: &SelectedProfile<'_>, variables: &[&str]) -> Failure {
    let name = selected.name.as_str();
    let (all, is) = (variables.join(", "), if variables.len() == 1 { "is" } else { "are" });
    Failure::configuration(format!(
        "{all} {is} set without a credential, and cannot change where that of profile {name} is \
         sent"
    ))
    .with_next(format!("to use the profile:  unset {}", variables.join(" ")))
    .with_next("to use the environment:  set its credential too, such as PINNING_KEYS_JWT_FILE")
}
