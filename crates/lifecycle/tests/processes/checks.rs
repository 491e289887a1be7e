//! What must hold whenever a node has been killed, and whatever else has happened.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use pinning_keys_lifecycle::store::{AuditRow, KeyRow};
use pinning_keys_lifecycle::{KeyId, KeyState, Suffix};
use pinning_keys_sinks::StoredKey;
use serde_json::Value;

use crate::operations::ACCOUNTS;
use crate::world::World;

impl World {
    /// Checks the promises at the providers' own ledger, and the journal of the app.
    pub(crate) fn check(&mut self) {
        let (rows, audit) = self.rows_and_audit();
        self.every_live_key_has_a_row(&rows);
        self.creates_were_carried_out_once();
        self.confirmed_keys_were_stored(&rows);
        self.no_confirmed_key_ended_early(&rows);
        holders_have_one_key(&rows);
        the_trail_is_whole(&rows, &audit);
        self.no_secret_is_in_files();
    }

    fn every_live_key_has_a_row(&self, rows: &[KeyRow]) {
        let rows: BTreeMap<&KeyId, &KeyRow> = rows.iter().map(|row| (&row.id, row)).collect();
        for key in self.ledger.keys().into_iter().filter(|key| key.is_live) {
            let Some(id) = key.id() else { continue };
            let row = rows.get(&id).unwrap_or_else(|| panic!("an orphan: {} has no row", key.name));
            assert_eq!(row.account, key.account, "{} is in another account", key.name);
            // A create that was on its way when its node was killed may be carried out late. Then
            // the row is watched.
            let is_over = matches!(row.state, KeyState::Closed | KeyState::Revoked);
            let is_watched = row.keep_until.is_some();
            assert!(!is_over || is_watched, "{} works and is {}: {row:#?}", key.name, row.state);
        }
    }

    /// The name of an intent's key is unique, and so one key of each name means one create.
    fn creates_were_carried_out_once(&self) {
        let mut names = BTreeSet::new();
        for key in self.ledger.keys() {
            assert!(names.insert(key.name.clone()), "{} was created twice", key.name);
        }
    }

    /// A store never says that a key is confirmed whose secret the app does not have.
    fn confirmed_keys_were_stored(&self, rows: &[KeyRow]) {
        let mut stored = self.journal().stored;
        for file in fs::read_dir(self.folder().join("sinks")).unwrap() {
            // A file that is being written has another name, and does not count.
            let key = StoredKey::read(file.unwrap().path());
            let name = key.ok().and_then(|key| Some(key.name()?.to_string()));
            let suffix = name.as_deref().and_then(Suffix::of_name);
            stored.extend(suffix.map(|suffix| suffix.id().clone()));
        }
        for row in rows.iter().filter(|row| row.state == KeyState::Live && !row.adopted) {
            assert!(stored.contains(&row.id), "nobody has the secret of {row:#?}");
        }
    }

    fn no_confirmed_key_ended_early(&mut self, rows: &[KeyRow]) {
        let mut journal = self.journal();
        journal.keep_promises_of(rows);
        let ended = self.ledger.ended();
        for (id, until) in &journal.promised {
            if let Some(at) = ended.get(id) {
                assert!(
                    until <= at,
                    "{id} ended at {at}, and was promised until {until}: {rows:#?}"
                );
            }
        }
    }

    /// Neither a database nor a journal of one shows a secret.
    fn no_secret_is_in_files(&self) {
        let secrets = self.secrets();
        for file in fs::read_dir(self.folder()).unwrap().map(Result::unwrap) {
            let name = file.file_name().to_string_lossy().into_owned();
            if name.contains(".db") {
                // Everything else in it is replaced; secrets are ASCII.
                let content = fs::read(file.path()).unwrap_or_default();
                let content = String::from_utf8_lossy(&content);
                for secret in &secrets {
                    assert!(!content.contains(secret), "{name} shows the secret {secret}");
                }
            }
        }
    }

    /// The secrets of the accounts, and of every key whose create was answered.
    pub(crate) fn secrets(&self) -> BTreeSet<String> {
        let answers = fs::read_to_string(self.folder().join("answers")).unwrap_or_default();
        let mut secrets: BTreeSet<String> = ACCOUNTS.map(|name| self.credential(name).2).into();
        for answer in answers.lines() {
            let answer: Value = serde_json::from_str(answer).unwrap_or_default();
            let object = answer.get("data").unwrap_or(&answer);
            let known = ["JWT", "pinata_api_secret", "secret_key"].into_iter();
            let known = known.filter_map(|name| object.get(name)?.as_str());
            // Of a token, a text may show the signature alone.
            secrets.extend(known.flat_map(|text| text.rsplit('.').map(str::to_owned)));
        }
        // The first part of every token is the same and no secret.
        secrets.retain(|secret| secret.len() > 40 || !secret.starts_with("eyJ"));
        secrets
    }
}

/// A holder has one open key. During a rotation it has the successor too.
fn holders_have_one_key(rows: &[KeyRow]) {
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.state.is_open() && !row.adopted) {
        if row.replaced_by.is_none() && (row.replaces.is_none() || row.state == KeyState::Live) {
            *open.entry(&row.holder).or_default() += 1;
        }
    }
    for (holder, count) in open {
        assert!(count <= 1, "holder {holder} has {count} open keys: {rows:#?}");
    }
}

/// Each change of a state is in the audit trail: a state and its line are written together.
fn the_trail_is_whole(rows: &[KeyRow], audit: &[AuditRow]) {
    let mut states: BTreeMap<&KeyId, KeyState> = BTreeMap::new();
    for line in audit {
        let before = states.insert(&line.key, line.to);
        assert_eq!(line.from, before, "the trail of {} has a gap: {audit:#?}", line.key);
    }
    for row in rows {
        let last = states.get(&row.id);
        assert_eq!(last, Some(&row.state), "the trail of {} ends early: {audit:#?}", row.id);
    }
}
