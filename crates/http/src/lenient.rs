//! Reading what providers send without failing over what is not needed, for adapters.
//!
//! A key that cannot be listed cannot be revoked, so that a listing reads as much as it can: a
//! member of another type than documented counts as absent, and a row that makes no sense does
//! not hide the others.
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

use std::time::SystemTime;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A row of a list, which may make no sense.
#[derive(Clone, Debug)]
pub enum Row<T> {
    /// One that could be read.
    Read(Box<T>),
    /// One that could not.
    Unreadable,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either<T> {
            Read(Box<T>),
            Unreadable(IgnoredAny),
        }
        Ok(match Either::deserialize(deserializer)? {
            Either::Read(row) => Self::Read(row),
            Either::Unreadable(_) => Self::Unreadable,
        })
    }
}

/// A point in time in RFC 3339; `None` for anything else, and for a time before 1970, such as the
/// zero time of Go (`0001-01-01T00:00:00Z`).
///
/// # Errors
///
/// Only if the input is not well-formed.
pub fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    let time = text(deserializer)?.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let time = time.and_then(|time| SystemTime::try_from(time).ok());
    Ok(time.filter(|time| *time >= SystemTime::UNIX_EPOCH))
}

/// A list, where null stands for an empty one.
///
/// # Errors
///
/// The deserializer's, for anything else.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A whole number, also where it comes as a text; `None` for anything else.
///
/// # Errors
///
/// The deserializer's, where there is no value at all.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text.parse().ok(),
        value => value.as_u64(),
    })
}

/// A text; `None` for anything else.
///
/// # Errors
///
/// The deserializer's, where there is no value at all.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// True or false; `None` for anything else.
///
/// # Errors
///
/// The deserializer's, where there is no value at all.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    Ok(Value::deserialize(deserializer)?.as_bool())
}
