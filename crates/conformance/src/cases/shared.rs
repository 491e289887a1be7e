//! What several cases do alike.

use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, KeyQuery, KeyRef, KeyRequest, Operation,
};

use crate::Disturbance;
use crate::bench::Bench;
use crate::case::{Stop, Verdict, ensure};

/// Fails unless a call was refused before any request, for this reason.
pub(super) fn ensure_refused<T>(
    bench: &Bench<'_>,
    requests_before: Option<u64>,
    kind: ErrorKind,
    answer: Result<T, Error>,
) -> Verdict {
    let Err(error) = answer else {
        return Err(Stop::failed(format!("it was accepted, and should be refused as {kind:?}")));
    };
    let sent = bench.requests().zip(requests_before).map_or(0, |(now, before)| now - before);
    ensure!(sent == 0, "{sent} requests were sent before it was refused: {error}");
    ensure!(
        error.effect() == Effect::NotSent,
        "its effect is told as {:?}: {error}",
        error.effect()
    );
    ensure!(error.kind() == kind, "it is refused as {:?}, not as {kind:?}: {error}", error.kind());
    Ok(())
}

/// Issues, and fails unless that is refused before any request.
pub(super) async fn ensure_issue_refused(
    bench: &Bench<'_>,
    kind: ErrorKind,
    request: &KeyRequest,
) -> Verdict {
    let before = bench.requests();
    let answer = bench.try_issue(request).await?;
    ensure_refused(bench, before, kind, answer)?;
    let made = bench.ledger().map_or(0, |ledger| ledger.made(request.name().as_str()));
    ensure!(made == 0, "it was refused, and {made} keys were made");
    Ok(())
}

/// Calls an operation once, with a key of the case's own, and hands on the error where there is
/// one.
pub(super) async fn call(
    bench: &Bench<'_>,
    operation: Operation,
    prepared: &Prepared,
) -> Result<Option<Error>, Stop> {
    Ok(match operation {
        Operation::Issue => bench.try_issue(&bench.plain_request()?).await?.err(),
        Operation::List => bench.try_page(&KeyQuery::new()).await?.err(),
        Operation::Revoke => bench.try_revoke(&prepared.key_ref).await?.err(),
        Operation::Verify => bench.try_verify(&prepared.credential).await?.err(),
        other => return Err(Stop::failed(format!("the suite does not know to {other}"))),
    })
}

/// The same with its request disturbed.
pub(super) async fn call_disturbed(
    bench: &Bench<'_>,
    operation: Operation,
    disturbance: Disturbance,
) -> Result<Option<Error>, Stop> {
    let prepared = Prepared::new(bench).await?;
    bench.disturbed(operation, disturbance, || call(bench, operation, &prepared)).await
}

/// What calls need that is made before requests are disturbed.
pub(super) struct Prepared {
    key_ref: KeyRef,
    credential: Credential,
}

impl Prepared {
    /// Makes a key that there is something to revoke and to verify.
    pub(super) async fn new(bench: &Bench<'_>) -> Result<Self, Stop> {
        let key = bench.plain_key().await?;
        Ok(Self { key_ref: key.key_ref().clone(), credential: key.into_credential() })
    }
}

/// The credential with another secret, which no key has.
pub(super) fn altered(credential: &Credential) -> Result<Credential, Stop> {
    let mut stored = serde_json::to_value(credential.expose())
        .map_err(|_| Stop::failed("the credential cannot be stored"))?;
    for member in ["bearer", "api_secret"] {
        if let Some(secret) = stored.get_mut(member) {
            let text: String = secret.as_str().unwrap_or_default().into();
            *secret = other_text(&text).into();
        }
    }
    serde_json::from_value(stored).map_err(|error| Stop::failed(error.to_string()))
}

/// A text of the same length whose middle is another.
fn other_text(text: &str) -> String {
    let middle = text.len() / 2;
    let other = |(at, c): (usize, char)| match (at == middle, c) {
        (false, c) => c,
        (true, 'a') => 'b',
        (true, _) => 'a',
    };
    text.char_indices().map(other).collect()
}

/// A credential as of another provider, with the same secrets.
pub(super) fn of_another_provider(credential: &Credential) -> Result<Credential, Stop> {
    let mut stored = serde_json::to_value(credential.expose())
        .map_err(|_| Stop::failed("the credential cannot be stored"))?;
    stored["provider"] = another_provider(credential.provider()).into();
    serde_json::from_value(stored).map_err(|error| Stop::failed(error.to_string()))
}

/// The id of a provider that is not this one.
pub(super) fn another_provider(provider: &str) -> &'static str {
    if provider == "elsewhere" { "nowhere" } else { "elsewhere" }
}
