//! A registry reads files and variables for a provider that is not built in as for those that are,
//! explains the same mistakes as well, and refuses a provider that it could not tell apart.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::sync::Arc;

use pinning_keys::adapter::{
    ApiClient, ApiSettings, Call, ForeignVariable, IssuerProfile, NamedCredential, PermissionTable,
    ProviderConfig, Setting, api_setters, async_trait, http::Method, provider_config,
};
use pinning_keys::credentials::{AccountCredential, SecretFrom};
use pinning_keys::{
    AnyConfig, Credential, Error, ErrorKind, IssuedKey, KeyIssuer, KeyPage, KeyQuery, KeyRef,
    KeyRequest, Operation, Plan, Provider, Providers, Revocation, Verification,
};
use pinning_keys_testkit::golden::assert_golden;
use pinning_keys_testkit::script::Script;

static TABLE: PermissionTable = PermissionTable::new("cloud-pins", "rights", &[]);

/// An issuer of a third provider, for what a configuration decides: nothing is issued here.
struct CloudPins {
    profile: IssuerProfile,
    client: Option<ApiClient>,
}

impl CloudPins {
    fn new(client: Option<ApiClient>) -> Self {
        Self { profile: IssuerProfile::new(&TABLE), client }
    }
}

fn not_here<T>() -> Result<T, Error> {
    Err(Error::new(ErrorKind::Unsupported, "this provider is only configured"))
}

#[async_trait]
impl KeyIssuer for CloudPins {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }
    fn plan(&self, _: &KeyRequest) -> Result<Plan, Error> {
        not_here()
    }
    async fn issue(&self, _: &KeyRequest) -> Result<IssuedKey, Error> {
        not_here()
    }
    async fn list(&self, _: &KeyQuery) -> Result<KeyPage, Error> {
        if let Some(client) = &self.client {
            client.call(Call::new(Operation::List, Method::GET, "/v1/keys")).await?;
        }
        not_here()
    }
    async fn revoke(&self, _: &KeyRef) -> Result<Revocation, Error> {
        not_here()
    }
    async fn verify(&self, _: &Credential) -> Result<Verification, Error> {
        not_here()
    }
}

/// The configuration of a third provider, whose secrets have setting names of the adapter's own.
#[derive(Clone, Debug, Default)]
struct CloudConfig {
    api: ApiSettings,
    key_id: Option<SecretFrom>,
    application_key: Option<SecretFrom>,
    region: Option<String>,
}

provider_config!(CloudConfig, "cloud-pins", {
    const ALIASES: &'static [&'static str] = &["Cloud Pinning", "cirrus"];
    const VARIABLES: &'static [ForeignVariable] = &[
        ForeignVariable::read("CLOUD_KEY_ID", "key_id"),
        ForeignVariable::read("CLOUD_APPLICATION_KEY", "application_key"),
        ForeignVariable::known("CLOUD_SECRET", "application_key"),
    ];
});

impl CloudConfig {
    api_setters!("region"; "key_id", "application_key");

    fn with_setting(mut self, name: &str, value: impl Into<Setting>) -> Result<Self, Error> {
        let value = value.into();
        match name {
            "region" if value.is_blank() => {}
            "region" => self.region = Some(value.text(name)?),
            "key_id" | "key_id_file" => value.secret_into(name, &mut self.key_id)?,
            "application_key" | "application_key_file" => {
                value.secret_into(name, &mut self.application_key)?;
            }
            _ if self.api.set_connection(name, value)? => {}
            _ => return Err(Error::unknown_setting(name, Self::SETTINGS.iter().copied())),
        }
        Ok(self)
    }

    fn build(self) -> Result<CloudPins, Error> {
        let credential = NamedCredential::basic(
            ("key_id", self.key_id),
            ("application_key", self.application_key),
        );
        let client = self.api.client("cloud-pins", "https://api.example.com", credential)?;
        Ok(CloudPins::new(Some(client.build()?)))
    }
}

