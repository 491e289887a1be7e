//! No output contains a secret, even if the server returns it.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use http::StatusCode;
use pinning_keys_core::{Credential, Operation, PairHeaders};
use pinning_keys_http::credentials::{
    AccountCredential, Ask, Cached, CredentialSource, SecretFrom, StoredCredential, from_fn,
};
use pinning_keys_http::{
    Answer, ApiClient, BaseUrl, Call, Failure, Limits, OffsetCursor, Reach, Total, TransportError,
    TransportErrorKind,
};
use pinning_keys_testkit::secrets::{Secrets, all_of, percent_encoded};

use crate::support::{ALL, Script, Step, answer, builder_with, call, status};

/// Secrets with and without digits, and one that percent-encoding changes.
const BEARER: &str = "canary.bearer/one+two=";
const FRESH: &str = "canaryfreshtokenwithoutdigits";
const KEY: &str = "c4n4ry-k3y";
const SECRET: &str = "canary|secret?of#the&pair";
const HOLDER: &str = "canaryheldbysomebody";
const HOLDER_KEY: &str = "canary-holder-key";
const HOLDER_SECRET: &str = "canary-holder-secret";
const USER: &str = "canary|user";
const PASSWORD: &str = "canary:pass/code";
const JOINED: &str = "canary|user:canary:pass/code";
const VALUE: &str = "canaryvalueofaheader";
const SHORT: &str = "cnry5";
const HOLDER_USER: &str = "canary-holder-user";
const HOLDER_PASSWORD: &str = "canary?holder?pass+code";
const HOLDER_JOINED: &str = "canary-holder-user:canary?holder?pass+code";
const HOLDER_VALUE: &str = "canaryofaholder";
const ALL_SECRETS: [&str; 15] = [
    BEARER,
    FRESH,
    KEY,
    SECRET,
    HOLDER,
    HOLDER_KEY,
    HOLDER_SECRET,
    USER,
    PASSWORD,
    JOINED,
    VALUE,
    HOLDER_USER,
    HOLDER_PASSWORD,
    HOLDER_JOINED,
    HOLDER_VALUE,
];

const PAIR: PairHeaders = PairHeaders::new("x-key", "x-secret");

fn forms(secret: &str) -> [String; 5] {
    let upper = percent_encoded(secret);
    let hex = upper.split('%').skip(1).map(|part| &part[..2]);
    let lower = hex.fold(upper.clone(), |text, hex| text.replace(hex, &hex.to_lowercase()));
    [secret.to_owned(), lower, upper, STANDARD.encode(secret), URL_SAFE.encode(secret)]
}

/// What a hostile or careless server puts into its messages.
fn echo() -> String {
    ALL_SECRETS.map(|secret| forms(secret).join("] [")).join("] [")
}

/// Each secret, and its end.
static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
    let ends = ALL_SECRETS.map(|secret| secret.trim_end_matches('='));
    Secrets::of(ALL_SECRETS.into_iter().chain(ends.map(|end| &end[end.len() - 8..])))
});

fn assert_clean(what: &str, text: &str) {
    SECRETS.assert_not_in(what, text);
}

fn read(answer: &Answer) -> Failure {
    let text = String::from_utf8_lossy(answer.body()).into_owned();
    // Each secret must be within the part of a message that is shown at least once.
    let turn =
        answer.headers().get("x-turn").map_or(0, |turn| turn.to_str().unwrap().parse().unwrap());
    let message: String = text.chars().skip(turn).collect();
    Failure::new().with_code(message.clone()).with_next_step(message.clone()).with_message(message)
}

fn sources() -> Vec<Arc<dyn CredentialSource>> {
    let renewing = from_fn(|ask| async move {
        AccountCredential::bearer(if matches!(ask, Ask::Current) { BEARER } else { FRESH })
    });
    let others = [
        AccountCredential::key_pair(&PAIR, KEY, SECRET),
        AccountCredential::basic(USER, PASSWORD),
        AccountCredential::authorization(format!("Token {VALUE}")),
        AccountCredential::header("x-token", VALUE),
    ];
    let others = others.map(|other| Arc::new(other.unwrap()) as _);
    std::iter::once(Arc::new(renewing) as _).chain(others).collect()
}

fn holders() -> [Option<Credential>; 5] {
    let holder = Credential::bearer("pinata", HOLDER).unwrap();
    [
        None,
        Some(holder.with_key_pair(PAIR, HOLDER_KEY, HOLDER_SECRET).unwrap()),
        Some(Credential::basic("pinata", HOLDER_USER, HOLDER_PASSWORD).unwrap()),
        Some(Credential::authorization("pinata", format!("Token {HOLDER_VALUE}")).unwrap()),
        Some(Credential::header("pinata", "x-token", HOLDER_VALUE).unwrap()),
    ]
}

