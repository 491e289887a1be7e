//! Rotations that failed, and what became of both keys.

use pinning_keys_lifecycle::{Error, ErrorKind, KeyId, KeyState, ManagedKey};
use pinning_keys_sinks::{DeliveryEffect, SinkError};

use crate::command_line::{command, command_in, rotate_words, with_key};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::view::moment;
use crate::managed::Managed;
use crate::managed::refusal::{ScopeFrom, refusal};
use crate::managed::rows::base_name;
use crate::managed::undelivered::ways_out;

/// The failure of a rotation, which reports what became of the old and the new key.
pub(crate) async fn explained(
    error: Error,
    managed: &Managed,
    key: &ManagedKey,
    scope: ScopeFrom,
) -> Failure {
    if error.kind() == ErrorKind::AlreadyOpen {
        let open = error.key().cloned();
        return while_open(error.into(), managed, open.as_ref()).await;
    }
    if error.kind() == ErrorKind::WrongState && key.state() == KeyState::Undelivered {
        return Failure::from(error).with_only_next(ways_out(key));
    }
    match error.sink_error().map(SinkError::effect) {
        Some(DeliveryEffect::Unknown) => return unclear(error.into(), key, scope),
        Some(DeliveryEffect::NotDelivered) if error.key().is_some() => {
            // The library's next step says what became of the new key.
            return Failure::from(error)
                .with_outcome("the old key works")
                .with_next("try again once the sink works");
        }
        _ => {}
    }
    let (kind, is_made) = (error.kind(), error.key().is_some());
    let failure = refusal(error, scope);
    match kind {
        ErrorKind::InDoubt => failure.with_outcome("the old key works"),
        // Only the confirmation can fail in this way once there is a new key.
        ErrorKind::Store if is_made => unclear(failure.with_exit(Exit::Unknown), key, scope),
        _ => failure,
    }
}

/// The failure if the secret may be in its place, but the key is not confirmed.
fn unclear(failure: Failure, key: &ManagedKey, scope: ScopeFrom) -> Failure {
    let again = match scope {
        ScopeFrom::OtherAccount => "run the same command again".to_owned(),
        _ => command(&rotate_words(base_name(key))),
    };
    failure
        .with_outcome("the secret may have been delivered, and the old key works")
        .with_only_next([
            "the new key works too, because its holder may have it".to_owned(),
            format!("to deliver another key, which revokes the others:  {again}"),
        ])
}

/// The failure if another rotation of the key is open.
async fn while_open(failure: Failure, managed: &Managed, open: Option<&KeyId>) -> Failure {
    let Some(id) = open else { return failure };
    let Ok(open) = managed.manager().get(id).await else { return failure };
    let deadline = moment(open.deliver_by()).unwrap_or_default();
    failure.with_only_next([
        format!("if that rotation was stopped, try again after {deadline}"),
        format!(
            "to give it up now:  {}",
            command_in(open.account(), &with_key("revoke", id.as_str()))
        ),
    ])
}