/// The built-in providers of this build and the third one.
fn providers() -> Providers {
    let providers = Providers::new();
    #[cfg(feature = "pinata")]
    let providers = providers.with(pinning_keys::pinata());
    #[cfg(feature = "w3ipfs")]
    let providers = providers.with(pinning_keys::w3ipfs());
    providers.with(Provider::of::<CloudConfig>())
}

/// The error of variables that are written as `NAME=value`, with `~` for our prefix.
fn refusal_of(variables: &str) -> String {
    let error = read(variables).expect_err(variables);
    assert_eq!(error.kind(), ErrorKind::Configuration, "{variables}");
    format!("{error:#}")
}

fn read(variables: &str) -> Result<AnyConfig, Error> {
    let variable = |word: &str| {
        let (name, value) = word.split_once('=').expect("a variable has a value");
        (name.replace('~', "PINNING_KEYS_"), value.to_owned())
    };
    providers().from_vars(variables.split_whitespace().map(variable))
}

fn file(text: &str) -> Result<AnyConfig, Error> {
    let settings: BTreeMap<String, Setting> = toml::from_str(text).expect("a map of settings");
    providers().from_settings(settings)
}

/// Builds the issuer of a configuration and returns the `Authorization` value that it sends.
async fn sent_by(config: AnyConfig) -> Result<String, Error> {
    let script = Script::answer(200, "{}");
    let issuer = config.with_transport(Arc::new(script.clone())).build()?;
    assert_eq!(issuer.profile().provider(), "cloud-pins");
    let listed = issuer.list(&KeyQuery::new()).await.unwrap_err();
    assert_eq!(listed.kind(), ErrorKind::Unsupported, "{listed}");
    Ok(script.last_headers()["authorization"].to_str().expect("ASCII").to_owned())
}

#[tokio::test]
async fn third_provider_is_chosen_by_variables_a_file_or_its_id() {
    for variables in [
        "~PROVIDER=cloud-pins ~KEY_ID=id ~APPLICATION_KEY=key ~REGION=eu ~DEADLINE_SECONDS=5",
        "~PROVIDER=cloud-pins ~KEY_ID=id ~APPLICATION_KEY=key ~STORE=x",
        "~PROVIDER=cloud-pins CLOUD_KEY_ID=id CLOUD_APPLICATION_KEY=key",
        // The provider's own variables select it.
        "CLOUD_KEY_ID=id CLOUD_APPLICATION_KEY=key CLOUD_SECRET=x",
    ] {
        let config = read(variables).expect(variables);
        assert_eq!(sent_by(config).await.unwrap(), "Basic aWQ6a2V5", "{variables}");
    }
    let text = "provider = \"cloud-pins\"\nkey_id = \"id\"\napplication_key = \"key\"";
    assert_eq!(sent_by(file(text).unwrap()).await.unwrap(), "Basic aWQ6a2V5");
    let config = providers().config("cloud-pins").unwrap();
    assert_eq!((config.provider(), config.settings()), ("cloud-pins", CloudConfig::SETTINGS));
    let config = config.with_setting("key_id", "id").unwrap();
    let both = config.clone().with_setting("application_key", "key").unwrap();
    assert_eq!(sent_by(both).await.unwrap(), "Basic aWQ6a2V5");
    assert_eq!(
        format!("{:#}", sent_by(config).await.unwrap_err()),
        "key_id is set, but application_key is not\n  \
         set application_key (PINNING_KEYS_APPLICATION_KEY) too"
    );
}

#[tokio::test]
async fn source_of_a_third_provider_takes_precedence_over_its_settings() {
    let source = || Arc::new(AccountCredential::bearer("vault").unwrap());
    let config = providers().config("cloud-pins").unwrap();
    for config in [config.clone(), config.with_setting("key_id", "id").unwrap()] {
        assert_eq!(sent_by(config.with_credentials(source())).await.unwrap(), "Bearer vault");
    }
}

