//! The app's own code: it invites guests, who may list pins and nothing else.

use pinning_keys::{Error, IssuedKey, KeyIssuer, KeyName, KeyRequest, Permission, ScopeRequest};

/// The scope of a guest's key.
pub(crate) fn guest() -> ScopeRequest {
    ScopeRequest::reader()
}

/// No mistake, though it looks like one: a tolerated grant is used only if a needed permission
/// requires it.
pub(crate) fn tolerant_guest() -> ScopeRequest {
    guest().tolerates("pinata:org:files:write")
}

/// A mistake: guests should upload as well, with the advice of a refusal copied.
pub(crate) fn uploading_guest() -> ScopeRequest {
    tolerant_guest().prefers([Permission::PinsAddFile])
}

/// A mistake: the scope of an editor.
pub(crate) fn editing_guest() -> ScopeRequest {
    ScopeRequest::manager()
}

/// A mistake: the scope of the app's owner. The key can create keys that outlive it.
pub(crate) fn admin_guest() -> ScopeRequest {
    ScopeRequest::admin()
}

/// Issues a key for a guest.
pub(crate) async fn invite(
    issuer: &dyn KeyIssuer,
    name: &str,
    scope: ScopeRequest,
) -> Result<IssuedKey, Error> {
    let name = KeyName::unique(&format!("guest-{name}"))?;
    issuer.issue(&KeyRequest::new(name, scope)?).await
}
