//! Keys that somebody else issued.

use std::num::NonZeroU64;
use std::sync::Arc;

use pinning_keys::{Credential, IssuedKey, IssuerConfig, KeyIssuer, KeyRequest, ScopeRequest};

use super::Stand;

impl Stand {
    /// The library, at the emulated Pinata.
    pub(crate) fn pinata_issuer(&self) -> Arc<dyn KeyIssuer> {
        issuer(self.emulator().pinata().vars())
    }

    /// The library, at the emulated Pinata with the table `endpoints`.
    pub(crate) fn endpoints_issuer(&self) -> Arc<dyn KeyIssuer> {
        let table = ("PINNING_KEYS_TABLE", "endpoints".to_owned());
        issuer(self.emulator().pinata().vars().into_iter().chain([table]))
    }

    /// The library, at the emulated W3IPFS.
    pub(crate) fn w3ipfs_issuer(&self) -> Arc<dyn KeyIssuer> {
        issuer(self.emulator().w3ipfs().vars())
    }

    /// Issues a key without the program.
    pub(crate) fn issue(&self, issuer: &dyn KeyIssuer, scope: ScopeRequest) -> IssuedKey {
        let request = KeyRequest::new("given", scope).expect("a valid request");
        self.block_on(issuer.issue(&request)).expect("a key")
    }

    /// Issues a key that can be used a few times.
    pub(crate) fn issue_limited(&self, issuer: &dyn KeyIssuer, max_uses: u64) -> IssuedKey {
        let request = KeyRequest::new("given", ScopeRequest::reader()).expect("a valid request");
        let request = request.with_max_uses(NonZeroU64::new(max_uses).expect("not zero"));
        self.block_on(issuer.issue(&request)).expect("a key")
    }
}

fn issuer(variables: impl IntoIterator<Item = (&'static str, String)>) -> Arc<dyn KeyIssuer> {
    IssuerConfig::from_vars(variables).and_then(IssuerConfig::build).expect("an issuer")
}

/// The text of the file that `--to file:` writes.
pub(crate) fn stored(key: &IssuedKey) -> String {
    let mut object = serde_json::to_value(key.credential().expose()).expect("an object");
    object["key_ref"] = key.key_ref().to_string().into();
    object["name"] = key.name().as_str().into();
    object["expires_at"] = serde_json::Value::Null;
    object.to_string()
}

/// The token of a key.
pub(crate) fn jwt(credential: &Credential) -> &str {
    credential.expose().bearer().expect("a JWT")
}
