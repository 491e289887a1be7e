//! The JSON Schema of the file of declared keys.

use pinning_keys::Permission;
use pinning_keys_sinks::Field;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::presets::PRESETS;
use crate::settings::json_schema_of;

/// The schema as text.
pub(crate) fn keys_schema() -> String {
    json_schema_of::<Document>()
}

/// The keys that should exist, for `pinning-keys diff` and `pinning-keys apply`.
#[derive(JsonSchema)]
#[schemars(title = "pinning-keys declared keys", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is used")]
struct Document {
    /// The keys. Each begins with `[[key]]`.
    #[schemars(default, with = "Vec<Key>")]
    key: Optional,
}

/// The type of a value that may be left out. It has no default that the schema could show.
#[derive(Default)]
struct Optional;

/// A key that should exist. Its scope is a preset, the permissions that it needs, or everything.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend(
        "oneOf" = [{ "required": ["preset"] }, { "required": ["needs"] }, { "required": ["admin"] }],
        "dependencies" = { "prefers": ["needs"], "max_lease": ["lease"] },
        "not" = {
            "anyOf": [
                { "required": ["admin", "tolerates"] },
                {
                    "required": ["to", "field"],
                    "properties": {
                        "to": { "pattern": "^file:" },
                        "field": { "not": { "const": "json" } }
                    }
                }
            ]
        }
    )
)]
#[expect(dead_code, reason = "only its schema is used")]
struct Key {
    /// The name of the key, which is unique in the file. Commands find the key by it.
    #[schemars(length(min = 1))]
    name: String,
    /// The profile of the account that the key belongs to.
    #[schemars(regex(pattern = "^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"))]
    profile: String,
    /// Where the secret goes: `file:PATH`, `env:PATH#NAME`, `command:PROGRAM ARGUMENTS`,
    /// `github:env#NAME` or `github:output#NAME`. A relative path starts at the working folder.
    #[schemars(regex(pattern = "^(file|env|command|github):"))]
    to: String,
    /// A ready-made scope.
    #[schemars(default, schema_with = "preset")]
    preset: Optional,
    /// The permissions that the key must have.
    #[schemars(default, schema_with = "permissions")]
    needs: Optional,
    /// The permissions that the key gets if the provider can grant them.
    #[schemars(default, schema_with = "permissions")]
    prefers: Optional,
    /// Grants or permissions that the key may have if they cannot be left out, such as
    /// `pinata:org:files:write`.
    #[schemars(default, with = "Vec<String>", length(min = 1))]
    tolerates: Optional,
    /// An admin key, which may do everything.
    #[schemars(default, with = "bool", extend("const" = true))]
    admin: Optional,
    /// How many requests the key may be used for (default: without limit).
    #[schemars(default, with = "u64", range(min = 1))]
    max_uses: Optional,
    /// The time after which the key is revoked, such as `90d` (default: never).
    #[schemars(default, schema_with = "length")]
    lease: Optional,
    /// The time from its issue until which the lease can be renewed (default: it cannot be renewed).
    #[schemars(default, schema_with = "length")]
    max_lease: Optional,
    /// The age at which the key is replaced, such as `30d`, which must be shorter than the lease
    /// (default: never).
    #[schemars(default, schema_with = "length")]
    rotate: Optional,
    /// How long the key continues to work after it is replaced, such as `1h` (default: not at all).
    #[schemars(default, schema_with = "length")]
    overlap: Optional,
    /// The part of the secret that the destination gets (default: it depends on the destination).
    #[schemars(default, schema_with = "field")]
    field: Optional,
}

fn preset(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": PRESETS.map(|preset| preset.name) })
}

fn permissions(_: &mut SchemaGenerator) -> Schema {
    let names: Vec<_> = Permission::ALL.iter().map(|it| it.as_str()).collect();
    json_schema!({
        "type": "array",
        "minItems": 1,
        "items": { "type": "string", "enum": names }
    })
}

fn length(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^0*[1-9][0-9]*(s|min|h|d|w)$" })
}

