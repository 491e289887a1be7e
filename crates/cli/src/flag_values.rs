//! The values of a flag that a shell can complete.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use pinning_keys_sinks::Field;

/// Offers values to completions and accepts any text.
///
/// The command checks the text itself: clap would repeat a wrong value, which may be a secret, and
/// would not know the values of a list.
#[derive(Clone)]
pub(crate) struct Suggested(pub(crate) fn() -> Vec<PossibleValue>);

impl TypedValueParser for Suggested {
    type Value = String;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _flag: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        let text = value.to_str().map(str::to_owned);
        text.ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8).with_cmd(command))
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new((self.0)().into_iter()))
    }
}

/// The help of a flag that takes a part of the secret: what it does, and the parts.
pub(crate) fn help_with_fields(what: &str) -> String {
    let [others @ .., last] = Field::ALL.map(Field::as_str);
    format!("{what}: {} or {last}", others.join(", "))
}
