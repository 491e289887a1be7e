//! The JSON Schemas of files.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};

use super::sections::Document;

/// The schema of a configuration file as text.
pub(crate) fn json_schema() -> String {
    json_schema_of::<Document>()
}

/// The schema of a file as text. Draft 7 is what the editors' extensions for TOML support.
pub(crate) fn json_schema_of<T: JsonSchema>() -> String {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(tidy));
    let schema = settings.into_generator().into_root_schema_for::<T>();
    // Only a map with keys that are not text can fail, and a schema has none.
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}

/// Removes what only Rust knows: its formats of numbers, and the line ends of its comments.
fn tidy(schema: &mut Schema) {
    schema.remove("format");
    if let Some(description) = schema.get("description").and_then(|text| text.as_str()) {
        let paragraphs = description.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
        let description = paragraphs.collect::<Vec<_>>().join("\n\n");
        schema.insert("description".to_owned(), description.into());
    }
}
