//! A provider in memory. Its requests and answers resemble HTTP, so that the same things can go
//! wrong.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use percent_encoding::percent_decode_str;
use pinning_keys_core::Permission::{
    GroupsWrite, KeysManage, PinsAddCid, PinsAddFile, PinsList, PinsRemove, UsageRead,
};
use pinning_keys_core::http::Method;
use pinning_keys_core::{
    CredentialForm, DataRoute, Grant, Permission, PermissionTable, ProbePlan, ProbeRequest,
    SecretShape,
};
use serde_json::{Value, json};

static GRANTS: [Grant; 6] = [
    Grant::new("look", &[PinsList]),
    Grant::new("upload", &[PinsAddFile]),
    Grant::new("edit", &[PinsList, PinsAddFile, PinsAddCid, PinsRemove]),
    Grant::new("groups", &[GroupsWrite]),
    Grant::new("figures", &[UsageRead]),
    Grant::native("notes"),
];

pub(crate) static RIGHTS: PermissionTable =
    PermissionTable::new("reference", "rights", &GRANTS).with_admin_only(&[KeysManage]);

static ROUTES: [DataRoute; 2] = [
    DataRoute::new(PinsList, Method::GET, "/pins", CredentialForm::Bearer),
    DataRoute::new(UsageRead, Method::GET, "/figures", CredentialForm::Bearer),
];

static PROBES: [ProbeRequest; 2] =
    [ProbeRequest::reading(&ROUTES, PinsList), ProbeRequest::reading(&ROUTES, UsageRead)];

pub(crate) static PLAN: ProbePlan = ProbePlan::new(&PROBES);

/// What the secrets of the account's sessions begin with.
pub(crate) const ACCOUNT: &str = "account-secret-4d0e77";

/// What the secrets of keys begin with. Four digits follow.
pub(crate) const SECRET_START: &str =
    "5ec2e7a5c0ffee5ec2e7b5c0ffee5ec2e7c5c0ffee5ec2e7d5c0ffee5ec2";

pub(crate) const SECRET_SHAPE: SecretShape = SecretShape::hex(64);

/// The API key of the key with this number.
pub(crate) fn api_key(number: usize) -> String {
    format!("public+{number}/=")
}

/// The number of the key that a secret belongs to.
pub(crate) fn number_in(secret: &str) -> Option<usize> {
    secret.strip_prefix(SECRET_START)?.parse().ok()
}

/// The number of keys on a page.
pub(crate) const PAGE_SIZE: usize = 3;

/// The most characters of a name.
pub(crate) const MOST_CHARS: usize = 100;

/// The longest time after which a key expires, as the provider documents it.
pub(crate) const LONGEST: Duration = Duration::from_secs(20 * 365 * 24 * 60 * 60);

/// The longest time after which a key really expires.
const REALLY_LONGEST: u64 = 365 * 24 * 60 * 60;

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: &'static str,
    /// Includes the query.
    pub(crate) path: String,
    pub(crate) secret: String,
    pub(crate) body: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// The target of a redirect.
    pub(crate) location: Option<String>,
    /// How fast the body continues without end, if it does.
    pub(crate) endless: Option<Pace>,
}

/// The pace of an endless body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Full,
    /// Byte by byte, with pauses.
    Drip,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, body: body.into(), location: None, endless: None }
    }

    fn json(status: u16, body: &Value) -> Self {
        Self::new(status, body.to_string())
    }
}

/// A key as the provider stores it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    id: String,
    public: String,
    secret: String,
    pub(crate) name: String,
    admin: bool,
    rights: Vec<String>,
    pub(crate) revoked: bool,
    uses: u64,
    max_uses: Option<u64>,
    /// In seconds since 1970.
    expires_at: Option<u64>,
    pub(crate) body: String,
}

impl Held {
    pub(crate) fn uses_left(&self) -> Option<u64> {
        self.max_uses.map(|most| most.saturating_sub(self.uses))
    }

    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at.map(|seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }
}

#[derive(Default)]
pub(crate) struct Provider {
    keys: Mutex<Vec<Held>>,
    expired_sessions: AtomicUsize,
}

impl Provider {
    /// Logs in, and returns the secret of the current session.
    pub(crate) fn session(&self) -> String {
        format!("{ACCOUNT}-{}", self.expired_sessions.load(Ordering::Relaxed))
    }

    pub(crate) fn expire_session(&self) {
        self.expired_sessions.fetch_add(1, Ordering::Relaxed);
    }

    /// All keys ever created, oldest first.
    pub(crate) fn keys(&self) -> Vec<Held> {
        self.keys.lock().unwrap().clone()
    }

    /// The secret of the key with this API key.
    pub(crate) fn secret_of(&self, public: &str) -> Option<String> {
        let keys = self.keys.lock().unwrap();
        keys.iter().find(|key| key.public == public).map(|key| key.secret.clone())
    }

