//! The scope and the body of a create.

use pinning_keys_core::{
    Error, ErrorKind, Grant, KeyRequest, KeyScope, Permission, PermissionSet, ScopeRequest,
    Translation,
};
use serde_json::json;
use std::time::SystemTime;

use super::adapter::Adapter;
use super::mutation::Mutation::{self, *};
use super::provider::{LONGEST, MOST_CHARS, RIGHTS};

impl Adapter {
    pub(super) fn translate(&self, request: &KeyRequest) -> Result<Translation, Error> {
        let scope = request.scope();
        let names_grants = scope.needed_native().next().is_some();
        let anything = PermissionSet::ALL - PermissionSet::ESCALATING;
        if self.is(RefusesMaxUses) && request.max_uses().is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no use limits"));
        }
        if self.is(RefusesExpiry) && request.expiry().is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no expiry"));
        }
        let other = match self.profile.check_request(request) {
            Ok(translation) if scope.is_admin() => return Ok(translation),
            Ok(translation) if self.is(HidesDifference) => {
                let granted = translation.granted().permissions().unwrap();
                ScopeRequest::needs(granted)
            }
            Ok(_) if self.is(GrantsBeyondCeiling) => scope.clone().prefers(anything),
            Ok(translation) => return Ok(translation),
            Err(error) => match (self.wrong, error.kind()) {
                (Some(SendsInexpressible), ErrorKind::Inexpressible) if !names_grants => {
                    ScopeRequest::reader()
                }
                (Some(SendsForeignGrant), ErrorKind::Inexpressible) if names_grants => {
                    ScopeRequest::reader()
                }
                (Some(WidensInseparable), ErrorKind::Inexpressible) => {
                    scope.clone().tolerates(anything)
                }
                (Some(MakesAdmin), ErrorKind::Inexpressible)
                    if scope.needed().contains(Permission::KeysManage) =>
                {
                    ScopeRequest::admin()
                }
                (Some(wrong), _) if sends(wrong, request, &error) => scope.clone(),
                _ => return Err(error),
            },
        };
        Ok(RIGHTS.translate(&other)?)
    }

    /// The seconds after which the key is to expire.
    fn expires_in(&self, request: &KeyRequest) -> Option<u128> {
        let left = request.expiry()?.remaining(SystemTime::now())?;
        match self.wrong {
            Some(IgnoresExpiry | AcceptsExpiry) => None,
            Some(SendsMilliseconds) => Some(left.as_millis()),
            _ => Some(u128::from(left.as_secs())),
        }
    }

    pub(super) fn body(&self, request: &KeyRequest, translation: &Translation) -> String {
        let granted = translation.granted();
        let mut rights: Vec<_> = translation.grants().map(Grant::name).collect();
        let mut admin = granted.is_admin();
        let all = || RIGHTS.grants().iter();
        match self.wrong {
            Some(GrantsOneTooMany) if !admin => {
                rights.extend(all().find(|grant| !translation.includes(grant)).map(Grant::name));
            }
            Some(LeavesOutPreferred) => {
                let needed = request.scope().needed();
                let needs = |grant: &&Grant| !grant.opens().is_disjoint(needed);
                rights = translation.grants().filter(needs).map(Grant::name).collect();
            }
            Some(DropsNative) => {
                rights =
                    translation.grants().filter(|it| !it.is_native()).map(Grant::name).collect();
            }
            Some(DropsOne) if rights.len() > 1 => drop(rights.pop()),
            Some(FullSetIsAdmin) => admin |= granted == KeyScope::of(RIGHTS.reach()),
            Some(AdminIsFullSet) if admin => {
                admin = false;
                rights = all().map(Grant::name).collect();
            }
            _ => {}
        }
        let most = if self.is(CutsNames) { MOST_CHARS - 10 } else { usize::MAX };
        let name: String = request.name().as_str().chars().take(most).collect();
        let max_uses = request
            .max_uses()
            .filter(|_| !matches!(self.wrong, Some(IgnoresMaxUses | AcceptsMaxUses)));
        let mut body =
            json!({"name": name, "admin": admin, "rights": rights, "max_uses": max_uses});
        body["expires_in"] = json!(self.expires_in(request));
        body.to_string()
    }
}

/// Whether an adapter that is wrong in this way sends a request that its profile refuses.
fn sends(wrong: Mutation, request: &KeyRequest, refusal: &Error) -> bool {
    let (name, now) = (request.name().as_str(), SystemTime::now());
    match (wrong, refusal.kind()) {
        (SendsLongNames, ErrorKind::InvalidInput) => name.chars().count() > MOST_CHARS,
        (SendsOddNames, ErrorKind::InvalidInput) => !name.is_ascii(),
        (SendsReservedNames, ErrorKind::NameReserved) => true,
        (AcceptsMaxUses, ErrorKind::Unsupported) => request.max_uses().is_some(),
        (AcceptsExpiry, ErrorKind::Unsupported) => request.expiry().is_some(),
        (AcceptsAdmin, ErrorKind::Unsupported) => request.scope().is_admin(),
        (SendsPastExpiry, ErrorKind::InvalidInput) => {
            request.expiry().is_some_and(|expiry| expiry.remaining(now).is_none())
        }
        (SendsOverlongExpiry, ErrorKind::InvalidInput) => {
            request.expiry().is_some_and(|expiry| expiry.remaining(now) > Some(LONGEST))
        }
        _ => false,
    }
}
