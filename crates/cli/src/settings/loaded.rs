//! Everything that the program is configured with, and what it adds up to.

#[cfg(feature = "store")]
use std::collections::BTreeSet;
#[cfg(feature = "store")]
use std::ffi::OsStr;
use std::ffi::OsString;

use pinning_keys::IssuerConfig;
use pinning_keys::credentials::SecretFrom;

use super::effective::Effective;
#[cfg(feature = "store")]
use super::environment::PROFILE;
use super::environment::{CONFIG, Environment};
use super::exposure;
use super::files::{Files, Named, user_file};
use super::origin::{Origin, shown};
use super::output::OutputSettings;
use super::sections::Profile;
#[cfg(feature = "store")]
use super::selection::check_profile;
use super::selection::{Selected, SelectedProfile, select};
use super::value::is_secret;
use crate::command_line::command;
use crate::failure::Failure;
use crate::global::Global;
use crate::scope_args::TargetArgs;

/// Everything that the program is configured with.
pub(crate) struct Settings {
    profile: Option<OsString>,
    #[cfg(feature = "store")]
    pub(super) store: Option<OsString>,
    pub(super) environment: Environment,
    pub(super) files: Files,
    pub(super) output: OutputSettings,
    /// What is wrong besides the files.
    problems: Vec<Failure>,
}

impl Settings {
    /// Reads everything that the program is configured with. Nothing is checked yet but the form of
    /// files and the names of variables; [`checked`](Self::checked) reports what is wrong with
    /// them.
    pub(crate) fn read(global: &Global) -> Self {
        let environment = Environment::read();
        let mut problems: Vec<_> = environment.check_names().err().into_iter().collect();
        let named = named_file(global, &environment).unwrap_or_else(|problem| {
            problems.push(problem);
            None
        });
        let files = Files::read(named);
        let output = OutputSettings::of(global, &environment, &files);
        Self {
            profile: global.profile.clone(),
            #[cfg(feature = "store")]
            store: global.store.clone(),
            environment,
            files,
            output,
            problems,
        }
    }

    /// Reports the first problem of the files and of the names of variables.
    pub(crate) fn checked(self) -> Result<Self, Failure> {
        if self.is_sound() { Ok(self) } else { Err(first_of(self.into_problems())) }
    }

    /// The flags of every command, with what the files say where no flag is given.
    pub(crate) fn output_flags(&self, global: &Global) -> Global {
        self.output.flags(global)
    }

