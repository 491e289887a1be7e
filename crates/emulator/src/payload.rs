use axum::body::Body;
use axum::extract::{FromRequest as _, Multipart};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Request, request::Parts};
use serde_json::Value;

use crate::body::{self, TooLarge};

/// The longest form that the emulator reads. The official client sends files of 90 MiB and more in
/// chunks [SDK].
const MAX_FORM_BYTES: usize = 100 * 1024 * 1024;

/// The longest body that is not a form, and so contains no file.
const MAX_PLAIN_BYTES: usize = 1024 * 1024;

/// The complete body of a request, parsed by its content type.
pub(crate) enum Payload {
    Bytes(Bytes),
    Form(Form),
    /// A malformed multipart body.
    BrokenForm,
}

/// The fields of a multipart body.
#[derive(Default)]
pub(crate) struct Form {
    pub(crate) files: Vec<FilePart>,
    fields: Vec<(String, String)>,
}

pub(crate) struct FilePart {
    pub(crate) name: Option<String>,
    pub(crate) mime_type: Option<String>,
    pub(crate) content: Bytes,
}

impl FilePart {
    /// The type that the form names, or that of unknown bytes.
    pub(crate) fn media_type(&self) -> &str {
        self.mime_type.as_deref().unwrap_or("application/octet-stream")
    }
}

impl Payload {
    /// Reads the body, so that the request can then be handled without waiting.
    pub(crate) async fn read(parts: &Parts, body: Body) -> Result<Self, TooLarge> {
        if !has_type(parts, "multipart/form-data") {
            return body::read(body, MAX_PLAIN_BYTES).await.map(Self::Bytes);
        }
        let bytes = body::read(body, MAX_FORM_BYTES).await?;
        let mut request = Request::new(Body::from(bytes));
        if let Some(value) = parts.headers.get(CONTENT_TYPE).and_then(without_blanks) {
            request.headers_mut().insert(CONTENT_TYPE, value);
        }
        // The length is already bounded, above axum's default for forms.
        axum::extract::DefaultBodyLimit::apply(
            axum::extract::DefaultBodyLimit::disable(),
            &mut request,
        );
        Ok(match Form::read(request).await {
            Some(form) => Self::Form(form),
            None => Self::BrokenForm,
        })
    }

    /// The body as JSON; an empty one is null.
    pub(crate) fn json(&self) -> Option<Value> {
        match self {
            Self::Bytes(bytes) if bytes.is_empty() => Some(Value::Null),
            Self::Bytes(bytes) => serde_json::from_slice(bytes).ok(),
            Self::Form(_) | Self::BrokenForm => None,
        }
    }

    pub(crate) fn form(&self) -> Option<&Form> {
        match self {
            Self::Form(form) => Some(form),
            Self::Bytes(_) | Self::BrokenForm => None,
        }
    }
}

impl Form {
    async fn read(request: Request<Body>) -> Option<Self> {
        let mut multipart = Multipart::from_request(request, &()).await.ok()?;
        let mut form = Self::default();
        while let Some(field) = multipart.next_field().await.ok()? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "file" {
                form.files.push(FilePart {
                    name: field.file_name().map(str::to_owned),
                    mime_type: field.content_type().map(str::to_owned),
                    content: field.bytes().await.ok()?,
                });
            } else {
                form.fields.push((name, field.text().await.ok()?));
            }
        }
        Some(form)
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A field that contains JSON; null if it is missing.
    pub(crate) fn json_field(&self, name: &str) -> serde_json::Result<Value> {
        self.field(name).map_or(Ok(Value::Null), serde_json::from_str)
    }
}

/// A content type without blanks around the `=` of its parameters.
///
/// Every `@pinata/sdk` up to 1.2.1 sends `boundary= X` [SDK]; that the real servers accept it is
/// inferred from its use [INF].
fn without_blanks(content_type: &HeaderValue) -> Option<HeaderValue> {
    let parts = content_type.to_str().ok()?.split(';').map(|part| match part.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
        None => part.trim().to_owned(),
    });
    HeaderValue::from_str(&parts.collect::<Vec<_>>().join("; ")).ok()
}

pub(crate) fn has_type(parts: &Parts, media_type: &str) -> bool {
    let value = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    value
        .and_then(|value| value.split(';').next())
        .is_some_and(|value| value.trim().eq_ignore_ascii_case(media_type))
}
