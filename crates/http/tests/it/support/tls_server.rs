//! A server with a certificate of a CA that it made for itself.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, Stream};

/// What is wrong with a server's certificate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Certificate {
    /// Nothing, if its CA is trusted.
    Sound,
    Expired,
    /// It is valid from a day on that will not come soon.
    Early,
    /// It is for another host.
    OfAnotherHost,
    /// It is a CA's own.
    OfCa,
}

pub(crate) struct TlsServer {
    pub(crate) url: String,
    pub(crate) ca_pem: String,
    connections: Arc<AtomicUsize>,
}

impl TlsServer {
    /// Answers each connection once, on a thread that ends with the process.
    pub(crate) fn start() -> Self {
        Self::with(Certificate::Sound)
    }

    /// The same, with this certificate.
    pub(crate) fn with(fault: Certificate) -> Self {
        let mut ca = CertificateParams::new([]).unwrap();
        ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_key = KeyPair::generate().unwrap();
        let ca = ca.self_signed(&ca_key).unwrap();
        let key = KeyPair::generate().unwrap();
        let host = if fault == Certificate::OfAnotherHost { "other.example" } else { "localhost" };
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        match fault {
            Certificate::Expired => params.not_after = date_time_ymd(2020, 1, 1),
            Certificate::Early => params.not_before = date_time_ymd(3000, 1, 1),
            Certificate::OfCa => params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            Certificate::Sound | Certificate::OfAnotherHost => {}
        }
        let certificate = params.signed_by(&key, &ca, &ca_key).unwrap();

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
            )
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let config = Arc::new(config);
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                counted.fetch_add(1, Ordering::Relaxed);
                // A client that does not trust the certificate breaks off: that is its answer.
                let _ = answer(connection, Arc::clone(&config));
            }
        });
        Self { url, ca_pem: ca.pem(), connections }
    }

    /// The number of connections that were made.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

fn answer(mut connection: TcpStream, config: Arc<ServerConfig>) -> std::io::Result<()> {
    let mut tls = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = Stream::new(&mut tls, &mut connection);
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\nover TLS")?;
    stream.flush()
}
