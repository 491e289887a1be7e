//! Keys, and a folder to deliver them to.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use pinning_keys_core::{
    Credential, IssuedKey, IssuerProfile, KeyRef, KeyRequest, PairHeaders, PermissionTable,
    ScopeRequest,
};
use pinning_keys_pinata::RESOURCES;
use pinning_keys_sinks::{Delivery, Incoming, Sink, SinkError, SinkSpec};
use pinning_keys_testkit::secrets::Secrets;
use pinning_keys_w3ipfs::SCOPES;
use tempfile::TempDir;

/// A token whose payload contains the API secret, as Pinata's do.
pub(crate) const TOKEN: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzY29wZWRLZXlTZWNyZXQiOiI\
    3ZjNkOTFjMjBiNWU0YThmNmQyYzFiMGE5ZTg3ZjNkOSJ9.q7XfV2mYt0sBzK5rNwD8hLpGcJ3eAiU1";

/// The secret of the pair, with characters that files and URLs treat specially.
pub(crate) const SECRET: &str = "7f3d91c20b5e4a8f6d2c1b0a9e87+/==";

/// A key of Pinata, with a token and a pair.
pub(crate) fn pinata(name: &str) -> IssuedKey {
    pinata_named(name, name)
}

/// A key of Pinata whose name cannot be an API key.
pub(crate) fn pinata_named(name: &str, api_key: &str) -> IssuedKey {
    let credential = Credential::bearer("pinata", TOKEN).unwrap();
    let credential = credential.with_key_pair(HEADERS, api_key, SECRET).unwrap();
    issued(name, &RESOURCES, credential)
}

/// A key of W3IPFS, which is a pair.
pub(crate) fn w3ipfs(name: &str) -> IssuedKey {
    issued(name, &SCOPES, Credential::key_pair("w3ipfs", HEADERS, name, SECRET).unwrap())
}

/// A key whose token is this text.
pub(crate) fn with_token(token: &str) -> IssuedKey {
    issued("odd", &RESOURCES, Credential::bearer("pinata", token).unwrap())
}

const HEADERS: PairHeaders = PairHeaders::new("x-api-key", "x-api-secret");

fn issued(name: &str, table: &'static PermissionTable, credential: Credential) -> IssuedKey {
    let request = KeyRequest::new(name, ScopeRequest::reader()).unwrap();
    let translation = table.translate(request.scope()).unwrap();
    let key_ref = KeyRef::new(table.provider(), name).unwrap();
    IssuedKey::new(key_ref, &request, translation, credential)
}

/// The key before it is issued.
pub(crate) fn incoming(key: &IssuedKey) -> Incoming {
    let table = if key.key_ref().provider() == "pinata" { &RESOURCES } else { &SCOPES };
    Incoming::new(key.name(), &IssuerProfile::new(table))
}

/// Checks the sink, and delivers the key to it.
pub(crate) async fn deliver(spec: SinkSpec, key: &IssuedKey) -> Result<(), SinkError> {
    let sink = spec.open()?;
    check(&*sink, key).await?;
    sink.deliver(&Delivery::new(key)).await
}

pub(crate) async fn check(sink: &dyn Sink, key: &IssuedKey) -> Result<(), SinkError> {
    sink.check(&incoming(key)).await
}

/// The secrets of the keys.
pub(crate) fn secrets() -> Secrets {
    Secrets::of([TOKEN, SECRET])
}

/// A folder that only its owner can write to.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    /// The names of the files in it.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path()).unwrap();
        let name = |entry: std::fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    /// The sink whose text is a kind, this file, and an end such as `#NAME`.
    pub(crate) fn spec(&self, kind: &str, name: &str, end: &str) -> SinkSpec {
        let file = self.file(name).into_os_string();
        SinkSpec::parse(OsString::from_iter([kind.into(), file, end.into()])).unwrap()
    }
}