fn field(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "enum": Field::ALL.map(Field::as_str) })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::rc::Rc;

    use pinning_keys_testkit::golden::assert_golden;
    use pinning_keys_testkit::json_schema::accepts;
    use serde_json::Value;

    use super::keys_schema;
    use crate::declared::entry::KEYS;
    use crate::declared::parser::parse;

    fn schema() -> Value {
        serde_json::from_str(&keys_schema()).expect("the schema is JSON")
    }

    #[test]
    fn schema_is_the_one_in_the_repository() {
        let advice = "The schema is derived from the types in this file.";
        assert_golden("docs/cli/keys.schema.json", &format!("{}\n", keys_schema()), advice);
    }

    #[test]
    fn schema_has_the_keys_of_the_parser() {
        let schema = schema();
        let properties = schema["definitions"]["Key"]["properties"].as_object().expect("keys");
        assert_eq!(properties.keys().collect::<Vec<_>>(), KEYS);
    }

    /// Entries, each with whether it is valid. `@` stands for a name, a profile and a destination,
    /// `+` for a scope besides.
    const ENTRIES: [(&str, bool); 48] = [
        ("@preset = \"reader\"", true),
        ("@preset = \"raeder\"", false),
        ("@needs = [\"pins:list\"]", true),
        ("@needs = [\"pins:lst\"]", false),
        ("@needs = []", false),
        ("@needs = \"pins:list\"", false),
        ("@needs = [1]", false),
        ("@needs = [\"pins:list\"]\nprefers = [\"pins:edit-metadata\"]", true),
        ("@preset = \"reader\"\nprefers = [\"pins:edit-metadata\"]", false),
        ("@needs = [\"pins:list\"]\ntolerates = [\"pinata:org:files:write\"]", true),
        ("@needs = [\"pins:list\"]\ntolerates = []", false),
        ("@admin = true", true),
        ("@admin = false", false),
        ("@admin = true\ntolerates = [\"pinata:org:files:write\"]", false),
        ("@admin = true\npreset = \"reader\"", false),
        ("@preset = \"reader\"\nneeds = [\"pins:list\"]", false),
        ("@", false),
        ("@+max_uses = 1", true),
        ("@+max_uses = 0", false),
        ("@+max_uses = -1", false),
        ("@+max_uses = 1.5", false),
        ("@+max_uses = \"1\"", false),
        ("@+lease = \"90min\"", true),
        ("@+lease = \"2w\"\nrotate = \"36h\"", true),
        ("@+lease = \"90\"", false),
        ("@+lease = \"0d\"", false),
        ("@+lease = \"90 d\"", false),
        ("@+lease = \"until:2030-01-01\"", false),
        ("@+lease = 90", false),
        ("@+lease = \"1d\"\nmax_lease = \"3d\"", true),
        ("@+max_lease = \"3d\"", false),
        ("@+rotate = \"30d\"\noverlap = \"1h\"", true),
        ("@+rotate = \"30 days\"", false),
        ("@+overlap = 1", false),
        ("@+field = \"json\"", true),
        ("@+field = \"jwt\"", false),
        ("@+field = \"jtw\"", false),
        ("@+leese = \"1d\"", false),
        ("name = \"ci\"\nto = \"file:a\"\n+", false),
        ("name = \"ci\"\nprofile = \"main\"\n+", false),
        ("profile = \"main\"\nto = \"file:a\"\n+", false),
        ("name = \"\"\nprofile = \"main\"\nto = \"file:a\"\n+", false),
        ("name = 1\nprofile = \"main\"\nto = \"file:a\"\n+", false),
        ("name = \"ci\"\nprofile = \"a b\"\nto = \"file:a\"\n+", false),
        ("name = \"ci\"\nprofile = \"main\"\nto = \"fil:a\"\n+", false),
        ("name = \"ci\"\nprofile = \"main\"\nto = \"env:a#JWT\"\nfield = \"jwt\"\n+", true),
        ("name = \"ci\"\nprofile = \"main\"\nto = \"github:env#JWT\"\n+", true),
        ("name = \"ci\"\nprofile = \"main\"\nto = \"command:gh secret set JWT\"\n+", true),
    ];

    #[test]
    fn schema_accepts_what_the_parser_accepts() {
        let schema = schema();
        let files = ENTRIES.map(|(entry, is_valid)| {
            let entry = entry.replace('@', "name = \"ci\"\nprofile = \"main\"\nto = \"file:a\"\n");
            let entry = entry.replace('+', "preset = \"reader\"\n");
            (format!("[[key]]\n{entry}\n"), is_valid)
        });
        let others = [("", true), ("key = 1", false), ("key = [1]", false), ("keys = []", false)];
        let others = others.map(|(file, is_valid)| (file.to_owned(), is_valid));
        let (path, profiles) = (Rc::new(PathBuf::from("keys.toml")), ["main".to_owned()]);
        for (file, is_valid) in files.into_iter().chain(others) {
            let value: Value = toml::from_str(&file).expect("TOML");
            assert_eq!(accepts(&schema, &value), is_valid, "the schema:\n{file}");
            let parsed = parse(&path, &file, &profiles);
            assert_eq!(parsed.is_ok(), is_valid, "the parser: {parsed:?}\n{file}");
        }
    }
}
