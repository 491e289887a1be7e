//! The ready-made scopes.

use pinning_keys::ScopeRequest;

use crate::failure::Failure;
use crate::nearest::unknown;

/// A scope with a name, and who it is for.
pub(crate) struct Preset {
    pub(crate) name: &'static str,
    pub(crate) holder: &'static str,
    pub(crate) request: fn() -> ScopeRequest,
}

pub(crate) const PRESETS: [Preset; 4] = [
    Preset { name: "reader", holder: "lists what is pinned", request: ScopeRequest::reader },
    Preset { name: "uploader", holder: "uploads files", request: ScopeRequest::uploader },
    Preset { name: "pinner", holder: "pins content by its CID", request: ScopeRequest::pinner },
    Preset {
        name: "manager",
        holder: "manages all pins, but no keys",
        request: ScopeRequest::manager,
    },
];

/// The scope of this name.
pub(crate) fn named(name: &str) -> Result<ScopeRequest, Failure> {
    match PRESETS.iter().find(|preset| preset.name == name) {
        Some(preset) => Ok((preset.request)()),
        None => Err(Failure::usage(unknown("preset", name, &PRESETS.map(|preset| preset.name)))),
    }
}
