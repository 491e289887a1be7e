
use pinning_keys::pinata::{PinataConfig, SecretFrom};

fn issuer() -> Result<impl KeyIssuer, Error> {
    PinataConfig::new().with_jwt(SecretFrom::variable("PINATA_JWT")).build()
}
