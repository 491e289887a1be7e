use http::Method;

use super::fault::Fault;
use crate::routing::path_fits;

/// The requests that a [`Fault`] happens to; for [`Faults::add`](super::Faults::add).
///
/// ```
/// use http::Method;
/// use pinning_keys_emulator::{Cut, Emulator, Fault, FaultRule};
///
/// // The second create is carried out, and its response is lost.
/// let emulator = Emulator::in_memory();
/// emulator.faults().add(
///     FaultRule::new(Fault::CutConnection(Cut::AfterCommit))
///         .method(Method::POST)
///         .path("/v3/api_keys")
///         .nth(2),
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct FaultRule {
    method: Option<Method>,
    path: Option<String>,
    requests: Requests,
    fault: Fault,
}

impl FaultRule {
    /// Applies the fault to every request, unless a method below narrows the rule down.
    ///
    /// ```
    /// use pinning_keys_emulator::{BodyFault, Fault, FaultRule};
    ///
    /// let rule = FaultRule::new(Fault::Body(BodyFault::Html)).first(3);
    /// ```
    pub fn new(fault: Fault) -> Self {
        Self { method: None, path: None, requests: Requests::Every, fault }
    }

    /// Applies only to requests with this method.
    pub fn method(mut self, method: Method) -> Self {
        self.method = Some(method);
        self
    }

    /// Applies only to requests for this path, which begins with `/`, and at W3IPFS with `/api`.
    ///
    /// A segment in braces matches any segment, and a `*` at the end matches the rest of the path.
    /// A trailing slash and the query make no difference.
    ///
    /// ```
    /// use pinning_keys_emulator::{Fault, FaultRule, ListFault};
    ///
    /// let list = || FaultRule::new(Fault::List(ListFault::Stale));
    /// let one_key = list().path("/v3/api_keys/{key}");
    /// let all_of_w3ipfs = list().path("/api/*");
    /// ```
    pub fn path(mut self, pattern: impl Into<String>) -> Self {
        self.path = Some(pattern.into());
        self
    }

    /// Applies only to the `n`-th matching request, counted from 1 since the rule was added. If
    /// several of `nth`, `from_nth` and `first` are called, the last one wins.
    pub fn nth(mut self, n: u64) -> Self {
        self.requests = Requests::Nth(n);
        self
    }

    /// Applies only to the `n`-th matching request and those after it.
    pub fn from_nth(mut self, n: u64) -> Self {
        self.requests = Requests::FromNth(n);
        self
    }

    /// Applies only to the first `n` matching requests.
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

    /// Whether the fault happens to the matching request with this number.
    pub(super) fn is_due(&self, number: u64) -> bool {
        match self.requests {
            Requests::Every => true,
            Requests::Nth(n) => number == n,
            Requests::FromNth(n) => number >= n,
            Requests::First(n) => number <= n,
        }
    }
}

/// Which of the matching requests the fault happens to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Requests {
    Every,
    Nth(u64),
    FromNth(u64),
    First(u64),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::ListFault;

    #[test]
    fn path_patterns_match() {
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
    fn numbers_select_requests() {
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
}
