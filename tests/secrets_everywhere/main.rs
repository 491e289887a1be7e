//! No output shows a secret, whether operations succeed or fail, at both providers: not values,
//! errors and their sources, panics, or what any crate logs at trace level. Every secret is a
//! random text of the emulator.

mod hostile;

use std::fmt::{Debug, Display};
use std::num::NonZeroU64;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use hostile::{FORMS, Hostile, Mischief, SHAPES};
use pinning_keys::adapter::{
    Answer, ApiClient, ApiClientBuilder, ApiSettings, Call, Failure, Setting,
};
use pinning_keys::credentials::{
    AccountCredential, Ask, Cached, CredentialSource, FromFn, SecretFrom, StoredCredential,
};
use pinning_keys::pinata::{PinataConfig, PinataIssuer, SignedUpload, UploadRequest};
use pinning_keys::transport::{ReqwestTransport, ReqwestTransportBuilder, Transport};
use pinning_keys::w3ipfs::{W3ipfsConfig, W3ipfsIssuer};
use pinning_keys::{
    Credential, ExposedCredential, IssuedKey, IssuerConfig, KeyIssuer, KeyIssuerExt, KeyName,
    KeyQuery, KeyRequest, ProbeConsent, Revocation, ScopeRequest, TracedKey, Verification,
};
use pinning_keys_conformance::capture;
use pinning_keys_emulator::{
    Emulator, EmulatorBuilder, ListedSecret, Pinata, PinataAssumptions, W3ipfs, W3ipfsAssumptions,
};
use pinning_keys_testkit::secrets::Secrets;
use serde::Serialize;
use static_assertions::assert_not_impl_any;

