//! Tests that run themselves in another process, whose environment can be set without a race.

use std::process::Command;

const INNER: &str = "PINNING_KEYS_TEST_INNER";

/// The variables that can name a proxy, and those that can take it back.
pub(crate) const PROXY_VARIABLES: [&str; 9] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUEST_METHOD",
];

/// Runs the test of this path again with these variables, and without others that name proxies or
/// certificates; `true` inside that run.
pub(crate) fn inside(test: &str, variables: &[(&str, &str)]) -> bool {
    if std::env::var_os(INNER).is_some() {
        return true;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    for name in PROXY_VARIABLES.into_iter().chain(["SSL_CERT_FILE", "SSL_CERT_DIR"]) {
        command.env_remove(name);
    }
    let output = command
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(INNER, "yes")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "the inner test did not run:\n{said}");
    false
}

/// A variable of an inner run; nothing outside of one.
pub(crate) fn told(name: &str) -> Option<String> {
    std::env::var_os(INNER)?;
    Some(std::env::var(name).unwrap())
}