#[test]
fn credential_of_a_provider_that_is_not_chosen_does_not_matter() {
    let cloud = "~PROVIDER=cloud-pins ~KEY_ID=id ~APPLICATION_KEY=key";
    if cfg!(feature = "pinata") {
        let pinata = "~PROVIDER=pinata ~JWT=eyJ.a.b ~KEY_ID= ~APPLICATION_KEY_FILE=/nowhere/at/all";
        assert_eq!(read(pinata).unwrap().provider(), "pinata");
        let pinata = "~PROVIDER=pinata PINATA_JWT=eyJ.a.b ~KEY_ID=id CLOUD_KEY_ID=id";
        assert_eq!(read(pinata).unwrap().provider(), "pinata");
        let others = "~JWT= ~JWT_FILE=/nowhere/at/all ~API_KEY=\"quoted\" PINATA_JWT=eyJ.a.b";
        assert_eq!(read(&format!("{cloud} {others}")).unwrap().provider(), "cloud-pins");
    }
    #[cfg(all(unix, feature = "pinata"))]
    {
        use std::ffi::OsString;
        use std::os::unix::ffi::OsStringExt;

        let bytes = ("PINNING_KEYS_JWT".to_owned(), OsString::from_vec(b"\xff".to_vec()));
        let cloud = [("PROVIDER", "cloud-pins"), ("KEY_ID", "id"), ("APPLICATION_KEY", "key")];
        let cloud = cloud.map(|(name, value)| (format!("PINNING_KEYS_{name}"), value.into()));
        assert!(providers().from_vars(cloud.into_iter().chain([bytes])).is_ok());
    }
}

#[test]
fn mistake_with_a_third_provider_is_explained() {
    if !cfg!(all(feature = "pinata", feature = "w3ipfs")) {
        return; // the errors list all providers
    }
    let mistakes = "
        ~PROVIDER=cloud-pin
        ~PROVIDER=Cirrus
        ~PROVIDER=eyJhbGciOi.canary.secret
        ~PROVIDER=cloud-pins
        ~PROVIDER=cloud-pins ~JWT=canary
        ~PROVIDER=cloud-pins CLOUD_KEY_ID=id CLOUD_SECRET=canary
        ~PROVIDER=cloud-pins PINATA_JWT=canary CLOUD_PINS_KEY=canary
        ~PROVIDER=cloud-pins ~KEY_ID=id ~KEY_ID_FILE=canary
        ~PROVIDER=cloud-pins ~KEY_ID_FILE=eyJhbGciOiJIUzI1NiJ9.eyJhIjoiYiJ9.canary
        ~PROVIDER=cloud-pins ~KEY_ID=\"canary\"
        ~PROVIDER=cloud-pins ~KEY_DI=canary
        ~PROVIDER=cloud-pins ~APPLICATION_KEY_FIEL=canary
        ~PROVIDER=cloud-pins ~KEY_ID=id ~TABLE=endpoints
        ~PROVIDER=cloud-pins ~KEY_ID=id ~PAGE_SIZE=5
        ~PROVIDER=pinata ~KEY_ID=id ~APPLICATION_KEY=canary
        ~PROVIDER=pinata ~JWT=eyJ.a.b ~REGION=eu
        ~KEY_ID=id ~APPLICATION_KEY=canary PINATA_JWT=canary
        ~KEY_ID=\"canary\"
        PINATA_JWT=canary CLOUD_KEY_ID=id CLOUD_APPLICATION_KEY=canary
        CLOUD_KEY_ID=id
        CLOUD_KEY_ID=id CLOUD_APPLICATION_KYE=canary
        cloud_key_id=canary CLOUD_APPLICATION_KEY=canary";
    let mut text = String::new();
    for mistake in mistakes.lines().map(str::trim) {
        let refusal = refusal_of(mistake);
        assert!(!refusal.contains("canary"), "{mistake}: {refusal}");
        writeln!(text, "{mistake}\n    {}\n", refusal.replace('\n', "\n    ")).unwrap();
    }
    assert_golden(
        "tests/fixtures/configuration_errors/third_provider.txt",
        &text,
        "Read the new text like somebody who sees it for the first time.",
    );
}

