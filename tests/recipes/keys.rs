//! The recipes that `docs/recipes.md` shows, which takes their text from here.

use std::num::NonZeroU64;

use pinning_keys::Permission::{
    AnalyticsRead, GroupsRead, PinsAddCid, PinsAddFile, PinsEditMetadata, PinsList, PinsListJobs,
    PinsRemove, UsageRead,
};
use pinning_keys::adapter::IssuerProfile;
use pinning_keys::{Error, KeyName, KeyRequest, ScopeRequest};

pub(crate) fn ci_deploy() -> Result<KeyRequest, Error> {
    let scope = ScopeRequest::needs([PinsAddFile, PinsList, PinsRemove])
        .prefers([PinsEditMetadata])
        .tolerates("pinata:org:files:write");
    KeyRequest::new(KeyName::unique("ci-deploy")?, scope)
}

pub(crate) fn one_upload(profile: &IssuerProfile) -> Result<KeyRequest, Error> {
    let request = KeyRequest::new(KeyName::unique("one-upload")?, ScopeRequest::uploader())?;
    if profile.supports_max_uses() {
        return Ok(request.with_max_uses(NonZeroU64::MIN));
    }
    Ok(request) // revoke it once the upload is done
}

pub(crate) fn dashboard() -> Result<KeyRequest, Error> {
    let scope = ScopeRequest::needs([PinsList]).prefers([
        PinsListJobs,
        UsageRead,
        GroupsRead,
        AnalyticsRead,
    ]);
    KeyRequest::new(KeyName::unique("dashboard")?, scope)
}

pub(crate) fn pin_bot() -> Result<KeyRequest, Error> {
    let scope = ScopeRequest::needs([PinsAddCid, PinsList])
        .prefers([PinsListJobs])
        .tolerates("pinata:org:files:write");
    KeyRequest::new(KeyName::unique("pin-bot")?, scope)
}
