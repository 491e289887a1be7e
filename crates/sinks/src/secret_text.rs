//! Texts with a secret in them, written without a copy that would stay in memory.

use std::io::{self, Write};

use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;
use serde::Serialize;

/// Counts what is written.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The JSON form of a value on one line; `None` if it has none.
///
/// It is measured first: a buffer that grows leaves its old bytes behind.
pub(crate) fn json(value: &impl Serialize) -> Option<SecretString> {
    let mut length = Counter(0);
    serde_json::to_writer(&mut length, value).ok()?;
    let mut bytes = Vec::with_capacity(length.0);
    if serde_json::to_writer(&mut bytes, value).is_err() {
        bytes.zeroize();
        return None;
    }
    String::from_utf8(bytes).ok().map(SecretString::from)
}
