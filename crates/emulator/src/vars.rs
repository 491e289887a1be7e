/// The environment variables of `pinning-keys` for an account of a provider. Plain HTTP needs no
/// variable: it is allowed to loopback.
pub(crate) fn of(provider: &str, base_url: &str, jwt: &str) -> Vec<(&'static str, String)> {
    vec![
        ("PINNING_KEYS_PROVIDER", provider.to_owned()),
        ("PINNING_KEYS_BASE_URL", base_url.to_owned()),
        ("PINNING_KEYS_JWT", jwt.to_owned()),
    ]
}
