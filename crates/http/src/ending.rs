//! How a call ends without success, and its error.

use std::borrow::Cow;

use bytes::Bytes;
use http::Response;
use pinning_keys_core::{Error, ErrorKind};

use crate::context::Context;
use crate::failure::{describe, kind_of};
use crate::outcome::Outcome;
use crate::{Answer, Failure, Reach, TransportError, TransportErrorKind, redirect};

pub(crate) enum Ending {
    /// With an answer of failure.
    Refused { response: Response<Bytes>, stopped: Option<&'static str>, source: Option<Error> },
    /// With a redirect that is not followed.
    Redirected { response: Response<Bytes>, what: &'static str, host: Option<String> },
    /// Without a whole answer. If one began, its status may have been an expected one.
    Broken { error: TransportError, is_expected: bool, stopped: Option<&'static str> },
    /// Before anything was sent: the request cannot be made, or there is no credential.
    Local(Error),
    /// At the deadline.
    Late,
}

impl Ending {
    pub(crate) fn into_error(
        self,
        context: Context,
        failure_reader: fn(&Answer) -> Failure,
    ) -> Error {
        match self {
            Self::Refused { response, stopped, source } => {
                let answer = Answer::new(response, context);
                let error = answer.refused(failure_reader(&answer), stopped);
                match source {
                    Some(source) => error.with_source(source),
                    None => error,
                }
            }
            Self::Redirected { response, what, host } => {
                redirected(&context, &response, what, host.as_deref())
            }
            Self::Broken { error, is_expected, stopped } => {
                broken(&context, error, is_expected, stopped)
            }
            Self::Local(error) => context.complete(error),
            Self::Late => late(&context),
        }
    }
}

/// The error for a redirect that is not followed.
fn redirected(
    context: &Context,
    response: &Response<Bytes>,
    what: &'static str,
    host: Option<&str>,
) -> Error {
    let message = redirect::describe(what, host, &context.cleaner());
    let effect = Outcome::Answer(response.status()).effect(context.operation);
    context
        .error(ErrorKind::Redirected, message, effect, None)
        .with_status(response.status())
        .with_next_step("check the base URL; the redirect was not followed because it would take the account's credential along")
}

/// The error for an exchange that brought no whole answer.
fn broken(
    context: &Context,
    mut error: TransportError,
    is_expected: bool,
    stopped: Option<&'static str>,
) -> Error {
    let effect = Outcome::from(&error).effect(context.operation);
    let status = error.reach().status();
    // A status of failure says more than how the body broke off.
    let refused = status.filter(|status| !status.is_success() && !is_expected);
    let kind = match (refused, error.kind()) {
        (Some(status), _) => kind_of(status),
        (_, TransportErrorKind::Timeout) => ErrorKind::Timeout,
        (_, TransportErrorKind::BodyTooLarge) => ErrorKind::UnreadableAnswer,
        (_, TransportErrorKind::Tls(_)) => ErrorKind::Tls,
        _ => ErrorKind::Connection,
    };
    let message = match refused {
        Some(_) => format!("{}; {error}", describe(kind)),
        None => error.to_string(),
    };
    let next_step = error.take_next_step().or_else(|| advice(&error).map(Cow::Borrowed));
    let mut full = context.error(kind, message, effect, stopped).with_source(error);
    if let Some(status) = status {
        full = full.with_status(status);
    }
    match next_step {
        Some(step) => full.with_next_step(step),
        None => full,
    }
}

/// What to do about a request that was not sent, if the transport does not say.
fn advice(error: &TransportError) -> Option<&'static str> {
    match (error.kind(), error.reach()) {
        (TransportErrorKind::Tls(fault), _) => Some(fault.advice()),
        (_, Reach::NotSent) => {
            Some("check the network, the base URL and the proxy, if there is one")
        }
        _ => None,
    }
}

/// The error for a call that the deadline cut off.
fn late(context: &Context) -> Error {
    if context.count == 0 {
        let has_credential = context.account.is_some() || context.holder.is_some();
        return context.complete(if has_credential {
            Error::new(ErrorKind::Timeout, "earlier calls of the operation used up the deadline")
        } else {
            let message = "the account's credential did not arrive before the deadline";
            Error::new(ErrorKind::CredentialUnavailable, message)
        });
    }
    context.error(
        ErrorKind::Timeout,
        "no answer before the deadline",
        context.effect,
        Some("deadline reached"),
    )
}
