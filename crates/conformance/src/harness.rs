use std::error::Error as StdError;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use pinning_keys_core::http::HeaderMap;
use pinning_keys_core::{Credential, KeyIssuer, Operation, Permission};

use crate::disturbance::FaultSwitch;

/// An error in a harness.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// What the suite needs to know about an adapter and the provider behind it.
///
/// Four methods are required. Each optional one lets more cases run: the others are skipped, and
/// the report says why. The [crate documentation](crate) has an example.
#[async_trait]
pub trait Harness: Send + Sync {
    /// Returns a new issuer. All issuers of a harness work on the same account.
    ///
    /// # Errors
    ///
    /// If no issuer can be created. Every case then fails.
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError>;

    /// The beginning of the name of every key that a run creates. A run touches no other keys.
    ///
    /// It must be short and used by nobody else in the account. A label that leaves no room for
    /// the part that makes names unique is an error of the run.
    fn label(&self) -> &str;

    /// The most keys that a run may create. Cases that would create more are skipped.
    fn max_keys(&self) -> usize;

    /// The fewest cases that must be executed, so that a run in which nothing ran does not pass.
    ///
    /// Run once, read in the report how many cases were executed, and return that number.
    fn minimum(&self) -> usize;

    /// How long a change may take to take effect (default: the profile's propagation time).
    fn propagation(&self) -> Option<Duration> {
        None
    }

    /// The issuer's deadline for one call (default: 30 s). A call that takes longer breaks a
    /// clause.
    ///
    /// On a real clock, a call counts as hung only after twice that time, and 5 seconds beyond it
    /// at least, since the machine may be busy. Once a call has hung, further calls of its kind get
    /// 5 seconds, until one of them ends.
    fn deadline(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// Returns an issuer like that of [`issuer`](Self::issuer), but with this deadline instead of
    /// [`deadline`](Self::deadline) (default: `None`).
    ///
    /// It makes runs faster: calls that are never answered use it, since they take their whole
    /// deadline. Without it, they use the ordinary issuer.
    ///
    /// # Errors
    ///
    /// If no issuer can be created.
    async fn issuer_within(
        &self,
        _deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        Ok(None)
    }

    /// The real number of keys on a page of a listing (default: the profile's page size).
    fn page_size(&self) -> Option<usize> {
        None
    }

    /// Returns whether the provider cannot list keys ([`Operation::List`]) or cannot revoke them
    /// ([`Operation::Revoke`]), so that the adapter refuses the call as
    /// [`ErrorKind::Unsupported`](pinning_keys_core::ErrorKind::Unsupported) before any request
    /// (default: `false`).
    ///
    /// If keys cannot be revoked, a run leaves its keys behind.
    fn lacks(&self, _operation: Operation) -> bool {
        false
    }

    /// The seed of the random scopes, which the report prints (default: 1).
    fn seed(&self) -> u64 {
        1
    }

    /// Whether a run may create admin keys and keys that can create keys (default: `true`).
    fn may_make_admin_keys(&self) -> bool {
        true
    }

    /// Whether the runtime's clock should be paused, so that it jumps ahead when every task waits
    /// (default: `false`).
    ///
    /// Return `true` only if provider and adapter run in memory on tokio's clock. With sockets, the
    /// clock would jump while bytes are in flight.
    fn pauses_clock(&self) -> bool {
        false
    }

    /// The probe that tries out what a key can do (default: `None`).
    fn probe(&self) -> Option<&dyn Probe> {
        None
    }

    /// The ledger of what the provider has really created (default: `None`).
    fn ledger(&self) -> Option<&dyn Ledger> {
        None
    }

    /// The switch that disturbs requests on their way (default: `None`).
    fn faults(&self) -> Option<&dyn FaultSwitch> {
        None
    }

    /// What the adapter prints beyond what its methods return (default: `None`).
    fn outputs(&self) -> Option<&dyn Outputs> {
        None
    }

    /// Issuers in other surroundings (default: `None`).
    fn surroundings(&self) -> Option<&dyn Surroundings> {
        None
    }
}

/// Tries out what a key can do, at the provider itself and without the adapter.
///
/// ```
/// use pinning_keys_conformance::{BoxError, Probe, async_trait};
/// use pinning_keys_core::{Credential, Permission};
///
/// struct Routes;
///
/// # async fn get(path: &str, headers: http::HeaderMap) -> Result<u16, BoxError> { Ok(200) }
/// #[async_trait]
/// impl Probe for Routes {
///     async fn may(
///         &self,
///         credential: &Credential,
///         permission: Permission,
///     ) -> Result<Option<bool>, BoxError> {
///         let path = match permission {
///             Permission::PinsList => "/data/pins",
///             Permission::UsageRead => "/data/usage",
///             _ => return Ok(None),
///         };
///         Ok(Some(get(path, credential.headers()).await? == 200))
///     }
/// }
/// ```
#[async_trait]
pub trait Probe: Send + Sync {
    /// Returns whether the provider lets this credential use the permission, or `None` if no route
    /// is known for it. The suite then reads the key's record instead.
    ///
    /// # Errors
    ///
    /// If the provider gave no clear answer. The case then fails.
    async fn may(
        &self,
        credential: &Credential,
        permission: Permission,
    ) -> Result<Option<bool>, BoxError>;

