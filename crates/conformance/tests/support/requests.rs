//! The scope and the body of a create.

use pinning_keys_core::{
    Error, ErrorKind, Grant, KeyRequest, KeyScope, Permission, PermissionSet, ScopeRequest,
    Translation,
};
use serde_json::json;

use super::adapter::Adapter;
use super::mutation::Mutation::*;
use super::provider::{MOST_CHARS, RIGHTS};

impl Adapter {
    pub(super) fn translate(&self, request: &KeyRequest) -> Result<Translation, Error> {
        let scope = request.scope();
        let names_grants = scope.needed_native().next().is_some();
        let anything = PermissionSet::ALL - PermissionSet::ESCALATING;
        if self.is(RefusesMaxUses) && request.max_uses().is_some() {
            return Err(Error::new(ErrorKind::Unsupported, "no use limits"));
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
                (Some(SendsLongNames), ErrorKind::InvalidInput)
                | (Some(SendsReservedNames), ErrorKind::NameReserved)
                | (Some(AcceptsMaxUses), ErrorKind::Unsupported) => scope.clone(),
                _ => return Err(error),
            },
        };
        Ok(RIGHTS.translate(&other)?)
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
        json!({"name": name, "admin": admin, "rights": rights, "max_uses": max_uses}).to_string()
    }
}
