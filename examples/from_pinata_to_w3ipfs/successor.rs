//! The W3IPFS key that replaces a Pinata key.

use pinning_keys::adapter::{Grant, IssuerProfile, Translation};
use pinning_keys::pinata::RESOURCES;
use pinning_keys::w3ipfs::SCOPES;
use pinning_keys::{KeyName, KeyRecord, Permission, PermissionSet, ScopeRequest};

/// What replaces a key, and what W3IPFS cannot grant.
pub(crate) struct Successor {
    /// What to request, or why there is nothing to request.
    request: Result<(ScopeRequest, Translation), &'static str>,
    pub(crate) lost: PermissionSet,
    pub(crate) notes: Vec<String>,
}

impl Successor {
    /// The successor of a key; `is_repeated` if another key has the same name.
    pub(crate) fn of(record: &KeyRecord, w3ipfs: &IssuerProfile, is_repeated: bool) -> Self {
        if is_used_up(record) {
            let request = Err("its uses are used up");
            return Self { request, lost: PermissionSet::EMPTY, notes: Vec::new() };
        }
        let (request, lost) = match record.scope().permissions() {
            None => (ScopeRequest::admin(), PermissionSet::EMPTY),
            Some(permissions) => {
                let kept: PermissionSet =
                    permissions.iter().filter(|permission| is_available(*permission)).collect();
                (ScopeRequest::needs(kept), permissions - kept)
            }
        };
        let translation = SCOPES.translate(&request).map_err(|_| why_nothing(record));
        let mut notes = notes(record, lost, is_repeated);
        notes.extend(name_note(record.name(), w3ipfs).filter(|_| translation.is_ok()));
        Self { request: translation.map(|translation| (request, translation)), lost, notes }
    }

    /// The flags of the successor.
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

/// Whether a key has no use left, and so needs no successor.
pub(crate) fn is_used_up(record: &KeyRecord) -> bool {
    record.uses().zip(record.max_uses()).is_some_and(|(uses, most)| uses >= most.get())
}

/// Why there is nothing to request instead of a key.
fn why_nothing(record: &KeyRecord) -> &'static str {
    if !record.scope().is_nothing() {
        "no key at W3IPFS can do this"
    } else if record.reading().is_lower_bound() {
        "what it may do is not known"
    } else {
        "it may do nothing"
    }
}

/// Whether W3IPFS can grant this permission to a scoped key, and nothing else with it.
fn is_available(permission: Permission) -> bool {
    SCOPES.translate(&ScopeRequest::needs([permission])).is_ok()
}

fn notes(record: &KeyRecord, lost: PermissionSet, is_repeated: bool) -> Vec<String> {
    let mut notes = Vec::new();
    if record.scope().is_admin() {
        notes.push("check first whether its holder needs all of that".to_owned());
    }
    if lost.contains(Permission::KeysManage) {
        notes.push(
            "managing keys requires an admin key at W3IPFS, or the account's login".to_owned(),
        );
    }
    if has_bundle(record) {
        notes.push(
            "Pinata grants all of this together: request less if the holder needs less".to_owned(),
        );
    }
    if let Some(uses) = record.max_uses() {
        notes.push(format!(
            "its limit of {uses} {} is lost: revoke the key after use",
            if uses.get() == 1 { "use" } else { "uses" }
        ));
    }
    for unknown in record.reading().unknown() {
        notes.push(format!("what {unknown:?} allows is not known"));
    }
    if is_repeated {
        notes.push("another key has this name, and names are unique at W3IPFS".to_owned());
    }
    notes
}

/// Why the successor cannot have the same name, if so: Pinata accepts almost any name.
fn name_note(name: &str, w3ipfs: &IssuerProfile) -> Option<String> {
    let most = w3ipfs.max_name_chars().unwrap_or(KeyName::MAX_CHARS);
    let why = match KeyName::new(name) {
        Err(error) => error.to_string(),
        Ok(_) if name.chars().count() > most => format!("W3IPFS allows {most} characters"),
        Ok(_) if w3ipfs.reserved_names().contains(&name) => "W3IPFS reserves this one".to_owned(),
        Ok(_) => return None,
    };
    Some(format!("it needs another name: {why}"))
}

/// Whether one grant of the key, such as `org:files:write`, opens more than one permission that
/// W3IPFS grants: its holder may not need all of them.
fn has_bundle(record: &KeyRecord) -> bool {
    let grants = record.native_grants().iter().filter_map(|name| RESOURCES.grant(name));
    grants
        .map(|grant| grant.opens().iter().filter(|one| is_available(*one)).count())
        .any(|count| count > 1)
}
