//! Configuration from files and from the environment, and the mistakes that people make in it.

use std::fmt::Write as _;

use pinning_keys::credentials::SecretFrom;
use pinning_keys::pinata::PinataConfig;
use pinning_keys::w3ipfs::W3ipfsConfig;
use pinning_keys::{
    Effect, Error, ErrorKind, IssuerConfig, KeyIssuer, KeyQuery, KeyRequest, ScopeRequest,
};
use pinning_keys_testkit::golden::assert_golden;
use pinning_keys_testkit::script::{Script, Step};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.canary.secret";

/// An environment, in which `NAME=value` stands for `PINNING_KEYS_NAME`, `@NAME=value` for `NAME`,
/// and `@JWT` for a token.
fn environment(text: &str) -> Vec<(String, String)> {
    let characters =
        [("\\n", "\n"), ("\\s", " "), ("\\ufeff", "\u{feff}"), ("\\u200b", "\u{200b}")];
    let written = |text: &str| {
        characters.iter().fold(text.to_owned(), |text, (short, long)| text.replace(short, long))
    };
    let variable = |word: &str| {
        let (name, value) = word.split_once('=').unwrap();
        let name = match name.strip_prefix('@') {
            Some(name) => name.to_owned(),
            None if name == "PINATA_JWT" => name.to_owned(),
            None => format!("PINNING_KEYS_{name}"),
        };
        (written(&name), written(&value.replace("@JWT", JWT)))
    };
    text.split_whitespace().map(variable).collect()
}

fn built(text: &str) -> Result<String, Error> {
    let issuer = IssuerConfig::from_vars(environment(text))?.build()?;
    Ok(issuer.profile().table().to_string())
}

/// The mistakes and their errors, none of which shows a secret.
fn assert_refused<'a>(
    name: &str,
    mistakes: impl IntoIterator<Item = &'a str>,
    refusal: impl Fn(&str) -> String,
) {
    let mut text = String::new();
    for mistake in mistakes {
        let refusal = refusal(mistake);
        assert!(!refusal.contains("canary"), "{mistake}: {refusal}");
        writeln!(text, "{mistake}\n    {}\n", refusal.replace('\n', "\n    ")).unwrap();
    }
    assert_golden(
        &format!("tests/fixtures/configuration_errors/{name}.txt"),
        &text,
        "Read the new text like somebody who sees it for the first time.",
    );
}

#[test]
fn environment_names_the_provider_and_its_settings() {
    for (variables, table) in [
        (
            "PROVIDER=pinata JWT=@JWT TABLE=endpoints BASE_URL=https://pinata.example/sub/ \
             UPLOAD_URL=https://uploads.pinata.example/sub/ DEADLINE_SECONDS=5",
            "pinata (endpoints)",
        ),
        // The variable of the provider's own client is enough, and comes second.
        ("PINATA_JWT=@JWT\\n", "pinata (resources)"),
        ("PINATA_JWT=\\ufeff@JWT\\n @PINATA_API_KEY=x @aws_region=y", "pinata (resources)"),
        // Blanks around a value mean nothing, and an empty choice is the default.
        ("PROVIDER=pinata\\n JWT=\\s@JWT\\n ROUTE=v3\\n TABLE=endpoints\\s", "pinata (endpoints)"),
        (
            "PROVIDER=pinata JWT=@JWT ROUTE= TABLE= ALLOW_PLAIN_HTTP= DEADLINE_SECONDS=\\s",
            "pinata (resources)",
        ),
        ("PROVIDER=w3ipfs JWT=@JWT PINATA_JWT= PAGE_SIZE=", "w3ipfs (scopes)"),
        // Names that look like ours matter only if something is missing.
        (
            "PINATA_JWT=@JWT @PINNING_KEY_TABLE=x @PINING_KEYS_JWT=x @VITE_PINATA_JWT=x",
            "pinata (resources)",
        ),
        // The names of other programs and comments that were read as names.
        ("PINATA_JWT=@JWT @#PINNING_KEYS_JWT=x @MY_PINNING_KEYS_JWT=x", "pinata (resources)"),
        ("PINATA_JWT=@JWT @\\ufeff#\\sPINNING_KEYS_TABLE=x", "pinata (resources)"),
        ("PINATA_JWT=@JWT @PINNING_KEYSTORE_URL=x @pinning-keyset=x", "pinata (resources)"),
        ("PINATA_JWT=@JWT @PINNING_KEYS=x @pinning-keys=x", "pinata (resources)"),
        ("PROVIDER=pinata JWT=@JWT PINATA_JWT=not\\sa\\stoken", "pinata (resources)"),
        // The variables of the command line are for it alone, whatever they hold.
        (
            "PINATA_JWT=@JWT STORE=sqlite:keys PROFILE= CONFIG=x REQUESTS_PER_MINUTE=many",
            "pinata (resources)",
        ),
        ("PROVIDER=w3ipfs API_KEY=key API_SECRET=secret", "w3ipfs (scopes)"),
        (
            "PROVIDER=pinata ROUTE=legacy API_KEY=key API_SECRET_FILE=/run/s PINATA_JWT=@JWT",
            "pinata (endpoints)",
        ),
        // Plain http reaches loopback and the hosts that are allowed.
        ("PINATA_JWT=@JWT BASE_URL=http://127.0.0.1:8787", "pinata (resources)"),
        ("PINATA_JWT=@JWT BASE_URL=http://[::1]:8787", "pinata (resources)"),
        ("PINATA_JWT=@JWT BASE_URL=http://localhost:8787", "pinata (resources)"),
        (
            "PINATA_JWT=@JWT BASE_URL=http://pinata.internal ALLOW_PLAIN_HTTP=x,\\spinata.internal",
            "pinata (resources)",
        ),
    ] {
        assert_eq!(built(variables).unwrap(), table, "{variables}");
    }
}

