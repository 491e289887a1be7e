//! What the environment of a process does to `ReqwestTransport`: its proxies and its certificates.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use pinning_keys_core::Operation;
use pinning_keys_http::{ApiClient, BaseUrl, ReqwestTransport};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reqwest::{Client, ClientBuilder, Proxy};

use crate::support::inner::{PROXY_VARIABLES, inside, told};
use crate::support::server::{Connection, Server, reply};
use crate::support::{call, token};

/// The address that an inner run calls.
const ADDRESS: &str = "PINNING_KEYS_TEST_ADDRESS";

/// A host that is not this machine by its name.
const HOST: &str = "mock.internal";

#[tokio::test]
async fn proxy_is_ignored_for_this_machine() {
    // Nothing listens at port 1.
    let proxy = "http://user:pass@127.0.0.1:1";
    let variables = [
        ("HTTP_PROXY", proxy),
        ("http_proxy", proxy),
        ("HTTPS_PROXY", proxy),
        ("ALL_PROXY", proxy),
    ];
    if !inside("surroundings::proxy_is_ignored_for_this_machine", &variables) {
        return;
    }
    let server = Server::start([Connection::Reply(reply("200 OK", "", "direct"))]);
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    for host in ["127.0.0.1", "localhost"] {
        let base_url = BaseUrl::parse(&format!("http://{host}:{port}"), &[]).unwrap();
        let client = ApiClient::builder("example", base_url, token()).build().unwrap();
        let answered = client.call(call(Operation::List)).await.unwrap();
        assert_eq!(answered.body(), "direct");
    }
}

/// A proxy that nobody may call.
struct Forbidden(TcpListener);

impl Forbidden {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Self(listener)
    }

    fn address(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    /// Whether it was called since the last time.
    fn was_called(&self) -> bool {
        self.0.incoming().map_while(Result::ok).count() > 0
    }
}

/// Calls [`HOST`], which is at this address, by plain http, and returns the body of the answer.
async fn call_host(
    address: SocketAddr,
    client: impl Fn() -> ClientBuilder + Send + Sync + 'static,
) -> String {
    let transport = ReqwestTransport::from_builder(move || client().resolve(HOST, address));
    let base_url = format!("http://{HOST}:{}", address.port());
    let base_url = BaseUrl::parse(&base_url, &[HOST.to_owned()]).unwrap();
    let client = ApiClient::builder("example", base_url, token())
        .transport(Arc::new(transport.unwrap()))
        .deadline(Duration::from_secs(2))
        .build()
        .unwrap();
    let answered = client.call(call(Operation::List)).await.unwrap();
    String::from_utf8(answered.body().to_vec()).unwrap()
}

/// A server that answers `direct`, and its address.
fn server() -> (Server, SocketAddr) {
    let server = Server::start([Connection::Reply(reply("200 OK", "", "direct"))]);
    let address = server.url().replace("http://", "").parse().unwrap();
    (server, address)
}

/// Settings of the environment; `PROXY` stands for the address of a proxy.
fn proxy_settings() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let proxy = prop_oneof![
        4 => Just("http://PROXY"),
        2 => Just("PROXY"),
        1 => Just("http://user:pass@PROXY/"),
        1 => Just("HTTP://PROXY"),
        1 => Just("https://PROXY"),
        1 => Just("socks5://PROXY"),
        1 => Just(""),
    ];
    let exempted = prop_oneof![
        2 => Just(""),
        1 => Just("*"),
        1 => Just("other.example"),
        1 => Just(".internal"),
        1 => Just("mock.internal,127.0.0.1"),
    ];
    let setting = |name: &'static str| {
        let value = match name {
            "NO_PROXY" | "no_proxy" => exempted.clone().boxed(),
            // With it, HTTP_PROXY comes from the client of a CGI program and is ignored.
            "REQUEST_METHOD" => Just("GET").boxed(),
            _ => proxy.clone().boxed(),
        };
        proptest::option::of(value.prop_map(move |value| (name, value)))
    };
    let settings: Vec<_> = PROXY_VARIABLES.into_iter().map(setting).collect();
    settings.prop_map(|settings| settings.into_iter().flatten().collect())
}

/// Whatever the environment says about proxies, none is sent a request of plain http, because it
/// would read the credential.
#[test]
fn plain_http_reaches_no_proxy_of_the_environment() {
    if let Some(address) = told(ADDRESS) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let body = runtime.block_on(call_host(address.parse().unwrap(), Client::builder));
        assert_eq!(body, "direct");
        return;
    }
    let (_server, address) = server();
    let address = address.to_string();
    let proxy = Forbidden::new();
    let run = |settings: Vec<(&'static str, &'static str)>| {
        let with_address = |(name, value): &(&'static str, &str)| {
            (*name, value.replace("PROXY", &proxy.address()))
        };
        let settings: Vec<_> = settings.iter().map(with_address).collect();
        let settings = settings.iter().map(|(name, value)| (*name, &**value));
        // There is nothing to read at "", so that reading it takes no time.
        let variables: Vec<_> =
            settings.chain([(ADDRESS, &*address), ("SSL_CERT_FILE", "")]).collect();
        inside("surroundings::plain_http_reaches_no_proxy_of_the_environment", &variables);
        prop_assert!(!proxy.was_called());
        Ok(())
    };
    let config = Config { cases: 40, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&proxy_settings(), run).unwrap();
}

#[tokio::test]
async fn plain_http_reaches_no_proxy_of_an_own_client() {
    let (_server, address) = server();
    let proxy = Forbidden::new();
    let url = format!("http://{}", proxy.address());
    let custom: reqwest::Url = url.parse().unwrap();
    for setting in [
        Proxy::all(&url).unwrap(),
        Proxy::http(&url).unwrap(),
        Proxy::all(&url).unwrap().basic_auth("user", "pass"),
        Proxy::custom(move |_| Some(custom.clone())),
    ] {
        let client = move || Client::builder().proxy(setting.clone());
        assert_eq!(call_host(address, client).await, "direct");
        assert!(!proxy.was_called());
    }
}

/// `reqwest` by itself builds no client then, not even for plain http to this machine.
#[tokio::test]
async fn system_without_certificates_suffices() {
    let nowhere = "/nonexistent/certificates";
    let variables = [("SSL_CERT_FILE", nowhere), ("SSL_CERT_DIR", nowhere)];
    if !inside("surroundings::system_without_certificates_suffices", &variables) {
        return;
    }
    let server = Server::start([Connection::Reply(reply("200 OK", "", "fine"))]);
    assert_eq!(server.client().call(call(Operation::List)).await.unwrap().body(), "fine");
    #[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
    {
        let base_url = BaseUrl::parse("https://api.example.com", &[]).unwrap();
        ApiClient::builder("example", base_url, token()).build().unwrap();
    }
}
