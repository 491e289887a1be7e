//! The JSON Schema of the configuration: it is up to date, and accepts what the program accepts.

use pinning_keys_testkit::json_schema::accepts;

use super::*;

fn schema() -> Value {
    let run = empty().run("config schema").exits(0);
    serde_json::from_str(&run.stdout).expect("the schema is JSON")
}

#[test]
fn schema_is_the_one_in_the_repository() {
    let run = empty().run("config schema").exits(0);
    let advice = "The schema is derived from the sections of the configuration file.";
    assert_golden("docs/cli/config.schema.json", &run.stdout, advice);
    assert!(repository("docs/cli/config.schema.json").exists());
}

#[test]
fn schema_has_every_setting_of_every_provider() {
    let schema = schema();
    let accounts = schema["definitions"]["Account"]["oneOf"].as_array().expect("a list");
    assert_eq!(accounts.len(), IssuerConfig::PROVIDERS.len());
    for provider in IssuerConfig::PROVIDERS {
        let is_provider =
            |account: &&Value| account["properties"]["provider"]["const"] == *provider;
        let account = accounts.iter().find(is_provider).expect("each provider has a schema");
        let config = IssuerConfig::for_provider(provider).expect("the provider is known");
        let mut settings = config.settings().to_vec();
        settings.extend(["provider", "requests_per_minute"]);
        settings.sort_unstable();
        let properties = account["properties"].as_object().expect("properties");
        assert_eq!(properties.keys().map(String::as_str).collect::<Vec<_>>(), settings);
        assert_eq!(account["additionalProperties"], false);
    }
}

/// Files, each with whether it is valid. `@` stands for a profile of Pinata and its credential.
const FILES: [(&str, bool); 40] = [
    ("", true),
    ("profile = \"a\"\n@", true),
    ("profile = \"a b\"\n@", false),
    ("profile = \"-a\"\n@", false),
    ("profile = 1\n@", false),
    ("profil = \"a\"\n@", false),
    ("@", true),
    ("output = 1\n@", false),
    ("[output]\ncolor = \"auto\"\njson = false\nquiet = true\n@", true),
    ("[output]\ncolor = \"blue\"\n@", false),
    ("[output]\njson = \"yes\"\n@", false),
    ("[output]\nquiet = 1\n@", false),
    ("[output]\nverbose = true\n@", false),
    ("profiles = 1", false),
    ("[profiles]\na = 1", false),
    ("[profiles.\"a b\"]\nprovider = \"pinata\"\njwt = \"x\"", false),
    ("[profiles.a]\njwt = \"x\"", false),
    ("[profiles.a]\nprovider = \"other\"\njwt = \"x\"", false),
    ("[profiles.a]\nprovider = \"w3ipfs\"\njwt = \"x\"", true),
    ("[profiles.a]\nprovider = \"w3ipfs\"\njwt = \"x\"\npage_size = 10", true),
    ("[profiles.a]\nprovider = \"w3ipfs\"\njwt = \"x\"\ntable = \"resources\"", false),
    ("[profiles.a]\nprovider = \"w3ipfs\"\njwt = \"x\"\npage_size = 0", false),
    ("@page_size = 10", false),
    ("@table = \"endpoints\"", true),
    ("@table = \"scopes\"", false),
    ("@route = \"sdk\"", true),
    ("@route = \"v2\"", false),
    ("@base_url = \"https://api.example\"", true),
    ("@base_url = \"api.example\"", false),
    ("@upload_url = \"https://uploads.example\"", true),
    ("@upload_url = 1", false),
    ("@allow_plain_http = [\"a.internal\"]", true),
    ("@allow_plain_http = \"a.internal, b.internal\"", true),
    ("@allow_plain_http = [1]", false),
    ("@deadline_seconds = 5", true),
    ("@deadline_seconds = 0", false),
    ("@requests_per_minute = 250", true),
    ("@requests_per_minute = 0", false),
    ("@requests_per_minute = 1.5", false),
    ("@tabel = \"endpoints\"", false),
];

#[test]
fn schema_accepts_what_the_program_accepts() {
    let schema = schema();
    let stand = empty();
    let profile = "[profiles.a]\nprovider = \"pinata\"\njwt = \"x\"\n";
    for (file, is_valid) in FILES {
        let text = file.replace('@', profile);
        let value: Value = toml::from_str(&text).expect("TOML");
        assert_eq!(accepts(&schema, &value), is_valid, "the schema, {file}");
        stand.write("file.toml", &text);
        protect(&stand, "file.toml");
        // An account is needed besides, for a file without a profile.
        let run = run_with(
            &stand,
            "config check --config file.toml",
            if text.contains("[profiles.a]") { &[] } else { &[("PINATA_JWT", "x")] },
        );
        assert_eq!(run.code, if is_valid { 0 } else { 78 }, "the program, {file}: {run:?}");
    }
    for secret in
        ["{ variable = \"HOME_JWT\" }", "{ file = \"jwt\" }", "7", "{ path = \"x\" }", "[]"]
    {
        let file = format!("[profiles.a]\nprovider = \"pinata\"\njwt = {secret}");
        let value: Value = toml::from_str(&file).expect("TOML");
        stand.write("file.toml", &file);
        stand.write("jwt", "sample");
        let line = "config check --config file.toml";
        let run = run_with(&stand, line, &[("HOME_JWT", "sample")]);
        assert_eq!(run.code == 0, accepts(&schema, &value), "{secret}: {run:?}");
    }
}