    /// Returns whether the provider recognizes the holder of a key by these headers, or `None` if
    /// the probe does not find out (default: `None`).
    ///
    /// Send them as they are to a route that every key may use, such as the one with which the
    /// adapter verifies, but without the adapter.
    ///
    /// ```
    /// use pinning_keys_conformance::{BoxError, Probe, async_trait};
    /// use pinning_keys_core::http::HeaderMap;
    /// use pinning_keys_core::{Credential, Permission};
    ///
    /// struct Routes;
    ///
    /// # async fn get(path: &str, headers: HeaderMap) -> Result<u16, BoxError> { Ok(200) }
    /// #[async_trait]
    /// impl Probe for Routes {
    /// #   async fn may(&self, _: &Credential, _: Permission) -> Result<Option<bool>, BoxError> {
    /// #       Ok(None)
    /// #   }
    ///     async fn authenticates(&self, headers: HeaderMap) -> Result<Option<bool>, BoxError> {
    ///         match get("/me", headers).await? {
    ///             200 => Ok(Some(true)),
    ///             401 => Ok(Some(false)),
    ///             other => Err(format!("status {other} is no answer").into()),
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If the provider gave no clear answer. The case then fails.
    async fn authenticates(&self, _headers: HeaderMap) -> Result<Option<bool>, BoxError> {
        Ok(None)
    }
}

/// What the provider has really done, whatever it answered.
///
/// ```
/// use std::sync::Mutex;
///
/// use pinning_keys_conformance::Ledger;
///
/// /// The records of a test server: the name of each key, and whether it is live.
/// #[derive(Default)]
/// struct Book {
///     requests: Mutex<u64>,
///     keys: Mutex<Vec<(String, bool)>>,
/// }
///
/// impl Ledger for Book {
///     fn requests(&self) -> u64 {
///         *self.requests.lock().unwrap()
///     }
///
///     fn made(&self, name: &str) -> usize {
///         self.keys.lock().unwrap().iter().filter(|(made, _)| made == name).count()
///     }
///
///     fn live(&self, name: &str) -> usize {
///         self.keys.lock().unwrap().iter().filter(|(made, live)| made == name && *live).count()
///     }
/// }
/// ```
pub trait Ledger: Send + Sync {
    /// The number of requests that have reached the provider so far, of any kind.
    fn requests(&self) -> u64;

    /// The number of keys ever created with exactly this name.
    fn made(&self, name: &str) -> usize;

    /// The number of live keys with exactly this name.
    fn live(&self, name: &str) -> usize;

    /// The number of create requests that have reached the provider so far, including refused ones,
    /// if counted (default: `None`).
    fn create_requests(&self) -> Option<u64> {
        None
    }

    /// The body of the create request for the key with this name, if kept (default: `None`). It
    /// shows whether a plan has the body that is sent.
    fn create_body(&self, _name: &str) -> Option<String> {
        None
    }

    /// The number of uses that the key with this name has left, if limited and known (default:
    /// `None`).
    fn uses_left(&self, _name: &str) -> Option<u64> {
        None
    }

    /// When the key with this name expires at the provider, if it does and that is known (default:
    /// `None`). The issued key or its record must then show it, too.
    fn expires_at(&self, _name: &str) -> Option<SystemTime> {
        None
    }
}

/// What the adapter prints beyond what its methods return, and the secrets that must not be in it.
///
/// ```
/// use std::sync::{Arc, Mutex};
///
/// use pinning_keys_conformance::Outputs;
///
/// struct Printed {
///     account_token: String,
///     /// Written by the test's logger.
///     log: Arc<Mutex<String>>,
///     issuer_debug: String,
/// }
///
/// impl Outputs for Printed {
///     fn account_secrets(&self) -> Vec<String> {
///         vec![self.account_token.clone()]
///     }
///
///     fn log(&self) -> String {
///         self.log.lock().unwrap().clone()
///     }
///
///     fn debug_forms(&self) -> Vec<String> {
///         vec![self.issuer_debug.clone()]
///     }
/// }
/// ```
pub trait Outputs: Send + Sync {
    /// The secrets of the account, as the adapter received them.
    fn account_secrets(&self) -> Vec<String>;

    /// Everything logged so far, on all levels.
    fn log(&self) -> String;

    /// The `Debug` forms of the adapter's types, such as the issuer and its configuration.
    fn debug_forms(&self) -> Vec<String>;
}

/// Issuers of the same account in surroundings that they must not trust.
///
/// ```
/// use std::sync::Arc;
///
/// use pinning_keys_conformance::{BoxError, Surroundings, async_trait};
/// use pinning_keys_core::KeyIssuer;
///
/// /// A test without a proxy.
/// struct OtherOrigins;
///
/// # fn adapter(base_url: &str) -> Result<Arc<dyn KeyIssuer>, BoxError> { Err("refused".into()) }
/// #[async_trait]
/// impl Surroundings for OtherOrigins {
///     async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError> {
///         adapter(&format!("{origin}/api"))
///     }
///
///     fn has_proxy(&self) -> bool {
///         false
///     }
///
///     async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError> {
///         Err("this test has no proxy".into())
///     }
///
///     fn proxied(&self) -> u64 {
///         0
///     }
/// }
/// ```
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// Returns an issuer for a provider at this origin, such as `http://keys.invalid`, with the
    /// account's credential. The harness appends the path that the adapter needs.
    ///
    /// # Errors
    ///
    /// The adapter's error if it refuses the origin.
    async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError>;

    /// Whether there can be a proxy (default: `true`). In memory there is none.
    fn has_proxy(&self) -> bool {
        true
    }

    /// Returns an issuer like that of [`Harness::issuer`], with a proxy set for every request.
    ///
    /// # Errors
    ///
    /// If no issuer can be created.
    async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError>;

    /// The number of requests that the proxy has seen.
    fn proxied(&self) -> u64;
}
