//! Reading what providers send without failing because of what is not needed, for adapters.
//!
//! A key that cannot be listed cannot be revoked, so a listing reads as much as possible: a member
//! of an undocumented type counts as absent, and an unreadable row does not hide the others.
//!
//! ```
//! use pinning_keys_http::lenient;
//! use serde::Deserialize;
//!
//! #[derive(Deserialize)]
//! struct Key {
//!     key: String,
//!     #[serde(default, deserialize_with = "lenient::number")]
//!     uses: Option<u64>,
//! }
//!
//! #[derive(Deserialize)]
//! struct Keys {
//!     #[serde(deserialize_with = "lenient::list")]
//!     keys: Vec<lenient::Row<Key>>,
//! }
//!
//! let text = r#"{ "keys": [{ "key": "a", "uses": "many" }, null] }"#;
//! let [lenient::Row::Read(first), lenient::Row::Unreadable] = &Keys::deserialize(
//!     &mut serde_json::Deserializer::from_str(text),
//! )?.keys[..] else { panic!("two rows") };
//! assert_eq!((first.key.as_str(), first.uses), ("a", None));
//! # Ok::<(), serde_json::Error>(())
//! ```

use std::fmt;
use std::marker::PhantomData;
use std::time::{Duration, SystemTime};

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A value that is read from a JSON object only.
///
/// A derived `Deserialize` also reads an array, as the members in their order. Providers do not
/// write objects in this way, so an array is something else.
///
/// ```
/// use pinning_keys_http::lenient::Object;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Key {
///     key: String,
/// }
///
/// let Object(Key { key }) = serde_json::from_str(r#"{ "key": "a" }"#)?;
/// assert_eq!(key, "a");
/// assert!(serde_json::from_str::<Key>(r#"["a"]"#).is_ok());
/// assert!(serde_json::from_str::<Object<Key>>(r#"["a"]"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members(PhantomData))
    }
}

/// A row of a list that may be unreadable. A row is an [`Object`].
///
/// ```
/// use pinning_keys_http::lenient::Row;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Key {
///     key: String,
/// }
///
/// let rows: Vec<Row<Key>> = serde_json::from_str(r#"[{ "key": "a" }, { "key": 7 }, ["a"]]"#)?;
/// assert!(matches!(rows[..], [Row::Read(_), Row::Unreadable, Row::Unreadable]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub enum Row<T> {
    /// A row that was read.
    Read(Box<T>),
    /// A row that could not be read.
    Unreadable,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Read(Object<T>),
            Unreadable(IgnoredAny),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Read(row) => Self::Read(Box::new(row.0)),
            Either::Unreadable(_) => Self::Unreadable,
        })
    }
}

/// A point in time in RFC 3339; `None` for anything else, and for a time before 1970, such as the
/// zero time of Go (`0001-01-01T00:00:00Z`).
///
/// ```
/// use std::time::{Duration, SystemTime};
///
/// use pinning_keys_http::lenient;
///
/// let mut text = serde_json::Deserializer::from_str(r#""1970-01-01T00:00:07Z""#);
/// let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(7);
/// assert_eq!(lenient::time(&mut text)?, Some(expected));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The deserializer's, if there is no value at all.
pub fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let time = text(deserializer)?.and_then(|text| read_time(&text));
    Ok(time.filter(|time| *time >= SystemTime::UNIX_EPOCH))
}

/// Reads RFC 3339 with any offset; `humantime` by itself reads UTC only.
fn read_time(text: &str) -> Option<SystemTime> {
    let after_date = "1970-01-01T".len();
    let Some(at) = text.rfind(['+', '-']).filter(|at| *at >= after_date) else {
        return humantime::parse_rfc3339(text).ok();
    };
    let (local, offset) = text.split_at(at);
    let (hours, minutes) = offset[1..].split_once(':')?;
    let minutes =
        u64::from(hours.parse::<u8>().ok()?) * 60 + u64::from(minutes.parse::<u8>().ok()?);
    let ahead = Duration::from_secs(minutes * 60);
    let time = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    if offset.starts_with('+') { time.checked_sub(ahead) } else { time.checked_add(ahead) }
}

/// A list; null means an empty one.
///
/// ```
/// use pinning_keys_http::lenient;
///
/// let mut null = serde_json::Deserializer::from_str("null");
/// assert!(lenient::list::<_, u64>(&mut null)?.is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The deserializer's, for anything else.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A whole number, or a string that contains one; `None` for anything else.
///
/// ```
/// use pinning_keys_http::lenient;
///
/// let mut text = serde_json::Deserializer::from_str(r#""7""#);
/// assert_eq!(lenient::number(&mut text)?, Some(7));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The deserializer's, if there is no value at all.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    })
}

/// A string; `None` for anything else.
///
/// ```
/// use pinning_keys_http::lenient;
///
/// let mut number = serde_json::Deserializer::from_str("7");
/// assert_eq!(lenient::text(&mut number)?, None);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The deserializer's, if there is no value at all.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// True or false; `None` for anything else.
///
/// ```
/// use pinning_keys_http::lenient;
///
/// let mut flag = serde_json::Deserializer::from_str("true");
/// assert_eq!(lenient::flag(&mut flag)?, Some(true));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # Errors
///
/// The deserializer's, if there is no value at all.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool())
}
