use tokio::time::Instant;

/// The moment at which calls end, made by [`ApiClient::deadline_from_now`].
///
/// Operations that take several calls share one, as in the example of [`Call::until`].
///
/// [`ApiClient::deadline_from_now`]: crate::ApiClient::deadline_from_now
/// [`Call::until`]: crate::Call::until
#[derive(Clone, Copy, Debug)]
pub struct Deadline(pub(crate) Instant);
