
use pinning_keys::w3ipfs::{SecretFrom, W3ipfsConfig};

fn issuer() -> Result<impl KeyIssuer, Error> {
    W3ipfsConfig::new().with_jwt(SecretFrom::variable("W3IPFS_JWT")).build()
}
