//! The secrets that no output and no file may show.

use std::fs;
use std::path::Path;

use pinning_keys::Credential;
use pinning_keys_testkit::secrets::Secrets;

use super::Stand;
use super::every_command::SINKS;

/// The secrets of the accounts.
pub(crate) fn secrets_of_accounts(stand: &Stand) -> Secrets {
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let mut secrets = Secrets::of([pinata.jwt(), pinata.api_secret(), w3ipfs.api_secret()]);
    secrets.add(&w3ipfs.jwt());
    secrets.add(&w3ipfs.refresh_token());
    secrets
}

/// Adds the secrets of every key that is in a sink now.
pub(crate) fn add_delivered(stand: &Stand, secrets: &mut Secrets) {
    let mut texts = vec![stand.read("given.json")];
    for entry in fs::read_dir(stand.home().join(SINKS)).expect("the folder of the sinks") {
        texts.push(fs::read_to_string(entry.expect("a file").path()).expect("a text"));
    }
    let lines = texts.iter().flat_map(|text| text.lines());
    for line in lines.filter(|line| !line.is_empty()) {
        if let Ok(credential) = serde_json::from_str::<Credential>(line) {
            secrets.add_credential(&credential);
        } else {
            // A line of an environment file.
            let (_, value) = line.split_once('=').expect("NAME=value");
            secrets.add(value.trim_matches(['"', '\'']));
        }
    }
}

/// Fails if a file below a folder shows a secret, except those that are there for secrets.
pub(crate) fn check_files(folder: &Path, secrets: &Secrets) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if [SINKS, "given.json", "accounts.toml"].iter().any(|name| path.ends_with(name)) {
            continue;
        }
        if path.is_dir() {
            check_files(&path, secrets);
        } else {
            let bytes = fs::read(&path).expect("a file");
            secrets.assert_not_in(&path.display().to_string(), &String::from_utf8_lossy(&bytes));
        }
    }
}
