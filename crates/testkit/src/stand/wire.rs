//! The transport of a stand, which disturbs requests in ways that the emulator's faults do not
//! offer.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use pinning_keys_conformance::{DisturbedTransport, JsonPages, STRANGE_KEY, ShortPages};
use pinning_keys_core::Operation;
use pinning_keys_emulator::Emulator;
use pinning_keys_http::Transport;
use serde_json::{Value, json};

use super::configuration::{Account, Configuration};

/// The operations whose requests are disturbed.
const DISTURBED: [Operation; 4] =
    [Operation::Issue, Operation::List, Operation::Revoke, Operation::Verify];

/// Wraps the transport to an emulator.
pub(super) fn disturbed(
    configuration: Configuration,
    emulator: &Emulator,
    inner: Arc<dyn Transport>,
) -> DisturbedTransport {
    let operation = move |request: &Request<Bytes>| operation(configuration, request);
    let transport = DisturbedTransport::new(inner, operation)
        .with_error_body(move |message| error_body(configuration, message))
        .with_pages(pages(configuration));
    // The only credential that expires: it is that of a session.
    if configuration == Configuration::W3ipfs(Account::Jwt) {
        let w3ipfs = emulator.w3ipfs().clone();
        transport.with_expiry_by(move || w3ipfs.expire_jwt())
    } else {
        transport
    }
}

fn operation(configuration: Configuration, request: &Request<Bytes>) -> Option<Operation> {
    DISTURBED.into_iter().find(|operation| {
        let (method, path) = configuration.request(*operation);
        method == request.method() && fits(path, request.uri().path())
    })
}

/// Whether a path fits a pattern; a segment in braces matches any.
fn fits(pattern: &str, path: &str) -> bool {
    let (pattern, path) = (pattern.trim_end_matches('/'), path.trim_end_matches('/'));
    let segments = || pattern.split('/').zip(path.split('/'));
    pattern.split('/').count() == path.split('/').count()
        && segments().all(|(wanted, is)| wanted.starts_with('{') || wanted == is)
}

/// A refusal in the provider's form.
fn error_body(configuration: Configuration, message: &str) -> String {
    if configuration.is_pinata() {
        json!({"error": {"reason": "INVALID", "details": message}}).to_string()
    } else {
        json!({"status": "fail", "message": message}).to_string()
    }
}

/// The pages of the list. Both adapters continue it with an offset.
fn pages(configuration: Configuration) -> JsonPages {
    let (rows, total) = if configuration.is_pinata() {
        ("/keys", "/count")
    } else {
        ("/data/api_keys", "/data/total")
    };
    JsonPages::new(rows)
        .with_total(total)
        .with_short_pages(ShortPages::DropLastRow)
        .with_strange_row(move |row| be_strange(configuration, row))
}

fn be_strange(configuration: Configuration, row: &mut Value) {
    row["name"] = json!(STRANGE_KEY);
    if configuration.is_pinata() {
        row["key"] = json!("strange");
        row["scopes"] = json!({"resources": ["org:files:read", "org:telepathy:write"]});
    } else {
        row["api_key"] = json!("strange");
        row["scopes"] = json!({"data": {"pin_list": true, "telepathy": true}});
    }
}
