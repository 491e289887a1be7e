//! How the scope of a new key differs from the one that was recorded for the key that it replaces.

use pinning_keys::{Granted, ScopeRequest};
use serde::Serialize;

/// What the holder of a key loses and gains if the key is replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Comparison {
    pub(crate) lost: Vec<String>,
    pub(crate) gained: Vec<String>,
}

/// What only an admin key may do.
const ADMIN: &str = "admin";

impl Comparison {
    /// Compares what was recorded with what a key of this provider is granted.
    pub(crate) fn of(recorded: &ScopeRequest, granted: Granted, provider: &str) -> Self {
        match (names(recorded), names_of(granted, provider)) {
            (None, None) => Self::default(),
            (None, Some(_)) => Self { lost: vec![ADMIN.to_owned()], gained: Vec::new() },
            (Some(_), None) => Self { lost: Vec::new(), gained: vec![ADMIN.to_owned()] },
            (Some(old), Some(new)) => {
                let beyond = |one: &[String], other: &[String]| {
                    one.iter().filter(|name| !other.contains(name)).cloned().collect()
                };
                Self { lost: beyond(&old, &new), gained: beyond(&new, &old) }
            }
        }
    }
}

/// What was recorded, for people.
pub(crate) fn recorded_text(recorded: Option<&ScopeRequest>) -> String {
    match recorded.map(names) {
        None => "unknown".to_owned(),
        Some(None) => ADMIN.to_owned(),
        Some(Some(names)) => names.join(" "),
    }
}

/// The permissions and the grants with the provider's id in front; `None` for an admin key.
fn names(scope: &ScopeRequest) -> Option<Vec<String>> {
    let permissions = scope.needed().iter().map(|permission| permission.as_str().to_owned());
    let all = permissions.chain(scope.needed_native().map(str::to_owned));
    (!scope.is_admin()).then(|| all.collect())
}

fn names_of(granted: Granted, provider: &str) -> Option<Vec<String>> {
    let permissions = granted.permissions()?.iter().map(|it| it.as_str().to_owned());
    let native = granted.native().map(|grant| format!("{provider}:{}", grant.name()));
    Some(permissions.chain(native).collect())
}

#[cfg(test)]
mod tests {
    use pinning_keys::pinata::RESOURCES;
    use pinning_keys::{Permission, ScopeRequest};

    use super::{Comparison, recorded_text};

    fn compared(old: &ScopeRequest, new: &ScopeRequest) -> (String, String) {
        let granted = RESOURCES.translate(new).unwrap().granted();
        let Comparison { lost, gained } = Comparison::of(old, granted, "pinata");
        (lost.join(" "), gained.join(" "))
    }

    #[test]
    fn what_a_successor_lacks_is_lost_and_what_it_adds_is_gained() {
        let texts = |lost: &str, gained: &str| (lost.to_owned(), gained.to_owned());
        let reader = ScopeRequest::needs([Permission::PinsList, Permission::PinsListJobs]);
        let linked = ScopeRequest::needs([Permission::LinksCreate]);
        let wide = linked.tolerates("pinata:org:files:write");
        let (lost, gained) = compared(&reader, &wide);
        assert_eq!(lost, "");
        assert!(gained.contains("links:create") && !gained.contains("pins:list"), "{gained}");
        let both = ScopeRequest::needs([Permission::PinsList, Permission::LinksCreate]);
        assert_eq!(compared(&both, &reader), texts("links:create", "pins:list-jobs"));
        assert_eq!(compared(&reader, &reader), texts("", ""));
        assert_eq!(compared(&ScopeRequest::admin(), &reader), texts("admin", ""));
        assert_eq!(compared(&reader, &ScopeRequest::admin()), texts("", "admin"));
        assert_eq!(compared(&ScopeRequest::admin(), &ScopeRequest::admin()), texts("", ""));
    }

    #[test]
    fn native_grants_are_shown_with_their_provider() {
        let native = ScopeRequest::reader().and_needs_native("pinata:org:write");
        assert_eq!(recorded_text(Some(&native)), "pins:list pinata:org:write");
        assert_eq!(recorded_text(Some(&ScopeRequest::admin())), "admin");
        assert_eq!(recorded_text(None), "unknown");
    }
}
