//! What to do about a key whose delivery is not confirmed.

use pinning_keys_lifecycle::ManagedKey;

use crate::command_line::{command, command_in, rotate_words, with_key};
use crate::keys::view::moment;

/// The commands that end such a key, and when it ends by itself.
pub(crate) fn ways_out(key: &ManagedKey) -> Vec<String> {
    let here = |words: &str| command_in(key.account(), words);
    let now = format!("to give it up now:  {}", here(&with_key("revoke", key.id().as_str())));
    if let Some(replaced) = key.replaces() {
        // It may be in use, so that no deadline ends it.
        let again = here(&rotate_words(replaced.as_str()));
        return vec![format!("to deliver another key, which revokes it:  {again}"), now];
    }
    let worker = command("run --once");
    let by_itself = key
        .end_due()
        .and_then(moment)
        .map(|due| format!("if it is not confirmed by {due}, a worker gives it up:  {worker}"));
    std::iter::once(now).chain(by_itself).collect()
}