/// The secrets that a call knows.
fn secrets_of(source: usize, holder: usize) -> Vec<&'static str> {
    match (holder, source) {
        (0, 0) => vec![BEARER],
        (0, 1) => vec![KEY, SECRET],
        (0, 2) => vec![USER, PASSWORD, JOINED],
        (0, _) => vec![VALUE],
        (1, _) => vec![HOLDER, HOLDER_KEY, HOLDER_SECRET],
        (2, _) => vec![HOLDER_USER, HOLDER_PASSWORD, HOLDER_JOINED],
        (_, _) => vec![HOLDER_VALUE],
    }
}

#[tokio::test(start_paused = true)]
async fn error_shows_no_secret_that_the_server_returns() {
    for (index, source) in sources().into_iter().enumerate() {
        // A holder's secrets are sent instead of the account's, so one source is enough for them.
        let holders = holders().into_iter().enumerate().take(if index == 0 { 5 } else { 1 });
        for (form, holder) in holders {
            let mine = secrets_of(index, form);
            for form in mine.iter().flat_map(|secret| forms(secret)) {
                let text = format!("the token {form} is wrong; cut: {}", &form[..form.len() - 2]);
                for step in echoes(&text, &form) {
                    let client = client_of(source.clone(), &Script::repeating([step]));
                    for operation in ALL {
                        let mut call = call(operation);
                        if let Some(holder) = &holder {
                            call = call.as_holder(holder);
                        }
                        let error = match client.call(call).await {
                            Ok(answered) => {
                                assert_clean("an answer", &format!("{answered:?}"));
                                let said = read(&answered);
                                let text = all_of(&answered.rejected(said.clone()));
                                assert_clean("a rejection", &text);
                                assert_clean("a failure", &format!("{said:?}"));
                                answered.unreadable("a JSON object")
                            }
                            Err(error) => error,
                        };
                        assert_clean("an error", &all_of(&error));
                    }
                }
            }
        }
    }
}

/// After a refusal a call knows two credentials, and the server may return either.
#[tokio::test]
async fn error_shows_neither_old_nor_fresh_credential() {
    for form in forms(BEARER).into_iter().chain(forms(FRESH)) {
        let step = answer(401, &[], &format!("the token {form} is wrong"));
        let client = client_of(sources()[0].clone(), &Script::repeating([step]));
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!(error.attempts().unwrap().count(), 2);
        assert_clean("an error", &all_of(&error));
    }
}

/// A secret that is shorter than the pieces that are searched for, in a value with a scheme and
/// in Basic.
#[tokio::test]
async fn short_secret_is_removed_too() {
    for credential in [
        AccountCredential::authorization(format!("Token {SHORT}")),
        AccountCredential::basic(SHORT, "pw"),
        AccountCredential::basic("us", SHORT),
    ] {
        let step = answer(400, &[], &format!("no {SHORT} for you"));
        let client = client_of(Arc::new(credential.unwrap()), &Script::repeating([step]));
        let text = all_of(&client.call(call(Operation::Issue)).await.unwrap_err());
        assert!(!text.contains(SHORT), "{text}");
    }
}

/// Every way in which a server's text can get into an error.
fn echoes(text: &str, form: &str) -> Vec<Step> {
    let mut steps: Vec<_> = [200, 400, 401, 403, 404, 429, 500]
        .into_iter()
        .map(|code| answer(code, &[("retry-after", "1")], text))
        .collect();
    let host: String = form.chars().filter(char::is_ascii_alphanumeric).collect();
    for location in [
        format!("https://api.example.com/v1/{form}"),
        format!("https://api.example.com/v1/keys?{form}"),
        format!("https://api.example.com/v1/keys#{form}"),
        format!("http://{form}@evil.example/"),
        form.to_owned(),
        // A host name cannot contain every character of a token.
        format!("https://evil{}.example/", host.len()),
    ] {
        steps.push(answer(307, &[("location", &location)], text));
    }
    steps.extend([
        Step::Fail(TransportErrorKind::Closed, Reach::Answered(StatusCode::OK)),
        Step::Fail(TransportErrorKind::Other, Reach::MaybeSent),
        Step::Fail(TransportErrorKind::Connect, Reach::NotSent),
    ]);
    steps
}

