//! Whether a JSON Schema accepts a value, for the few keywords that the program's schemas have.

use serde_json::{Value, json};

/// Whether a schema accepts a value. A keyword that this does not know fails the test.
///
/// ```
/// use pinning_keys_testkit::json_schema::accepts;
/// use serde_json::json;
///
/// let schema = json!({ "type": "integer", "minimum": 1 });
/// assert!(accepts(&schema, &json!(1)) && !accepts(&schema, &json!(0)));
/// ```
pub fn accepts(schema: &Value, value: &Value) -> bool {
    obeys(schema, schema, value)
}

fn obeys(root: &Value, schema: &Value, value: &Value) -> bool {
    let keywords = schema.as_object().expect("a schema is an object");
    keywords.iter().all(|(keyword, rule)| {
        let one_of = |rules: &Value| {
            let rules = rules.as_array().expect("a list of schemas");
            rules.iter().filter(|rule| obeys(root, rule, value)).count()
        };
        match keyword.as_str() {
            "$schema" | "title" | "description" | "definitions" => true,
            "$ref" => {
                let name = rule.as_str().and_then(|path| path.strip_prefix("#/definitions/"));
                obeys(root, &root["definitions"][name.expect("a definition")], value)
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
            "minItems" => value.as_array().is_none_or(|all| !all.is_empty()),
            "not" => !obeys(root, rule, value),
            "dependencies" => value.as_object().is_none_or(|object| {
                let rules = rule.as_object().expect("an object");
                rules.iter().filter(|(name, _)| object.contains_key(*name)).all(|(_, others)| {
                    let others = others.as_array().expect("a list");
                    others.iter().all(|name| object.contains_key(name.as_str().expect("a name")))
                })
            }),
            "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
            "pattern" => value.as_str().is_none_or(|text| matches(rule, text)),
            "allOf" => one_of(rule) == rule.as_array().map_or(0, Vec::len),
            "anyOf" => one_of(rule) > 0,
            "oneOf" => one_of(rule) == 1,
            "items" => {
                value.as_array().is_none_or(|all| all.iter().all(|it| obeys(root, rule, it)))
            }
            "required" => {
                let names = rule.as_array().expect("a list");
                value.as_object().is_none_or(|object| {
                    names.iter().all(|name| object.contains_key(name.as_str().expect("a name")))
                })
            }
            "properties" => value.as_object().is_none_or(|object| {
                object.iter().all(|(name, it)| {
                    rule.get(name).is_none_or(|property| obeys(root, property, it))
                })
            }),
            "patternProperties" | "additionalProperties" => {
                value.as_object().is_none_or(|object| {
                    object.iter().all(|(name, it)| obeys_other(root, schema, name, it))
                })
            }
            _ => panic!("unknown keyword {keyword}"),
        }
    })
}

/// Whether a schema accepts a member that may be none of its properties.
fn obeys_other(root: &Value, schema: &Value, name: &str, value: &Value) -> bool {
    if schema["properties"].get(name).is_some() {
        return true;
    }
    assert_eq!(schema["additionalProperties"], false);
    let patterns = schema["patternProperties"].as_object();
    let mut patterns = patterns.into_iter().flatten();
    patterns.any(|(pattern, rule)| matches(&json!(pattern), name) && obeys(root, rule, value))
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
        "^(file|env|command|github):" => {
            ["file:", "env:", "command:", "github:"].iter().any(|kind| text.starts_with(kind))
        }
        "^0*[1-9][0-9]*(s|min|h|d|w)$" => {
            let units = ["s", "min", "h", "d", "w"];
            let number = units.iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or_default();
            number.bytes().all(|byte| byte.is_ascii_digit()) && number.bytes().any(|it| it != b'0')
        }
        "^file:" => text.starts_with("file:"),
        pattern => panic!("unknown pattern {pattern}"),
    }
}
