use std::fmt;

use bytes::Bytes;
use http::{Request, Uri};
use serde_json::{Value, json};

use crate::disturbance::{Disturbance, STRANGE_KEY};

/// The pages of a list: JSON objects with an array of rows, and perhaps a total.
///
/// Pass them to [`DisturbedTransport::with_pages`](crate::DisturbedTransport::with_pages). If the
/// pages have another form, leave them out: the cases about pages are then skipped. Members are
/// given as JSON pointers (RFC 6901).
///
/// ```
/// use pinning_keys_conformance::{JsonPages, STRANGE_KEY, ShortPages};
/// use serde_json::json;
///
/// // {"data": {"keys": [{"name": "a", "rights": ["look"]}], "total": 1}}
/// let pages = JsonPages::new("/data/keys")
///     .with_total("/data/total")
///     .with_short_pages(ShortPages::Parameter("limit"))
///     .with_strange_row(|row| {
///         row["name"] = json!(STRANGE_KEY);
///         row["rights"] = json!(["look", "telepathy"]);
///     });
/// # let _ = pages;
/// ```
pub struct JsonPages {
    rows: &'static str,
    total: Option<&'static str>,
    short: Option<ShortPages>,
    strange: Option<Strange>,
}

type Strange = Box<dyn Fn(&mut Value) + Send + Sync>;

