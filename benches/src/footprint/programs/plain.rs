
const URL: &str = "http://127.0.0.1:8787/v3/api_keys";

fn set_up_tls() {}
