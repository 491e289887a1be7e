use http::StatusCode;

use crate::propagation::Delays;
use crate::switches::{ListOrder, switches};

switches! {
    /// What the emulated W3IPFS does if no document and no client of the provider shows what
    /// the real service does, as far as a client of the key routes can notice.
    ///
    /// The defaults are the likelier choice, or the one that is harder on a client. A test that
    /// depends on a switch should name it and run with both settings.
    ///
    /// ```
    /// use pinning_keys_emulator::{Emulator, RedirectSlash, W3ipfsAssumptions};
    ///
    /// let assumptions = W3ipfsAssumptions::default()
    ///     .key_pair_manages_keys(false)
    ///     .redirect_slash(RedirectSlash::ToBare);
    /// let emulator = Emulator::builder().w3ipfs_assumptions(assumptions).in_memory();
    /// # assert_eq!(emulator.keys_made(), 0);
    /// ```
    pub struct W3ipfsAssumptions;

    /// Sets whether an admin key pair may create, list and delete keys (default: `true`). The
    /// first document names the pair for it; all later ones and all clients name the session
    /// token. If not, a pair gets 401, like no credential.
    key_pair_manages_keys: bool = true;

    /// Sets whether a path with a missing or superfluous trailing slash is redirected, and to
    /// which form if the sources write both (default: never; both are served).
    ///
    /// A client has seen such redirects on other routes; the right form of the key routes is not
    /// known.
    redirect_slash: RedirectSlash = RedirectSlash::Never;

    /// Sets the status of a create (default: 200, as documented; some clients expect 201).
    create_status: StatusCode = StatusCode::OK;

    /// Sets whether a key with all seven flags becomes admin (default: `false`). The dashboard
    /// then turns `admin` on by itself; no source says what the server does.
    all_seven_is_admin: bool = false;

    /// Sets how many keys the account may have at a time, not counting the one named `Default`
    /// (default: 100, made up). A client knows the refusal; no source has the number.
    max_keys: usize = 100;

    /// Sets the status of the refusal to make too many keys (default: 400). A client knows its
    /// text; no source has the status.
    max_keys_status: StatusCode = StatusCode::BAD_REQUEST;

    /// Sets the status of the refusals to make a key named `Default` and to delete that key
    /// (default: 400). A client knows their texts; no source has the status.
    default_key_status: StatusCode = StatusCode::BAD_REQUEST;

    /// Sets the greatest `limit` that is honoured, at least 1; a greater one is reduced to it
    /// (default: `None`). No source says.
    max_limit: Option<usize> = None;

    /// Sets the order of the list (default: newest first). No source says.
    list_order: ListOrder = ListOrder::NewestFirst;

    /// Sets what `total` of a list of keys counts (default: all keys). The documented sample fits
    /// more than one choice; the wrong totals are for tests of clients.
    list_total: ListTotal = ListTotal::All;

    /// Sets the `secret_key` of listed keys (default: absent, as in the newest document). An older
    /// one shows it, and the dashboard has it in its types.
    listed_secret: ListedSecret = ListedSecret::Absent;

    /// Sets how listed keys show their scopes (default: as sent, which fits the documented sample
    /// of an admin key).
    listed_scopes: ListedScopes = ListedScopes::AsSent;

    /// Sets whether an empty page has null instead of a list (default: `true`). The dashboard's
    /// types allow it; no source shows it.
    empty_list_is_null: bool = true;

    /// Sets the response to deleting a key (default: a message, as documented; the dashboard's
    /// types have empty data).
    delete_answer: DeleteAnswer = DeleteAnswer::Message;

    /// Sets the response to a live key on a route for which it lacks the flag (default: 403). No
    /// source says.
    missing_flag: MissingFlag = MissingFlag::Forbidden;

    /// Sets how many requests of a new key get the response to an unknown key (default: 0).
    /// Counting the requests of this key means that no time has to pass. No source says.
    new_key_refusals: u32 = 0;

    /// Sets how many requests of a deleted key are still let through (default: 0). No source says.
    honour_revoked: u32 = 0;

    /// Sets whether refusals on the key routes come with status 200 and their bodies unchanged
    /// (default: `false`). A client of the provider looks at the body alone, as if it could be.
    failures_as_200: bool = false;

    /// Sets whether headers with an underscore in their name are lost on the way (default:
    /// `false`). The proxy nginx drops them unless configured otherwise, and key pairs come in
    /// such headers.
    drop_underscore_headers: bool = false;
}

impl W3ipfsAssumptions {
    pub(crate) fn delays(&self) -> Delays {
        Delays { new_key_refusals: self.new_key_refusals, honour_revoked: self.honour_revoked }
    }
}

/// Where a path with a missing or superfluous trailing slash is redirected to.
///
/// The response is 301 for `GET` and 307 for other methods. If all sources write a path in one
/// form, that form is right under either setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RedirectSlash {
    /// Nowhere: the path is served as it is.
    Never,
    /// To the path with the slash, if the sources write both.
    ToSlash,
    /// To the path without the slash, if the sources write both.
    ToBare,
}

/// What `total` of a list of keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListTotal {
    /// All keys.
    All,
    /// The keys on this page.
    Page,
    /// All keys and one more.
    OneMore,
    /// All keys but one.
    OneLess,
}

/// The `secret_key` of listed keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListedSecret {
    /// No such member.
    Absent,
    /// An empty string.
    Empty,
    /// An asterisk for each character of the secret.
    Masked,
    /// The secret.
    Full,
}

/// How listed keys show their scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListedScopes {
    /// The members that the key was created with.
    AsSent,
    /// `admin` and all seven flags, true or false.
    Full,
}

/// The response to deleting a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeleteAnswer {
    /// `{"message":"API key has been deleted","status":"success"}`.
    Message,
    /// `{"data":{},"status":"success"}`.
    Data,
}

/// The response to a live key on a route for which it lacks the flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingFlag {
    /// 403.
    Forbidden,
    /// 401.
    Unauthorized,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switches::assert_in_readme;

    #[test]
    fn readme_lists_every_switch_with_its_default() {
        let settings = W3ipfsAssumptions::default().settings();
        assert_in_readme("\n## Assumptions about W3IPFS\n", &settings);
    }
}