/// The window of what is shown slides over a text with all secrets in all forms.
#[tokio::test(start_paused = true)]
async fn shortened_text_shows_no_part_of_a_secret() {
    let holder = &holders()[1];
    let holder = holder.as_ref().unwrap();
    for turn in (0..echo().len()).step_by(7) {
        let step = answer(400, &[("x-turn", &turn.to_string())], &echo());
        let client = client_of(sources()[0].clone(), &Script::repeating([step]));
        let error = client.call(call(Operation::Verify).as_holder(holder)).await.unwrap_err();
        let text = all_of(&error).to_lowercase();
        for secret in [HOLDER, HOLDER_KEY, HOLDER_SECRET] {
            assert!(!text.contains(secret), "{turn}: {text}");
            assert!(!text.contains(&secret[..8]), "{turn}: {text}");
        }
    }
}

#[tokio::test]
async fn debug_shows_no_secret() {
    let bearer = AccountCredential::bearer(BEARER).unwrap();
    let pair = AccountCredential::key_pair(&PAIR, KEY, SECRET).unwrap();
    let holder = Credential::bearer("pinata", HOLDER).unwrap();
    let text = |text: &str| SecretFrom::Text(text.into());
    let function = from_fn(|_| async { AccountCredential::bearer(FRESH) });
    let call = Call::new(Operation::Revoke, http::Method::DELETE, "/v1/keys")
        .segment(KEY)
        .query("key", KEY)
        .json(SECRET)
        .as_holder(&holder);
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    let builder = ApiClient::builder("example", base_url.clone(), Arc::new(bearer.clone()));
    let mut texts = vec![
        format!("{bearer:?} {pair:?} {:?} {function:?}", text(BEARER)),
        format!("{:?} {:?}", Ask::AfterRefusal(pair.clone()), filled_cache().await),
        format!("{:?}", StoredCredential::bearer(text(BEARER))),
        format!("{:?}", StoredCredential::basic(text(USER), text(PASSWORD))),
        format!("{:?}", StoredCredential::authorization(text(VALUE))),
        format!("{:?}", StoredCredential::header("x-token", text(VALUE)).unwrap()),
        format!("{:?}", AccountCredential::basic(USER, PASSWORD).unwrap()),
        format!("{:?}", AccountCredential::authorization(VALUE).unwrap()),
        format!("{:?}", AccountCredential::header("x-token", VALUE).unwrap()),
        format!("{:?}", StoredCredential::key_pair(PAIR, text(KEY), text(SECRET))),
        format!("{call:?} {base_url:?} {base_url} {builder:?}"),
        format!("{:?}", Failure::new().with_code(SECRET).with_message(SECRET)),
        format!("{:?} {:?}", OffsetCursor::default().page([KEY], Total::OfAll(1)), Ask::Current),
        format!("{:?}", TransportError::new(TransportErrorKind::Other, Reach::MaybeSent)),
        format!("{:?}", Limits::new(std::time::Duration::ZERO, 1)),
    ];
    let client = builder
        .transport(Script::repeating([answer(200, &[("x-key", KEY)], SECRET)]))
        .build()
        .unwrap();
    texts.push(format!("{client:?} {:?}", client.call(call).await.unwrap()));
    texts.push(format!("{:?}", client.call(crate::support::call(Operation::Issue)).await.unwrap()));
    #[cfg(feature = "reqwest")]
    {
        use pinning_keys_http::ReqwestTransport;
        texts.push(format!(
            "{:?} {:?}",
            ReqwestTransport::builder(),
            ReqwestTransport::new().unwrap()
        ));
    }
    for text in texts {
        assert_clean("a debug text", &text);
        assert!(text.len() > 4);
    }
}

/// A cache that holds a credential.
async fn filled_cache() -> Cached {
    let cached = Cached::new(AccountCredential::bearer(BEARER).unwrap());
    cached.credential(Ask::Current).await.unwrap();
    cached
}

#[tokio::test]
async fn request_has_secrets_in_headers_only() {
    let script = Script::repeating([status(200)]);
    for source in sources() {
        client_of(source, &script).call(call(Operation::Issue)).await.unwrap();
    }
    for request in script.requests() {
        let body: &Bytes = request.body();
        assert_clean("a request", &format!("{} {body:?} {:?}", request.uri(), request.headers()));
    }
}

fn client_of(source: Arc<dyn CredentialSource>, script: &Arc<Script>) -> ApiClient {
    builder_with(source).failure_reader(read).transport(script.clone()).build().unwrap()
}
