#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod batch;
mod bucket;
mod issue;
mod items;
mod lookup;
mod pause;
mod progress;
mod rate_limit;
mod revoke;
mod revoke_listed;
mod runtime;
mod stop_reason;
mod throttled;
mod work;

pub use batch::Batch;
pub use issue::{IssueMany, issue_many};
pub use items::{Rest, Unstarted};
pub use progress::Progress;
pub use rate_limit::{RateLimit, RateLimits};
pub use revoke::{RevokeMany, revoke_many};
pub use revoke_listed::revoke_listed;
pub use stop_reason::StopReason;
pub use throttled::Throttled;