#[test]
fn mistake_in_the_environment_is_explained() {
    let mistakes = "
        PINATA_JWT=\\s
        PINATA_JWT= @PINATA_API_KEY=canary @PINATA_SECRET_API_KEY=canary
        @AIOZ_PIN_JWT=canary
        @PINNING_API_KEY=canary @PINNING_SECRET_KEY=canary
        @\\ufeffPINATA_JWT=@JWT
        @pinata_jwt=@JWT
        PROVIDR=pinata
        PROVIDER=pinatta
        PROVIDER=canary
        PROVIDER=
        PROVIDER= PINATA_JWT=@JWT
        PROVIDER=\"pinata\"
        PROVIDER=Pinata
        PROVIDER=pinata.cloud
        PROVIDER=aioz-pin
        PROVIDER=W3IPFS
        PROVIDER=pin\\u200bata
        PROVIDER=pinata
        PROVIDER=pinata PINATA_JWT=
        PROVIDER=pinata @\\ufeffPINATA_JWT=@JWT
        PROVIDER=pinata @PINATA_API_KEY=canary @PINATA_API_SECRET=canary
        PROVIDER=pinata TABEL=x
        PROVIDER=pinata jwt=@JWT
        PROVIDER=pinata JTW=x
        PROVIDER=pinata TOKEN=canary
        PROVIDER=pinata COLOUR_OF_THE_SKY=blue
        PROVIDER=pinata JWT=@JWT STROE=sqlite:canary
        PROVIDER=pinata JWT=@JWT @export\\sPINNING_KEYS_PROFILE=canary
        PROVIDER=pinata JWT=@JWT @\\ufeffPINNING_KEYS_BASE_URL=http://127.0.0.1:8787
        PROVIDER=pinata @\\ufeffPINNING_KEYS_JWT=@JWT PINATA_JWT=@JWT
        @\\ufeffPINNING_KEYS_PROVIDER=w3ipfs PINATA_JWT=@JWT
        PROVIDER=pinata JWT=@JWT @export\\sPINNING_KEYS_TABLE=endpoints
        PROVIDER=pinata JWT=@JWT @pinning_keys_table=endpoints
        PROVIDER=pinata JWT=@JWT @PinningKeysTable=endpoints
        PROVIDER=pinata JWT=@JWT @ＰＩＮＮＩＮＧ－ＫＥＹＳ－ＴＡＢＬＥ=endpoints
        PROVIDER=pinata JWT=@JWT T\\u200bA\\u200bB\\u200bL\\u200bE=endpoints
        PROVIDER=pinata JWT=@JWT @-\\sPINNING_KEYS_TABEL=endpoints
        PROVIDER=pinata JWT=@JWT @canary0123456789\\sPINNING_KEYS_TABLE=endpoints
        PINATA_JWT=@JWT PORT=tcp://10.0.0.7:80 SERVICE_HOST=10.0.0.7
        PINATA_JWT=@JWT EMULATOR_SERVICE_PORT_HTTP=80
        PROVIDER=pinata JWT:\\scanary==
        PROVIDER=pinata XYZ:\\scanary==
        PROVIDER=pinata JWT=
        PROVIDER=pinata JWT= PINATA_JWT=@JWT
        JWT= PINATA_JWT=@JWT
        PROVIDER=pinata JWT=\"@JWT\"
        PROVIDER=pinata JWT=PINATA_JWT=@JWT
        PROVIDER=pinata JWT=<canary>
        PROVIDER=pinata JWT=$PINATA_JWT
        PROVIDER=pinata JWT={\"JWT\":\"canary\"}
        PROVIDER=pinata JWT=canary\\ncanary
        PROVIDER=pinata JWT=canary-ключ
        PROVIDER=pinata JWT=Bearer\\scanary
        PROVIDER=pinata JWT_FILE=
        PROVIDER=pinata JWT_FILE=\"/run/secrets/jwt\"
        PROVIDER=pinata JWT_FILE=/run/secrets\\n/jwt
        PROVIDER=pinata JWT_FILE=@JWT
        PROVIDER=w3ipfs API_KEY_FILE=@JWT API_SECRET_FILE=f
        PROVIDER=pinata JWT=@JWT JWT_FILE=f
        PROVIDER=pinata JWT=@JWT ALLOW_PLAIN_HTTP=http://x
        PROVIDER=pinata JWT=@JWT ALLOW_PLAIN_HTTP=a,b:80
        PROVIDER=pinata JWT=@JWT ALLOW_PLAIN_HTTP='mock.internal'
        PROVIDER=pinata JWT=@JWT TABLE=scopes
        PROVIDER=pinata JWT=@JWT DEADLINE_SECONDS=soon
        PROVIDER=pinata JWT=@JWT DEADLINE_SECONDS=0
        PROVIDER=pinata JWT=@JWT ROUTE=v2
        PROVIDER=pinata JWT=@JWT ROUTE=legacy TABLE=resources
        PROVIDER=pinata API_KEY=canary-key API_SECRET=canary-secret
        PROVIDER=pinata JWT=@JWT API_KEY=canary-key API_SECRET=canary-secret
        PROVIDER=pinata JWT=@JWT API_KEY=canary-key API_SECRET=canary-secret ROUTE=legacy
        PROVIDER=pinata API_KEY=canary-key ROUTE=legacy
        PROVIDER=pinata API_SECRET=canary-secret ROUTE=legacy
        PROVIDER=w3ipfs
        PROVIDER=w3ipfs PINATA_JWT=@JWT
        PROVIDER=w3ipfs API_KEY=canary-key
        PROVIDER=w3ipfs JWT=@JWT API_KEY=canary-key API_SECRET=canary-secret
        PROVIDER=w3ipfs JWT=@JWT TABLE=resources
        PROVIDER=w3ipfs JWT=@JWT ROUTE=v3
        PROVIDER=w3ipfs JWT=@JWT ZZZZ=x
        PROVIDER=w3ipfs JWT=@JWT BASE_URL=https://api.aiozpin.network
        PINATA_JWT=canary\\scanary
        JWT=@JWT PINATA_JWT=@JWT
        API_KEY=canary-key API_SECRET=canary-secret ROUTE=legacy PINATA_JWT=@JWT
        PINATA_JWT=@JWT BASE_URL=http://api.pinata.example
        PINATA_JWT=@JWT BASE_URL=http://10.0.0.1
        PINATA_JWT=@JWT BASE_URL=https://user:canary@api.pinata.example
        PINATA_JWT=@JWT BASE_URL=https://api.pinata.example/?key=canary
        PINATA_JWT=@JWT BASE_URL=https://api.pinata.example/#canary
        PINATA_JWT=@JWT BASE_URL=ftp://api.pinata.example
        PINATA_JWT=@JWT BASE_URL=api.pinata.example
        PINATA_JWT=@JWT BASE_URL=https://
        PINATA_JWT=@JWT BASE_URL=
        PINATA_JWT=@JWT BASE_URL=\"https://api.pinata.cloud\"
        PINATA_JWT=@JWT BASE_URL=https://gateway.pinata.cloud
        PINATA_JWT=@JWT BASE_URL=https://api.pinata.cloud/v3/api_keys
        PROVIDER=w3ipfs JWT=@JWT BASE_URL=https://premium.aiozpin.network
        PROVIDER=w3ipfs JWT=@JWT BASE_URL=https://api.aiozpin.network/api/apiKeys";
    let mistakes = mistakes.lines().map(str::trim); // the first sets nothing
    assert_refused("environment", mistakes, refusal_of);
}

#[test]
fn name_that_is_almost_read_is_named() {
    let mistakes = "\
        @PINNING_KEY_JWT=@JWT @PINNING_KEY_PROVIDER=pinata
        @PINING_KEYS_JWT=@JWT
        @PINNING_JWT=@JWT @PINNING_KEYSTORE_URL=canary @PINNING_SERVICE_URL=canary
        @PINATA_JTW=@JWT
        @PINATA_JWT_FILE=canary @VITE_PINATA_JWT=@JWT @PINATA_GATEWAY=canary @PINATA_SECRET=
        PROVIDER=w3ipfs @AIOZ_JWT=canary @PINATA_JTW=canary
        PROVIDER=pinata @PINNING_KEY_JWT=@JWT
        JWT=@JWT @PINNING_KEY_PROVIDER=pinata";
    assert_refused("similar_names", mistakes.lines().map(str::trim), refusal_of);
}

#[test]
fn mistake_in_the_upload_url_is_explained() {
    let mistakes = "\
        PINATA_JWT=@JWT UPLOAD_URL=http://uploads.pinata.example
        PINATA_JWT=@JWT UPLOAD_URL=https://user:canary@uploads.pinata.example
        PINATA_JWT=@JWT UPLOAD_URL=https://uploads.pinata.cloud/v3
        PINATA_JWT=@JWT UPLOAD_URL=https://api.pinata.cloud
        PINATA_JWT=@JWT UPLOAD_URL=
        PROVIDER=w3ipfs JWT=@JWT UPLOAD_URL=https://uploads.pinata.cloud";
    assert_refused("upload_url", mistakes.lines().map(str::trim), refusal_of);
}

/// The error of an environment that configures nothing.
fn refusal_of(mistake: &str) -> String {
    let error = built(mistake).expect_err(mistake);
    assert_eq!(error.kind(), ErrorKind::Configuration, "{mistake}");
    assert!(!format!("{error:?} {error:#?}").contains("canary"), "{mistake}");
    format!("{error:#}")
}

/// Any characters that nobody sees, and a few that people see without taking note.
fn overlooked() -> impl Strategy<Value = String> {
    let unseen = any::<char>().prop_filter("it is seen", |c| !c.is_ascii_graphic());
    let usual =
        select(&['\u{feff}', '\u{200b}', '\u{a0}', ' ', '\t', '\r', '\0', '"', '\'', '-'][..]);
    vec(prop_oneof![unseen, usual], 1..4).prop_map(String::from_iter)
}

/// The ways in which a name can differ from the one that is meant.
#[derive(Clone, Debug)]
struct Disguise {
    keyword: &'static str,
    insertions: Vec<(Index, String)>,
    is_lower: bool,
}

impl Disguise {
    fn any() -> impl Strategy<Value = Self> {
        let keyword = select(vec!["", "export ", "set ", "$env:", "declare -x "]);
        let insertions = vec((any::<Index>(), overlooked()), 0..3);
        let any = (keyword, insertions, any::<bool>());
        let any =
            any.prop_map(|(keyword, insertions, is_lower)| Self { keyword, insertions, is_lower });
        any.prop_filter("it changes nothing", |disguise| disguise.of("A") != "A")
    }

    fn of(&self, name: &str) -> String {
        let mut name = if self.is_lower { name.to_lowercase() } else { name.to_owned() };
        for (at, overlooked) in &self.insertions {
            let places: Vec<_> =
                name.char_indices().map(|(at, _)| at).chain([name.len()]).collect();
            name.insert_str(*at.get(&places), overlooked);
        }
        format!("{}{name}", self.keyword)
    }
}

/// The error suggests this name and shows everything that it shows.
fn assert_suggested(name: &str, result: Result<IssuerConfig, Error>) {
    let error = result.map(|_| ()).expect_err("the variable is not passed over");
    let shown = format!("{error:#}");
    assert!(shown.contains(&format!("did you mean {name:?}?")), "{shown}");
    assert!(shown.chars().all(|c| c == '\n' || !c.is_control() && c != '\u{feff}'), "{shown:?}");
}

proptest! {
    /// Whatever else is set, a variable that is meant to be ours is never passed over.
    #[test]
    fn known_name_in_disguise_is_refused(
        setting in select([PinataConfig::SETTINGS, W3ipfsConfig::SETTINGS, &["provider"]].concat()),
        disguise in Disguise::any(),
        provider in select(vec![None, Some("pinata"), Some("w3ipfs")]),
        credential in select(vec!["PINATA_JWT", "PINNING_KEYS_JWT", "PINNING_KEYS_JWT_FILE"]),
    ) {
        let known = format!("PINNING_KEYS_{}", setting.to_uppercase());
        let name = disguise.of(&known);
        let variables = [(credential, JWT), (&name, "canary")].into_iter();
        let provider = provider.map(|provider| ("PINNING_KEYS_PROVIDER", provider));
        assert_suggested(&known, IssuerConfig::from_vars(variables.chain(provider)));
    }

    /// The variable of another program is refused in disguise only if it would be used.
    #[test]
    fn pinata_jwt_in_disguise_is_refused_or_not_needed(
        disguise in Disguise::any(),
        provider in select(vec![None, Some("pinata")]),
        beside in select(vec![None, Some(("PINATA_JWT", JWT))]),
    ) {
        let name = disguise.of("PINATA_JWT");
        let variables = [(&*name, "canary")].into_iter().chain(beside);
        let provider = provider.map(|provider| ("PINNING_KEYS_PROVIDER", provider));
        assert_suggested("PINATA_JWT", IssuerConfig::from_vars(variables.clone().chain(provider)));
        let ours = [("PINNING_KEYS_PROVIDER", "pinata"), ("PINNING_KEYS_JWT", JWT)];
        prop_assert!(IssuerConfig::from_vars(variables.chain(ours)).is_ok());
    }
}

#[test]
fn mistake_in_a_file_is_explained_without_the_secret() {
    let mistakes = [
        "table = \"resources\"",
        "provider = 7",
        "provider = \"pinatta\"",
        "provider = \"canary\"",
        "provider = \"\"",
        "provider = \"'pinata'\"",
        "provider = \"aioz\"",
        "provder = \"pinata\"",
        "\"\u{feff}provider\" = \"pinata\"",
        "provider = \"pinata\"\ntabel = \"x\"",
        "provider = \"pinata\"\njtw = \"canary\"",
        "provider = \"pinata\"\ntable = \"scopes\"",
        "provider = \"pinata\"\njwt = { path = \"canary\" }",
        "provider = \"pinata\"\njwt = 7",
        "provider = \"pinata\"\njwt = [\"canary\"]",
        "provider = \"pinata\"\njwt = { variable = \"canary\", file = \"f\" }",
        "provider = \"pinata\"\njwt = \"'canary'\"",
        "provider = \"pinata\"\njwt = { variable = \"$MY_JWT\" }",
        "provider = \"pinata\"\njwt = { file = \" \" }",
        "provider = \"w3ipfs\"\ntable = \"x\"",
    ];
    assert_refused("file", mistakes, |mistake| {
        toml::from_str::<IssuerConfig>(mistake).unwrap_err().message().to_owned()
    });
}

#[test]
fn file_takes_a_secret_a_variable_or_a_path() {
    for jwt in [r#""eyJ.a.b""#, r#"{ variable = "MY_JWT" }"#, r#"{ file = "/run/secrets/jwt" }"#] {
        let text = format!("provider = \"pinata\"\ntable = \"endpoints\"\njwt = {jwt}");
        let config: IssuerConfig = toml::from_str(&text).unwrap();
        let issuer = config.build().unwrap();
        assert_eq!(issuer.profile().table().to_string(), "pinata (endpoints)", "{jwt}");
    }
}

#[test]
fn every_setting_can_be_in_a_file() {
    for (file, settings) in [
        (
            r#"
                provider = "pinata"
                base_url = "https://pinata.example"
                route = "legacy"
                table = "endpoints"
                upload_url = "https://uploads.pinata.example"
                api_key = "k"
                api_secret = { file = "f" }
                allow_plain_http = ["pinata.internal"]
                deadline_seconds = 5
            "#,
            PinataConfig::SETTINGS,
        ),
        (
            r#"
                provider = "w3ipfs"
                base_url = "https://w3ipfs.example/api"
                api_key = { variable = "W3IPFS_KEY" }
                api_secret_file = "f"
                allow_plain_http = "w3ipfs.internal, other.internal"
                deadline_seconds = "5"
                page_size = 10
            "#,
            W3ipfsConfig::SETTINGS,
        ),
    ] {
        let config: IssuerConfig = toml::from_str(file).unwrap();
        assert_eq!(config.settings(), settings);
        assert!(config.build().is_ok());
        for setting in settings.iter().filter(|name| !["jwt", "jwt_file"].contains(*name)) {
            let in_file = setting.strip_suffix("_file").unwrap_or(setting);
            assert!(file.contains(in_file), "{setting}");
        }
    }
}

#[tokio::test]
async fn missing_secret_file_is_reported_before_any_request() {
    let file = "provider = \"pinata\"\njwt = { file = \"/nowhere/at/all\" }";
    let config: IssuerConfig = toml::from_str(file).unwrap();
    let error = config.build().unwrap().list(&KeyQuery::new()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::CredentialUnavailable);
    assert_eq!(error.effect(), Effect::NotSent);
    assert!(error.to_string().contains("/nowhere/at/all"), "{error}");
}

#[test]
fn token_instead_of_a_variable_name_is_not_shown() {
    let file = "provider = \"pinata\"\njwt = { variable = \"eyJ.canary.x\" }";
    let error = toml::from_str::<IssuerConfig>(file).unwrap_err();
    assert_eq!(error.message(), "jwt refers to a variable with an invalid name");
    let config = IssuerConfig::for_provider("pinata").unwrap();
    let config = config.with_jwt(SecretFrom::variable("eyJ.canary.x"));
    assert!(!format!("{config:?}").contains("canary"), "{config:?}");
    let error = config.build().err().expect("a token names no variable");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.to_string(), "jwt refers to a variable with an invalid name");
}

