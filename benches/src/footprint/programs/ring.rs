
const URL: &str = "https://api.pinata.cloud/v3/api_keys";

fn set_up_tls() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
