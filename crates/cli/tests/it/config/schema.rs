//! The JSON Schema of the configuration: it is up to date, and accepts what the program accepts.

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
        assert_eq!(accepts(&schema, &schema, &value), is_valid, "the schema, {file}");
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
        assert_eq!(run.code == 0, accepts(&schema, &schema, &value), "{secret}: {run:?}");
    }
}

/// Whether a schema accepts a value. A keyword that this does not know fails the test.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    let keywords = schema.as_object().expect("a schema is an object");
    keywords.iter().all(|(keyword, rule)| {
        let one_of = |rules: &Value| {
            let rules = rules.as_array().expect("a list of schemas");
            rules.iter().filter(|rule| accepts(root, rule, value)).count()
        };
        match keyword.as_str() {
            "$schema" | "title" | "description" | "definitions" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.strip_prefix("#/definitions/"));
                accepts(root, &root["definitions"][name.expect("a definition")], value)
            }
            "type" => has_type(rule.as_str().expect("one type"), value),
            "const" => value == rule,
            "enum" => rule.as_array().expect("a list").contains(value),
            "minimum" => {
                value.as_f64().is_none_or(|number| number >= rule.as_f64().expect("a number"))
            }
            "maximum" => {
                value.as_f64().is_none_or(|number| number <= rule.as_f64().expect("a number"))
            }
            "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
            "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
            "allOf" => one_of(rule) == rule.as_array().map_or(0, Vec::len),
            "anyOf" => one_of(rule) > 0,
            "oneOf" => one_of(rule) == 1,
            "items" => {
                value.as_array().is_none_or(|all| all.iter().all(|it| accepts(root, rule, it)))
            }
            "required" => {
                let names = rule.as_array().expect("a list");
                value.as_object().is_none_or(|object| {
                    names.iter().all(|name| object.contains_key(name.as_str().expect("a name")))
                })
            }
            "properties" => value.as_object().is_none_or(|object| {
                object.iter().all(|(name, it)| {
                    rule.get(name).is_none_or(|property| accepts(root, property, it))
                })
            }),
            "patternProperties" | "additionalProperties" => {
                value.as_object().is_none_or(|object| {
                    object.iter().all(|(name, it)| accepts_other(root, schema, name, it))
                })
            }
            _ => panic!("unknown keyword {keyword}"),
        }
    })
}

/// Whether a schema accepts a member that may be none of its properties.
fn accepts_other(root: &Value, schema: &Value, name: &str, value: &Value) -> bool {
    if schema["properties"].get(name).is_some() {
        return true;
    }
    assert_eq!(schema["additionalProperties"], false);
    let patterns = schema["patternProperties"].as_object();
    let mut patterns = patterns.into_iter().flatten();
    patterns.any(|(pattern, rule)| matches(&json!(pattern), name) && accepts(root, rule, value))
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => panic!("unknown type {name}"),
    }
}

/// Whether a text matches one of the patterns of the schema.
fn matches(pattern: &Value, text: &str) -> bool {
    match pattern.as_str().expect("a pattern") {
        "^https?://" => text.starts_with("https://") || text.starts_with("http://"),
        "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$" => {
            let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
            text.len() <= 64
                && text.bytes().all(is_part)
                && text.as_bytes()[0].is_ascii_alphanumeric()
        }
        pattern => panic!("unknown pattern {pattern}"),
    }
}
