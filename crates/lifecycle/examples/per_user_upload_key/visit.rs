//! One user's visit as the browser makes it: to the service, and with a key to the provider.

use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use pinning_keys::HolderRoute;
use pinning_keys::transport::{Limits, ReqwestTransport, Transport};
use serde_json::Value;

use crate::session;

/// The addresses of a visit.
pub(crate) struct Places {
    pub(crate) service: String,
    /// The provider's route that lists what is pinned.
    pub(crate) list: HolderRoute,
    /// The provider's route that removes a pin.
    pub(crate) remove: HolderRoute,
}

/// The result of a visit.
pub(crate) struct Visit {
    /// The table of the keys, for instance `w3ipfs (scopes)`.
    table: String,
    /// The uses of the first key; `None` if unlimited.
    max_uses: Option<u64>,
    /// Each step and the status of its answer; `None` if it was skipped.
    steps: Vec<(&'static str, Option<StatusCode>)>,
}

impl Visit {
    pub(crate) async fn to(places: &Places, table: String) -> Result<Self, Box<dyn Error>> {
        let browser = Browser { places, transport: ReqwestTransport::new()? };
        let mut steps = Vec::new();
        let mut step = |what, status| steps.push((what, Some(status)));

        let (status, _) = browser.ask("/upload-key", None).await?;
        step("request a key, logged out", status);
        let (status, first) = browser.ask("/upload-key", Some(session::ALICE)).await?;
        step("request a key, logged in", status);
        step("upload a file with it", browser.upload(&first, "one").await?);
        step("list what is pinned", browser.try_key(&first, &places.list).await?);
        step("remove a pin", browser.try_key(&first, &places.remove).await?);

        let (status, second) = browser.ask("/upload-key", Some(session::ALICE)).await?;
        step("request another key", status);
        step("upload with the first key", browser.upload(&first, "two").await?);
        step("upload with the second key", browser.upload(&second, "two").await?);
        let (status, link) = browser.ask("/upload-link", Some(session::ALICE)).await?;
        step("request a link", status);
        step("log out", browser.ask("/log-out", Some(session::ALICE)).await?.0);
        step("upload after logging out", browser.upload(&second, "three").await?);

        let to_link = match status {
            StatusCode::CREATED => Some(browser.upload(&link, "four").await?),
            _ => None,
        };
        steps.push(("upload to the link, no key", to_link));

        Ok(Self { table, max_uses: first["max_uses"].as_u64(), steps })
    }
}

/// Visits side by side: a row for each step, a column for each visit.
pub(crate) fn table(visits: &[Visit]) -> String {
    let mut text = String::new();
    let mut row = |label: &str, cell: &dyn Fn(&Visit) -> String| {
        let cells: Vec<_> = visits.iter().map(|visit| format!("{:<20}", cell(visit))).collect();
        text.push_str(format!("{label:<30}   {}", cells.join("   ")).trim_end());
        text.push('\n');
    };
    row("", &|visit| visit.table.clone());
    row("uses of a key", &|visit| {
        visit.max_uses.map_or("any number".to_owned(), |uses| uses.to_string())
    });
    for (at, (what, _)) in visits.first().map_or(&[][..], |visit| &visit.steps).iter().enumerate() {
        row(what, &|visit| shown(visit.steps[at].1));
    }
    text
}

fn shown(status: Option<StatusCode>) -> String {
    let Some(status) = status else { return "skipped".to_owned() };
    let word = match status {
        StatusCode::NOT_FOUND => "none",
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "refused",
        _ if status.is_success() => "done",
        _ => "FAILED",
    };
    format!("{word:<7}  {}", status.as_u16())
}

struct Browser<'a> {
    places: &'a Places,
    transport: ReqwestTransport,
}

impl Browser<'_> {
    /// A request to the service, with or without a session.
    async fn ask(
        &self,
        path: &str,
        session: Option<&'static str>,
    ) -> Result<(StatusCode, Value), Box<dyn Error>> {
        let mut headers = HeaderMap::new();
        if let Some(session) = session {
            headers.insert(session::HEADER, HeaderValue::from_static(session));
        }
        let url = format!("{}{path}", self.places.service);
        let (status, body) = self.send(Method::POST, &url, headers, Bytes::new()).await?;
        Ok((status, serde_json::from_slice(&body).unwrap_or(Value::Null)))
    }

    /// An upload as the service's answer describes it.
    async fn upload(&self, answer: &Value, content: &str) -> Result<StatusCode, Box<dyn Error>> {
        let url = answer["upload"]["url"].as_str().ok_or("the service returned no address")?;
        let mut headers = key_headers(answer)?;
        let form_type = HeaderValue::from_static("multipart/form-data; boundary=sample");
        headers.insert(CONTENT_TYPE, form_type);
        Ok(self.send(Method::POST, url, headers, form(content)).await?.0)
    }

    /// A request to the provider that the key should not allow.
    async fn try_key(
        &self,
        answer: &Value,
        route: &HolderRoute,
    ) -> Result<StatusCode, Box<dyn Error>> {
        let method = route.method().clone();
        Ok(self.send(method, route.url(), key_headers(answer)?, Bytes::new()).await?.0)
    }

    async fn send(
        &self,
        method: Method,
        url: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, Bytes), Box<dyn Error>> {
        let mut request = Request::builder().method(method).uri(url).body(body)?;
        *request.headers_mut() = headers;
        let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
        let (parts, body) = self.transport.send(request, limits).await?.into_parts();
        Ok((parts.status, body))
    }
}

/// The headers of the key that the service returned.
fn key_headers(answer: &Value) -> Result<HeaderMap, Box<dyn Error>> {
    let headers = answer["upload"]["headers"].as_object().ok_or("the service returned no key")?;
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let value = value.as_str().ok_or("a header is not text")?;
        map.insert(name.parse::<HeaderName>()?, value.parse::<HeaderValue>()?);
    }
    Ok(map)
}

/// A form with one small file.
fn form(content: &str) -> Bytes {
    let form = format!(
        "--sample\r\n\
         content-disposition: form-data; name=\"file\"; filename=\"hello.txt\"\r\n\
         content-type: text/plain\r\n\r\n\
         {content}\r\n\
         --sample--\r\n"
    );
    form.into()
}
