//! Revoking the key of a leaked secret.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::{
    CredentialState, Error, ErrorKind, KeyIssuer, KeyIssuerExt as _, Patient, TracedKey,
    Verification,
};

use crate::ask;
use crate::command_line::command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given::Given;
use crate::interrupt::Interrupt;
use crate::keys::listing::patient;
use crate::keys::lookup::typed;
use crate::keys::view;
use crate::output::Output;
use crate::output::escape::escaped;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;

use super::outcome::{Fate, Line, SCHEDULED, of_key};
use super::place::Place;
use super::target::Target;

type Traced<'a> = TracedKey<'a, Patient<Arc<dyn KeyIssuer>>>;

/// The time between two questions whether a revoked credential still works.
const POLL: Duration = Duration::from_secs(1);

pub(super) fn secret_as_argument() -> Failure {
    Failure::usage("--token takes only -, because other programs can see arguments")
        .with_next("to revoke the secret:   pinning-keys revoke --token -   reads it from stdin")
}

pub(super) async fn run(
    place: &Place,
    dry_run: bool,
    yes: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    let account = place.account();
    if !dry_run {
        ask::check_device(yes)?;
    }
    let provider = account.issuer().profile().provider();
    let interrupt = Interrupt::listen(output);
    let given = Given::from_stdin(&interrupt)?;
    if let Some(other) = given.provider().filter(|named| *named != provider) {
        let message = format!("the secret belongs to {other}, and the account to {provider}");
        return Err(Failure::configuration(message)
            .with_next(format!("select an account of {other}:  --profile NAME")));
    }
    let (issuer, (credential, ..)) = (patient(account), given.into_parts(provider)?);
    let traced = interrupt.or_end(issuer.trace(&credential)).await.map_err(of_key)?;
    let target = interrupt.or_end(place.target(traced.record())).await?;
    // A program reads the line on stdout.
    if !output.is_json() || !yes {
        show(&traced, output);
    }
    if sends(&traced) {
        if dry_run {
            Line::of(&target, Fate::Planned).print(output);
            return Ok(Exit::Done);
        }
        let question = format!(
            "revoke \"{}\" at {provider}?",
            escaped(target.base_name().unwrap_or_default())
        );
        interrupt.while_asking(|| ask::consent_on_device(&question, yes))?;
    }
    let revoking = revoke(&traced, &target, place);
    let state = match interrupt.settle("the revocation is settled", revoking).await {
        Err(failure) if failure.kind() == Some(SCHEDULED) => {
            Line::failed(&target, &failure).print(output);
            let next = format!("to try again:  {}", command("run --once"));
            return Err(failure.in_context("the key still works").with_next(next));
        }
        revoked => revoked?,
    };
    let counts_uses = issuer.profile().supports_max_uses() && !traced.record().is_unlimited();
    let longest = if counts_uses { Duration::ZERO } else { issuer.profile().propagation() };
    report(until_dead(state, longest, &traced, &interrupt).await, &traced, &target, output)
}

/// Revokes the key, through the store if it has a row there. Returns whether the secret is dead.
async fn revoke(
    traced: &Traced<'_>,
    target: &Target,
    place: &Place,
) -> Result<CredentialState, Failure> {
    let of_row = if sends(traced) { place.revoke_row(target).await } else { None };
    match of_row {
        Some(revoked) => {
            revoked?;
            Ok(traced.state().await.unwrap_or(CredentialState::Unknown))
        }
        None => traced.revoke().await.map_err(|error| refused(error, traced)),
    }
}

/// Whether a revocation is sent. If not, the library refuses it, or nothing is left to revoke.
fn sends(traced: &Traced<'_>) -> bool {
    let is_recognized =
        matches!(traced.verification(), Verification::Live | Verification::Exhausted);
    is_recognized && traced.is_own() != Some(true)
}

/// Asks again until the credential is dead or the provider had as long as it may take.
async fn until_dead(
    mut state: CredentialState,
    longest: Duration,
    traced: &Traced<'_>,
    interrupt: &Interrupt,
) -> CredentialState {
    let mut waited = Duration::ZERO;
    while state == CredentialState::StillLive && waited < longest {
        tokio::select! {
            () = interrupt.requested() => break,
            () = tokio::time::sleep(POLL) => waited += POLL,
        }
        state = traced.state().await.unwrap_or(CredentialState::Unknown);
    }
    state
}

fn report(
    state: CredentialState,
    traced: &Traced<'_>,
    target: &Target,
    output: &Output,
) -> Result<Exit, Failure> {
    let (fate, failure) = match state {
        CredentialState::Dead if sends(traced) => (Fate::Revoked, None),
        CredentialState::Dead => (Fate::AlreadyGone, None),
        CredentialState::StillLive => (
            Fate::Failed,
            Some(Failure::new(Exit::Failed, "the key was revoked, but the secret still works")),
        ),
        _ => (
            Fate::Unknown,
            Some(Failure::new(Exit::Unknown, "could not determine whether the secret still works")),
        ),
    };
    Line::of(target, fate).with_credential(state).print(output);
    match failure {
        None => Ok(Exit::Done),
        Some(failure) => Err(failure.with_next(
            "run the same command again, which is harmless, and look for the key in the \
             provider's dashboard if this stays so",
        )),
    }
}

/// Shows the key that the secret belongs to.
fn show(traced: &Traced<'_>, output: &Output) {
    let record = traced.record();
    let mut table = Table::without_header();
    for (label, text) in [
        ("name", Cell::new(record.name())),
        ("key", Cell::new(view::short_reference(record.key_ref()))),
        ("state", view::state(record)),
        ("scope", Cell::new(view::scope(record))),
        ("age", Cell::new(view::age(record))),
        ("secret", Cell::new(traced.verification().to_string())),
    ] {
        table.push([Cell::new(label).with_tone(Tone::Dim), text]);
    }
    output.question_table(&table);
}

/// The failure of a revocation, which the library may have refused before it sent anything.
fn refused(error: Error, traced: &Traced<'_>) -> Failure {
    let was_refused = error.kind() == ErrorKind::InvalidInput;
    let failure = of_key(Failure::from(error));
    let by_name = typed("revoke", traced.record());
    match (was_refused, traced.is_own()) {
        (false, _) => failure,
        (true, Some(true)) => failure.with_only_next([
            "select another credential of the account, and run the same command again".to_owned(),
            format!("or revoke it as the last thing that this credential does:  {by_name}"),
        ]),
        (true, _) => failure.with_only_next([
            "compare the key above with what you know of the secret".to_owned(),
            format!("if it is the one, revoke it by its name:  {by_name}"),
        ]),
    }
}
