use serde_json::{Value, json};

/// The flags of a key, as `group.flag` [DOC].
pub(crate) const FLAGS: [&str; 7] = [
    "data.pin_list",
    "data.nft_list",
    "pinning.unpin",
    "pinning.pin_by_hash",
    "pinning.pin_file_to_ipfs",
    "pin_nft.unpin_nft",
    "pin_nft.pin_nft_to_ipfs",
];

/// What a route requires of a request. The account's session token opens all but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// A flag, as `group.flag`.
    Flag(&'static str),
    /// Admin, which no flag includes.
    Admin,
    /// The account itself or, if assumed, an admin key.
    ManageKeys,
    /// Any live key, even one without flags.
    AnyKey,
    /// The account itself.
    Session,
    /// The token that gets the account a new session.
    RefreshToken,
}

/// The `scopes` that a key was created with. A flag that was left out differs from one that is
/// false, so that the scopes can be shown as sent.
#[derive(Clone, Default)]
pub(crate) struct Scopes {
    pub(crate) admin: Option<bool>,
    flags: [Option<bool>; FLAGS.len()],
}

impl Scopes {
    pub(crate) fn admin() -> Self {
        Self { admin: Some(true), ..Self::default() }
    }

    /// Reads `scopes`, or returns what is wrong if a member has the wrong type. Unknown members are
    /// ignored, as JSON libraries of Go do.
    pub(crate) fn read(scopes: &Value) -> Result<Self, String> {
        if !scopes.is_object() {
            return Err("scopes is required and must be an object".to_owned());
        }
        let mut read = Self { admin: boolean(scopes, "admin", "admin")?, ..Self::default() };
        for (place, name) in read.flags.iter_mut().zip(FLAGS) {
            let (group, flag) = name.split_once('.').unwrap_or((name, ""));
            match &scopes[group] {
                Value::Null => {}
                flags @ Value::Object(_) => *place = boolean(flags, flag, name)?,
                _ => return Err(format!("scopes.{group} must be an object")),
            }
        }
        Ok(read)
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.admin == Some(true)
    }

    pub(crate) fn are_empty(&self) -> bool {
        !self.is_admin() && !self.flags.contains(&Some(true))
    }

    pub(crate) fn hold_all_flags(&self) -> bool {
        self.flags.iter().all(|flag| *flag == Some(true))
    }

    /// The first flag that was left out.
    pub(crate) fn missing_flag(&self) -> Option<&'static str> {
        let flags = self.flags.iter().zip(FLAGS);
        flags.filter(|(flag, _)| flag.is_none()).map(|(_, name)| name).next()
    }

    pub(crate) fn allow(&self, access: Access) -> bool {
        self.is_admin()
            || match access {
                Access::Flag(name) => self.flag(name) == Some(true),
                Access::AnyKey => true,
                Access::Admin | Access::ManageKeys | Access::Session | Access::RefreshToken => {
                    false
                }
            }
    }

    /// The members that were sent.
    pub(crate) fn as_sent(&self) -> Value {
        self.written(|flag| flag)
    }

    /// All members; false if left out.
    pub(crate) fn in_full(&self) -> Value {
        self.written(|flag| Some(flag.unwrap_or(false)))
    }

    fn written(&self, write: fn(Option<bool>) -> Option<bool>) -> Value {
        let mut scopes = json!({});
        if let Some(admin) = write(self.admin) {
            scopes["admin"] = json!(admin);
        }
        for (flag, name) in self.flags.iter().zip(FLAGS) {
            if let (Some(flag), Some((group, name))) = (write(*flag), name.split_once('.')) {
                scopes[group][name] = json!(flag);
            }
        }
        scopes
    }

    fn flag(&self, name: &str) -> Option<bool> {
        let mut flags = self.flags.iter().zip(FLAGS);
        flags.find(|(_, known)| *known == name).and_then(|(flag, _)| *flag)
    }
}

fn boolean(object: &Value, member: &str, name: &str) -> Result<Option<bool>, String> {
    match &object[member] {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(*flag)),
        _ => Err(format!("scopes.{name} must be true or false")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(scopes: &Value) -> Scopes {
        Scopes::read(scopes).unwrap()
    }

    #[test]
    fn only_true_flags_grant() {
        let key = read(&json!({ "pinning": { "unpin": true, "pin_by_hash": false } }));
        assert!(key.allow(Access::Flag("pinning.unpin")));
        assert!(key.allow(Access::AnyKey));
        for access in [Access::Flag("pinning.pin_by_hash"), Access::Admin, Access::ManageKeys] {
            assert!(!key.allow(access));
        }
        assert_eq!(key.missing_flag(), Some("data.pin_list"));
    }

    #[test]
    fn admin_opens_everything_and_all_flags_do_not() {
        assert!(read(&json!({ "admin": true })).allow(Access::ManageKeys));
        let mut all = json!({ "admin": false });
        for name in FLAGS {
            let (group, flag) = name.split_once('.').unwrap();
            all[group][flag] = json!(true);
        }
        let all = read(&all);
        assert!(all.hold_all_flags() && !all.are_empty() && all.missing_flag().is_none());
        assert!(!all.allow(Access::Admin));
        assert!(read(&json!({ "admin": false })).are_empty());
    }

    #[test]
    fn scopes_are_shown_as_sent_or_in_full() {
        let sent = json!({ "admin": true, "pin_nft": { "unpin_nft": false } });
        let key = read(&json!({ "admin": true, "pin_nft": { "unpin_nft": false }, "more": 1 }));
        assert_eq!(key.as_sent(), sent);
        let full = json!({
            "admin": true,
            "data": { "pin_list": false, "nft_list": false },
            "pinning": { "unpin": false, "pin_by_hash": false, "pin_file_to_ipfs": false },
            "pin_nft": { "unpin_nft": false, "pin_nft_to_ipfs": false },
        });
        assert_eq!(key.in_full(), full);
        assert_eq!(read(&full).as_sent(), full);
    }

    #[test]
    fn wrong_type_is_refused() {
        for scopes in [
            json!(null),
            json!([]),
            json!({ "admin": "true" }),
            json!({ "data": [] }),
            json!({ "data": { "pin_list": 1 } }),
        ] {
            assert!(Scopes::read(&scopes).is_err(), "{scopes}");
        }
    }
}
