//! Keys of the emulated providers: what is known about them before they are issued holds, and no
//! sink shows their secrets anywhere but where it delivers them.

use pinning_keys::IssuerConfig;
use pinning_keys_core::{IssuedKey, KeyIssuer, KeyRequest, ScopeRequest};
use pinning_keys_emulator::Emulator;
use pinning_keys_sinks::{
    Delivery, DeliveryEffect, Environment, Field, Forms, Incoming, SinkSpec, StoredKey,
};
use pinning_keys_testkit::secrets::Secrets;

use crate::stand::Folder;

/// A key of every provider, route and table, with what was known before.
async fn issued() -> Vec<(Incoming, IssuedKey)> {
    let emulator = Emulator::in_memory();
    let pinata = |route: &str, table: &str| {
        let vars = emulator.pinata().vars().into_iter();
        let more =
            [("PINNING_KEYS_ROUTE", route.to_owned()), ("PINNING_KEYS_TABLE", table.to_owned())];
        IssuerConfig::from_vars(vars.chain(more)).unwrap()
    };
    let mut configs = vec![IssuerConfig::from_vars(emulator.w3ipfs().vars()).unwrap()];
    for (table, routes) in
        [("resources", &["v3", "sdk"][..]), ("endpoints", &["v3", "sdk", "legacy"])]
    {
        configs.extend(routes.iter().map(|route| pinata(route, table)));
    }
    let mut keys = Vec::new();
    for (n, config) in configs.into_iter().enumerate() {
        let issuer = config.with_transport(emulator.transport()).build().unwrap();
        let request = KeyRequest::new(format!("key {n}"), ScopeRequest::reader()).unwrap();
        let incoming = Incoming::new(request.name(), issuer.profile());
        keys.push((incoming, issuer.issue(&request).await.unwrap()));
    }
    keys
}

#[tokio::test]
async fn what_is_known_before_a_key_is_issued_holds() {
    for (incoming, key) in issued().await {
        let (known, real) = (incoming.forms(), Forms::of(key.credential()));
        let what = format!("{known:?} {real:?}");
        assert!(known.has_bearer().is_none_or(|has| Some(has) == real.has_bearer()), "{what}");
        assert!(known.has_pair().is_none_or(|has| Some(has) == real.has_pair()), "{what}");
        for field in Field::ALL {
            let delivered = field.of(&Delivery::new(&key));
            assert_eq!(field.check(&incoming).is_ok(), delivered.is_ok(), "{field} {what}");
        }
    }
}

#[tokio::test]
async fn every_key_is_delivered_and_read_back() {
    for (incoming, key) in issued().await {
        let folder = Folder::new();
        let sink = folder.spec("file:", "key.json", "").open().unwrap();
        sink.check(&incoming).await.unwrap();
        sink.deliver(&Delivery::new(&key)).await.unwrap();
        let stored = StoredKey::read(folder.file("key.json")).unwrap();
        assert_eq!(stored.key_ref(), Some(key.key_ref()));
        assert_eq!(stored.credential().headers(), key.credential().headers());
    }
}

#[tokio::test]
async fn nothing_but_the_sink_shows_a_secret() {
    for (incoming, key) in issued().await {
        let mut secrets = Secrets::default();
        secrets.add_credential(key.credential());
        let folder = Folder::new();
        folder.write("taken", "A=1\n");
        let path = |name: &str| folder.file(name).display().to_string();
        let delivery = Delivery::new(&key);
        let mut printed = vec![format!("{delivery:?} {incoming:?}")];
        let mut texts = vec![
            format!("file:{}", path("taken")),
            format!("file:{}", path("no/file")),
            format!("env:{}#A", path("taken")),
            "command:no-such-program".to_owned(),
            "github:env#A".to_owned(),
        ];
        if cfg!(unix) {
            texts.push("command:sh -c 'cat >&2; exit 1'".to_owned());
            texts.push("command:sh -c 'base64 >&2; exit 1'".to_owned());
        }
        for text in texts {
            for field in Field::ALL {
                let path = ("PATH", std::env::var_os("PATH").unwrap());
                let spec = SinkSpec::parse(&text).unwrap().with_field(field);
                let spec = spec.with_environment(Environment::from_vars([path]));
                printed.push(format!("{spec:?}"));
                let sink = spec.open().unwrap();
                let Err(error) = sink.deliver(&delivery).await else { panic!("{text} delivers") };
                assert_eq!(
                    error.effect() == DeliveryEffect::Unknown,
                    text.contains("sh -c") && field.of(&delivery).is_ok()
                );
                printed.push(format!("{sink} {error} {error:#} {error:?}"));
            }
        }
        printed.push(folder.read("taken"));
        assert_eq!(folder.names(), ["taken"]);
        secrets.assert_not_in("a sink", &printed.join("\n"));
    }
}