/// How a page becomes shorter without losing a key.
///
/// If lists are continued by the number of a page, none of these is sound: leave it out, and the
/// case about short pages is skipped.
///
/// ```
/// use pinning_keys_conformance::{JsonPages, ShortPages};
///
/// // `GET /keys?limit=100`
/// let by_query = JsonPages::new("/keys").with_short_pages(ShortPages::Parameter("limit"));
/// // `POST /keys/list`, `{"maxCount": 100}`
/// let by_body = JsonPages::new("/keys").with_short_pages(ShortPages::Member("maxCount"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShortPages {
    /// This parameter of the query asks for one row. The list may continue with an offset or with
    /// a cursor.
    Parameter(&'static str),
    /// This member of the request's JSON body asks for one row.
    Member(&'static str),
    /// The last row is dropped from the page. Only for lists that continue with an offset, which
    /// the adapter computes from the rows that it has received: a cursor would skip the row.
    DropLastRow,
}

impl JsonPages {
    /// Creates pages whose rows are the array at this pointer, such as `/keys`.
    ///
    /// ```
    /// use pinning_keys_conformance::JsonPages;
    ///
    /// // {"keys": [{"name": "a"}, {"name": "b"}]}
    /// let pages = JsonPages::new("/keys");
    /// # let _ = pages;
    /// ```
    #[must_use]
    pub fn new(rows: &'static str) -> Self {
        Self { rows, total: None, short: None, strange: None }
    }

    /// Sets the pointer to the total number of keys, for [`Disturbance::WrongTotal`].
    ///
    /// ```
    /// use pinning_keys_conformance::JsonPages;
    ///
    /// // {"keys": [{"name": "a"}, {"name": "b"}], "count": 2}
    /// let pages = JsonPages::new("/keys").with_total("/count");
    /// # let _ = pages;
    /// ```
    #[must_use]
    pub fn with_total(mut self, total: &'static str) -> Self {
        self.total = Some(total);
        self
    }

    /// Sets how a page becomes shorter, for [`Disturbance::ShortPage`].
    ///
    /// ```
    /// use pinning_keys_conformance::{JsonPages, ShortPages};
    ///
    /// let pages = JsonPages::new("/keys").with_short_pages(ShortPages::Parameter("limit"));
    /// # let _ = pages;
    /// ```
    #[must_use]
    pub fn with_short_pages(mut self, short: ShortPages) -> Self {
        self.short = Some(short);
        self
    }

    /// Sets how a row becomes that of a key named [`STRANGE_KEY`] with a grant that no document
    /// has, for [`Disturbance::UnknownGrant`].
    ///
    /// The row is a copy of the first one on the page, with an unknown member. Give it an id of
    /// its own, too.
    ///
    /// ```
    /// use pinning_keys_conformance::{JsonPages, STRANGE_KEY};
    /// use serde_json::json;
    ///
    /// let pages = JsonPages::new("/keys").with_strange_row(|row| {
    ///     row["id"] = json!("strange");
    ///     row["name"] = json!(STRANGE_KEY);
    ///     row["scopes"] = json!(["read", "telepathy"]);
    /// });
    /// # let _ = pages;
    /// ```
    #[must_use]
    pub fn with_strange_row(mut self, change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        self.strange = Some(Box::new(change));
        self
    }

    /// Whether pages can be disturbed in this way.
    pub(super) fn offers(&self, disturbance: Disturbance) -> bool {
        match disturbance {
            Disturbance::ShortPage => self.short.is_some(),
            Disturbance::WrongTotal => self.total.is_some(),
            Disturbance::UnknownGrant => self.strange.is_some(),
            Disturbance::RepeatedRow
            | Disturbance::StalePage
            | Disturbance::UnreadableRow
            | Disturbance::ArrayRow => true,
            _ => false,
        }
    }

    /// Changes the request for a page so that the provider sends fewer rows, and returns whether it
    /// did. The provider's own cursor then continues after the rows that it sent, so that no key is
    /// lost. Otherwise, [`edit`](Self::edit) shortens the page.
    pub(super) fn ask_for_fewer(&self, request: &mut Request<Bytes>) -> bool {
        let changed = match self.short {
            Some(ShortPages::Parameter(name)) => {
                with_parameter(request.uri(), name).map(|uri| *request.uri_mut() = uri)
            }
            Some(ShortPages::Member(name)) => {
                with_member(request.body(), name).map(|body| *request.body_mut() = body)
            }
            Some(ShortPages::DropLastRow) | None => None,
        };
        changed.is_some()
    }

    /// The page as the disturbance changes it, or `None` if it leaves it as it is. `previous` is
    /// the page that the adapter received before this one.
    pub(super) fn edit(
        &self,
        disturbance: Disturbance,
        page: &[u8],
        previous: Option<&[u8]>,
    ) -> Option<Vec<u8>> {
        let mut page: Value = serde_json::from_slice(page).ok()?;
        if disturbance == Disturbance::WrongTotal {
            self.set_total(&mut page, |total| total + 1)?;
            return Some(page.to_string().into_bytes());
        }
        let rows = self.rows(&mut page)?;
        match disturbance {
            Disturbance::ShortPage if self.short == Some(ShortPages::DropLastRow) => {
                rows.pop()?;
            }
            Disturbance::RepeatedRow => rows.insert(0, self.last_row(previous?)?),
            Disturbance::UnknownGrant => rows.push(self.strange_row(rows.first()?)?),
            Disturbance::UnreadableRow => rows.push(json!("not a key")),
            Disturbance::ArrayRow => rows.push(json!([STRANGE_KEY])),
            Disturbance::StalePage if !rows.is_empty() => rows.clear(),
            _ => return None,
        }
        if disturbance == Disturbance::StalePage {
            self.set_total(&mut page, |_| 0);
        }
        Some(page.to_string().into_bytes())
    }

    /// Whether the provider has done what [`ask_for_fewer`](Self::ask_for_fewer) asked for.
    pub(super) fn has_at_most_one_row(&self, page: &[u8]) -> bool {
        let page = serde_json::from_slice::<Value>(page).ok();
        let rows = page.as_ref().and_then(|page| page.pointer(self.rows)?.as_array());
        rows.is_some_and(|rows| rows.len() <= 1)
    }

    fn rows<'a>(&self, page: &'a mut Value) -> Option<&'a mut Vec<Value>> {
        let rows = page.pointer_mut(self.rows)?;
        if rows.is_null() {
            *rows = json!([]);
        }
        rows.as_array_mut()
    }

    fn last_row(&self, page: &[u8]) -> Option<Value> {
        let page: Value = serde_json::from_slice(page).ok()?;
        page.pointer(self.rows)?.as_array()?.last().cloned()
    }

    fn strange_row(&self, like: &Value) -> Option<Value> {
        let mut row = like.clone();
        row.as_object_mut()?.insert("colour".to_owned(), json!("blue"));
        self.strange.as_ref()?(&mut row);
        Some(row)
    }

    fn set_total(&self, page: &mut Value, change: impl FnOnce(u64) -> u64) -> Option<()> {
        let total = page.pointer_mut(self.total?)?;
        *total = json!(change(total.as_u64()?));
        Some(())
    }
}

impl fmt::Debug for JsonPages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonPages")
            .field("rows", &self.rows)
            .field("total", &self.total)
            .field("short", &self.short)
            .field("strange", &self.strange.is_some())
            .finish()
    }
}

/// The address with this parameter set to 1.
fn with_parameter(uri: &Uri, name: &str) -> Option<Uri> {
    let is_other = |pair: &&str| pair.split('=').next() != Some(name) && !pair.is_empty();
    let others = uri.query().unwrap_or_default().split('&').filter(is_other);
    let one = format!("{name}=1");
    let query: Vec<_> = others.chain([one.as_str()]).collect();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{}?{}", uri.path(), query.join("&")).parse().ok()?);
    Uri::from_parts(parts).ok()
}

/// The JSON object with this member set to 1.
fn with_member(body: &[u8], name: &str) -> Option<Bytes> {
    let mut body: Value = serde_json::from_slice(body).ok()?;
    body.as_object_mut()?.insert(name.to_owned(), json!(1));
    Some(body.to_string().into())
}
