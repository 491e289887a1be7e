//! The text forms of sinks: what they mean, and that no error repeats a text that may be a secret.

use pinning_keys_sinks::{DeliveryEffect, Environment, Field, Sink, SinkSpec, is_account_variable};
use proptest::prelude::*;

use crate::stand::{SECRET, TOKEN, check, pinata, secrets, w3ipfs};

fn name_of(spec: &str) -> String {
    SinkSpec::parse(spec).unwrap().open().unwrap().to_string()
}

#[test]
fn every_kind_is_shown_in_its_short_form() {
    assert_eq!(name_of("file:keys/key.json"), "keys/key.json");
    assert_eq!(name_of("file:a:b#c"), "a:b#c");
    assert_eq!(name_of("file:./~/~key"), "./~/~key");
    assert_eq!(name_of("env:.env#PINATA_JWT"), ".env#PINATA_JWT");
    assert_eq!(name_of("env:a#b/.env#X"), "a#b/.env#X");
    assert_eq!(name_of("command:gh secret set PINATA_JWT"), "gh secret set PINATA_JWT");
    assert_eq!(name_of("command:'my tool' --x 'a b'"), "'my tool' --x 'a b'");
    assert_eq!(name_of("github:env#PINATA_JWT"), "GITHUB_ENV#PINATA_JWT");
    assert_eq!(name_of("github:output#pinata-jwt"), "GITHUB_OUTPUT#pinata-jwt");
}

#[test]
fn short_form_is_harmless_on_a_terminal() {
    assert_eq!(name_of("file:\u{1b}[2Jkey\n::x\u{202e}"), "\\u{1b}[2Jkey\\u{a}\\u{3a}:x\\u{202e}");
    assert_eq!(name_of("command:say 'a\u{7}b'"), "say 'a\\u{7}b'");
}

#[test]
fn malformed_sinks_are_refused_with_what_is_wrong() {
    let cases = [
        ("", "the sink has no kind"),
        ("key.json", "the sink has no kind"),
        ("flie:key.json", "unknown kind of sink; did you mean \"file\"?"),
        ("comand:gh", "unknown kind of sink; did you mean \"command\"?"),
        ("vault:x", "unknown kind of sink; expected one of file, env, command, github"),
        ("file:", "the sink file is incomplete"),
        ("github", "the sink github is incomplete"),
        ("env:.env", "the sink env names no variable"),
        ("env:#NAME", "the sink env names no file"),
        ("env:.env#", "the sink's NAME is not the name of a variable"),
        ("env:.env#1ST", "the sink's NAME is not the name of a variable"),
        ("env:.env#A-B", "the sink's NAME is not the name of a variable"),
        ("env:.env#A B", "the sink's NAME is not the name of a variable"),
        ("env:.env#Ä", "the sink's NAME is not the name of a variable"),
        ("env:.env#A=1\nB", "the sink's NAME is not the name of a variable"),
        ("file:~/key.json", "the path of the sink begins with ~, which is no folder"),
        ("env:~/.env#A", "the path of the sink begins with ~, which is no folder"),
        ("command:~/bin/store", "the path of the sink begins with ~, which is no folder"),
        ("command: ", "the sink command names no program"),
        ("command:''", "the sink command names no program"),
        ("command:gh 'secret", "a quote in the command of the sink is not closed"),
        ("github:PINATA_JWT", "the sink github names neither a variable nor an output"),
        ("github:env#A-B", "the sink's NAME is not the name of a variable"),
        ("github:output#A<<B", "the sink's NAME is not the name of an output"),
    ];
    for (spec, message) in cases {
        let error = SinkSpec::parse(spec).expect_err(spec);
        assert_eq!(error.to_string(), message, "{spec:?}");
        assert!(error.is_usage() && error.effect() == DeliveryEffect::NotDelivered, "{spec:?}");
    }
}

#[test]
fn secret_in_place_of_a_sink_is_never_repeated() {
    let quoted = format!("command:curl -H 'Authorization: Bearer {TOKEN}'");
    let with_kind = format!("file:{TOKEN}");
    let unknown = format!("{SECRET}:x");
    let named = format!("env:.env#{SECRET}");
    for spec in [TOKEN, SECRET, &quoted, &with_kind, &unknown, &named] {
        let error = SinkSpec::parse(spec).unwrap_err();
        secrets().assert_not_in("an error", &format!("{error} {error:#} {error:?}"));
    }
    let error = SinkSpec::parse(&quoted).unwrap_err();
    assert_eq!(error.to_string(), "the sink contains a JWT, which is a secret");
    let debug = format!("{:?}", SinkSpec::parse(format!("command:curl {SECRET}")).unwrap());
    secrets().assert_not_in("Debug", &debug);
}

