use std::error::Error as StdError;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use pinning_keys_core::{Credential, KeyIssuer, Operation, Permission};

use crate::FaultSwitch;

/// Whatever went wrong in a harness.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// What the suite needs to know of an adapter, and of the provider behind it.
///
/// Four methods are required. Each optional one lets more cases run: what a harness lacks is
/// skipped, and the report says so. An example stands on the [crate's page](crate).
#[async_trait]
pub trait Harness: Send + Sync {
    /// A fresh issuer. All issuers of one harness work on the same account.
    ///
    /// # Errors
    ///
    /// Whatever keeps the issuer from being made. Every case then fails.
    async fn issuer(&self) -> Result<Arc<dyn KeyIssuer>, BoxError>;

    /// What the name of every key begins with that a run makes. A run touches no other keys.
    ///
    /// Short, since it goes into each name, and nobody else's in the account. A label that leaves
    /// no room for what makes names unique is an error of the run.
    fn label(&self) -> &str;

    /// How many keys a run may make in all. Cases beyond that are skipped.
    fn max_keys(&self) -> usize;

    /// The fewest cases that must be executed, so that a run in which nothing ran is not green.
    ///
    /// Run once, read in the report how many were executed, and write that number here.
    fn minimum(&self) -> usize;

    /// How long a change takes to take effect; the profile's time where this says nothing.
    fn propagation(&self) -> Option<Duration> {
        None
    }

    /// How long the issuer gives one call. A call that takes longer breaks a clause.
    ///
    /// Where the clock is real, a call may take the same time again, and 5 seconds at least, before
    /// that is said: a machine that is busy with other things breaks no promise. Once a call has
    /// hung, the next ones of its kind in a run are given 5 seconds, until one of them ends.
    fn deadline(&self) -> Duration {
        Duration::from_secs(30)
    }

    /// An issuer like that of [`issuer`](Self::issuer) which gives each call this long, in place
    /// of [`deadline`](Self::deadline).
    ///
    /// It makes a run quick: only the calls to which no answer ever comes are made with it, and
    /// these take their whole deadline. Without one they are made with the ordinary issuer.
    ///
    /// # Errors
    ///
    /// Whatever keeps the issuer from being made.
    async fn issuer_within(
        &self,
        _deadline: Duration,
    ) -> Result<Option<Arc<dyn KeyIssuer>>, BoxError> {
        Ok(None)
    }

    /// How many keys really stand on a page of a listing; the profile's number where this says
    /// nothing.
    fn page_size(&self) -> Option<usize> {
        None
    }

    /// Whether the provider cannot list keys ([`Operation::List`]), or not revoke them
    /// ([`Operation::Revoke`]), so that the adapter refuses it as
    /// [`ErrorKind::Unsupported`](pinning_keys_core::ErrorKind::Unsupported) before any request.
    ///
    /// What a run makes is then left behind, where keys cannot be revoked.
    fn lacks(&self, _operation: Operation) -> bool {
        false
    }

    /// What the scopes that are drawn by chance follow from. It is printed with the report.
    fn seed(&self) -> u64 {
        1
    }

    /// Whether a run may make admin keys, and keys that may make further keys.
    fn may_make_admin_keys(&self) -> bool {
        true
    }

    /// Whether the clock of the runtime is to stand still and jump ahead when all wait.
    ///
    /// Only where provider and adapter live in memory, on tokio's clock: where bytes go over a
    /// socket, the clock would jump while they are under way.
    fn pauses_clock(&self) -> bool {
        false
    }

    /// Tries out what a key can do.
    fn probe(&self) -> Option<&dyn Probe> {
        None
    }

    /// Tells what the provider has really made.
    fn ledger(&self) -> Option<&dyn Ledger> {
        None
    }

    /// Disturbs requests on their way.
    fn faults(&self) -> Option<&dyn FaultSwitch> {
        None
    }

    /// Tells what the adapter says besides what its methods return.
    fn outputs(&self) -> Option<&dyn Outputs> {
        None
    }

    /// Makes issuers in other surroundings.
    fn surroundings(&self) -> Option<&dyn Surroundings> {
        None
    }
}

/// Tries out what a key can do, at the provider itself rather than by what the adapter says.
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
    /// Whether the provider lets this credential do what the permission names; `None` where no
    /// route is known for the permission, which is then read from the key's record.
    ///
    /// # Errors
    ///
    /// Whatever kept the answer from being found. The case then fails.
    async fn may(
        &self,
        credential: &Credential,
        permission: Permission,
    ) -> Result<Option<bool>, BoxError>;
}

/// What the provider has really done, whatever was answered.
///
/// ```
/// use std::sync::Mutex;
///
/// use pinning_keys_conformance::Ledger;
///
/// /// What a test server wrote down: names, and whether the key is live.
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
    /// How many requests have reached the provider so far, of whatever kind.
    fn requests(&self) -> u64;

    /// How many keys of exactly this name were ever made.
    fn made(&self, name: &str) -> usize;

    /// How many keys of exactly this name are live.
    fn live(&self, name: &str) -> usize;

    /// How many requests to make a key have reached the provider so far, refused ones included,
    /// where they are counted.
    fn create_requests(&self) -> Option<u64> {
        None
    }

    /// The body of the create request for the key of this name, where it was kept. Without it,
    /// nobody can tell whether a plan shows what is sent.
    fn create_body(&self, _name: &str) -> Option<String> {
        None
    }

    /// How many uses the key of this name has left, where that is limited and known.
    fn uses_left(&self, _name: &str) -> Option<u64> {
        None
    }
}

/// What the adapter says besides what its methods return, and what must not be in it.
pub trait Outputs: Send + Sync {
    /// The secrets of the account itself, as the adapter was given them.
    fn account_secrets(&self) -> Vec<String>;

    /// What was logged so far, on all levels.
    fn log(&self) -> String;

    /// The `Debug` forms of what the adapter is made of: the issuer, its configuration.
    fn debug_forms(&self) -> Vec<String>;
}

/// Issuers of the same account in surroundings that they must not trust.
#[async_trait]
pub trait Surroundings: Send + Sync {
    /// An issuer for a provider at this origin, such as `http://keys.invalid`, with the
    /// account's credential. A path that the adapter wants behind it is for the harness to add.
    ///
    /// # Errors
    ///
    /// That of the adapter, where it refuses the origin.
    async fn issuer_at(&self, origin: &str) -> Result<Arc<dyn KeyIssuer>, BoxError>;

    /// Whether there can be a proxy at all. In memory there is none.
    fn has_proxy(&self) -> bool {
        true
    }

    /// An issuer like that of [`Harness::issuer`], where a proxy is set for every request.
    ///
    /// # Errors
    ///
    /// Whatever keeps the issuer from being made.
    async fn issuer_behind_proxy(&self) -> Result<Arc<dyn KeyIssuer>, BoxError>;

    /// How many requests the proxy has seen.
    fn proxied(&self) -> u64;
}
