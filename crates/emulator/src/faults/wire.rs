//! How the types of others stand in the JSON of a rule.

// The signatures are serde's.
#![allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)]

/// A span of time as a whole number of milliseconds.
pub(super) mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        time: &Duration,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Duration, D::Error> {
        u64::deserialize(deserializer).map(Duration::from_millis)
    }
}

/// A status as a number that can be the last answer to a request.
pub(super) mod status {
    use http::StatusCode;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        status: &StatusCode,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(status.as_u16())
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StatusCode, D::Error> {
        let number = u16::deserialize(deserializer)?;
        let status = StatusCode::from_u16(number).ok().filter(|_| (200..600).contains(&number));
        status.ok_or_else(|| D::Error::custom(format!("{number} is not a status from 200 to 599")))
    }
}

/// A status that sends a client elsewhere.
pub(super) mod redirect_status {
    use http::StatusCode;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer};

    pub(in super::super) use super::status::serialize;

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<StatusCode, D::Error> {
        let number = u16::deserialize(deserializer)?;
        let status = StatusCode::from_u16(number).ok();
        status.filter(|_| matches!(number, 301 | 302 | 303 | 307 | 308)).ok_or_else(|| {
            D::Error::custom(format!("{number} is no redirect: 301, 302, 303, 307 and 308 are"))
        })
    }
}

/// A path, or a pattern of paths, as a request has it.
pub(super) mod path {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<String, D::Error> {
        let path = String::deserialize(deserializer)?;
        if path.starts_with('/') {
            return Ok(path);
        }
        Err(D::Error::custom(format!("{path:?} is not a path, which begins with a slash")))
    }
}

/// A pattern of paths, where one is given.
pub(super) mod pattern {
    use serde::{Deserialize, Deserializer};

    #[derive(Deserialize)]
    struct Path(#[serde(deserialize_with = "super::path::deserialize")] String);

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<String>, D::Error> {
        Ok(Option::<Path>::deserialize(deserializer)?.map(|Path(path)| path))
    }
}

/// The scheme and the authority of another server.
pub(super) mod host {
    use http::Uri;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<String, D::Error> {
        let host = String::deserialize(deserializer)?;
        let uri = host.parse::<Uri>().ok();
        let is_host = uri.is_some_and(|uri| {
            uri.scheme().is_some() && uri.authority().is_some() && uri.path() == "/"
        });
        if is_host {
            return Ok(host);
        }
        Err(D::Error::custom(format!(
            "{host:?} is not a scheme and a host, as http://other.invalid"
        )))
    }
}

/// A method by its name; in other cases than capitals, it is another method.
pub(super) mod method {
    use http::Method;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(in super::super) fn serialize<S: Serializer>(
        method: &Option<Method>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match method {
            Some(method) => serializer.serialize_str(method.as_str()),
            None => serializer.serialize_none(),
        }
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Method>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        let method = name.map(|name| {
            let method = Method::from_bytes(name.as_bytes());
            method.map_err(|_| D::Error::custom(format!("{name:?} is not a method")))
        });
        method.transpose()
    }
}

/// The number of a request, counted from 1.
pub(super) mod ordinal {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer};

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<u64, D::Error> {
        match u64::deserialize(deserializer)? {
            0 => Err(D::Error::custom("requests are counted from 1, so 0 is none of them")),
            number => Ok(number),
        }
    }
}