#[test]
fn overwrite_is_refused_if_it_would_do_nothing() {
    for (spec, is_accepted) in [
        ("file:key.json", false),
        ("command:gh", false),
        ("env:.env#A", true),
        ("github:env#A", true),
    ] {
        let opened = SinkSpec::parse(spec).unwrap().with_overwrite(true).open();
        assert_eq!(opened.is_ok(), is_accepted, "{spec}");
        assert!(opened.err().is_none_or(|error| error.is_usage()));
    }
}

#[tokio::test]
async fn field_that_the_key_will_not_have_is_refused_before_it_is_issued() {
    let folder = crate::stand::Folder::new();
    let spec = |field: Option<Field>, kind: &str, end: &str| {
        let spec = folder.spec(kind, "x", end);
        field.map_or(spec.clone(), |field| spec.with_field(field)).open().unwrap()
    };
    let message = |result: Result<(), pinning_keys_sinks::SinkError>| {
        let error = result.unwrap_err();
        assert!(error.is_usage());
        format!("{error:#}")
    };
    let (pinata, w3ipfs) = (pinata("a"), w3ipfs("a"));

    for field in [Field::Jwt, Field::ApiKey, Field::ApiSecret, Field::Json] {
        assert_eq!(check(&*spec(Some(field), "file:", ""), &pinata).await, Ok(()));
    }
    assert_eq!(
        message(check(&*spec(Some(Field::Jwt), "file:", ""), &w3ipfs).await),
        "keys of w3ipfs have no JWT\n  \
         name one:  --field api-key, --field api-secret or --field json"
    );
    assert_eq!(
        message(check(&*spec(None, "env:", "#A"), &w3ipfs).await),
        "keys of w3ipfs are pairs, and this sink gets one part\n  \
         name one:  --field api-key, --field api-secret or --field json"
    );
    assert_eq!(check(&*spec(None, "file:", ""), &w3ipfs).await, Ok(()));
    assert_eq!(check(&*spec(None, "env:", "#A"), &pinata).await, Ok(()));
    assert_eq!(check(&*spec(Some(Field::ApiSecret), "env:", "#A"), &w3ipfs).await, Ok(()));
    assert!(folder.names().is_empty(), "a check leaves nothing behind");
}

#[test]
fn variables_of_the_account_are_known() {
    for name in [
        "PINNING_KEYS_JWT",
        "PINNING_KEYS_STORE",
        "PINATA_JWT",
        "PINATA_API_SECRET",
        "AIOZ_PIN_TOKEN",
        "PINNING_SECRET_KEY",
        "pinata_jwt",
    ] {
        assert!(is_account_variable(name), "{name}");
    }
    for name in ["PATH", "PINATA", "AIOZ_TOKEN", "PINNINGX", "MY_PINATA_JWT", "", "PINÄTA_X"] {
        assert!(!is_account_variable(name), "{name}");
    }
}

#[test]
fn environment_shows_no_value() {
    let environment = Environment::from_vars([("A", SECRET), ("PINATA_JWT", TOKEN)]);
    assert_eq!(environment.get("PINATA_JWT"), None);
    secrets().assert_not_in("Debug", &format!("{environment:?}"));
}

proptest! {
    #[test]
    fn any_text_is_refused_without_being_repeated_or_has_a_harmless_short_form(
        kind in prop::sample::select(vec![
            "", "file:", "env:", "command:", "github:", "github:env#", "github:output#", "x:",
        ]),
        rest in any::<String>(),
        end in prop::sample::select(vec!["", "#A", "'"]),
    ) {
        match SinkSpec::parse(format!("{kind}canary{rest}{end}")) {
            Ok(spec) => {
                let printed = format!("{spec:?}");
                prop_assert!(!printed.contains("canary"), "{}", printed);
                let shown = spec.open().unwrap().to_string();
                prop_assert!(!shown.chars().any(char::is_control), "{:?}", shown);
            }
            Err(error) => {
                let printed = format!("{error:#} {error:?}");
                prop_assert!(!printed.contains("canary"), "{}", printed);
                prop_assert!(error.is_usage());
            }
        }
    }
}

static_assertions::assert_obj_safe!(Sink);
static_assertions::assert_impl_all!(Box<dyn Sink>: Send, Sync);
static_assertions::assert_impl_all!(SinkSpec: Clone, Send, Sync);

#[test]
fn variable_that_changes_how_programs_run_is_refused() {
    for name in ["PATH", "Path", "LD_PRELOAD", "BASH_ENV", "IFS"] {
        for sink in ["github:env#", "env:.env#"] {
            let error = SinkSpec::parse(format!("{sink}{name}")).unwrap_err();
            assert!(error.is_usage(), "{sink}{name}");
        }
        assert!(SinkSpec::parse(format!("github:output#{name}")).is_ok());
    }
}
