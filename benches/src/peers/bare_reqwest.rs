//! `reqwest` with a typed body and answer: what an app contains if it uses no library for this.

use std::marker::PhantomData;

use anyhow::{Result, ensure};
use reqwest::{Client, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::account;
use crate::drive::{self, Job};

/// A client that all workers share, and the account's credential.
pub(crate) struct Worker<P> {
    client: Client,
    url: String,
    jwt: String,
    provider: PhantomData<P>,
}

/// The requests to a provider, and its answers.
pub(crate) trait Provider: Send + 'static {
    const PATH: &'static str;
    type Created: DeserializeOwned + Send;

    fn authorize(request: RequestBuilder, jwt: &str) -> RequestBuilder;
    fn body(request: RequestBuilder, name: String) -> RequestBuilder;
    fn is_whole(created: &Self::Created) -> bool;
}

impl<P: Provider> drive::Worker for Worker<P> {
    async fn crew(job: Job) -> Result<Vec<Self>> {
        // Built without a cryptography provider, reqwest needs the process to have one.
        let installed = rustls::crypto::ring::default_provider().install_default();
        ensure!(installed.is_ok(), "a cryptography provider is already installed");
        let client = Client::builder().no_proxy().build()?;
        let worker = || Self {
            client: client.clone(),
            url: format!("http://{}{}", job.address, P::PATH),
            jwt: account::jwt(),
            provider: PhantomData,
        };
        Ok((0..job.concurrency).map(|_| worker()).collect())
    }

    async fn issue(&mut self, number: u64) -> Result<()> {
        let request = P::authorize(self.client.post(&self.url), &self.jwt);
        let answer = P::body(request, format!("user-{number}")).send().await?;
        let created: P::Created = answer.error_for_status()?.json().await?;
        ensure!(P::is_whole(&created), "a part of the key is empty");
        Ok(())
    }
}

/// Pinata's v3 route.
pub(crate) struct Pinata;

#[derive(Serialize)]
struct CreatePinata {
    #[serde(rename = "keyName")]
    key_name: String,
    permissions: PinataPermissions,
}

#[derive(Serialize)]
struct PinataPermissions {
    resources: Vec<&'static str>,
}

#[derive(Deserialize)]
pub(crate) struct CreatedPinata {
    #[serde(rename = "JWT")]
    jwt: String,
    pinata_api_key: String,
    pinata_api_secret: String,
}

impl Provider for Pinata {
    const PATH: &'static str = "/v3/api_keys";
    type Created = CreatedPinata;

    fn authorize(request: RequestBuilder, jwt: &str) -> RequestBuilder {
        request.bearer_auth(jwt)
    }

    fn body(request: RequestBuilder, name: String) -> RequestBuilder {
        let permissions = PinataPermissions { resources: vec!["org:files:read"] };
        request.json(&CreatePinata { key_name: name, permissions })
    }

    fn is_whole(created: &CreatedPinata) -> bool {
        let CreatedPinata { jwt, pinata_api_key, pinata_api_secret } = created;
        [jwt, pinata_api_key, pinata_api_secret].iter().all(|part| !part.is_empty())
    }
}

/// W3IPFS's route.
pub(crate) struct W3ipfs;

#[derive(Serialize)]
struct CreateW3ipfs {
    name: String,
    scopes: Scopes,
}

#[derive(Default, Serialize)]
struct Scopes {
    admin: bool,
    data: Data,
    pinning: Pinning,
    pin_nft: PinNft,
}

#[derive(Default, Serialize)]
struct Data {
    pin_list: bool,
    nft_list: bool,
}

#[derive(Default, Serialize)]
struct Pinning {
    unpin: bool,
    pin_by_hash: bool,
    pin_file_to_ipfs: bool,
}

#[derive(Default, Serialize)]
struct PinNft {
    unpin_nft: bool,
    pin_nft_to_ipfs: bool,
}

#[derive(Deserialize)]
pub(crate) struct CreatedW3ipfs {
    data: CreatedPair,
    status: String,
}

#[derive(Deserialize)]
struct CreatedPair {
    api_key: String,
    secret_key: String,
}

impl Provider for W3ipfs {
    const PATH: &'static str = "/api/apiKeys/";
    type Created = CreatedW3ipfs;

    fn authorize(request: RequestBuilder, _jwt: &str) -> RequestBuilder {
        request
            .header("pinning_api_key", account::W3IPFS_KEY)
            .header("pinning_secret_key", account::W3IPFS_SECRET)
    }

    fn body(request: RequestBuilder, name: String) -> RequestBuilder {
        let data = Data { pin_list: true, nft_list: false };
        request.json(&CreateW3ipfs { name, scopes: Scopes { data, ..Scopes::default() } })
    }

    fn is_whole(created: &CreatedW3ipfs) -> bool {
        let CreatedPair { api_key, secret_key } = &created.data;
        created.status == "success" && !api_key.is_empty() && !secret_key.is_empty()
    }
}
