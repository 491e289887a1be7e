//! What `reqwest` and what is below it log, at the level of traces, shows no credential.

use std::cell::RefCell;
use std::sync::{Arc, Once};

use pinning_keys_core::Operation;
use pinning_keys_http::credentials::AccountCredential;
use pinning_keys_http::{ApiClient, BaseUrl, ReqwestTransport};

use crate::support::call;
use crate::support::server::{Connection, Server, reply};

thread_local! {
    /// With a runtime of one thread, all of a test is logged on its own.
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Lines;

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = format!("{} {}", record.target(), record.args());
        LINES.with_borrow_mut(|lines| lines.push(line));
    }

    fn flush(&self) {}
}

fn capture() {
    static SET: Once = Once::new();
    SET.call_once(|| {
        log::set_logger(&Lines).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
}

#[tokio::test]
async fn verbose_settings_log_no_credential() {
    capture();
    let canary = "canary-in-the-header";
    let server = Server::start([Connection::Reply(reply("200 OK", "", "canary-in-the-answer"))]);
    let base_url = BaseUrl::parse(&server.url(), &[]).unwrap();
    let credential = Arc::new(AccountCredential::bearer(canary).unwrap());
    let verbose = || reqwest::Client::builder().connection_verbose(true);
    for transport in [ReqwestTransport::new(), ReqwestTransport::from_builder(verbose)] {
        let client = ApiClient::builder("example", base_url.clone(), credential.clone());
        let client = client.transport(Arc::new(transport.unwrap())).build().unwrap();
        client.call(call(Operation::List).query("key", "canary-in-the-query")).await.unwrap();
    }
    assert!(server.requests().iter().all(|request| request.contains(canary)));
    let lines = LINES.take();
    assert!(lines.iter().any(|line| line.starts_with("reqwest::connect ")), "{lines:#?}");
    assert!(!lines.iter().any(|line| line.contains("canary")), "{lines:#?}");
}
