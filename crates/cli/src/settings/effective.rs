//! The settings of the selected account, each with where it came from.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use pinning_keys::adapter::Setting;
#[cfg(feature = "store")]
use pinning_keys::bulk::RateLimit;
use pinning_keys::bulk::RateLimits;
use pinning_keys::credentials::{SecretFrom, StoredCredential};
use pinning_keys::{IssuerConfig, KeyIssuer};

use super::environment::{Environment, PINATA_JWT, PROVIDER, REQUESTS_PER_MINUTE};
#[cfg(feature = "store")]
use super::limits::per_minute;
use super::limits::{FREE, REQUESTS, limits, requests_per_minute};
use super::origin::{Origin, Place};
use super::selection::{Selected, SelectedProfile};
use super::value::{ProfileName, is_secret, secret_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::scope_args::TargetArgs;

/// The settings of an account.
#[derive(Debug)]
pub(crate) struct Effective {
    /// The profile, and what selected it.
    pub(crate) profile: Option<(ProfileName, Origin)>,
    pub(crate) provider: (&'static str, Origin),
    /// The settings that are set, by their names.
    pub(crate) settings: BTreeMap<&'static str, Sourced>,
    pub(crate) config: IssuerConfig,
    /// The account's rate limit, per minute.
    requests: NonZeroU32,
}

/// A value, and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Sourced {
    pub(crate) value: Setting,
    pub(crate) origin: Origin,
}

impl Effective {
    /// The settings of this account, or everything that is wrong with them.
    pub(crate) fn of(
        selected: &Selected<'_>,
        environment: &Environment,
        target: &TargetArgs,
    ) -> Result<Self, Vec<Failure>> {
        let mut effective = match selected {
            Selected::Environment => {
                Self::of_environment(environment, target).map_err(|problem| vec![problem])?
            }
            Selected::Profile(selected) => Self::of_profile(selected, environment)?,
        };
        let mut problems = Vec::new();
        problems.extend(effective.refuse_another_provider(target).err());
        problems.extend(effective.set_table(target).err());
        problems.extend(effective.set_limits().err());
        if problems.is_empty() { Ok(effective) } else { Err(problems) }
    }

    fn of_environment(environment: &Environment, target: &TargetArgs) -> Result<Self, Failure> {
        if let Some(id) = &target.provider {
            known_provider(id)?;
        }
        let config = environment.issuer_config(target.provider.as_deref())?;
        let by = if environment.get(PROVIDER).is_some() {
            Origin::Variable(PROVIDER)
        } else if target.provider.is_some() {
            Origin::Flag("--provider")
        } else {
            Origin::Variable(PINATA_JWT)
        };
        let fallback = environment.credential().is_none().then_some((PINATA_JWT, "jwt"));
        let variables = environment.settings().chain([(REQUESTS_PER_MINUTE, REQUESTS)]);
        let mut settings = BTreeMap::new();
        for (variable, name) in variables.chain(fallback) {
            add_variable(&mut settings, environment, variable, name)?;
        }
        let provider = (config.provider(), by);
        Ok(Self { profile: None, provider, settings, config, requests: FREE })
    }

    fn of_profile(
        selected: &SelectedProfile<'_>,
        environment: &Environment,
    ) -> Result<Self, Vec<Failure>> {
        let SelectedProfile { name, profile, file, by } = selected;
        let place = |line| Place { path: file.path.clone(), line };
        let provider = profile.account.provider();
        let mut settings: BTreeMap<_, _> = profile
            .account
            .entries()
            .into_iter()
            .map(|(name, entry)| {
                let origin = Origin::File(place(entry.line));
                (name, Sourced { value: entry.value.clone(), origin })
            })
            .collect();
        let mut problems = Vec::new();
        // No variable with a credential or an address is set: the selection refuses those.
        let variables = environment.settings().chain([(REQUESTS_PER_MINUTE, REQUESTS)]);
        for (variable, name) in variables {
            problems.extend(add_variable(&mut settings, environment, variable, name).err());
        }
        let start = IssuerConfig::for_provider(provider).map_err(|error| vec![error.into()])?;
        let config = configured(start, name, &settings, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let provider = (provider, Origin::File(place(profile.line)));
        let profile = Some(((*name).clone(), by.clone()));
        Ok(Self { profile, provider, settings, config, requests: FREE })
    }

    /// The settings of a profile without those of the environment.
    pub(crate) fn of_profile_alone(selected: &SelectedProfile<'_>) -> Result<Self, Vec<Failure>> {
        let mut effective = Self::of_profile(selected, &Environment::default())?;
        effective.set_limits().map_err(|problem| vec![problem])?;
        Ok(effective)
    }

    /// The account's rate limits, as far as this program alone keeps them.
    pub(crate) fn limits(&self) -> RateLimits {
        limits(self.provider.0, self.requests)
    }

    /// The account's rate limit, which all users of a store share.
    #[cfg(feature = "store")]
    pub(crate) fn shared_limit(&self) -> RateLimit {
        per_minute(self.requests)
    }

    /// Creates the issuer. This sends nothing.
    pub(crate) fn build(self) -> Result<Arc<dyn KeyIssuer>, Failure> {
        self.config.build().map_err(|error| {
            let failure = Failure::from(error).with_exit(Exit::Configuration);
            match (&self.profile, &self.provider.1) {
                (Some((name, _)), Origin::File(place)) => {
                    failure.in_context(&format!("{place}: profiles.{}", name.as_str()))
                }
                _ => failure,
            }
        })
    }

    /// What is wrong with the variables and files that hold the account's secrets.
    pub(crate) fn unreadable_secrets(&self) -> Vec<Failure> {
        let secrets = self.settings.iter().filter(|(name, _)| is_secret(name));
        secrets
            .filter_map(|(name, Sourced { value, origin })| {
                let error = match secret_of(name, value.clone()) {
                    // A secret in the setting itself is checked when the issuer is built.
                    Ok(SecretFrom::Text(_)) | Err(_) => return None,
                    // For a key pair, each part is checked as a token: the rules are the same.
                    Ok(secret) => StoredCredential::bearer(secret).read().err()?,
                };
                let failure = Failure::from(error).with_exit(Exit::Configuration);
                Some(failure.in_context(&format!("{origin}: {name}")))
            })
            .collect()
    }

    /// `--provider` cannot move an account to another provider.
    fn refuse_another_provider(&self, target: &TargetArgs) -> Result<(), Failure> {
        let Some(id) = &target.provider else { return Ok(()) };
        let (provider, by) = &self.provider;
        if known_provider(id)? == *provider {
            return Ok(());
        }
        let account = match &self.profile {
            Some((name, _)) => format!("profile {} is at {provider}", name.as_str()),
            None => format!("{by} selects {provider}"),
        };
        Err(Failure::usage(format!("--provider names another provider: {account}"))
            .with_next("leave out --provider, or choose another account with --profile"))
    }

    fn set_table(&mut self, target: &TargetArgs) -> Result<(), Failure> {
        let Some(table) = &target.table else { return Ok(()) };
        let value = Setting::from(&**table);
        // It would leave the table as it is.
        if value.is_blank() {
            return Err(Failure::usage("--table is empty"));
        }
        let provider = self.provider.0;
        if !self.config.settings().contains(&"table") {
            return Err(Failure::usage(format!("{provider} has only one table"))
                .with_next("leave out --table"));
        }
        let set = self.config.clone().with_setting("table", value.clone());
        self.config =
            set.map_err(|error| Failure::from(error).with_exit(Exit::Usage).in_context("--table"))?;
        self.settings.insert("table", Sourced { value, origin: Origin::Flag("--table") });
        Ok(())
    }

    fn set_limits(&mut self) -> Result<(), Failure> {
        if let Some(Sourced { value, origin }) = self.settings.get(REQUESTS) {
            let requests = requests_per_minute(value.clone());
            self.requests = requests.map_err(|problem| problem.in_context(&origin.to_string()))?;
        }
        Ok(())
    }
}

/// The configuration with these settings, in the order of their lines. Those that are invalid become
/// problems.
fn configured(
    start: IssuerConfig,
    profile: &ProfileName,
    settings: &BTreeMap<&'static str, Sourced>,
    problems: &mut Vec<Failure>,
) -> IssuerConfig {
    let line = |sourced: &Sourced| match &sourced.origin {
        Origin::File(place) => place.line,
        _ => 0,
    };
    let mut settings: Vec<_> = settings.iter().filter(|(name, _)| **name != REQUESTS).collect();
    settings.sort_by_key(|(_, sourced)| line(sourced));
    settings.into_iter().fold(start, |config, (name, Sourced { value, origin })| {
        match config.clone().with_setting(name, value.clone()) {
            Ok(config) => config,
            Err(error) => {
                let place = match origin {
                    Origin::File(place) => format!("{place}: profiles.{}.{name}", profile.as_str()),
                    origin => origin.to_string(),
                };
                problems.push(Failure::from(error).in_context(&place));
                config
            }
        }
    })
}

/// Adds the value of a variable, unless it is empty and the setting has a default.
fn add_variable(
    settings: &mut BTreeMap<&'static str, Sourced>,
    environment: &Environment,
    variable: &'static str,
    name: &'static str,
) -> Result<(), Failure> {
    if let Some(text) = environment.text(variable)? {
        let origin = Origin::Variable(variable);
        settings.insert(name, Sourced { value: Setting::from(text), origin });
    }
    Ok(())
}

fn known_provider(id: &str) -> Result<&'static str, Failure> {
    match IssuerConfig::for_provider(id) {
        Ok(config) => Ok(config.provider()),
        Err(error) => Err(Failure::from(error).with_exit(Exit::Usage).in_context("--provider")),
    }
}