#[test]
fn file_that_names_no_provider_or_a_wrong_setting_is_refused() {
    let id = r#"provider = "cloud-pins""#;
    for (text, refusal) in [
        ("region = \"eu\"", "provider is not set; expected one of "),
        ("provdier = \"cloud-pins\"", "did you mean \"provider\"?"),
        ("provider = \"coud-pins\"", "did you mean \"cloud-pins\" (Cloud Pinning)?"),
        ("provider = \"eyJhbGciOi.canary\"", "unknown provider; expected one of "),
        (&format!("{id}\nregoin = \"eu\""), "did you mean \"region\"?"),
        (&format!("{id}\nkey_id = \"canary\"\nkey_id_file = \"f\""), "key_id is set twice"),
        (&format!("{id}\nkey_id = 7"), "key_id must be a string"),
    ] {
        let error = file(text).expect_err(text).to_string();
        assert!(error.contains(refusal) && !error.contains("canary"), "{text}: {error}");
    }
    #[cfg(feature = "pinata")]
    {
        // A file is for one account, so a credential of another provider is a mistake there.
        let error = file(&format!("{id}\njwt = \"canary\"")).unwrap_err().to_string();
        assert!(error.starts_with("setting \"jwt\" belongs to pinata"), "{error}");
    }
}

/// What a provider declares. The defaults are accepted.
trait Declares: Clone + fmt::Debug + Default + Send + Sync + 'static {
    const ID: &'static str = "third";
    const SETTINGS: &'static [&'static str] = &["region", "token", "token_file"];
    const CREDENTIALS: &'static [&'static [&'static str]] = &[&["token"]];
    const VARIABLES: &'static [ForeignVariable] = &[];
}

#[derive(Clone, Debug, Default)]
struct Third<D>(ApiSettings, PhantomData<D>);

impl<D: Declares> ProviderConfig for Third<D> {
    const ID: &'static str = D::ID;
    const SETTINGS: &'static [&'static str] = D::SETTINGS;
    const CREDENTIALS: &'static [&'static [&'static str]] = D::CREDENTIALS;
    const VARIABLES: &'static [ForeignVariable] = D::VARIABLES;

    fn api(&mut self) -> &mut ApiSettings {
        &mut self.0
    }
    fn set(self, _: &str, _: Setting) -> Result<Self, Error> {
        Ok(self)
    }
    fn issuer(self) -> Result<Arc<dyn KeyIssuer>, Error> {
        Ok(Arc::new(CloudPins::new(None)))
    }
}

