//! A secret that is passed as the reference to a key, in whichever form people paste it, is refused
//! before anything is sent: by every configuration of both adapters, alone and in a batch. No
//! result shows it, and the key that it belongs to stays live.

use std::sync::Arc;
use std::time::Duration;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pinning_keys::bulk::revoke_many;
use pinning_keys::{
    Effect, Error, ErrorKind, KeyIssuer, KeyRef, KeyRequest, Revocation, ScopeRequest,
};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::secrets::Secrets;
use pinning_keys_testkit::stand::Configuration;
use proptest::prelude::*;

/// What can surround a pasted secret.
const BEFORE: &[&str] = &["", " ", "\n", "\"", "\u{feff}", "Bearer ", "SECRET=", r#"{"secret":""#];
const AFTER: &[&str] = &["", " ", "\r\n", "\"", "\u{200b}", ", ", r#""}"#];

const DEADLINE: Duration = Duration::from_secs(10);

/// The secrets of a live key, and another text of the same form.
async fn secrets_of(issuer: &dyn KeyIssuer, other: &str) -> Vec<String> {
    let request = KeyRequest::new("victim", ScopeRequest::reader()).unwrap();
    let key = issuer.issue(&request).await.unwrap();
    let shown = key.credential().expose();
    let own = [shown.bearer(), shown.api_secret()].into_iter().flatten();
    own.chain([other]).map(str::to_owned).collect()
}

/// The references that a program can try to make of a text.
fn references(issuer: &dyn KeyIssuer, text: &str) -> [Result<KeyRef, Error>; 4] {
    let provider = issuer.profile().provider();
    let escaped = utf8_percent_encode(text, NON_ALPHANUMERIC);
    [
        KeyRef::new(provider, text),
        KeyRef::new(provider, "0d2a").unwrap().with_id(text),
        format!("v1:{provider}:{escaped}").parse(),
        format!("v1:{provider}:0d2a:{escaped}").parse(),
    ]
}

/// What revoking by a reference returns, and the same in a batch.
async fn revoked(
    issuer: &Arc<dyn KeyIssuer>,
    reference: Result<KeyRef, Error>,
) -> Vec<Result<Revocation, Error>> {
    let key = match reference {
        Ok(key) => key,
        Err(error) => return vec![Err(error)],
    };
    let alone = issuer.revoke(&key).await;
    let mut batch = revoke_many(Arc::clone(issuer), [key]);
    let (_, in_batch) = batch.next().await.unwrap();
    vec![alone, in_batch]
}

async fn check(text: impl Fn(&str) -> String, seed: u64, hex: &str, base64: &str) {
    for (name, configuration) in Configuration::ALL {
        let emulator = Emulator::builder().seed(seed).in_memory();
        let origin = emulator.pinata().base_url();
        let built = configuration.build(&emulator, origin, emulator.transport(), DEADLINE).unwrap();
        let other = if configuration.is_pinata() { hex } else { base64 };
        let secrets = secrets_of(&*built.issuer, other).await;
        let (sent, live) = (emulator.requests(), emulator.keys_live());
        for secret in secrets {
            let shown = Secrets::of([&*secret]);
            for reference in references(&*built.issuer, &text(&secret)) {
                for result in revoked(&built.issuer, reference).await {
                    let error = result.unwrap_err();
                    shown.assert_not_in_error(name, &error);
                    assert_eq!(error.kind(), ErrorKind::InvalidInput, "{name}: {error}");
                    assert_eq!(error.effect(), Effect::NotSent, "{name}: {error}");
                }
            }
        }
        assert_eq!((emulator.requests(), emulator.keys_live()), (sent, live), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn secret_in_any_form_is_refused_unsent(
        before in prop::sample::select(BEFORE),
        after in prop::sample::select(AFTER),
        is_encoded in any::<bool>(),
        seed in any::<u64>(),
        hex in "[0-9a-fA-F]{64}",
        base64 in "[A-Za-z0-9+/]{43}=",
    ) {
        let text = |secret: &str| {
            let text = format!("{before}{secret}{after}");
            if is_encoded { utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string() } else { text }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(check(text, seed, &hex, &base64));
    }
}
