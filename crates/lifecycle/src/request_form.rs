//! Requests and grants as rows keep them: JSON with a version, so that later versions of the
//! library can add to it.

use std::num::NonZeroU64;

use pinning_keys_core::{
    Expiry, Granted, IssuedKey, KeyRecord, KeyRequest, PermissionSet, PermissionTable, ScopeRequest,
};
use serde::{Deserialize, Serialize};

use crate::{Error, ErrorKind, Timestamp};

/// The version of both forms.
const VERSION: u32 = 1;

/// What was requested.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct RequestForm {
    v: u32,
    /// Whether an admin key was requested.
    #[serde(default, skip_serializing_if = "is_false")]
    admin: bool,
    #[serde(default, skip_serializing_if = "is_nothing")]
    needs: PermissionSet,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    needs_native: Vec<String>,
    #[serde(default, skip_serializing_if = "is_nothing")]
    prefers: PermissionSet,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tolerates: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_uses: Option<NonZeroU64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiry: Option<Expiry>,
    /// The absolute maximum that the key passes on to its successors, in microseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_until: Option<i64>,
}

impl RequestForm {
    pub(crate) fn new(request: &KeyRequest, max_until: Option<Timestamp>) -> Self {
        let scope = request.scope();
        Self {
            v: VERSION,
            admin: scope.is_admin(),
            needs: scope.needed(),
            needs_native: scope.needed_native().map(str::to_owned).collect(),
            prefers: scope.preferred(),
            tolerates: scope.tolerated().map(str::to_owned).collect(),
            max_uses: request.max_uses(),
            expiry: request.expiry(),
            max_until: max_until.map(Timestamp::as_micros),
        }
    }

    /// A request for what a key was granted, if nothing is known about the original request but the
    /// maximum in the key's name.
    pub(crate) fn of_granted(granted: &GrantedForm, max_until: Option<Timestamp>) -> Self {
        Self {
            v: VERSION,
            admin: granted.admin,
            needs: granted.permissions,
            needs_native: granted.native.clone(),
            prefers: PermissionSet::EMPTY,
            tolerates: Vec::new(),
            max_uses: granted.max_uses,
            expiry: None,
            max_until: max_until.map(Timestamp::as_micros),
        }
    }

    /// Reads what a row holds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if it has a newer form, or none.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        read(text, |form: &Self| form.v)
    }

    pub(crate) fn to_text(&self) -> Result<String, Error> {
        write(self)
    }

    /// The lifetime that was requested of the provider.
    pub(crate) fn expiry(&self) -> Option<Expiry> {
        self.expiry
    }

    /// The absolute maximum that the key passes on to its successors.
    pub(crate) fn max_until(&self) -> Option<Timestamp> {
        self.max_until.map(Timestamp::from_micros)
    }
}

/// What the provider granted, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GrantedForm {
    v: u32,
    /// The provider whose native grants these are.
    pub(crate) provider: String,
    /// The table that the key was issued with; `None` if it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    table: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) admin: bool,
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub(crate) permissions: PermissionSet,
    /// Native grants beside the permissions, with the provider's id before each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) native: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) max_uses: Option<NonZeroU64>,
    /// Whether the number of uses may be limited in a way that is not known.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) uses_unknown: bool,
    /// Why the key may be able to do more, or less, than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) incomplete: Option<String>,
}

impl GrantedForm {
    /// What a create has granted, with this table.
    pub(crate) fn of_issued(key: &IssuedKey, table: &PermissionTable) -> Self {
        let restriction = key.restrictions().first().map(|it| format!("it is confined ({it})"));
        let granted = key.granted();
        Self {
            v: VERSION,
            provider: table.provider().to_owned(),
            table: Some(table.name().to_owned()),
            admin: granted.is_admin(),
            permissions: granted.permissions().unwrap_or_default(),
            native: native_texts(granted, table.provider()),
            max_uses: key.max_uses(),
            uses_unknown: false,
            incomplete: restriction,
        }
    }

