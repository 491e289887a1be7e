use std::collections::BTreeSet;

use serde_json::Value;

/// The permissions of v3 keys that a document or the official client knows [DOC][SDK].
pub(crate) const RESOURCES: [&str; 10] = [
    "org:read",
    "org:write",
    "org:files:read",
    "org:files:write",
    "org:groups:read",
    "org:groups:write",
    "org:gateways:read",
    "org:gateways:write",
    "org:analytics:read",
    "org:analytics:write",
];

/// The flags of legacy keys, as `group.flag` [DOC].
pub(crate) const FLAGS: [&str; 10] = [
    "data.pinList",
    "data.userPinnedDataTotal",
    "pinning.hashMetadata",
    "pinning.hashPinPolicy",
    "pinning.pinByHash",
    "pinning.pinFileToIPFS",
    "pinning.pinJSONToIPFS",
    "pinning.pinJobs",
    "pinning.unpin",
    "pinning.userPinPolicy",
];

/// What a route requires of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A v3 resource.
    Resource(&'static str),
    /// A legacy flag, as `group.flag`.
    Flag(&'static str),
    /// Admin, which no permission includes.
    Admin,
    /// Any live key, even one without permissions.
    AnyKey,
    /// No key: the URL carries its own proof.
    SignedUrl,
}

impl Access {
    pub(crate) fn family(self) -> Family {
        match self {
            Self::Resource(_) | Self::SignedUrl => Family::V3,
            Self::Flag(_) | Self::Admin | Self::AnyKey => Family::Legacy,
        }
    }
}

/// The two families of routes, which authenticate and refuse differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    V3,
    Legacy,
}

/// What a key may do, read from the `permissions` that it was created with.
#[derive(Clone, Default)]
pub(crate) struct Grants {
    pub(crate) admin: bool,
    pub(crate) resources: BTreeSet<String>,
    /// The flags that are true.
    pub(crate) flags: BTreeSet<String>,
}

impl Grants {
    pub(crate) fn admin() -> Self {
        Self { admin: true, ..Self::default() }
    }

    /// Reads `permissions`, whose form was checked before; members of another form grant nothing.
    pub(crate) fn read(permissions: &Value) -> Self {
        let resources = permissions["resources"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        let flags = named_flags(permissions)
            .filter(|(_, value)| value.as_bool() == Some(true))
            .map(|(name, _)| name)
            .collect();
        Self { admin: permissions["admin"].as_bool() == Some(true), resources, flags }
    }

    pub(crate) fn are_legacy_only(&self) -> bool {
        !self.admin && self.resources.is_empty() && !self.flags.is_empty()
    }

    pub(crate) fn allow(&self, access: Access) -> bool {
        self.admin
            || match access {
                Access::AnyKey | Access::SignedUrl => true,
                Access::Admin => false,
                Access::Flag(flag) => self.flags.contains(flag),
                Access::Resource(resource) => self.hold(resource),
            }
    }

    /// `write` includes `read` [DOC]. That `org:write` opens the key routes alone is assumed: the
    /// documents label no other routes with it.
    fn hold(&self, resource: &str) -> bool {
        let by_writing = resource
            .strip_suffix(":read")
            .is_some_and(|stem| self.resources.contains(&format!("{stem}:write")));
        self.resources.contains(resource) || by_writing
    }
}

/// The flags in `permissions.endpoints`, each as `group.flag` with its value.
pub(crate) fn named_flags(permissions: &Value) -> impl Iterator<Item = (String, &Value)> {
    let groups = permissions["endpoints"].as_object().into_iter().flatten();
    groups.flat_map(|(group, flags)| {
        let flags = flags.as_object().into_iter().flatten();
        flags.map(move |(flag, value)| (format!("{group}.{flag}"), value))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allows(permissions: &Value, access: Access) -> bool {
        Grants::read(permissions).allow(access)
    }

    #[test]
    fn write_includes_read_of_the_same_thing_only() {
        let key = json!({ "resources": ["org:files:write"] });
        assert!(allows(&key, Access::Resource("org:files:write")));
        assert!(allows(&key, Access::Resource("org:files:read")));
        assert!(!allows(&key, Access::Resource("org:groups:read")));
        assert!(!allows(&key, Access::Resource("org:read")));
        assert!(!allows(&key, Access::Resource("org:write")));
        let key = json!({ "resources": ["org:write"] });
        assert!(allows(&key, Access::Resource("org:read")));
        assert!(!allows(&key, Access::Resource("org:files:read")));
        let key = json!({ "resources": ["org:files:read"] });
        assert!(!allows(&key, Access::Resource("org:files:write")));
    }

    #[test]
    fn only_true_flags_grant() {
        let key = json!({ "endpoints": { "pinning": { "unpin": true, "pinJobs": false } } });
        assert!(allows(&key, Access::Flag("pinning.unpin")));
        assert!(!allows(&key, Access::Flag("pinning.pinJobs")));
        assert!(!allows(&key, Access::Flag("data.pinList")));
        assert!(!allows(&key, Access::Resource("org:files:write")));
    }

    #[test]
    fn admin_false_grants_nothing_and_true_everything() {
        assert!(!allows(&json!({ "admin": false }), Access::Resource("org:read")));
        assert!(allows(&json!({ "admin": true }), Access::Flag("data.pinList")));
        assert!(allows(&json!({ "admin": true }), Access::Resource("org:write")));
    }
}
