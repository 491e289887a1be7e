//! Steps that several cases share.

use pinning_keys_core::{
    Credential, Effect, Error, ErrorKind, IssuedKey, KeyQuery, KeyRef, KeyRequest, Operation,
    Permission,
};

use crate::bench::Bench;
use crate::disturbance::Disturbance;
use crate::text::plural;
use crate::verdict::{Stop, Verdict, ensure};

/// Fails unless a call was refused before any request, with this kind of error.
pub(super) fn ensure_refused<T>(
    bench: &Bench<'_>,
    requests_before: Option<u64>,
    kind: ErrorKind,
    answer: Result<T, Error>,
) -> Verdict {
    let Err(error) = answer else {
        return Err(Stop::failed(format!("accepted, but should be refused as {kind:?}")));
    };
    let sent = bench.requests().zip(requests_before).map_or(0, |(now, before)| now - before);
    ensure!(sent == 0, "refused only after {}: {error}", plural(sent, "request"));
    ensure_effect(&error, Effect::NotSent)?;
    ensure!(error.kind() == kind, "refused as {:?}, not as {kind:?}: {error}", error.kind());
    Ok(())
}

/// Fails unless an error has this effect.
pub(super) fn ensure_effect(error: &Error, expected: Effect) -> Verdict {
    let effect = error.effect();
    ensure!(effect == expected, "the effect is {effect:?}, not {expected:?}: {error}");
    Ok(())
}

/// Fails unless `issue` refuses a request before sending anything.
pub(super) async fn ensure_issue_refused(
    bench: &Bench<'_>,
    kind: ErrorKind,
    request: &KeyRequest,
) -> Verdict {
    let before = bench.requests();
    let answer = bench.try_issue(request).await?;
    ensure_refused(bench, before, kind, answer)?;
    let made = bench.made(request.name()) as u64;
    ensure!(made == 0, "refused, but {} created", plural(made, "key"));
    Ok(())
}

/// Calls an operation once, and returns its error, if any.
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
        other => return Err(Stop::failed(format!("the suite cannot call {other}"))),
    })
}

/// The same, with the request disturbed.
pub(super) async fn call_disturbed(
    bench: &Bench<'_>,
    operation: Operation,
    disturbance: Disturbance,
) -> Result<Option<Error>, Stop> {
    let prepared = Prepared::new(bench).await?;
    bench.disturbed(operation, disturbance, || call(bench, operation, &prepared)).await
}

/// A key to revoke and to verify, issued before requests are disturbed.
pub(super) struct Prepared {
    key_ref: KeyRef,
    credential: Credential,
}

impl Prepared {
    pub(super) async fn new(bench: &Bench<'_>) -> Result<Self, Stop> {
        let key = bench.plain_key().await?;
        Ok(Self { key_ref: key.key_ref().clone(), credential: key.into_credential() })
    }
}

pub(super) async fn live_key(bench: &Bench<'_>) -> Result<IssuedKey, Stop> {
    let key = bench.plain_key().await?;
    bench.wait_until_live(key.credential()).await?;
    Ok(key)
}

/// Whether a key has a permission at the provider, or `None` if the harness cannot try it out.
pub(super) async fn try_out(
    bench: &Bench<'_>,
    key: &IssuedKey,
    permission: Permission,
) -> Result<Option<bool>, Stop> {
    match bench.harness().probe() {
        Some(probe) => Ok(probe.may(key.credential(), permission).await?),
        None => Ok(None),
    }
}

/// The credential with another secret, which belongs to no key.
pub(super) fn altered(credential: &Credential) -> Result<Credential, Stop> {
    let mut stored = serde_json::to_value(credential.expose())
        .map_err(|_| Stop::failed("the credential cannot be serialized"))?;
    for member in ["bearer", "password", "authorization", "header_value", "api_secret"] {
        if let Some(secret) = stored.get_mut(member) {
            let text: String = secret.as_str().unwrap_or_default().into();
            *secret = other_text(&text).into();
        }
    }
    serde_json::from_value(stored).map_err(|error| Stop::failed(error.to_string()))
}

/// The text with another character in the middle of what follows the scheme, if there is one.
fn other_text(text: &str) -> String {
    let begin = text.rfind(' ').map_or(0, |blank| blank + 1);
    let middle = begin + (text.len() - begin) / 2;
    let other = |(at, c): (usize, char)| match (at == middle, c) {
        (false, c) => c,
        (true, 'a') => 'b',
        (true, _) => 'a',
    };
    text.char_indices().map(other).collect()
}

/// The credential with another provider, and the same secrets.
pub(super) fn of_another_provider(credential: &Credential) -> Result<Credential, Stop> {
    let mut stored = serde_json::to_value(credential.expose())
        .map_err(|_| Stop::failed("the credential cannot be serialized"))?;
    stored["provider"] = another_provider(credential.provider()).into();
    serde_json::from_value(stored).map_err(|error| Stop::failed(error.to_string()))
}

/// The id of another provider.
pub(super) fn another_provider(provider: &str) -> &'static str {
    if provider == "elsewhere" { "nowhere" } else { "elsewhere" }
}

#[cfg(test)]
mod tests {
    use pinning_keys_core::{Credential, PairHeaders};

    use super::{altered, of_another_provider};

    /// A credential of each form, with what its altered value is sent as.
    fn credentials() -> [(Credential, &'static str); 6] {
        const PAIR: PairHeaders = PairHeaders::new("x-key", "x-secret");
        let credentials = [
            (Credential::bearer("example", "s3cret"), "Bearer s3caet"),
            // user:s3cret with the fourth character of the password altered
            (Credential::basic("example", "user", "s3cret"), "Basic dXNlcjpzM2NhZXQ="),
            (Credential::authorization("example", "s3cret"), "s3caet"),
            (Credential::authorization("example", "Token s3cret"), "Token s3caet"),
            (Credential::header("example", "x-secret", "s3cret"), "s3caet"),
            (Credential::key_pair("example", PAIR, "key", "s3cret"), "s3caet"),
        ];
        credentials.map(|(credential, sent)| (credential.unwrap(), sent))
    }

    fn sent(credential: &Credential) -> String {
        let headers = credential.headers();
        let value = headers.get("x-secret").or(headers.get("authorization")).unwrap();
        value.to_str().unwrap().to_owned()
    }

    #[test]
    fn altered_credential_has_the_same_form_and_another_secret() {
        for (credential, expected) in credentials() {
            let altered = altered(&credential).unwrap();
            assert_eq!(altered.form(), credential.form());
            assert_eq!(sent(&altered), expected);
        }
    }

    #[test]
    fn credential_of_another_provider_is_sent_as_before() {
        for (credential, _) in credentials() {
            let foreign = of_another_provider(&credential).unwrap();
            assert_eq!(foreign.provider(), "elsewhere");
            assert_eq!(foreign.headers(), credential.headers());
        }
    }
}
