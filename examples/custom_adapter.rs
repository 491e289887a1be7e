//! An adapter for an invented provider that lives in memory: one table and six methods. A real one
//! sends requests with `adapter::ApiClient`. Run: `cargo run --example custom_adapter`.

use std::num::NonZeroUsize;
use std::sync::Mutex;

use pinning_keys::Permission::{PinsAddCid, PinsAddFile, PinsList, PinsRemove};
use pinning_keys::adapter::{
    Grant, IssuerProfile, PermissionTable, Reading, Translation, async_trait, http::Method,
};
use pinning_keys::{
    Credential, Cursor, Error, ErrorKind, IssuedKey, KeyIssuer, KeyPage, KeyQuery, KeyRecord,
    KeyRef, KeyRequest, Plan, Revocation, ScopeRequest, Verification,
};

/// The provider's grants and what they open, narrow ones before wide ones that include them.
static GRANTS: [Grant; 3] = [
    Grant::new("look", &[PinsList]),
    Grant::new("upload", &[PinsAddFile]),
    Grant::new("edit", &[PinsList, PinsAddFile, PinsAddCid, PinsRemove]),
];
static RIGHTS: PermissionTable = PermissionTable::new("example-pins", "rights", &GRANTS);
const PAGE_SIZE: NonZeroUsize = NonZeroUsize::new(2).unwrap();

struct ExamplePins {
    profile: IssuerProfile,
    keys: Mutex<Vec<Held>>, // what the provider holds, the oldest key first
}

struct Held {
    key_ref: KeyRef,
    name: String,
    scope: Translation,
    token: String,
    revoked: bool,
}

#[async_trait]
impl KeyIssuer for ExamplePins {
    fn profile(&self) -> &IssuerProfile {
        &self.profile
    }

    fn plan(&self, request: &KeyRequest) -> Result<Plan, Error> {
        // Refuses what the table cannot express, and what the profile does not offer.
        let scope = self.profile.check_request(request)?;
        let rights: Vec<_> = scope.wire_names().collect();
        let admin = scope.granted().is_admin(); // which no set of grants comes to
        let body = serde_json::json!({"name": request.name(), "admin": admin, "rights": rights});
        Ok(Plan::new(scope, Method::POST, "/keys", body.to_string()))
    }

    async fn issue(&self, request: &KeyRequest) -> Result<IssuedKey, Error> {
        let scope = *self.plan(request)?.translation();
        let mut keys = self.keys.lock().expect("no holder of the lock panics");
        let token = format!("sample-token-{}", keys.len());
        let credential = Credential::bearer(RIGHTS.provider(), token.as_str())?;
        let key_ref = KeyRef::new(RIGHTS.provider(), keys.len().to_string())?;
        let (issued, name) = (key_ref.clone(), request.name().to_string());
        // The create is sent once, and last: whatever fails before it has created no key.
        keys.push(Held { key_ref, name, scope, token, revoked: false });
        Ok(IssuedKey::new(issued, request, scope, credential))
    }

    async fn list(&self, query: &KeyQuery) -> Result<KeyPage, Error> {
        self.profile.check_query(query)?;
        let foreign = |_| Error::new(ErrorKind::InvalidInput, "the cursor is not of this listing");
        let start = query.cursor().map_or(Ok(0), |at| at.as_str().parse()).map_err(foreign)?;
        let keys = self.keys.lock().expect("no holder of the lock panics");
        let page = keys.iter().skip(start).take(PAGE_SIZE.get()).map(|key| {
            let admin = key.scope.granted().is_admin();
            let rights = RIGHTS.read(key.scope.wire_names());
            let reading = if admin { Reading::admin() } else { rights };
            KeyRecord::new(key.key_ref.clone(), &key.name, reading).with_revoked(Some(key.revoked))
        });
        let next = Some(start.saturating_add(PAGE_SIZE.get())).filter(|next| *next < keys.len());
        Ok(KeyPage::new(page.collect(), next.map(|next| Cursor::new(next.to_string()))))
    }

    async fn revoke(&self, key: &KeyRef) -> Result<Revocation, Error> {
        self.profile.check_key_ref(key)?;
        let mut keys = self.keys.lock().expect("no holder of the lock panics");
        let held = keys.iter_mut().find(|held| held.key_ref == *key && !held.revoked);
        // The provider knows all its keys: one that is not there is gone for certain.
        let revoked = held.map(|held| held.revoked = true).is_some();
        Ok(if revoked { Revocation::Revoked } else { Revocation::AlreadyGone })
    }

    async fn verify(&self, credential: &Credential) -> Result<Verification, Error> {
        self.profile.check_credential(credential)?;
        let keys = self.keys.lock().expect("no holder of the lock panics");
        let token = credential.expose().bearer();
        let live = keys.iter().any(|key| token == Some(&key.token) && !key.revoked);
        Ok(if live { Verification::Live } else { Verification::Unrecognized })
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let profile = IssuerProfile::new(&RIGHTS).with_page_size(PAGE_SIZE);
    let issuer = ExamplePins { profile, keys: Mutex::default() };
    let request = KeyRequest::new("team-site", ScopeRequest::reader().prefers([PinsAddFile]))?;
    println!("{}\n", issuer.plan(&request)?);
    let key = issuer.issue(&request).await?;
    println!("issued    {} may {}", key.name(), key.granted());
    for record in issuer.list(&KeyQuery::new()).await?.records() {
        println!("listed    {} may {}", record.name(), record.scope());
    }
    println!("verified  {}", issuer.verify(key.credential()).await?);
    println!("revoked   {}", issuer.revoke(key.key_ref()).await?);
    println!("verified  {}", issuer.verify(key.credential()).await?);
    Ok(())
}
