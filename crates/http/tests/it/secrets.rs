//! No secret in any output, even where the server sends it back.

use std::fmt::Write as _;
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
use pinning_keys_testkit::secrets::{Secrets, all_of};

use crate::support::{ALL, Script, Step, answer, call, status};

/// Secrets with and without digits, and one that percent-encoding changes.
const BEARER: &str = "canary.bearer/one+two=";
const FRESH: &str = "canaryfreshtokenwithoutdigits";
const KEY: &str = "c4n4ry-k3y";
const SECRET: &str = "canary|secret?of#the&pair";
const HOLDER: &str = "canaryheldbysomebody";
const HOLDER_KEY: &str = "canary-holder-key";
const HOLDER_SECRET: &str = "canary-holder-secret";
const ALL_SECRETS: [&str; 7] = [BEARER, FRESH, KEY, SECRET, HOLDER, HOLDER_KEY, HOLDER_SECRET];

const PAIR: PairHeaders = PairHeaders::new("x-key", "x-secret");

fn forms(secret: &str) -> [String; 5] {
    let percent = |lower: bool| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            if byte.is_ascii_alphanumeric() {
                text.push(char::from(byte));
            } else if lower {
                write!(text, "%{byte:02x}").unwrap();
            } else {
                write!(text, "%{byte:02X}").unwrap();
            }
            text
        })
    };
    let encoded = STANDARD.encode(secret);
    [secret.to_owned(), percent(true), percent(false), encoded, URL_SAFE.encode(secret)]
}

/// What a server that means no good, or means too well, puts into its messages.
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
    // Each secret is to come within what is shown of a message at least once.
    let turn =
        answer.headers().get("x-turn").map_or(0, |turn| turn.to_str().unwrap().parse().unwrap());
    let message: String = text.chars().skip(turn).collect();
    Failure::new().with_code(message.clone()).with_next_step(message.clone()).with_message(message)
}

fn sources() -> Vec<Arc<dyn CredentialSource>> {
    let renewing = from_fn(|ask| async move {
        AccountCredential::bearer(if matches!(ask, Ask::Current) { BEARER } else { FRESH })
    });
    vec![Arc::new(renewing), Arc::new(AccountCredential::key_pair(&PAIR, KEY, SECRET).unwrap())]
}

fn holders() -> [Option<Credential>; 2] {
    let holder = Credential::bearer("pinata", HOLDER).unwrap();
    [None, Some(holder.with_key_pair(PAIR, HOLDER_KEY, HOLDER_SECRET).unwrap())]
}

/// Only the secrets that a call has to do with can be known to it.
fn secrets_of(source: usize, holder: bool) -> Vec<&'static str> {
    match (holder, source) {
        (true, _) => vec![HOLDER, HOLDER_KEY, HOLDER_SECRET],
        (false, 0) => vec![BEARER],
        (false, _) => vec![KEY, SECRET],
    }
}

#[tokio::test(start_paused = true)]
async fn no_error_shows_a_secret_even_where_the_server_sends_it_back() {
    for (index, source) in sources().into_iter().enumerate() {
        for holder in holders() {
            let mine = secrets_of(index, holder.is_some());
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

/// After a refusal a call knows two credentials, and the server may send either back.
#[tokio::test]
async fn neither_the_refused_nor_the_fresh_credential_shows() {
    for form in forms(BEARER).into_iter().chain(forms(FRESH)) {
        let step = answer(401, &[], &format!("the token {form} is wrong"));
        let client = client_of(sources()[0].clone(), &Script::repeating([step]));
        let error = client.call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!(error.attempts().unwrap().count(), 2);
        assert_clean("an error", &all_of(&error));
    }
}

/// Every way in which a server's words can get into an error.
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
        // A host's name cannot hold what a token can, so that only a like one can come.
        format!("https://evil{}.example/", host.len()),
    ] {
        steps.push(answer(307, &[("location", &location)], text));
    }
    let answered = Reach::Answered(StatusCode::OK);
    steps.push(Step::Fail(TransportErrorKind::Closed, answered));
    steps.push(Step::Fail(TransportErrorKind::Other, Reach::MaybeSent));
    steps.push(Step::Fail(TransportErrorKind::Connect, Reach::NotSent));
    steps
}

/// The window of what is shown slides over a text with all secrets in all forms.
#[tokio::test(start_paused = true)]
async fn no_cut_uncovers_the_rest_of_a_secret() {
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
async fn no_debug_shows_a_secret() {
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

/// Every request of a call carries its secrets in headers alone.
#[tokio::test]
async fn secrets_stay_out_of_addresses_and_bodies() {
    let transport = Script::repeating([status(200)]);
    for source in sources() {
        client_of(source, &transport).call(call(Operation::Issue)).await.unwrap();
    }
    for request in transport.requests() {
        let body: &Bytes = request.body();
        assert_clean("a request", &format!("{} {body:?} {:?}", request.uri(), request.headers()));
    }
}

fn client_of(source: Arc<dyn CredentialSource>, transport: &Arc<Script>) -> ApiClient {
    let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
    ApiClient::builder("example", base_url, source)
        .failure_reader(read)
        .transport(transport.clone())
        .build()
        .unwrap()
}
