//! The app's own code: it invites guests, who may look at what is pinned and change nothing.

use pinning_keys::{Error, IssuedKey, KeyIssuer, KeyName, KeyRequest, Permission, ScopeRequest};

/// What a guest's key is asked to be able to do.
pub(crate) fn guest() -> ScopeRequest {
    ScopeRequest::reader()
}

/// No mistake, though it looks like one: what is tolerated comes along only where what is needed
/// cannot be had without it.
pub(crate) fn tolerant_guest() -> ScopeRequest {
    guest().tolerates("pinata:org:files:write")
}

/// A mistake: the wish that guests could upload as well, with the words from a refusal's text.
pub(crate) fn uploading_guest() -> ScopeRequest {
    tolerant_guest().prefers([Permission::PinsAddFile])
}

/// A mistake: what an editor is asked for, copied.
pub(crate) fn editing_guest() -> ScopeRequest {
    ScopeRequest::manager()
}

/// A mistake: the key that the app's owner gets. It can also make keys, and so outlive its own end.
pub(crate) fn admin_guest() -> ScopeRequest {
    ScopeRequest::admin()
}

/// Makes a key for a guest.
pub(crate) async fn invite(
    issuer: &dyn KeyIssuer,
    name: &str,
    scope: ScopeRequest,
) -> Result<IssuedKey, Error> {
    let name = KeyName::unique(&format!("guest-{name}"))?;
    issuer.issue(&KeyRequest::new(name, scope)?).await
}
