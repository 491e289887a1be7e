use http::Method;
use serde::{Deserialize, Serialize};

use super::fault::Fault;
use super::wire;
use crate::routing::path_fits;

/// Which requests a [`Fault`] happens to; for [`Faults::add`](super::Faults::add).
///
/// ```
/// use http::Method;
/// use pinning_keys_emulator::{Cut, Fault, FaultRule};
///
/// // The second create of a key is carried out, and its answer is lost.
/// let rule = FaultRule::new(Fault::CutConnection(Cut::AfterCommit))
///     .method(Method::POST)
///     .path("/v3/api_keys")
///     .nth(2);
///
/// let json = r#"{
///     "method": "POST",
///     "path": "/v3/api_keys",
///     "requests": { "nth": 2 },
///     "fault": { "cut_connection": "after_commit" }
/// }"#;
/// assert_eq!(serde_json::from_str::<FaultRule>(json)?, rule);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
pub struct FaultRule {
    #[serde(default, skip_serializing_if = "Option::is_none", with = "wire::method")]
    method: Option<Method>,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "wire::pattern::deserialize"
    )]
    path: Option<String>,
    #[serde(default)]
    requests: Requests,
    fault: Fault,
}

impl FaultRule {
    /// The fault happens to every request, unless it is narrowed down.
    pub fn new(fault: Fault) -> Self {
        Self { method: None, path: None, requests: Requests::Every, fault }
    }

    /// Only to requests with this method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Only to requests for this path, which begins with `/`, and at W3IPFS with `/api`.
    ///
    /// A segment in braces stands for any one, and a `*` at the end for all that may follow.
    /// A slash at the end and the query make no difference.
    ///
    /// ```
    /// use pinning_keys_emulator::{Fault, FaultRule, ListFault};
    ///
    /// let list = || FaultRule::new(Fault::List(ListFault::Stale));
    /// let one_key = list().path("/v3/api_keys/{key}");
    /// let all_of_w3ipfs = list().path("/api/*");
    /// # let _ = (one_key, all_of_w3ipfs);
    /// ```
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.path = Some(pattern.into());
        self
    }

    /// Only to the `n`-th of the requests that fit, counted from 1 and from when the rule was
    /// added. The last of `nth`, `from_nth` and `first` holds.
    pub fn nth(mut self, n: u64) -> Self {
        self.requests = Requests::Nth(n);
        self
    }

    /// Only to the `n`-th of the requests that fit, and to all that follow it.
    pub fn from_nth(mut self, n: u64) -> Self {
        self.requests = Requests::FromNth(n);
        self
    }

    /// Only to the first `n` requests that fit.
    pub fn first(mut self, n: u64) -> Self {
        self.requests = Requests::First(n);
        self
    }

    pub(super) fn fault(&self) -> &Fault {
        &self.fault
    }

    pub(super) fn fits(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted == method)
            && self.path.as_ref().is_none_or(|pattern| path_fits(pattern, path))
    }

    /// Whether the fault happens to the request of this number, among those that fit.
    pub(super) fn is_due(&self, number: u64) -> bool {
        match self.requests {
            Requests::Every => true,
            Requests::Nth(n) => number == n,
            Requests::FromNth(n) => number >= n,
            Requests::First(n) => number <= n,
        }
    }
}

/// Which of the requests that fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Requests {
    #[default]
    Every,
    Nth(#[serde(deserialize_with = "wire::ordinal::deserialize")] u64),
    FromNth(#[serde(deserialize_with = "wire::ordinal::deserialize")] u64),
    First(#[serde(deserialize_with = "wire::ordinal::deserialize")] u64),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::{Cut, ListFault};

    #[test]
    fn paths() {
        for (pattern, path, fits) in [
            ("/v3/api_keys", "/v3/api_keys", true),
            ("/v3/api_keys", "/v3/api_keys/", true),
            ("/api/apiKeys/", "/api/apiKeys", true),
            ("/v3/api_keys", "/v3/api_keys/key", false),
            ("/v3/api_keys", "/v3/api_keys2", false),
            ("/v3/api_keys/{key}", "/v3/api_keys/a%2Fb", true),
            ("/v3/api_keys/{key}", "/v3/api_keys", false),
            ("/v3/{any}", "/v3/api_keys", true),
            ("/v3/*", "/v3/files/public", true),
            ("/v3/a*", "/v3/api_keys", true),
            ("/v3/*", "/v3", false),
            ("*", "/", true),
            ("/", "/", true),
            ("/", "/v3", false),
        ] {
            assert_eq!(path_fits(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn numbers() {
        let rule = || FaultRule::new(Fault::List(ListFault::Stale));
        for (rule, due) in [
            (rule(), [true; 4]),
            (rule().nth(2), [false, true, false, false]),
            (rule().from_nth(2), [false, true, true, true]),
            (rule().first(2), [true, true, false, false]),
            (rule().first(2).nth(4), [false, false, false, true]),
            (rule().nth(0), [false; 4]),
        ] {
            assert_eq!([1, 2, 3, 4].map(|number| rule.is_due(number)), due, "{rule:?}");
        }
    }

    #[test]
    fn json_names_only_what_is_said() {
        let rule = FaultRule::new(Fault::CutConnection(Cut::MidBody));
        let json = r#"{"requests":"every","fault":{"cut_connection":"mid_body"}}"#;
        assert_eq!(serde_json::to_string(&rule).unwrap(), json);
        let short = r#"{"fault":{"cut_connection":"mid_body"}}"#;
        assert_eq!(serde_json::from_str::<FaultRule>(short).unwrap(), rule);
        let rule = rule.method(Method::PUT).path("/a").first(3);
        let json = serde_json::to_string(&rule).unwrap();
        assert_eq!(serde_json::from_str::<FaultRule>(&json).unwrap(), rule);
    }

    #[test]
    fn json_that_means_nothing_is_refused() {
        for (json, part) in [
            (r#"{"requests":{"nth":1}}"#, "missing field `fault`"),
            (r#"{"fault":"refuse_connection","time":1}"#, "unknown field `time`"),
            (r#"{"fault":"refuse_connection","requests":{"nth":0}}"#, "counted from 1"),
            (r#"{"fault":"refuse_connection","method":"A B"}"#, "is not a method"),
            (r#"{"fault":"explode"}"#, "unknown variant `explode`"),
            (r#"{"fault":{"status":{"code":103}}}"#, "not a status from 200 to 599"),
            (r#"{"fault":{"status":{"code":503,"when":"now"}}}"#, "unknown field `when`"),
            (r#"{"fault":{"latency":{"millis":-1}}}"#, "invalid value"),
            (r#"{"fault":{"late_key":{"requests":-1}}}"#, "invalid value"),
            (r#"{"fault":{"redirect":{"code":200,"to":"slash"}}}"#, "200 is no redirect"),
            (r#"{"fault":{"redirect":{"code":304,"to":"slash"}}}"#, "304 is no redirect"),
            (r#"{"fault":{"redirect":{"code":307,"to":{"path":"v4"}}}}"#, "begins with a slash"),
            (r#"{"fault":{"redirect":{"code":307,"to":{"host":"a.invalid"}}}}"#, "scheme and a"),
            (r#"{"fault":{"redirect":{"code":307,"to":{"host":"http://a/b"}}}}"#, "scheme and a"),
            (r#"{"path":"v3","fault":"refuse_connection"}"#, "\"v3\" is not a path"),
        ] {
            let error = serde_json::from_str::<FaultRule>(json).unwrap_err().to_string();
            assert!(error.contains(part), "{json}: {error}");
        }
    }
}