#[cfg(unix)]
#[test]
fn value_that_is_not_text_is_reported_with_its_variable() {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;

    let value = OsString::from_vec(b"canary\xff".to_vec());
    for name in ["PINNING_KEYS_JWT", "PINATA_JWT"] {
        let error = IssuerConfig::from_vars([(name, value.clone())]).unwrap_err();
        assert_eq!(error.to_string(), format!("the value of {name} is not UTF-8"));
    }
    let ours = [("PINNING_KEYS_PROVIDER", "w3ipfs"), ("PINNING_KEYS_JWT", JWT)];
    let ours = ours.map(|(name, value)| (name, OsString::from(value)));
    assert!(IssuerConfig::from_vars(ours.into_iter().chain([("PINATA_JWT", value)])).is_ok());
    // Bytes that are no text hide a name like any other thing that nobody sees.
    let name = OsString::from_vec(b"\xffPINNING_KEYS_JWT".to_vec());
    let error = IssuerConfig::from_vars([(name, OsString::from(JWT))]).unwrap_err();
    assert!(error.to_string().contains("did you mean \"PINNING_KEYS_JWT\"?"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn deadline_is_in_seconds() {
    let from_environment =
        IssuerConfig::from_vars(environment("PINATA_JWT=@JWT DEADLINE_SECONDS=7"));
    let from_file =
        toml::from_str("provider = \"pinata\"\njwt = \"eyJ.a.b\"\ndeadline_seconds = 7");
    for config in [from_environment.unwrap(), from_file.unwrap()] {
        let issuer = config.with_transport(Script::repeating([Step::Hang])).build().unwrap();
        let began = tokio::time::Instant::now();
        let request = KeyRequest::new("k", ScopeRequest::reader()).unwrap();
        let error = issuer.issue(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert_eq!(began.elapsed().as_secs(), 7);
    }
}
