use crate::Timestamp;

/// The row of an account, which all nodes share.
///
/// ```
/// use pinning_keys_lifecycle::store::AccountRow;
///
/// let name = "main".to_owned();
/// let row = AccountRow { name, provider: "pinata".to_owned(), ..AccountRow::default() };
/// assert_eq!(row.closed_until, None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRow {
    /// The primary key: the name that the app gave.
    pub name: String,
    /// The provider's id, such as `pinata`.
    pub provider: String,
    /// The account's id, as its credential shows it. `None` if no credential has shown one.
    pub identity: Option<String>,
    /// Until when nothing is sent.
    pub closed_until: Option<Timestamp>,
    /// Why nothing is sent.
    pub closed_because: Option<String>,
    /// How often in a row the account was closed, for its back-off.
    pub closures: i64,
    /// The last rows, at most three, that met an internal error of the provider in a row, separated
    /// by blanks.
    pub strikes: String,
    /// When the next slot of the rate limit is free.
    pub slot_at: Timestamp,
    /// The same, for requests that must leave half the slots to due revocations.
    pub low_slot_at: Timestamp,
    /// Where the pass over the listing continues. `None`: at the beginning.
    pub pass_cursor: Option<String>,
    /// When the pass began. `None`: there is none.
    pub pass_began: Option<Timestamp>,
    /// Whether the pass has met a sign that the listing is not complete.
    pub pass_flawed: bool,
    /// Until when another node works on the pass.
    pub pass_claimed_until: Option<Timestamp>,
    /// When the next page, or the next pass, is due.
    pub pass_due_at: Timestamp,
    /// When the last complete pass began. A live key that was not seen since is missing.
    pub full_pass_began: Option<Timestamp>,
    /// A number that every change by this store to the account's keys raises, which shows whether a
    /// listing was disturbed.
    pub changes: i64,
}

impl AccountRow {
    /// Whether another row has another name for the same account.
    ///
    /// ```
    /// use pinning_keys_lifecycle::store::AccountRow;
    ///
    /// let row = |name: &str, identity: Option<&str>| AccountRow {
    ///     name: name.to_owned(),
    ///     identity: identity.map(str::to_owned),
    ///     ..AccountRow::default()
    /// };
    /// assert!(row("one", Some("u1")).is_same_as(&row("two", Some("u1"))));
    /// assert!(!row("one", None).is_same_as(&row("two", None)));
    /// ```
    pub fn is_same_as(&self, other: &Self) -> bool {
        self.name != other.name
            && self.identity.is_some()
            && (&self.identity, &self.provider) == (&other.identity, &other.provider)
    }
}