    /// What the user should know about the files.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = String> {
        self.files.all.iter().filter_map(exposure::warning)
    }

    /// The variables that profiles name as places of secrets, of all accounts. No command that
    /// runs for one account needs them.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let profiles = self.files.with_profiles().flat_map(|file| file.document.profiles.values());
        let entries = profiles.flat_map(|profile| profile.account.entries());
        let secrets = entries.filter(|(name, _)| is_secret(name));
        secrets
            .filter_map(|(name, entry)| match entry.value.clone().secret(name) {
                Ok(SecretFrom::Variable(variable)) => Some(variable),
                _ => None,
            })
            .collect()
    }

    /// The settings of the account.
    pub(crate) fn effective(&self, target: &TargetArgs) -> Result<Effective, Failure> {
        match self.account(target) {
            Some(account) => account.map_err(first_of),
            None => Err(self.no_account()),
        }
    }

    /// The settings of the account of this profile.
    #[cfg(feature = "store")]
    pub(crate) fn effective_of(
        &self,
        profile: &str,
        target: &TargetArgs,
    ) -> Result<Effective, Failure> {
        let name = OsStr::new(profile);
        let selected = select(Some(name), &self.environment, &self.files)?;
        Effective::of(&selected, &self.environment, target).map_err(first_of)
    }

    /// Fails if there is no profile of the name that this flag gives.
    #[cfg(feature = "store")]
    pub(crate) fn check_profile(&self, name: &str, flag: &'static str) -> Result<(), Failure> {
        check_profile(name, flag, &self.files)
    }

    /// The names of all profiles; none if the environment or a flag selects a single account.
    #[cfg(feature = "store")]
    pub(crate) fn profile_names(&self) -> Vec<String> {
        let is_single = self.profile.is_some()
            || self.environment.get(PROFILE).is_some()
            || !self.environment.account_variables().is_empty();
        let files = self.files.with_profiles().filter(|_| !is_single);
        let names = files.flat_map(|file| file.document.profiles.keys());
        let names: BTreeSet<_> = names.map(|name| name.as_str().to_owned()).collect();
        names.into_iter().collect()
    }

    /// The names of the profiles that are not selected; none if the environment names the account,
    /// because no profile can be selected then.
    #[cfg(feature = "store")]
    pub(crate) fn other_profile_names(&self) -> Vec<String> {
        match self.selected() {
            Ok(Selected::Environment) => Vec::new(),
            _ => self.other_profiles().iter().map(|it| it.name.as_str().to_owned()).collect(),
        }
    }

    /// The names of all profiles, for a file that names the profile of each key. It fails if
    /// something else selects an account.
    #[cfg(feature = "store")]
    pub(crate) fn declarable_profiles(&self) -> Result<Vec<String>, Failure> {
        if self.profile.is_some() {
            let why = "--profile does not apply, because the file names the profile of each key";
            return Err(Failure::usage(why).with_next("leave it out"));
        }
        let variables = self.environment.account_variables();
        if !variables.is_empty() {
            let why = "cannot be combined with a file that names the profile of each key";
            return Err(Failure::configuration(format!("{} {why}", variables.join(", ")))
                .with_next(format!("unset {}", variables.join(" "))));
        }
        let names = self.files.with_profiles().flat_map(|file| file.document.profiles.keys());
        let names: BTreeSet<_> = names.map(|name| name.as_str().to_owned()).collect();
        Ok(names.into_iter().collect())
    }

    /// The configuration for calls with the credential of a key, and whether it has an account's
    /// credential too. Without one, the environment or the key names the provider.
    pub(crate) fn holder_config(
        &self,
        provider: Option<&str>,
        target: &TargetArgs,
    ) -> Result<(IssuerConfig, bool), Failure> {
        match self.selected()? {
            Selected::Environment if !self.environment.has_credential() => {
                Ok((self.environment.without_credential(provider)?, false))
            }
            _ => Ok((self.effective(target)?.config, true)),
        }
    }

    /// The settings of the account, or everything that is wrong with them; nothing if no account is
    /// configured, or if it cannot be known because a file is invalid.
    pub(super) fn account(&self, target: &TargetArgs) -> Option<Result<Effective, Vec<Failure>>> {
        if !self.is_sound() {
            return None;
        }
        match self.selected() {
            Ok(Selected::Environment) if !self.environment.names_an_account() => None,
            Ok(selected) => Some(Effective::of(&selected, &self.environment, target)),
            Err(problem) => Some(Err(vec![problem])),
        }
    }

    fn selected(&self) -> Result<Selected<'_>, Failure> {
        select(self.profile.as_deref(), &self.environment, &self.files)
    }

    /// The profiles of all files but the selected one.
    pub(super) fn other_profiles(&self) -> Vec<SelectedProfile<'_>> {
        let selected = match self.selected() {
            Ok(Selected::Profile(selected)) => Some(selected),
            Ok(Selected::Environment) | Err(_) => None,
        };
        let is_selected = |profile: &Profile| {
            selected.as_ref().is_some_and(|selected| std::ptr::eq(selected.profile, profile))
        };
        let files = self.files.with_profiles();
        let all = files.flat_map(|file| {
            let profiles = file.document.profiles.iter();
            profiles.map(move |(name, profile)| SelectedProfile {
                name,
                profile,
                file,
                by: Origin::Default,
            })
        });
        all.filter(|other| !is_selected(other.profile)).collect()
    }

    /// Whether the files and the names of variables are valid.
    pub(super) fn is_sound(&self) -> bool {
        self.problems.is_empty() && self.files.problems.is_empty()
    }

    pub(super) fn into_problems(mut self) -> Vec<Failure> {
        self.problems.append(&mut self.files.problems);
        self.problems
    }

    /// The error if no account is configured.
    pub(super) fn no_account(&self) -> Failure {
        const WHAT: &str = "no account is configured";
        // The library knows the variables of other programs that may have been meant. If there are
        // some, its error differs from that of an empty environment.
        let failure = match self.environment.issuer_config(None) {
            Err(failure) if failure.message() != nothing_set() => failure.in_context(WHAT),
            _ => Failure::configuration(WHAT)
                .with_next("for Pinata, set PINATA_JWT to the JWT of an admin key")
                .with_next("for W3IPFS, set PINNING_KEYS_PROVIDER=w3ipfs and PINNING_KEYS_JWT"),
        };
        let failure = failure.with_kind("no_account");
        match user_file() {
            Some(path) => failure.with_next(format!("or describe the account in {}", shown(&path))),
            None => failure,
        }
    }
}

/// What the library reports if no variable is set.
fn nothing_set() -> String {
    let none: [(&str, &str); 0] = [];
    IssuerConfig::from_vars(none).map_or_else(|error| error.to_string(), |_| String::new())
}

/// The first of these problems, and how to see the others.
pub(crate) fn first_of(problems: Vec<Failure>) -> Failure {
    let others = problems.len().saturating_sub(1);
    let first = problems.into_iter().next();
    let first = first.unwrap_or_else(|| Failure::configuration("the configuration is invalid"));
    if others == 0 {
        return first;
    }
    first
        .with_next(format!("{others} more; to see all problems:"))
        .with_next(command("config check"))
}

/// The file that the flag or the variable names.
fn named_file(global: &Global, environment: &Environment) -> Result<Option<Named>, Failure> {
    if let Some(path) = &global.config {
        return Ok(Some(Named { path: path.clone(), by: "--config" }));
    }
    match environment.get(CONFIG) {
        None => Ok(None),
        Some(path) if path.is_empty() => Err(Failure::configuration(format!("{CONFIG} is empty"))
            .with_next("set it to the path of a file, or unset it")),
        Some(path) => Ok(Some(Named { path: path.into(), by: CONFIG })),
    }
}
