use std::borrow::Cow;
use std::cmp::Ordering;

use serde_json::Value;

use super::answer::Answer;
use super::files::File;
use super::pattern;
use super::scopes::Family;
use crate::query::Query;

/// The parameter of the legacy list that holds these tests: as one object, or key by key [DOC].
const NAME: &str = "metadata[keyvalues]";

/// The key-values that a pin must have: `{"key":{"value":…,"op":"…"}}` [DOC].
///
/// A pin without the key fits no test, not even `ne` [INF]. Of two values, one of which is a number
/// and the other reads as one, the numbers are compared, otherwise the texts [INF]; dates of ISO
/// 8601 are in order as texts.
pub(crate) struct KeyvalueTests(Vec<KeyvalueTest>);

struct KeyvalueTest {
    key: String,
    op: Op,
    value: Value,
}

/// The documented operations [DOC], without the regular expressions: theirs are the database's.
enum Op {
    Gt,
    Gte,
    Lt,
    Lte,
    Ne,
    Eq,
    /// Both ends belong to it, as in SQL [INF].
    Between(Value),
    NotBetween(Value),
    Like,
    NotLike,
    ILike,
    NotILike,
}

impl KeyvalueTests {
    pub(crate) fn read(query: &Query) -> Result<Self, Answer> {
        let mut tests = Vec::new();
        if let Some(text) = query.text(NAME) {
            let Value::Object(keys) = json(NAME, text)? else { return Err(malformed(NAME)) };
            for (key, test) in &keys {
                tests.push(KeyvalueTest::read(key, test)?);
            }
        }
        for (key, text) in query.entries(NAME) {
            tests.push(KeyvalueTest::read(key, &json(&format!("{NAME}[{key}]"), text)?)?);
        }
        Ok(Self(tests))
    }

    pub(crate) fn fit(&self, file: &File) -> bool {
        self.0
            .iter()
            .all(|test| file.keyvalues.get(&test.key).is_some_and(|known| test.fits(known)))
    }
}

impl KeyvalueTest {
    fn read(key: &str, test: &Value) -> Result<Self, Answer> {
        let name = format!("{NAME}[{key}]");
        let scalar = |member: &str| match test.get(member) {
            Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => {
                Ok(value.clone())
            }
            _ => Err(malformed(&name)),
        };
        let op = match test.get("op").and_then(Value::as_str) {
            Some("gt") => Op::Gt,
            Some("gte") => Op::Gte,
            Some("lt") => Op::Lt,
            Some("lte") => Op::Lte,
            Some("ne") => Op::Ne,
            Some("eq") => Op::Eq,
            Some("between") => Op::Between(scalar("secondValue")?),
            Some("notBetween") => Op::NotBetween(scalar("secondValue")?),
            Some("like") => Op::Like,
            Some("notLike") => Op::NotLike,
            Some("iLike") => Op::ILike,
            Some("notILike") => Op::NotILike,
            Some(op @ ("regexp" | "iRegexp")) => {
                return Err(Answer::not_honoured(Family::Legacy, &format!("{op} of {name}")));
            }
            _ => return Err(malformed(&name)),
        };
        Ok(Self { key: key.to_owned(), op, value: scalar("value")? })
    }

    fn fits(&self, known: &Value) -> bool {
        let order = compare(known, &self.value);
        let between = |second: &Value| order.is_ge() && compare(known, second).is_le();
        let matches = |like: fn(&str, &str) -> bool| like(&text(known), &text(&self.value));
        match &self.op {
            Op::Gt => order.is_gt(),
            Op::Gte => order.is_ge(),
            Op::Lt => order.is_lt(),
            Op::Lte => order.is_le(),
            Op::Ne => order.is_ne(),
            Op::Eq => order.is_eq(),
            Op::Between(second) => between(second),
            Op::NotBetween(second) => !between(second),
            Op::Like => matches(pattern::like),
            Op::NotLike => !matches(pattern::like),
            Op::ILike => matches(pattern::ilike),
            Op::NotILike => !matches(pattern::ilike),
        }
    }
}

/// A value as text, a string without its quotes.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn compare(known: &Value, wanted: &Value) -> Ordering {
    let number = |value: &Value| text(value).parse::<f64>().ok().filter(|read| read.is_finite());
    let numbers = number(known).zip(number(wanted));
    match numbers.filter(|_| known.is_number() || wanted.is_number()) {
        Some((known, wanted)) => known.total_cmp(&wanted),
        None => text(known).cmp(&text(wanted)),
    }
}

fn json(name: &str, text: &str) -> Result<Value, Answer> {
    serde_json::from_str(text).map_err(|_| malformed(name))
}

/// The text is made up; the members are documented [DOC].
fn malformed(name: &str) -> Answer {
    Answer::legacy_bad_request(&format!("{name} must be JSON with value, op, and secondValue"))
}