    pub(crate) fn answer(&self, request: &Request) -> Reply {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        // A fragment is never sent.
        let path = path.split('#').next().unwrap();
        let segments: Vec<_> = path.trim_matches('/').split('/').map(decoded).collect();
        let segments: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method, segments.as_slice()) {
            ("GET", ["me"]) => self.me(&request.secret),
            ("GET", ["pins"]) => self.look(&request.secret, PinsList),
            ("GET", ["figures"]) => self.look(&request.secret, UsageRead),
            _ if !request.secret.starts_with(ACCOUNT) => error(401, "unknown"),
            _ if request.secret != self.session() => error(401, "expired"),
            ("POST", ["keys"]) => self.create(&request.body),
            ("GET", ["keys"]) => self.list(query),
            ("DELETE", ["keys", id]) => self.revoke(id),
            _ => error(404, "no such route"),
        }
    }

    fn create(&self, body: &str) -> Reply {
        let asked: Value = serde_json::from_str(body).unwrap();
        let mut keys = self.keys.lock().unwrap();
        let number = keys.len();
        let held = Held {
            id: format!("id-{number}"),
            public: api_key(number),
            secret: format!("{SECRET_START}{number:04}"),
            name: asked["name"].as_str().unwrap().to_owned(),
            admin: asked["admin"] == json!(true),
            rights: serde_json::from_value(asked["rights"].clone()).unwrap(),
            revoked: false,
            uses: 0,
            max_uses: asked["max_uses"].as_u64(),
            expires_at: asked["expires_in"].as_u64().map(|left| now() + left.min(REALLY_LONGEST)),
            body: body.to_owned(),
        };
        let answer = Reply::json(
            200,
            &json!({"key": held.public, "secret": held.secret, "expires_at": held.expires_at}),
        );
        keys.push(held);
        answer
    }

    fn list(&self, query: &str) -> Reply {
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(key, _)| *key == name).map(|(_, value)| decoded(value))
        };
        let keys = self.keys.lock().unwrap();
        let name = parameter("name").unwrap_or_default();
        let revoked = parameter("revoked").map(|revoked| revoked == "true");
        let selected: Vec<_> = keys
            .iter()
            .rev()
            .filter(|key| key.name.contains(&name))
            .filter(|key| revoked.is_none_or(|revoked| key.revoked == revoked))
            .collect();
        let offset = parameter("offset").map_or(0, |offset| offset.parse().unwrap());
        let rows: Vec<_> =
            selected.iter().skip(offset).take(PAGE_SIZE).map(|key| row(key)).collect();
        Reply::json(200, &json!({"keys": rows, "total": selected.len()}))
    }

    fn revoke(&self, id: &str) -> Reply {
        let mut keys = self.keys.lock().unwrap();
        match keys.iter_mut().find(|key| key.id == id && !key.revoked) {
            Some(key) => {
                key.revoked = true;
                Reply::json(200, &json!({"revoked": true}))
            }
            None => error(404, "no such key"),
        }
    }

    fn me(&self, secret: &str) -> Reply {
        let mut keys = self.keys.lock().unwrap();
        let Some(key) = keys.iter_mut().find(|key| key.secret == secret) else {
            return error(401, "unknown");
        };
        if key.revoked {
            return error(403, "revoked");
        }
        if key.uses_left() == Some(0) {
            return error(403, "exhausted");
        }
        key.uses += 1;
        Reply::json(200, &json!({"live": true}))
    }

    /// A list that needs a permission.
    fn look(&self, secret: &str, permission: Permission) -> Reply {
        if self.may(secret, permission) {
            return Reply::json(200, &json!({"rows": []}));
        }
        error(403, "scope")
    }

    /// Whether a request with this secret may use the route of a permission.
    pub(crate) fn may(&self, secret: &str, permission: Permission) -> bool {
        let keys = self.keys.lock().unwrap();
        let key = keys.iter().find(|key| key.secret == secret);
        key.filter(|key| !key.revoked && key.uses_left() != Some(0)).is_some_and(|key| {
            let reach = RIGHTS.read(key.rights.iter().map(String::as_str));
            key.admin || reach.scope().allows(permission)
        })
    }
}

/// A key in a list. This provider carelessly shows the secret.
fn row(key: &Held) -> Value {
    json!({
        "id": key.id,
        "key": key.public,
        "secret": key.secret,
        "name": key.name,
        "admin": key.admin,
        "rights": key.rights,
        "revoked": key.revoked,
        "uses": key.uses,
        "max_uses": key.max_uses,
        "expires_at": key.expires_at,
    })
}

/// The provider's clock, in seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

fn error(status: u16, what: &str) -> Reply {
    Reply::json(status, &json!({"error": what}))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
