//! Bare `hyper`.

use std::net::SocketAddr;

use anyhow::{Result, ensure};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{HeaderValue, Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::account;
use crate::drive::{self, Job};

/// A connection, and the headers of every request.
pub(crate) struct Worker {
    connection: SendRequest<Full<Bytes>>,
    host: HeaderValue,
    authorization: HeaderValue,
}

impl Worker {
    async fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self {
            connection: sender,
            host: address.to_string().parse()?,
            authorization: format!("Bearer {}", account::jwt()).parse()?,
        })
    }

    fn request(&self, number: u64) -> Request<Full<Bytes>> {
        let body = format!(
            r#"{{"keyName":"user-{number}","permissions":{{"resources":["org:files:read"]}}}}"#
        );
        let mut request = Request::new(Full::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = Uri::from_static("/v3/api_keys");
        let headers = request.headers_mut();
        headers.insert(HOST, self.host.clone());
        headers.insert(AUTHORIZATION, self.authorization.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        request
    }
}

impl drive::Worker for Worker {
    async fn crew(job: Job) -> Result<Vec<Self>> {
        let mut crew = Vec::new();
        for _ in 0..job.concurrency {
            crew.push(Self::connect(job.address).await?);
        }
        Ok(crew)
    }

    async fn issue(&mut self, number: u64) -> Result<()> {
        self.connection.ready().await?;
        let answer = self.connection.send_request(self.request(number)).await?;
        ensure!(answer.status().is_success(), "the server refused");
        let body = answer.into_body().collect().await?.to_bytes();
        ensure!(!body.is_empty(), "the answer is empty");
        Ok(())
    }
}
