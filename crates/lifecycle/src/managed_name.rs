use std::fmt;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use pinning_keys_core::KeyName;

use crate::key_id::{KeyId, Label};
use crate::{Error, ErrorKind, Timestamp};

/// The suffix that a store adds to the name of a key: `.LABEL-ID-YYMMDD`.
///
/// The date is the UTC day after the maximum of the key's lease, or `000000` if it has no end. So a
/// listing alone shows whose key it is and when it must have ended, even if the store has lost it.
///
/// ```
/// use pinning_keys_lifecycle::Suffix;
///
/// let suffix = Suffix::of_name("ci-deploy.7f3k9q2m-0hj4x7f3k9q2m-270224").unwrap();
/// assert_eq!(suffix.id().as_str(), "0hj4x7f3k9q2m");
/// assert!(Suffix::of_name("ci-deploy").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Suffix {
    label: Label,
    id: KeyId,
    /// `None`: the key has no end.
    day: Option<Date>,
}

impl Suffix {
    /// The length of a suffix in characters, including the dot.
    pub const CHARS: usize = 1 + Label::CHARS + 1 + KeyId::CHARS + 1 + 6;

    pub(crate) fn new(label: &Label, id: &KeyId, max_until: Option<Timestamp>) -> Self {
        let day = max_until.and_then(|max| {
            let max = jiff::Timestamp::from_microsecond(max.as_micros()).ok()?;
            TimeZone::UTC.to_datetime(max).date().tomorrow().ok()
        });
        Self { label: label.clone(), id: id.clone(), day }
    }

    /// The suffix of a name; `None` if it has none. Names in listings are foreign text: only a
    /// suffix of exactly this form, at the end, counts.
    ///
    /// ```
    /// use pinning_keys_lifecycle::Suffix;
    ///
    /// let suffix = Suffix::of_name("ci.7f3k9q2m-0hj4x7f3k9q2m-000000").unwrap();
    /// assert_eq!(suffix.max_until(), None);
    /// assert!(Suffix::of_name("ci.7f3k9q2m-0hj4x7f3k9q2m-000000 (old)").is_none());
    /// ```
    pub fn of_name(name: &str) -> Option<Self> {
        let start = name.len().checked_sub(Self::CHARS)?;
        let suffix = name.get(start..)?.strip_prefix('.')?;
        let mut parts = suffix.split('-');
        let (label, id, day) = (parts.next()?, parts.next()?, parts.next()?);
        if start == 0 || parts.next().is_some() || !day.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let day = match day {
            "000000" => None,
            day => Some(parse_day(day)?),
        };
        Some(Self { label: label.parse().ok()?, id: id.parse().ok()?, day })
    }

    /// The label of the store that made the key.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// The id of the key in that store.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// When the key must have ended at the latest: the beginning of the day in its name. `None` if
    /// it has no end.
    pub fn max_until(&self) -> Option<Timestamp> {
        let start = TimeZone::UTC.to_timestamp(self.day?.at(0, 0, 0, 0)).ok()?;
        Some(Timestamp::from_micros(start.as_microsecond()))
    }

    /// The name with this suffix.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidInput`] if the name and the suffix together have more than `max_chars`
    /// characters. A name is never truncated.
    pub(crate) fn append_to(
        &self,
        name: &KeyName,
        max_chars: Option<usize>,
    ) -> Result<KeyName, Error> {
        let most = max_chars.unwrap_or(KeyName::MAX_CHARS).min(KeyName::MAX_CHARS);
        let chars = name.as_str().chars().count();
        let room = most.saturating_sub(Self::CHARS);
        if chars > room {
            return Err(Error::new(
                ErrorKind::InvalidInput,
                format!("the name has {chars} characters, and the limit is {room}"),
            )
            .with_next_step(format!(
                "choose a shorter name: the store adds {} characters to it",
                Self::CHARS
            )));
        }
        KeyName::new(format!("{name}{self}")).map_err(|error| {
            Error::new(ErrorKind::InvalidInput, "the name is not valid").with_source(error)
        })
    }
}

/// `.LABEL-ID-YYMMDD`.
impl fmt::Display for Suffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, ".{}-{}-", self.label, self.id)?;
        match self.day {
            Some(day) => write!(f, "{:02}{:02}{:02}", day.year() % 100, day.month(), day.day()),
            None => f.write_str("000000"),
        }
    }
}

fn parse_day(digits: &str) -> Option<Date> {
    let number = |at: usize| digits.get(at..at + 2)?.parse::<i8>().ok();
    Date::new(2000 + i16::from(number(0)?), number(2)?, number(4)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_shows_the_day_after_the_last_maximum() {
        let (label, id) = ("7f3k9q2m".parse().unwrap(), "0hj4x7f3k9q2m".parse().unwrap());
        let suffix = Suffix::new(&label, &id, Some(Timestamp::END));
        assert!(suffix.to_string().ends_with("-991231"), "{suffix}");
        let shown = Suffix::of_name(&format!("ci{suffix}")).unwrap().max_until().unwrap();
        assert_eq!(shown.since(Timestamp::END), std::time::Duration::from_micros(1));
        assert_eq!(Timestamp::END.checked_add(std::time::Duration::from_micros(1)), None);
    }
}
