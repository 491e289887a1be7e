//! Keys whose credential is neither a bearer token nor a key pair are delivered and hidden, too.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pinning_keys_core::http::Method;
use pinning_keys_core::{
    Credential, CredentialForm, DataRoute, Grant, IssuedKey, IssuerProfile, KeyRef, KeyRequest,
    Permission, PermissionTable, ScopeRequest,
};
use pinning_keys_sinks::{Delivery, Field, Forms, Incoming, SinkSpec, StoredKey};
use pinning_keys_testkit::secrets::Secrets;

use crate::stand::Folder;

const USER: &str = "0055d2a7c1";
const PASSWORD: &str = "K005+s3cretOfTheKey/9b2c";
const VALUE: &str = "v4_s3cretOfTheKey_77aa";

static GRANTS: [Grant; 1] = [Grant::new("read", &[Permission::PinsList])];

const fn routes(form: CredentialForm) -> [DataRoute; 1] {
    [DataRoute::new(Permission::PinsList, Method::GET, "/pins", form)]
}

static BASIC_ROUTES: [DataRoute; 1] = routes(CredentialForm::Basic);
static RAW_ROUTES: [DataRoute; 1] = routes(CredentialForm::Authorization);
static HEADER_ROUTES: [DataRoute; 1] = routes(CredentialForm::Header);

static BASIC: PermissionTable =
    PermissionTable::new("basic", "grants", &GRANTS).with_routes(&BASIC_ROUTES);
static RAW: PermissionTable =
    PermissionTable::new("raw", "grants", &GRANTS).with_routes(&RAW_ROUTES);
static HEADER: PermissionTable =
    PermissionTable::new("header", "grants", &GRANTS).with_routes(&HEADER_ROUTES);

/// A key before and after it is issued.
struct Key {
    incoming: Incoming,
    issued: IssuedKey,
    /// The fields that it has, besides `Json`.
    fields: Vec<(Field, &'static str)>,
}

/// A key of each form.
fn keys() -> [Key; 3] {
    let value = || vec![(Field::HeaderValue, VALUE)];
    [
        (
            &BASIC,
            Credential::basic("basic", USER, PASSWORD),
            vec![(Field::User, USER), (Field::Password, PASSWORD)],
        ),
        (&RAW, Credential::authorization("raw", VALUE), value()),
        (&HEADER, Credential::header("header", "x-api-token", VALUE), value()),
    ]
    .map(|(table, credential, fields)| {
        let request = KeyRequest::new("ci", ScopeRequest::needs(Permission::PinsList)).unwrap();
        let translation = table.translate(request.scope()).unwrap();
        let key_ref = KeyRef::new(table.provider(), "0d2a").unwrap();
        let issued = IssuedKey::new(key_ref, &request, translation, credential.unwrap());
        Key { incoming: Incoming::new(request.name(), &IssuerProfile::new(table)), issued, fields }
    })
}

#[tokio::test]
async fn each_field_is_known_beforehand_and_delivered() {
    for Key { incoming, issued: key, fields } in keys() {
        assert_eq!(incoming.forms(), Forms::of(key.credential()), "nothing stays unknown");
        for field in Field::ALL {
            let value = fields.iter().find(|(known, _)| *known == field).map(|(_, value)| *value);
            let has_field = value.is_some() || field == Field::Json;
            assert_eq!(field.check(&incoming).is_ok(), has_field, "{field} of {incoming:?}");
            let folder = Folder::new();
            let sink = folder.spec("file:", "secret", "").with_field(field).open().unwrap();
            let delivered = sink.deliver(&Delivery::new(&key)).await;
            assert_eq!(delivered.is_ok(), has_field, "{field} of {incoming:?}");
            if let Some(value) = value {
                assert_eq!(folder.read("secret").trim_end(), value);
            }
        }
    }
}

#[tokio::test]
async fn stored_key_reads_back_in_its_form() {
    for Key { issued: key, .. } in keys() {
        let folder = Folder::new();
        let sink = folder.spec("file:", "key.json", "").open().unwrap();
        sink.deliver(&Delivery::new(&key)).await.unwrap();
        let stored = StoredKey::read(folder.file("key.json")).unwrap();
        assert_eq!(stored.key_ref(), Some(key.key_ref()));
        assert_eq!(stored.credential().form(), key.credential().form());
        assert_eq!(stored.credential().headers(), key.credential().headers());
    }
}

#[tokio::test]
async fn sink_without_a_field_gets_the_one_value_and_refuses_two_parts() {
    for Key { incoming, issued: key, fields } in keys() {
        let folder = Folder::new();
        let sink = folder.spec("env:", ".env", "#KEY").open().unwrap();
        let checked = sink.check(&incoming).await;
        let delivered = sink.deliver(&Delivery::new(&key)).await;
        if let [(_, value)] = fields[..] {
            assert_eq!((checked, delivered), (Ok(()), Ok(())));
            assert!(folder.read(".env").contains(value));
        } else {
            let message = "keys of basic are pairs, and this sink gets one part\n  \
                           name one:  --field user, --field password or --field json";
            assert_eq!(format!("{:#}", checked.unwrap_err()), message);
            assert!(delivered.is_err() && folder.names().is_empty());
        }
    }
}

/// A command that fails shows its stderr, which may repeat the secret in any form.
#[cfg(unix)]
#[tokio::test]
async fn secret_is_hidden_in_every_form() {
    for Key { issued: key, .. } in keys() {
        let exposed = key.credential().expose();
        let mut secrets = Secrets::default();
        secrets.add_credential(key.credential());
        let header = key.credential().headers().values().next().unwrap().clone();
        let header = header.to_str().unwrap();
        let encoded = header.trim_start_matches("Basic ");
        let mut texts = vec![header.to_owned(), encoded.to_owned(), STANDARD.encode(header)];
        for secret in exposed.secrets() {
            texts.extend([
                secret.to_owned(),
                STANDARD.encode(secret),
                STANDARD.encode(format!("x{secret}y")),
            ]);
        }
        for text in texts {
            let script = format!("command:sh -c 'echo the key {text} is wrong >&2; exit 1'");
            let spec = SinkSpec::parse(&script).unwrap().with_field(Field::Json);
            let error = spec.open().unwrap().deliver(&Delivery::new(&key)).await.unwrap_err();
            let shown = format!("{error} {error:#} {error:?}");
            assert!(shown.contains("***"), "{shown}");
            assert!(!shown.contains(encoded), "{shown}");
            secrets.assert_not_in("the error", &shown);
        }
    }
}