    /// What a listing shows about a key.
    pub(crate) fn of_record(record: &KeyRecord) -> Self {
        let reading = record.reading();
        let confined = || reading.restrictions().first().map(|it| format!("it is confined ({it})"));
        let incomplete = if reading.is_lower_bound() {
            Some("it has grants that could not be read".to_owned())
        } else {
            confined()
        };
        Self {
            v: VERSION,
            provider: record.key_ref().provider().to_owned(),
            table: record.table().map(|table| table.name().to_owned()),
            admin: reading.scope().is_admin(),
            permissions: reading.scope().permissions().unwrap_or_default(),
            native: reading.native().to_vec(),
            max_uses: record.max_uses(),
            uses_unknown: record.max_uses().is_none() && !record.is_unlimited(),
            incomplete,
        }
    }

    /// Reads what a row holds.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Internal`] if it has a newer form, or none.
    pub(crate) fn read(text: &str) -> Result<Self, Error> {
        read(text, |form: &Self| form.v)
    }

    pub(crate) fn to_text(&self) -> Result<String, Error> {
        write(self)
    }

    /// The table in what a row holds.
    pub(crate) fn table_in(text: &str) -> Option<&str> {
        /// The part that can be borrowed: the name of a table contains nothing that JSON escapes.
        #[derive(Deserialize)]
        struct Part<'a> {
            v: u32,
            #[serde(borrow)]
            table: Option<&'a str>,
        }

        let part: Part<'_> = serde_json::from_str(text).ok()?;
        part.table.filter(|_| part.v == VERSION)
    }

    /// The scope that grants exactly this, except for some permissions, or why there is none.
    pub(crate) fn to_scope(&self, without: PermissionSet) -> Result<ScopeRequest, String> {
        if let Some(why) = &self.incomplete {
            return Err(why.clone());
        }
        if self.admin {
            return Ok(ScopeRequest::admin());
        }
        let floor = ScopeRequest::needs(self.permissions - without);
        let scope = self.native.iter().cloned().fold(floor, ScopeRequest::and_needs_native);
        scope.check().map_err(|error| error.to_string())?;
        Ok(scope)
    }

    /// How often a key that replaces this one may be used, given how often this one was; `None`:
    /// without a limit.
    pub(crate) fn uses_left(&self, used: Option<i64>) -> Result<Option<NonZeroU64>, String> {
        if self.uses_unknown {
            return Err("it is not known how often it may be used".to_owned());
        }
        let Some(most) = self.max_uses else { return Ok(None) };
        let Some(used) = used.and_then(|used| u64::try_from(used).ok()) else {
            return Err("it is not known how often it was used".to_owned());
        };
        let left = NonZeroU64::new(most.get().saturating_sub(used));
        left.map(Some).ok_or_else(|| "it has no uses left".to_owned())
    }
}

/// `provider:grant` for each native grant.
fn native_texts(granted: Granted, provider: &str) -> Vec<String> {
    granted.native().map(|grant| format!("{provider}:{}", grant.name())).collect()
}

fn read<'a, T: Deserialize<'a>>(text: &'a str, version: impl Fn(&T) -> u32) -> Result<T, Error> {
    let unreadable = || {
        Error::new(ErrorKind::Internal, "the row has a form that this version cannot read")
            .with_next_step("update this program to the version of the one that wrote the row")
    };
    match serde_json::from_str(text) {
        Ok(form) if version(&form) == VERSION => Ok(form),
        _ => Err(unreadable()),
    }
}

fn write(form: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(form).map_err(|error| {
        Error::new(ErrorKind::Internal, "the request cannot be written").with_source(error)
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_nothing(set: &PermissionSet) -> bool {
    set.is_empty()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_from_before_tables_were_recorded_are_read() {
        let old = r#"{"v":1,"provider":"pinata","permissions":["pins:list"]}"#;
        let form = GrantedForm::read(old).unwrap();
        assert_eq!((form.table.as_deref(), GrantedForm::table_in(old)), (None, None));
        assert_eq!(form.to_text().unwrap(), old);
        let new = r#"{"v":1,"provider":"pinata","table":"endpoints"}"#;
        assert_eq!(GrantedForm::table_in(new), Some("endpoints"));
        assert_eq!(GrantedForm::table_in(&new.replace('1', "2")), None);
    }
}
