//! Permissions as groups of flags, `{"group":{"flag":true}}`: a form that several providers use.

use pinning_keys_core::{Grant, Translation};
use serde::ser::{Serialize, Serializer};
use serde_json::Value;

/// The grants of a translation as groups of flags. Every flag of the table is written out, in the
/// table's order, true or false.
///
/// # Panics
///
/// Serializing panics where a grant of the table has a name other than `group.flag`: left out, it
/// would make a key that can do less than was promised.
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
    /// The place of the group's first flag, by which groups are told apart.
    first: usize,
}

impl Flag {
    fn read(grant: &'static Grant, is_set: bool, before: &[Self]) -> Self {
        let (group, name) =
            grant.name().split_once('.').expect("a flag's name is made of a group and a flag");
        // As a rule the flags of a group stand together.
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
/// Whatever is not plainly unset counts as set: for reading what a key may do, that is the safe
/// side.
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
#[must_use]
pub fn is_set(flag: &Value) -> bool {
    !matches!(flag, Value::Bool(false) | Value::Null)
}