// A type that holds a secret has no `Display`, no `Serialize` and no `PartialEq`.
assert_not_impl_any!(Credential: Display, Serialize, PartialEq);
assert_not_impl_any!(IssuedKey: Display, Serialize, PartialEq);
assert_not_impl_any!(TracedKey<'static, dyn KeyIssuer>: Display, Serialize, PartialEq);
assert_not_impl_any!(SignedUpload: Display, Serialize, PartialEq);
assert_not_impl_any!(AccountCredential: Display, Serialize, PartialEq);
assert_not_impl_any!(SecretFrom: Display, Serialize, PartialEq);
assert_not_impl_any!(StoredCredential: Display, Serialize, PartialEq);
// Neither has a type that consists of one or contains one.
assert_not_impl_any!(Setting: Display, Serialize, PartialEq);
assert_not_impl_any!(ApiSettings: Display, Serialize, PartialEq);
assert_not_impl_any!(IssuerConfig: Display, Serialize, PartialEq);
assert_not_impl_any!(PinataConfig: Display, Serialize, PartialEq);
assert_not_impl_any!(W3ipfsConfig: Display, Serialize, PartialEq);
assert_not_impl_any!(ApiClient: Display, Serialize, PartialEq);
assert_not_impl_any!(ApiClientBuilder: Display, Serialize, PartialEq);
assert_not_impl_any!(PinataIssuer: Display, Serialize, PartialEq);
assert_not_impl_any!(W3ipfsIssuer: Display, Serialize, PartialEq);
assert_not_impl_any!(dyn CredentialSource: Display, Serialize, PartialEq);
assert_not_impl_any!(FromFn<fn()>: Display, Serialize, PartialEq);
assert_not_impl_any!(Cached: Display, Serialize, PartialEq);
assert_not_impl_any!(Ask: Display, Serialize, PartialEq);
assert_not_impl_any!(ReqwestTransport: Display, Serialize, PartialEq);
assert_not_impl_any!(ReqwestTransportBuilder: Display, Serialize, PartialEq);
assert_not_impl_any!(Answer: Display, Serialize, PartialEq);
assert_not_impl_any!(Call: Display, Serialize, PartialEq);
assert_not_impl_any!(Failure: Display, Serialize, PartialEq);
// Neither have the emulated accounts.
assert_not_impl_any!(Emulator: Display, Serialize, PartialEq);
assert_not_impl_any!(Pinata: Display, Serialize, PartialEq);
assert_not_impl_any!(W3ipfs: Display, Serialize, PartialEq);
// An exposed secret can be stored, but not printed or compared.
assert_not_impl_any!(ExposedCredential<'static>: Display, Debug, PartialEq);

/// Emulators whose lists show secrets, as in older documents.
fn emulator(seed: u64) -> EmulatorBuilder {
    let pinata = PinataAssumptions::default().list_shows_secret(true).page_size(100);
    let w3ipfs = W3ipfsAssumptions::default().listed_secret(ListedSecret::Full).max_keys(10_000);
    Emulator::builder().seed(seed).pinata_assumptions(pinata).w3ipfs_assumptions(w3ipfs)
}

/// The account's credentials at both providers.
fn accounts(emulator: &Emulator) -> Secrets {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let (session, refresh) = (w3ipfs.jwt(), w3ipfs.refresh_token());
    let pairs = [pinata.api_secret(), w3ipfs.api_secret()];
    Secrets::of([pinata.jwt(), &session, &refresh].into_iter().chain(pairs))
}

/// The configurations of every provider, route and credential.
fn configurations(emulator: &Emulator) -> Vec<IssuerConfig> {
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    let jwt = |settings: &[(&str, &str)]| {
        let config = IssuerConfig::for_provider("pinata").unwrap();
        let settings = [&[("base_url", pinata.base_url())], settings].concat();
        settings
            .into_iter()
            .fold(config, |config, (name, value)| config.with_setting(name, value).unwrap())
    };
    let pair = [("api_key", pinata.api_key()), ("api_secret", pinata.api_secret())];
    let w3 = || {
        let config = IssuerConfig::for_provider("w3ipfs").unwrap();
        config.with_setting("base_url", w3ipfs.base_url()).unwrap()
    };
    vec![
        jwt(&[("jwt", pinata.jwt())]),
        jwt(&[("jwt", pinata.jwt()), ("route", "sdk"), ("table", "endpoints")]),
        jwt(&[("route", "legacy"), pair[0], pair[1]]),
        w3().with_setting("jwt", w3ipfs.jwt()).unwrap(),
        w3().with_setting("api_key", w3ipfs.api_key())
            .and_then(|config| config.with_setting("api_secret", w3ipfs.api_secret()))
            .unwrap(),
    ]
}

fn assert_nothing_is_logged(secrets: &Secrets) {
    let lines = capture::lines();
    assert!(!lines.is_empty());
    for line in lines {
        secrets.assert_not_in("the log", &line);
    }
}

/// The life of a key when nothing fails.
async fn live(issuer: &dyn KeyIssuer, secrets: &mut Secrets) -> IssuedKey {
    let name = KeyName::unique("everywhere").unwrap();
    let request = KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap();
    let plan = issuer.plan(&request).unwrap();
    secrets.assert_not_in("a plan", &format!("{plan} {plan:?} {}", plan.body()));
    secrets.assert_not_in("a serialized plan", &serde_json::to_string(&plan).unwrap());
    let key = issuer.issue(&request).await.unwrap();
    secrets.add_credential(key.credential());
    let key_ref = key.key_ref();
    secrets.assert_not_in("a key", &format!("{key:?} {key:#?} {key_ref} {key_ref:?}"));
    secrets.assert_not_in("a stored reference", &serde_json::to_string(key_ref).unwrap());
    let credential = key.credential();
    let headers = (credential.headers(), credential.pair_headers(), credential.bearer_headers());
    secrets.assert_not_in("a credential", &format!("{credential:?} {credential:#?} {headers:?}"));
    assert_eq!(issuer.verify(credential).await.unwrap(), Verification::Live);
    secrets.assert_not_in_result("a page", &issuer.list(&KeyQuery::new()).await);
    let found = issuer.find(name.as_str()).await;
    let records = found.as_ref().unwrap().records();
    assert_eq!(records.len(), 1);
    secrets.assert_not_in("a serialized record", &serde_json::to_string(records).unwrap());
    secrets.assert_not_in_result("what is found", &found);
    secrets.assert_not_in_result("what it says", &issuer.credential_facts(credential));
    secrets.assert_not_in_result("its account", &issuer.account().await);
    let elsewhere = issuer.confined_to("elsewhere").unwrap();
    secrets.assert_not_in_result("an account that is not its own", &elsewhere.account().await);
    secrets.assert_not_in_result("a traced key", &issuer.trace(credential).await);
    assert_eq!(issuer.revoke(key_ref).await.unwrap(), Revocation::Revoked);
    secrets.assert_not_in_result("a second revocation", &issuer.revoke(key_ref).await);
    secrets.assert_not_in_result("a reconciliation", &issuer.reconcile(&name).await);
    secrets.assert_not_in_result("a verification", &issuer.verify(credential).await);
    key
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn over_tcp_no_output_or_log_shows_a_secret() {
    capture::begin();
    let emulator = emulator(11).start().await.unwrap();
    let mut secrets = accounts(&emulator);
    secrets.assert_not_in_debug("the emulator", &emulator);
    for config in configurations(&emulator) {
        secrets.assert_not_in_debug("a configuration", &config);
        let issuer = config.build().unwrap();
        live(&*issuer, &mut secrets).await;
    }
    assert_nothing_is_logged(&secrets);
    let lines = capture::lines();
    let has = |begin: &str| lines.iter().any(|line| line.starts_with(begin));
    // Otherwise the test proves nothing.
    assert!(has("log DEBUG reqwest::connect"), "{lines:#?}");
    assert!(has("event TRACE hyper_util::client"), "{lines:#?}");
    assert!(has("event DEBUG pinning_keys::attempt provider=\"w3ipfs\""), "{lines:#?}");
    assert!(has("event DEBUG pinning_keys::call provider=\"pinata\""), "{lines:#?}");
}

/// With one of the [`configurations`].
async fn no_secret_shows_over_a_hostile_transport(index: usize) {
    capture::begin();
    // A new emulator each time keeps lists short.
    for status in [200, 302, 400, 401, 404, 503] {
        let emulator = emulator(12).in_memory();
        let mut secrets = accounts(&emulator);
        let way = Hostile::new(emulator.transport());
        let config = configurations(&emulator).swap_remove(index);
        let issuer = config.with_transport(Arc::clone(&way) as _).build().unwrap();
        let key = live(&*issuer, &mut secrets).await;
        for mischief in mischiefs(status) {
            way.turn(mischief);
            suffer(&*issuer, &way, &key, &secrets, &format!("{mischief:?}")).await;
        }
        assert_nothing_is_logged(&secrets);
    }
}

/// A test for each of the [`configurations`], so that they run in parallel.
macro_rules! on_hostile_ways {
    ($($name:ident: $index:literal,)+) => { $(
        #[tokio::test(start_paused = true)]
        async fn $name() {
            no_secret_shows_over_a_hostile_transport($index).await;
        }
    )+ };
}

on_hostile_ways! {
    hostile_to_pinata_v3: 0,
    hostile_to_pinata_sdk: 1,
    hostile_to_pinata_legacy: 2,
    hostile_to_w3ipfs_with_a_jwt: 3,
    hostile_to_w3ipfs_with_a_pair: 4,
}

fn mischiefs(status: u16) -> impl Iterator<Item = Mischief> {
    let forms = move |shape| (0..FORMS).map(move |form| Mischief::Echo { status, shape, form });
    [Mischief::Lost, Mischief::BrokenOff].into_iter().chain((0..SHAPES).flat_map(forms))
}

/// All operations. None may show a secret of the account, of the key, or of a key whose create got
/// a bad answer.
async fn suffer<T: Transport>(
    issuer: &dyn KeyIssuer,
    way: &Hostile<T>,
    key: &IssuedKey,
    secrets: &Secrets,
    what: &str,
) {
    let name = KeyName::unique("everywhere").unwrap();
    let request = KeyRequest::new(name.clone(), ScopeRequest::reader()).unwrap();
    let result = issuer.issue(&request).await;
    for secrets in [secrets, &way.made()] {
        secrets.assert_not_in_result(what, &result);
    }
    secrets.assert_not_in_result(what, &issuer.list(&KeyQuery::new()).await);
    secrets.assert_not_in_result(what, &issuer.revoke(key.key_ref()).await);
    secrets.assert_not_in_result(what, &issuer.verify(key.credential()).await);
    let probed = issuer.probe(key.credential(), ProbeConsent::to_spend_uses()).await;
    secrets.assert_not_in_result(what, &probed);
    secrets.assert_not_in_result(what, &issuer.reconcile(&name).await);
}

/// An issuer that signs uploads, and how its requests travel if not over TCP.
fn signer(emulator: &Emulator, way: Option<Arc<dyn Transport>>) -> PinataIssuer {
    let config = IssuerConfig::from_vars(emulator.pinata().vars()).unwrap();
    let IssuerConfig::Pinata(mut config) = config else { panic!("the variables are Pinata's") };
    if let Some(way) = way {
        config = config.with_transport(way);
    }
    config.build().unwrap()
}

fn upload() -> UploadRequest {
    UploadRequest::new(Duration::from_secs(60), NonZeroU64::MIN)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn over_tcp_no_output_or_log_shows_a_signed_url() {
    capture::begin();
    let emulator = emulator(16).start().await.unwrap();
    let mut secrets = accounts(&emulator);
    let issuer = signer(&emulator, None);
    let signed = issuer.sign_upload(&upload()).await;
    secrets.add_url(signed.as_ref().unwrap().expose_url());
    secrets.assert_not_in_result("a signed upload", &signed);
    secrets.assert_not_in_debug("the issuer", &issuer);
    assert_nothing_is_logged(&secrets);
    let lines = capture::lines();
    assert!(lines.iter().any(|line| line.contains("operation=\"sign_upload\"")), "{lines:#?}");
}

#[tokio::test(start_paused = true)]
async fn hostile_to_signed_urls() {
    capture::begin();
    for status in [200, 302, 400, 401, 404, 503] {
        let emulator = emulator(17).in_memory();
        let way = Hostile::new(emulator.transport());
        let issuer = signer(&emulator, Some(Arc::clone(&way) as _));
        for mischief in mischiefs(status) {
            way.turn(mischief);
            let outcome = issuer.sign_upload(&upload()).await;
            assert!(outcome.is_err(), "{mischief:?}: {outcome:?}");
            let what = format!("{mischief:?}");
            accounts(&emulator).assert_not_in_result(&what, &outcome);
            way.made().assert_not_in_result(&what, &outcome);
        }
        assert_nothing_is_logged(&way.made());
    }
}

#[tokio::test(start_paused = true)]
async fn panics_show_no_secret() {
    capture::begin();
    let emulator = emulator(13).in_memory();
    let mut secrets = accounts(&emulator);
    for config in configurations(&emulator) {
        let way = Hostile::new(emulator.transport());
        let issuer = config.clone().with_transport(Arc::clone(&way) as _).build().unwrap();
        let key = live(&*issuer, &mut secrets).await;
        let name = KeyName::unique("everywhere").unwrap();
        let made = issuer.issue(&KeyRequest::new(name, ScopeRequest::reader()).unwrap()).await;
        secrets.add_credential(made.as_ref().unwrap().credential());
        way.turn(Mischief::Echo { status: 400, shape: 3, form: 0 });
        let failed = issuer.verify(key.credential()).await;
        let before = capture::lines().len();
        for panicking in [
            &(|| failed.as_ref().map(|_| ()).unwrap()) as &dyn Fn(),
            &|| {
                let _ = made.as_ref().unwrap_err();
            },
            &|| panic!("{config:?} {:?} {:?}", key.credential(), key.key_ref()),
        ] {
            catch_unwind(AssertUnwindSafe(panicking)).unwrap_err();
        }
        assert!(capture::lines().len() > before, "panics are captured");
    }
    assert_nothing_is_logged(&secrets);
}

/// Otherwise the other tests prove nothing.
#[test]
fn search_finds_a_secret_in_every_form() {
    let emulator = emulator(15).in_memory();
    let (jwt, secret) = (emulator.pinata().jwt(), emulator.w3ipfs().api_secret());
    let secrets = Secrets::of([jwt, secret]);
    let finds = |text: String| secrets.find(&text).is_some();
    let segment = jwt.split('.').nth(1).unwrap();
    for text in [jwt, secret, segment] {
        assert!(finds(format!("the token {text} is wrong")));
        assert!(finds(text.to_uppercase()));
        for form in 1..FORMS {
            assert!(finds(format!("\"{}\"", hostile::encode(text, form))));
        }
        for before in ["", "1", "12", "123"] {
            assert!(finds(hostile::encode(&format!("{before}{text}123"), 1)));
        }
    }
    let payload = format!("{{\"scopedKeySecret\":\"{secret}\",\"email\":\"a@b.example\"}}");
    assert!(finds(format!("eyJhbGciOiJIUzI1NiJ9.{}.c2ln", hostile::encode(&payload, 1))));
    assert!(!finds(format!("nothing at all of {}", &jwt[..12])));
}

/// A secret in the place of another setting is not quoted.
#[test]
fn misplaced_secret_is_not_shown() {
    let emulator = emulator(14).in_memory();
    let secrets = accounts(&emulator);
    let jwt = emulator.w3ipfs().jwt();
    for misplaced in [emulator.pinata().jwt(), emulator.pinata().api_secret(), &jwt] {
        let error = IssuerConfig::for_provider(misplaced).unwrap_err();
        secrets.assert_not_in_error("a provider", &error);
        for provider in IssuerConfig::PROVIDERS {
            let config = || IssuerConfig::for_provider(provider).unwrap();
            for name in config().settings() {
                let config = config().with_setting(name, misplaced);
                secrets.assert_not_in_result(name, &config);
                let built =
                    config.and_then(|config| config.with_setting("jwt", misplaced)?.build());
                secrets.assert_not_in_result(name, &built.map(|_| ()));
                let variable = format!("PINNING_KEYS_{}", name.to_uppercase());
                let provider = ("PINNING_KEYS_PROVIDER".to_owned(), (*provider).to_owned());
                let config = IssuerConfig::from_vars([provider, (variable, misplaced.to_owned())]);
                secrets.assert_not_in_result(name, &config);
            }
        }
    }
}
