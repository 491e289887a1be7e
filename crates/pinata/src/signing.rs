//! Signing upload URLs.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::num::NonZeroU64;

use http::Method;
use pinning_keys_core::{Error, Operation};
use pinning_keys_http::{ApiClient, Call};
use serde::{Deserialize, Serialize};

use crate::error::misconfigured;
use crate::network::Network;
use crate::signed_upload::SignedUpload;
use crate::upload_request::{UploadRequest, Validity};
use crate::wire::{self, PROVIDER};

/// Documented, below the host for uploads.
const SIGN_PATH: &str = "/v3/files/sign";

/// Where upload URLs are signed, or why none can be.
#[derive(Debug)]
pub(crate) enum Uploads {
    /// There. The client sends bearer tokens only.
    At(ApiClient),
    /// The base URL is set, but the upload URL is not.
    NoUrl,
    /// The account's credential is a key pair.
    KeyPair,
}

impl Uploads {
    pub(crate) async fn sign(&self, request: &UploadRequest) -> Result<SignedUpload, Error> {
        let prepared = self.client().and_then(|client| Ok((client, request.check()?)));
        let (client, validity) = prepared
            .map_err(|error| error.with_provider(PROVIDER).with_operation(Operation::SignUpload))?;
        let call = Call::new(Operation::SignUpload, Method::POST, SIGN_PATH);
        let answer = client.call(call.json(body(request, &validity))).await?;
        match wire::object::<Signed<'_>>(answer.body()) {
            Some(Signed { data: url }) if client.base_url().is_origin_of(&url) => {
                Ok(SignedUpload::new(&url, validity.expires_at))
            }
            _ => Err(answer.unreadable("a URL at the host of the upload URL").with_next_step(
                "check upload_url (PINNING_KEYS_UPLOAD_URL); the answer is not shown, because \
                 anyone with a signed URL can upload",
            )),
        }
    }

    /// The same with a client that serves only this account.
    pub(crate) fn confined_to(&self, account_id: &str) -> Self {
        match self {
            Self::At(client) => Self::At(client.confined_to(account_id)),
            Self::NoUrl => Self::NoUrl,
            Self::KeyPair => Self::KeyPair,
        }
    }

    fn client(&self) -> Result<&ApiClient, Error> {
        match self {
            Self::At(client) => Ok(client),
            Self::NoUrl => Err(misconfigured("base_url is set, but upload_url is not")
                .with_next_step(
                    "set upload_url (PINNING_KEYS_UPLOAD_URL): without it, the account's JWT would \
                     go to Pinata's own host",
                )),
            Self::KeyPair => Err(misconfigured(
                "the account's credential is a key pair, and signing accepts only a JWT",
            )
            .with_next_step("set jwt (PINNING_KEYS_JWT) instead of the key pair")),
        }
    }
}

/// The body that signs a URL. The names are documented, except `network`, which the official client
/// sends (seen).
fn body(request: &UploadRequest, validity: &Validity) -> String {
    #[derive(Serialize)]
    struct Sign<'a> {
        date: u64,
        expires: u64,
        max_file_size: NonZeroU64,
        network: Network,
        #[serde(skip_serializing_if = "<[_]>::is_empty")]
        allow_mime_types: &'a [String],
        #[serde(skip_serializing_if = "Option::is_none")]
        filename: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        group_id: Option<&'a str>,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        keyvalues: &'a BTreeMap<String, String>,
    }

    let sign = Sign {
        date: validity.date,
        expires: validity.seconds,
        max_file_size: request.max_bytes,
        network: request.network,
        allow_mime_types: &request.mime_types,
        filename: request.file_name.as_deref(),
        group_id: request.group.as_deref(),
        keyvalues: &request.key_values,
    };
    serde_json::to_string(&sign).expect("numbers and text always have a JSON form")
}

/// The answer: `{"data":"<url>"}` (documented).
#[derive(Deserialize)]
struct Signed<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}
