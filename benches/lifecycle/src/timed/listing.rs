//! A listing of very many keys at W3IPFS, made while it is read.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys::transport::{Limits, Transport, TransportError};
use serde_json::Value;

use crate::rows;

/// Passes requests to an emulator that has one key, and answers lists with many keys like it.
pub(super) struct Listing {
    emulator: Arc<dyn Transport>,
    keys: u64,
    name: String,
    id: String,
}

impl Listing {
    /// `name` is the name of the key with this id in the store; the others differ in their ids.
    pub(super) fn new(emulator: Arc<dyn Transport>, keys: u64, name: String, id: String) -> Self {
        Self { emulator, keys, name, id }
    }

    fn page(&self, query: &str, answer: &[u8]) -> Option<Vec<u8>> {
        let mut answer: Value = serde_json::from_slice(answer).ok()?;
        let data = answer.get_mut("data")?;
        let pattern = data.get("api_keys")?.get(0)?.clone();
        let parameter = |wanted: &str| -> Option<u64> {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(name, _)| *name == wanted).and_then(|(_, value)| value.parse().ok())
        };
        let (offset, limit) = (parameter("offset").unwrap_or(0), parameter("limit").unwrap_or(10));
        let rows = (offset..self.keys.min(offset.saturating_add(limit))).map(|number| {
            let mut row = pattern.clone();
            row["name"] = self.name.replace(&self.id, &rows::id_text(number)).into();
            row["api_key"] = rows::api_key(number).into();
            row["id"] = rows::key_id(number).into();
            row
        });
        data["api_keys"] = rows.collect();
        data["total"] = self.keys.into();
        serde_json::to_vec(&answer).ok()
    }
}

#[async_trait]
impl Transport for Listing {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        let is_list = request.method() == Method::GET;
        let (mut parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default().to_owned();
        if is_list && query.contains("offset=") {
            // The one key is on the first page.
            let first = parts.uri.to_string().replace(&query, "offset=0&limit=10");
            parts.uri = first.parse().unwrap_or(parts.uri);
        }
        let response = self.emulator.send(Request::from_parts(parts, body), limits).await?;
        let (parts, body) = response.into_parts();
        let page = if is_list { self.page(&query, &body) } else { None };
        Ok(Response::from_parts(parts, page.map_or(body, Bytes::from)))
    }
}
