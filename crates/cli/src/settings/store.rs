//! Which store a command uses.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::environment::STORE;
use super::loaded::Settings;
use super::origin::{Origin, Place};
use super::store_place::{StorePlace, parse};
use crate::failure::Failure;

/// A store, and where the choice came from.
#[derive(Clone)]
pub(crate) struct StoreChoice {
    pub(crate) place: StorePlace,
    pub(crate) origin: Origin,
}

impl StoreChoice {
    /// Whether it was named, as opposed to the default.
    pub(crate) fn is_named(&self) -> bool {
        !matches!(self.origin, Origin::Default)
    }

    /// Whether it would be lost with the runner of a CI job.
    pub(crate) fn is_lost_with_job(&self) -> bool {
        let is_set = |value: &OsStr| !value.is_empty() && value != "false" && value != "0";
        std::env::var_os("CI").is_some_and(|value| is_set(&value)) && !self.is_named()
    }
}

impl Settings {
    /// The store that the flag, the variable or a file names, or the default one.
    pub(crate) fn store(&self) -> Result<StoreChoice, Failure> {
        if let Some(text) = &self.store {
            let place = parse(text, Path::new("")).map_err(|failure| {
                let what = format!("--store: {}", failure.message());
                Failure::usage(what).with_only_next(failure.next().to_vec())
            })?;
            if place.has_password() {
                return Err(password_as_argument());
            }
            return Ok(StoreChoice { place, origin: Origin::Flag("--store") });
        }
        if let Some(text) = self.environment.get(STORE) {
            let place = parse(text, Path::new("")).map_err(|it| it.in_context(STORE))?;
            return Ok(StoreChoice { place, origin: Origin::Variable(STORE) });
        }
        for file in self.files.with_profiles() {
            if let Some(store) = &file.document.store {
                let place = Place { path: file.path.clone(), line: store.line };
                let folder = file.path.parent().unwrap_or(Path::new(""));
                let parsed = parse(OsStr::new(&store.value), folder)
                    .map_err(|failure| failure.in_context(&format!("{place}: store")))?;
                return Ok(StoreChoice { place: parsed, origin: Origin::File(place) });
            }
        }
        let path = default_path().ok_or_else(|| {
            Failure::configuration("there is no home folder for the store")
                .with_next("name a store:  --store sqlite:PATH")
        })?;
        Ok(StoreChoice { place: StorePlace::Sqlite(path), origin: Origin::Default })
    }
}

fn password_as_argument() -> Failure {
    Failure::usage("--store has a password, which other programs can see among the arguments")
        .with_next(format!("set the address in {STORE} or in a configuration file"))
        .with_next("or put the password into the file that PGPASSFILE names")
}

/// The file in the user's state folder.
fn default_path() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    // Windows has no state folder. Its cache folder is not copied to other machines.
    let folder = folders.state_dir().unwrap_or_else(|| folders.cache_dir());
    Some(folder.join("pinning-keys").join("keys.db"))
}
