
use pinning_keys::IssuerConfig;

fn issuer() -> Result<impl KeyIssuer, Error> {
    IssuerConfig::from_env()?.build()
}
