//! Permissions as groups of flags, `{"group":{"flag":true}}`, which several providers use.

use pinning_keys_core::{Grant, Translation};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// The grants of a translation as groups of flags. Every flag of the table is written, in the
/// order of the table, as true or false.
///
/// # Panics
///
/// Serializing panics if a grant of the table is not named `group.flag`: without that grant, the
/// key could do less than was promised.
///
/// ```
/// use pinning_keys_core::{Grant, Permission, PermissionTable, ScopeRequest};
/// use pinning_keys_http::flags::GroupedFlags;
///
/// static GRANTS: [Grant; 2] = [
///     Grant::new("data.list", &[Permission::PinsList]),
///     Grant::new("data.remove", &[Permission::PinsRemove]),
/// ];
/// static TABLE: PermissionTable = PermissionTable::new("example", "flags", &GRANTS);
///
/// let translation = TABLE.translate(&ScopeRequest::reader())?;
/// let body = serde_json::to_string(&GroupedFlags(&translation)).unwrap();
/// assert_eq!(body, r#"{"data":{"list":true,"remove":false}}"#);
/// # Ok::<(), pinning_keys_core::ScopeError>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct GroupedFlags<'a>(pub &'a Translation);

impl Serialize for GroupedFlags<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut flags: Vec<Flag> = Vec::with_capacity(self.0.table().grants().len());
        for (grant, is_set) in self.0.each_grant() {
            let flag = Flag::read(grant, is_set, &flags);
            flags.push(flag);
        }
        let groups = flags.iter().enumerate().filter(|(at, flag)| flag.first == *at);
        serializer.collect_map(groups.map(|(_, flag)| (flag.group, Group { flags: &flags, flag })))
    }
}

struct Flag {
    group: &'static str,
    name: &'static str,
    is_set: bool,
    /// The position of the group's first flag, which identifies the group.
    first: usize,
}

impl Flag {
    fn read(grant: &'static Grant, is_set: bool, before: &[Self]) -> Self {
        // Byte by byte, because names are too short for the search of `split_once` to pay off.
        let dot = grant.name().bytes().position(|byte| byte == b'.');
        let (group, name) = grant.name().split_at(dot.expect("a flag is named group.flag"));
        let name = &name[1..];
        // The flags of a group are usually adjacent.
        let known = before.iter().rfind(|flag| flag.group == group);
        Self { group, name, is_set, first: known.map_or(before.len(), |flag| flag.first) }
    }
}

/// The group that a flag belongs to.
struct Group<'a> {
    flags: &'a [Flag],
    flag: &'a Flag,
}

impl Serialize for Group<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let flags = self.flags.iter().filter(|flag| flag.first == self.flag.first);
        serializer.collect_map(flags.map(|flag| (flag.name, flag.is_set)))
    }
}

/// The flags that are set in groups of flags, as `group.flag`.
///
/// Everything that is not clearly unset counts as set, which is the safe assumption about what a
/// key may do.
///
/// ```
/// use pinning_keys_http::flags::set_flags;
///
/// let groups = serde_json::json!({ "data": { "list": true, "remove": false }, "odd": 1 });
/// assert_eq!(set_flags(&groups), ["data.list", "odd"]);
/// ```
#[must_use]
pub fn set_flags(groups: &Value) -> Vec<String> {
    let mut set = Vec::new();
    for (group, flags) in groups.as_object().into_iter().flatten() {
        match flags {
            Value::Object(flags) => {
                let on = flags.iter().filter(|(_, on)| is_set(on));
                set.extend(on.map(|(flag, _)| format!("{group}.{flag}")));
            }
            other if is_set(other) => set.push(group.clone()),
            _ => {}
        }
    }
    set
}

/// Whether a flag is set: everything but false and null.
///
/// ```
/// use pinning_keys_http::flags::is_set;
///
/// assert!(is_set(&"yes".into()) && !is_set(&serde_json::Value::Null));
/// ```
#[must_use]
pub fn is_set(flag: &Value) -> bool {
    !matches!(flag, Value::Bool(false) | Value::Null)
}
