//! The wire between the nodes and an account: what was really sent, and what it ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Method, Request, Response};
use pinning_keys_emulator::Emulator;
use pinning_keys_http::{Limits, Reach, Transport, TransportError};
use pinning_keys_lifecycle::{Clock as _, ManualClock, Timestamp};
use serde_json::Value;

use crate::provider::Provider;

/// An account at an emulator, and a transport to it that keeps a record.
#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) provider: Provider,
    pub(crate) emulator: Arc<Emulator>,
    clock: ManualClock,
    record: Arc<Mutex<Record>>,
}

#[derive(Default)]
struct Record {
    /// How many creates of each name may have reached the provider.
    creates: BTreeMap<String, i32>,
    /// When each key that was revoked ended, by its name, and whether that was by a request.
    ended: Vec<(Timestamp, String)>,
    requests: usize,
    /// Bodies of answers to creates, which hold secrets.
    answers: Vec<Bytes>,
}

impl Wire {
    pub(crate) fn new(provider: Provider, seed: u64, clock: &ManualClock) -> Self {
        let emulator = Provider::emulator(seed);
        let dates = clock.clone();
        emulator.set_date_header(move || Some(dates.now()));
        Self {
            provider,
            emulator: Arc::new(emulator),
            clock: clock.clone(),
            record: Arc::default(),
        }
    }

    pub(crate) fn requests(&self) -> usize {
        self.record().requests
    }

    pub(crate) fn creates(&self) -> BTreeMap<String, i32> {
        self.record().creates.clone()
    }

    /// When each key ended, with its name.
    pub(crate) fn ended(&self) -> Vec<(Timestamp, String)> {
        self.note_ends();
        self.record().ended.clone()
    }

    /// The secrets of the account and of every key that was created.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets = vec![
            self.emulator.pinata().jwt().to_owned(),
            self.emulator.pinata().api_secret().to_owned(),
            self.emulator.w3ipfs().jwt(),
            self.emulator.w3ipfs().api_secret().to_owned(),
        ];
        for body in &self.record().answers {
            let body: Value = serde_json::from_slice(body).unwrap_or_default();
            let object = body.get("data").unwrap_or(&body);
            let known = ["JWT", "pinata_api_secret", "secret_key"].into_iter();
            secrets.extend(known.filter_map(|name| Some(object.get(name)?.as_str()?.to_owned())));
        }
        secrets
    }

    /// Revokes a key as the owner of the account does.
    pub(crate) fn revoke_by_hand(&self, public: &str) {
        if self.provider.is_pinata() {
            self.emulator.pinata().revoke_key(public);
        } else {
            self.emulator.w3ipfs().revoke_key(public);
        }
    }

    /// Makes a key as the owner of the account does.
    pub(crate) fn make_by_hand(&self, name: &str, scopes: &str) {
        if self.provider.is_pinata() {
            self.emulator.pinata().create_key(name, scopes);
        } else {
            self.emulator.w3ipfs().create_key(name, scopes);
        }
    }

    /// Gives a key every permission.
    pub(crate) fn widen_by_hand(&self, public: &str) {
        let scopes = r#"{"admin":true}"#;
        if self.provider.is_pinata() {
            self.emulator.pinata().set_scopes(public, scopes);
        } else {
            self.emulator.w3ipfs().set_scopes(public, scopes);
        }
    }

    /// Notes what ended since it was last asked.
    fn note_ends(&self) {
        let names = self.provider.revocations(&self.emulator);
        let now = Timestamp::from(self.clock.now());
        let mut record = self.record();
        let known = record.ended.len();
        record.ended.extend(names.into_iter().skip(known).map(|name| (now, name)));
    }

    fn count_create(&self, name: Option<&str>, change: i32) {
        if let Some(name) = name {
            *self.record().creates.entry(name.to_owned()).or_default() += change;
        }
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Wire {
    async fn send(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, TransportError> {
        self.note_ends();
        self.record().requests += 1;
        let created = (request.method() == Method::POST).then(|| name_in(request.body()));
        // Counted before it is sent: the caller may be gone when the answer comes.
        self.count_create(created.as_deref(), 1);
        let sent = self.emulator.transport().send(request, limits).await;
        self.note_ends();
        match &sent {
            Err(error) if error.reach() == Reach::NotSent => {
                self.count_create(created.as_deref(), -1);
            }
            // A redirect means that it was not carried out.
            Ok(answer) if answer.status().is_redirection() => {
                self.count_create(created.as_deref(), -1);
            }
            Ok(answer) if created.is_some() => self.record().answers.push(answer.body().clone()),
            _ => {}
        }
        sent
    }
}

fn name_in(body: &Bytes) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let name = body.get("keyName").or_else(|| body.get("name")).and_then(Value::as_str);
    name.unwrap_or_default().to_owned()
}