/// A provider that declares this instead of the defaults.
macro_rules! third {
    ($($constant:ident = $value:expr),*) => {{
        #[derive(Clone, Debug, Default)]
        struct This;

        impl Declares for This {
            $(third!(@ $constant $value);)*
        }
        Provider::of::<Third<This>>()
    }};
    (@ ID $value:expr) => { const ID: &'static str = $value; };
    (@ SETTINGS $value:expr) => { const SETTINGS: &'static [&'static str] = $value; };
    (@ CREDENTIALS $value:expr) => {
        const CREDENTIALS: &'static [&'static [&'static str]] = $value;
    };
    (@ VARIABLES $value:expr) => { const VARIABLES: &'static [ForeignVariable] = $value; };
}

#[test]
fn provider_that_breaks_a_rule_is_refused_by_every_reader() {
    const TOKEN: &str = "token";
    for (provider, refusal) in [
        (third!(ID = "cloud-pins"), "two providers have the id \"cloud-pins\""),
        (third!(ID = "pinata"), "the id \"pinata\" belongs to a built-in provider"),
        (third!(ID = "w3ipfs"), "the id \"w3ipfs\" belongs to a built-in provider"),
        (third!(ID = ""), "the id \"\" of a provider is empty, longer than 32, or has"),
        (third!(ID = "Third"), "has characters other than a-z, 0-9 and -"),
        (third!(SETTINGS = &["provider"]), "setting \"provider\" of third has a reserved name"),
        (third!(SETTINGS = &["config"]), "setting \"config\" of third has a reserved name"),
        (third!(SETTINGS = &["profile"]), "setting \"profile\" of third has a reserved name"),
        (third!(SETTINGS = &["store"]), "setting \"store\" of third has a reserved name"),
        (third!(SETTINGS = &["requests_per_minute"]), "has a reserved name"),
        (third!(SETTINGS = &["Region"]), "setting \"Region\" of third is not a name of a-z"),
        (third!(SETTINGS = &["key-id"]), "setting \"key-id\" of third is not a name of a-z"),
        (third!(SETTINGS = &["2nd"]), "setting \"2nd\" of third is not a name of a-z"),
        (third!(SETTINGS = &["log_file"]), "ends in _file, but no credential of that name"),
        (third!(SETTINGS = &["zone", "zone"]), "setting \"zone\" of third is declared twice"),
        (third!(SETTINGS = &["token"]), "credential \"token\" of third is not declared as"),
        (third!(CREDENTIALS = &[&["token"], &["key"]]), "credential \"key\" of third is not"),
        (
            third!(VARIABLES = &[ForeignVariable::read("PINATA_JWT", TOKEN)]),
            "variable \"PINATA_JWT\" of third belongs to a built-in provider",
        ),
        (
            third!(VARIABLES = &[ForeignVariable::read("CLOUD_KEY_ID", TOKEN)]),
            "variable \"CLOUD_KEY_ID\" of third is already read for another setting or provider",
        ),
        (
            third!(
                VARIABLES =
                    &[ForeignVariable::read("ONE", TOKEN), ForeignVariable::read("TWO", TOKEN)]
            ),
            "variable \"TWO\" of third is the second that is read for the setting \"token\"",
        ),
        (
            third!(SETTINGS = &["jwt", "token", "token_file"]),
            "setting \"jwt\" of third holds a secret at a built-in provider",
        ),
        (
            third!(
                SETTINGS = &["k", "k_file", "k_file_file"],
                CREDENTIALS = &[&["k"], &["k_file"]]
            ),
            "credential \"k_file\" of third ends in _file",
        ),
        (
            third!(VARIABLES = &[ForeignVariable::known("PINNING_KEYS_TOKEN", TOKEN)]),
            "variable \"PINNING_KEYS_TOKEN\" of third is not a name of A-Z",
        ),
        (
            third!(VARIABLES = &[ForeignVariable::known("THIRD_REGION", "region")]),
            "variable \"THIRD_REGION\" of third is for the setting \"region\"",
        ),
        (
            third!(
                SETTINGS = &["id", "id_file", "token", "token_file"],
                CREDENTIALS = &[&["id", TOKEN]],
                VARIABLES = &[ForeignVariable::read("THIRD_TOKEN", TOKEN)]
            ),
            "the variables that are read for third do not hold one whole credential",
        ),
    ] {
        let providers = providers().with(provider);
        let file = BTreeMap::from([("provider".to_owned(), Setting::from("third"))]);
        let variables = [("PINNING_KEYS_PROVIDER", "third")];
        for read in [
            providers.config("third"),
            providers.from_settings(file),
            providers.from_vars(variables),
        ] {
            let error = read.expect_err(refusal);
            assert_eq!(error.kind(), ErrorKind::Configuration);
            assert!(error.to_string().contains(refusal), "{refusal}: {error}");
        }
    }
    // Only an issuer shows which provider it is for. This one was given another id by mistake.
    let config = providers().with(third!()).config("third").unwrap();
    let error = config.build().map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert_eq!(error.to_string(), "provider third builds an issuer of cloud-pins");
}

#[test]
fn registry_without_a_provider_says_so() {
    let none = Providers::new();
    let file = || BTreeMap::from([("provider".to_owned(), Setting::from("third"))]);
    let variables = |id| [("PINNING_KEYS_PROVIDER", id)];
    for read in [
        none.config("third"),
        none.from_settings(file()),
        none.from_settings(BTreeMap::new()),
        none.from_vars(variables("third")),
        none.from_vars([("HOME", "/")]),
    ] {
        let error = read.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(error.to_string().starts_with("no provider is registered"), "{error}");
    }
}

#[test]
fn provider_without_a_credential_needs_none() {
    let third = third!(SETTINGS = &["region"], CREDENTIALS = &[]);
    let variables = [("PINNING_KEYS_PROVIDER", "third")];
    assert!(Providers::new().with(third).from_vars(variables).is_ok());
}

#[cfg(feature = "pinata")]
#[test]
fn several_selected_providers_are_not_chosen_between() {
    let other = third!(VARIABLES = &[ForeignVariable::read("THIRD_TOKEN", "token")]);
    let providers = providers().with(other);
    let variables = [("PINATA_JWT", "canary"), ("THIRD_TOKEN", "canary")];
    let error = format!("{:#}", providers.from_vars(variables).unwrap_err());
    assert_eq!(
        error,
        "PINNING_KEYS_PROVIDER is not set, but PINATA_JWT selects pinata, and THIRD_TOKEN selects \
         third\n  set PINNING_KEYS_PROVIDER to one of pinata, third"
    );
}

/// Many programs read a variable such as that of a common kind of storage.
#[test]
fn providers_may_know_the_same_variable() {
    let other = third!(VARIABLES = &[ForeignVariable::known("CLOUD_SECRET", "token")]);
    let variables = [("PINNING_KEYS_PROVIDER", "third"), ("PINNING_KEYS_TOKEN", "canary")];
    assert!(providers().with(other).from_vars(variables).is_ok());
}

/// A slip in one name must not issue keys at another provider.
#[cfg(feature = "pinata")]
#[test]
fn half_of_another_credential_is_not_passed_over() {
    let misspelt = ("CLOUD_APPLICATON_KEY", "canary");
    let empty = ("CLOUD_APPLICATION_KEY", " ");
    let unread = ("CLOUD_SECRET", "canary");
    for second in [misspelt, empty, unread] {
        let variables = [("CLOUD_KEY_ID", "canary"), second, ("PINATA_JWT", "canary")];
        let error = format!("{:#}", providers().from_vars(variables).unwrap_err());
        assert_eq!(
            error,
            "PINNING_KEYS_PROVIDER is not set, PINATA_JWT would select pinata, and CLOUD_KEY_ID \
             would select cloud-pins with CLOUD_APPLICATION_KEY\n  set PINNING_KEYS_PROVIDER to \
             pinata or cloud-pins"
        );
    }
}

#[test]
fn built_in_provider_that_is_not_registered_is_named() {
    let providers = Providers::new().with(Provider::of::<CloudConfig>());
    let features = [("pinata", cfg!(feature = "pinata")), ("w3ipfs", cfg!(feature = "w3ipfs"))];
    for (id, is_enabled) in features {
        let refusal = if is_enabled {
            format!("this program does not use {id}; expected one of cloud-pins")
        } else {
            format!("provider {id:?} needs the feature {id:?} of this crate")
        };
        assert_eq!(providers.config(id).unwrap_err().to_string(), refusal);
    }
    let error = format!("{:#}", providers.from_vars([("PINATA_JWT", "canary")]).unwrap_err());
    assert!(error.contains("PINATA_JWT is set, but not used"), "{error}");
    assert!(!error.contains("canary") && !error.contains("selects pinata"), "{error}");
}

#[test]
fn configuration_shows_no_secret() {
    let config = read("~PROVIDER=cloud-pins ~KEY_ID=canary ~APPLICATION_KEY=canary").unwrap();
    assert!(!format!("{config:?} {config:#?} {:?}", providers()).contains("canary"));
    // It shows its provider, but not the settings that each provider of the registry has.
    let shown = format!("{config:?}");
    assert!(shown.starts_with("AnyConfig { provider: \"cloud-pins\", config: CloudConfig {"));
    assert!(!shown.contains("page_size") && !shown.contains("application_key_file"), "{shown}");
}
