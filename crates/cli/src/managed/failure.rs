//! Errors of the lifecycle as failures of the program.

use std::error::Error as _;
use std::iter::successors;

use pinning_keys_lifecycle::{Error, ErrorKind, StoreError, StoreErrorKind};
use pinning_keys_sinks::DeliveryEffect;

use crate::command_line::{command, revoke_command};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::output::escape::escaped;
use crate::rewording::reworded;

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(store) = error.store_error() {
            return of_store(store);
        }
        let message = escaped(&reworded(&error.to_string()));
        let failure = Self::new(exit_of(&error), message).with_kind(kind_of(&error));
        let steps = error.next_step().map(reworded).unwrap_or_default();
        let failure =
            steps.lines().fold(failure, |failure, line| failure.with_next(escaped(line.trim())));
        match error.kind() {
            ErrorKind::InDoubt => {
                failure.with_next(format!("to settle it:  {}", command("run --once")))
            }
            ErrorKind::AlreadyOpen => match error.key() {
                Some(id) => failure
                    .with_next(format!("{}   shows it", command(&format!("show {id}"))))
                    .with_next(format!("{}   revokes it", revoke_command(id.as_str()))),
                None => failure,
            },
            ErrorKind::AccountClosed => failure.with_next("try again then"),
            _ => failure,
        }
    }
}

/// The failure of a store.
pub(super) fn of_store(error: &StoreError) -> Failure {
    let cause = successors(error.source(), |&cause| cause.source()).last();
    let cause = cause.map(|cause| format!(" ({})", escaped(&cause.to_string())));
    let message = format!("{}{}", escaped(&error.to_string()), cause.unwrap_or_default());
    let exit = match error.kind() {
        StoreErrorKind::Busy | StoreErrorKind::Unavailable | StoreErrorKind::Conflict => {
            Exit::Later
        }
        StoreErrorKind::NotOurs
        | StoreErrorKind::TooNew
        | StoreErrorKind::NotDurable
        | StoreErrorKind::Moved => Exit::Configuration,
        StoreErrorKind::Unknown => Exit::Unknown,
        _ => Exit::Failed,
    };
    let failure = Failure::new(exit, message).with_kind("store");
    let later = error.is_retryable().then_some("try again later");
    let steps = error.next_step().or(later).map(reworded).unwrap_or_default();
    // For the store that this call works with.
    let steps = steps.replace("pinning-keys ", &command(""));
    steps.lines().fold(failure, |failure, line| failure.with_next(escaped(line.trim())))
}

fn exit_of(error: &Error) -> Exit {
    if error.kind() == ErrorKind::InDoubt {
        return Exit::Unknown;
    }
    if let Some(provider) = error.provider_error() {
        return failure::exit_of(provider);
    }
    match error.kind() {
        ErrorKind::InvalidInput => Exit::Usage,
        ErrorKind::WrongAccount => Exit::Configuration,
        ErrorKind::RateLimited | ErrorKind::AccountClosed | ErrorKind::NotSent => Exit::Later,
        ErrorKind::Sink => match error.sink_error() {
            Some(sink) if sink.effect() == DeliveryEffect::Unknown => Exit::Unknown,
            Some(sink) if sink.is_usage() => Exit::Usage,
            _ => Exit::Failed,
        },
        _ => Exit::Failed,
    }
}

/// A stable word for programs.
fn kind_of(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::InvalidInput => "invalid_input",
        ErrorKind::NotFound => "nothing_matched",
        ErrorKind::WrongState => "wrong_state",
        ErrorKind::AlreadyOpen => "already_open",
        ErrorKind::QuotaReached => "quota_reached",
        ErrorKind::RateLimited => "rate_limited",
        ErrorKind::AccountClosed => "account_closed",
        ErrorKind::WrongAccount => "wrong_account",
        ErrorKind::NotSent => "not_sent",
        ErrorKind::InDoubt => "in_doubt",
        ErrorKind::Sink => "not_delivered",
        ErrorKind::Store => "store",
        ErrorKind::ClockUnconfirmed => "clock_unconfirmed",
        ErrorKind::Internal => "internal",
        _ => "provider",
    }
}
