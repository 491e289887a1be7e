use std::time::Duration;

use crate::{KeyId, KeyState, Label, Timestamp};

/// A value of a column or a parameter.
///
/// These kinds suffice, and both databases know them. A null that was read is [`Value::Text`],
/// whatever the column's kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
    Bool(Option<bool>),
}

/// The kind of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    Int,
    Text,
    Bool,
}

impl Kind {
    pub(super) const fn null(self) -> Value {
        match self {
            Self::Int => Value::Int(None),
            Self::Text => Value::Text(None),
            Self::Bool => Value::Bool(None),
        }
    }
}

impl Value {
    pub(in crate::store) fn text(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    pub(in crate::store) const fn int(number: i64) -> Self {
        Self::Int(Some(number))
    }

    const fn is_null(&self) -> bool {
        matches!(self, Self::Int(None) | Self::Text(None) | Self::Bool(None))
    }
}

/// A type that is kept in one column.
pub(in crate::store) trait Field: Sized {
    const KIND: Kind;
    const NULLABLE: bool = false;

    fn put(&self) -> Value;

    /// `None` if it is no value of this type.
    fn take(value: Value) -> Option<Self>;
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;

    fn put(&self) -> Value {
        self.as_ref().map_or(T::KIND.null(), T::put)
    }

    fn take(value: Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::take(value).map(Some) }
    }
}

impl Field for i64 {
    const KIND: Kind = Kind::Int;

    fn put(&self) -> Value {
        Value::int(*self)
    }

    fn take(value: Value) -> Option<Self> {
        if let Value::Int(number) = value { number } else { None }
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Bool;

    fn put(&self) -> Value {
        Value::Bool(Some(*self))
    }

    fn take(value: Value) -> Option<Self> {
        match value {
            Value::Bool(bool) => bool,
            // SQLite has no booleans.
            Value::Int(number) => number.map(|number| number != 0),
            Value::Text(_) => None,
        }
    }
}

impl Field for String {
    const KIND: Kind = Kind::Text;

    fn put(&self) -> Value {
        Value::text(self)
    }

    fn take(value: Value) -> Option<Self> {
        if let Value::Text(text) = value { text } else { None }
    }
}

impl Field for Timestamp {
    const KIND: Kind = Kind::Int;

    fn put(&self) -> Value {
        Value::int(self.as_micros())
    }

    fn take(value: Value) -> Option<Self> {
        i64::take(value).map(Self::from_micros)
    }
}

/// In microseconds.
impl Field for Duration {
    const KIND: Kind = Kind::Int;

    fn put(&self) -> Value {
        Value::int(i64::try_from(self.as_micros()).unwrap_or(i64::MAX))
    }

    fn take(value: Value) -> Option<Self> {
        u64::try_from(i64::take(value)?).ok().map(Self::from_micros)
    }
}

/// Types with a text form that can be parsed.
macro_rules! text_fields {
    ($($type:ty),*) => {
        $(impl Field for $type {
            const KIND: Kind = Kind::Text;

            fn put(&self) -> Value {
                Value::text(self.as_str())
            }

            fn take(value: Value) -> Option<Self> {
                String::take(value)?.parse().ok()
            }
        })*
    };
}

text_fields!(KeyId, KeyState, Label);
