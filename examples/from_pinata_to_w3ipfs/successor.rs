//! The W3IPFS key that takes a Pinata key's place.

use pinning_keys::adapter::{Grant, IssuerProfile, Translation};
use pinning_keys::pinata::RESOURCES;
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{KeyName, KeyRecord, Permission, PermissionSet, ScopeRequest};

/// What takes a key's place, and what cannot be had there.
pub(crate) struct Successor {
    /// What to ask for, or why there is nothing to ask for.
    request: Result<(ScopeRequest, Translation), &'static str>,
    pub(crate) lost: PermissionSet,
    pub(crate) notes: Vec<String>,
}

impl Successor {
    /// The successor of a key, whose name is also another's where `is_repeated`.
    pub(crate) fn of(record: &KeyRecord, w3ipfs: &IssuerProfile, is_repeated: bool) -> Self {
        if is_used_up(record) {
            let request = Err("its uses are used up");
            return Self { request, lost: PermissionSet::EMPTY, notes: Vec::new() };
        }
        let (request, lost) = match record.scope().permissions() {
            None => (ScopeRequest::admin(), PermissionSet::EMPTY),
            Some(permissions) => {
                let kept: PermissionSet =
                    permissions.iter().filter(|permission| can_be_had(*permission)).collect();
                (ScopeRequest::needs(kept), permissions - kept)
            }
        };
        let translation = SCOPES.translate(&request).map_err(|_| why_nothing(record));
        let mut notes = notes(record, lost, is_repeated);
        notes.extend(name_note(record.name(), w3ipfs).filter(|_| translation.is_ok()));
        Self { request: translation.map(|translation| (request, translation)), lost, notes }
    }

    /// The flags that the successor's create sets.
    pub(crate) fn becomes(&self) -> String {
        match &self.request {
            Err(why) => format!("nothing: {why}"),
            Ok((request, _)) if request.is_admin() => "admin".to_owned(),
            Ok((_, translation)) => {
                translation.grants().map(Grant::name).collect::<Vec<_>>().join(" ")
            }
        }
    }

    pub(crate) fn request_text(&self) -> String {
        match &self.request {
            Err(_) => "–".to_owned(),
            Ok((request, _)) => request.to_string(),
        }
    }
}

/// Whether a key has served all its uses, and so needs no successor.
pub(crate) fn is_used_up(record: &KeyRecord) -> bool {
    record.uses().zip(record.max_uses()).is_some_and(|(uses, most)| uses >= most.get())
}

/// Why there is nothing to ask for in place of a key.
fn why_nothing(record: &KeyRecord) -> &'static str {
    if !record.scope().is_nothing() {
        "no key at W3IPFS can do this"
    } else if record.reading().is_lower_bound() {
        "what it may do is not known"
    } else {
        "it may do nothing"
    }
}

/// Whether a scoped key can have this permission at W3IPFS, and nothing else with it.
fn can_be_had(permission: Permission) -> bool {
    SCOPES.translate(&ScopeRequest::needs([permission])).is_ok()
}

fn notes(record: &KeyRecord, lost: PermissionSet, is_repeated: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if record.scope().is_admin() {
        notes.push("look first whether its holder needs all of that".to_owned());
    }
    if lost.contains(Permission::KeysManage) {
        notes.push("managing keys takes an admin key at W3IPFS, or the account's login".to_owned());
    }
    if has_bundle(record) {
        notes.push(
            "Pinata opens all of this together: ask for less where the holder needs less"
                .to_owned(),
        );
    }
    if let Some(uses) = record.max_uses() {
        notes.push(format!(
            "its limit of {uses} {} is lost: revoke the key once it has served",
            if uses.get() == 1 { "use" } else { "uses" }
        ));
    }
    for unknown in record.reading().unknown() {
        notes.push(format!("what {unknown:?} lets it do is not known: see for yourself"));
    }
    if is_repeated {
        notes.push("another key has this name, and names are unique at W3IPFS".to_owned());
    }
    notes
}

/// Why a key's name cannot be its successor's, if so: Pinata takes nearly any text for a name.
fn name_note(name: &str, w3ipfs: &IssuerProfile) -> Option<String> {
    let most = w3ipfs.max_name_chars().unwrap_or(KeyName::MAX_CHARS);
    let why = match KeyName::new(name) {
        Err(error) => error.to_string(),
        Ok(_) if name.chars().count() > most => format!("W3IPFS takes {most} characters"),
        Ok(_) if w3ipfs.reserved_names().contains(&name) => "W3IPFS keeps this one".to_owned(),
        Ok(_) => return None,
    };
    Some(format!("it needs another name: {why}"))
}

/// Whether the key can do more than one thing at W3IPFS by one permission of Pinata's, such as
/// `org:files:write`: its holder may not need all of that.
fn has_bundle(record: &KeyRecord) -> bool {
    let grants = record.native_grants().iter().filter_map(|name| RESOURCES.grant(name));
    grants
        .map(|grant| grant.opens().iter().filter(|one| can_be_had(*one)).count())
        .any(|count| count > 1)
}
