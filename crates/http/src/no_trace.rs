//! The double of `trace.rs` for builds without the feature `tracing`, which tells nothing.

use http::StatusCode;
use pinning_keys_core::Effect;

use crate::client::Context;

pub(crate) struct Attempt;

impl Attempt {
    pub(crate) fn begin(_: &Context) -> Self {
        Self
    }

    #[allow(clippy::unused_self, reason = "as with the feature")]
    pub(crate) fn end(self, _: Option<StatusCode>, _: impl FnOnce() -> Option<Effect>) {}
}

pub(crate) struct Ending;

#[allow(clippy::unused_self, reason = "as with the feature")]
impl Ending {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn attempted(&mut self, _: Option<StatusCode>) {}

    pub(crate) fn succeeded(&mut self) {}

    pub(crate) fn failed(&self, _: Effect) {}
}
