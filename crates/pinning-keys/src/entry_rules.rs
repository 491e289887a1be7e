//! What a provider has to declare to be part of a registry.

use std::collections::BTreeSet;

use pinning_keys_core::{Error, is_id};
use pinning_keys_http::ApiSettings;

use crate::built_in;
use crate::misconfigured::misconfigured;
use crate::our_variables::{PREFIX, is_reserved};
use crate::provider::Provider;

/// Refuses providers that a configuration could not tell apart or could not set.
pub(crate) fn check(providers: &[Provider]) -> Result<(), Error> {
    let (mut ids, mut read) = (BTreeSet::new(), BTreeSet::new());
    for provider in providers {
        let id = provider.id();
        check_id(provider)?;
        if !ids.insert(id) {
            return Err(misconfigured(format!("two providers have the id {id:?}")));
        }
        check_settings(provider)?;
        check_credentials(provider)?;
        check_variables(provider)?;
        // Several may know a variable, such as one of a common kind of storage.
        for name in provider.read_names() {
            if !read.insert(name) {
                let fault = "is already read for another setting or provider";
                return Err(misconfigured(format!("variable {name:?} of {id} {fault}")));
            }
        }
    }
    Ok(())
}

fn check_id(provider: &Provider) -> Result<(), Error> {
    let id = provider.id();
    if !is_id(id) {
        let rule = "is empty, longer than 32, or has characters other than a-z, 0-9 and -";
        return Err(misconfigured(format!("the id {id:?} of a provider {rule}")));
    }
    let is_taken = built_in::ALL.iter().any(|built_in| built_in.id == id);
    if is_taken && !provider.is_built_in() {
        return Err(misconfigured(format!("the id {id:?} belongs to a built-in provider"))
            .with_next_step("give the other provider another id"));
    }
    Ok(())
}

fn check_settings(provider: &Provider) -> Result<(), Error> {
    let id = provider.id();
    let mut seen = BTreeSet::new();
    for setting in provider.settings() {
        let refused =
            |fault: &str| Err(misconfigured(format!("setting {setting:?} of {id} {fault}")));
        if is_reserved(setting) {
            return refused("has a reserved name");
        }
        if !is_name(setting, u8::is_ascii_lowercase) {
            return refused("is not a name of a-z, 0-9 and _ that begins with a letter");
        }
        if ApiSettings::is_credential(setting) && !provider.is_credential(setting) {
            return refused("holds a secret at a built-in provider, so it must be a credential");
        }
        if setting.ends_with("_file") && !provider.is_credential(setting) {
            return refused("ends in _file, but no credential of that name is declared");
        }
        if !seen.insert(setting) {
            return refused("is declared twice");
        }
    }
    Ok(())
}

fn check_credentials(provider: &Provider) -> Result<(), Error> {
    let id = provider.id();
    for credential in provider.credentials().iter().copied().flatten() {
        if credential.ends_with("_file") {
            let fault = "ends in _file, which names the file of another credential";
            return Err(misconfigured(format!("credential {credential:?} of {id} {fault}")));
        }
        let file = format!("{credential}_file");
        if !provider.has(credential) || !provider.has(&file) {
            let fault = format!("is not declared as the settings {credential:?} and {file:?}");
            return Err(misconfigured(format!("credential {credential:?} of {id} {fault}")));
        }
    }
    Ok(())
}

fn check_variables(provider: &Provider) -> Result<(), Error> {
    let id = provider.id();
    let is_others = |name: &str| {
        let others = built_in::ALL.iter().filter(|built_in| built_in.id != id);
        others.flat_map(|built_in| built_in.variables).any(|variable| variable.name() == name)
    };
    for variable in provider.variables() {
        let (name, setting) = (variable.name(), variable.setting());
        let refused =
            |fault: &str| Err(misconfigured(format!("variable {name:?} of {id} {fault}")));
        if !is_name(name, u8::is_ascii_uppercase) || name.starts_with(PREFIX) {
            return refused("is not a name of A-Z, 0-9 and _ without our prefix");
        }
        if is_others(name) {
            return refused("belongs to a built-in provider");
        }
        if !provider.has(setting) || !provider.is_credential(setting) {
            return refused(&format!("is for the setting {setting:?}, which is no credential"));
        }
    }
    let mut read = BTreeSet::new();
    for variable in provider.read_variables() {
        let (name, setting) = (variable.name(), variable.setting());
        if !read.insert(setting) {
            let fault = format!("is the second that is read for the setting {setting:?}");
            return Err(misconfigured(format!("variable {name:?} of {id} {fault}")));
        }
    }
    let is_whole = |together: &[&str]| together.iter().copied().collect::<BTreeSet<_>>() == read;
    if read.is_empty() || provider.credentials().iter().any(|together| is_whole(together)) {
        return Ok(());
    }
    Err(misconfigured(format!(
        "the variables that are read for {id} do not hold one whole credential"
    )))
}

fn is_name(name: &str, is_letter: fn(&u8) -> bool) -> bool {
    let is_part = |byte: u8| is_letter(&byte) || byte.is_ascii_digit() || byte == b'_';
    name.as_bytes().first().is_some_and(is_letter) && name.bytes().all(is_part)
}
