use http::StatusCode;

use crate::propagation::Delays;
use crate::switches::{ListOrder, switches};

switches! {
    /// What the emulated W3IPFS does where no document and no client of the provider says
    /// what the real service does.
    ///
    /// The defaults are the likelier choice, or the one that is harder on a client. A
    /// test that depends on one should name it, and run with both settings.
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

    /// Whether an admin key pair may make, list and delete keys (default: yes). The first
    /// document names the pair for it, all later ones and all clients the session token.
    /// Otherwise a pair is answered 401, as no credential.
    key_pair_manages_keys: bool = true;

    /// Whether a path with a slash too many or too few at its end is sent to the right one,
    /// and which that is where sources write both (default: never, both are served).
    ///
    /// A client has seen such redirects on other routes; which form of the key routes is
    /// the right one is not known.
    redirect_slash: RedirectSlash = RedirectSlash::Never;

    /// The status of a create (default: 200, as documented; some clients expect 201).
    create_status: StatusCode = StatusCode::OK;

    /// Whether create refuses a name of more than 100 characters (default: yes, with 400).
    /// The provider's dashboard sends none; no source says what the server does.
    refuse_long_names: bool = true;

    /// Whether create refuses `scopes` that are not admin and lack one of the seven flags
    /// (default: yes, with 400). Otherwise what is missing is false. The documents say that
    /// all are required, not what happens without.
    refuse_missing_flags: bool = true;

    /// Whether create refuses `scopes` in which nothing is true (default: yes, with 400).
    /// The provider's clients do not send them; no source says what the server does.
    refuse_empty_scopes: bool = true;

    /// Whether a key with all seven flags becomes admin (default: no). The dashboard turns
    /// `admin` on by itself then; no source says what the server does.
    all_seven_is_admin: bool = false;

    /// How many keys the account may have at a time, the one named `Default` not counted
    /// (default: 100 keys, made up). A client knows the refusal, no source the number.
    max_keys: usize = 100;

    /// The status of the refusal to make too many keys (default: 400). A client knows its
    /// text, no source the status.
    max_keys_status: StatusCode = StatusCode::BAD_REQUEST;

    /// The status of the refusals to make a key named `Default`, and to delete that key
    /// (default: 400). A client knows their texts, no source the status.
    default_key_status: StatusCode = StatusCode::BAD_REQUEST;

    /// How many keys, pins or NFTs a page holds when the request names no `limit` (default:
    /// 10, as the dashboard says of keys, and the documents of other lists). At least 1.
    default_limit: usize = 10;

    /// The greatest `limit` that is honoured; a greater one is taken as this one (default:
    /// there is none). At least 1. No source says.
    max_limit: Option<usize> = None;

    /// Which key a list begins with (default: the newest). No source says.
    list_order: ListOrder = ListOrder::NewestFirst;

    /// What `total` of a list of keys counts (default: all keys). The documented sample
    /// fits more than one; the wrong ones are for the tests of clients.
    list_total: ListTotal = ListTotal::All;

    /// What listed keys have in `secret_key` (default: they have no such member, as in the
    /// newest document). An older one shows it, the dashboard has it in its types.
    listed_secret: ListedSecret = ListedSecret::Absent;

    /// How listed keys show their scopes (default: as they were sent, which fits the
    /// documented sample of an admin key).
    listed_scopes: ListedScopes = ListedScopes::AsSent;

    /// Whether an empty page has null in place of a list (default: yes). The dashboard's
    /// types allow for it; no source shows it.
    empty_list_is_null: bool = true;

    /// What deleting a key answers (default: a message, as documented; the dashboard's
    /// types have empty data).
    delete_answer: DeleteAnswer = DeleteAnswer::Message;

    /// What a live key gets on a route for which it lacks the flag (default: 403). No
    /// source says.
    missing_flag: MissingFlag = MissingFlag::Forbidden;

    /// How many requests of a new key are answered as those of an unknown one, before the
    /// key is honoured (default: 0 requests). It is counted in requests of this key, so
    /// that no time has to pass. No source says.
    new_key_refusals: u32 = 0;

    /// How many requests of a deleted key are still let through (default: 0 requests). No
    /// source says.
    honour_revoked: u32 = 0;

    /// Whether refusals on the routes of keys come with status 200, their bodies unchanged
    /// (default: no). A client of the provider looks at the body alone, as if it could be.
    failures_as_200: bool = false;

    /// Whether headers with an underscore in their name are lost on the way (default: no).
    /// The proxy nginx does so unless it is told otherwise, and key pairs come in such.
    drop_underscore_headers: bool = false;
}

impl W3ipfsAssumptions {
    pub(crate) fn delays(&self) -> Delays {
        Delays { new_key_refusals: self.new_key_refusals, honour_revoked: self.honour_revoked }
    }
}

/// Where a path goes that has a slash too many or too few at its end.
///
/// The answer is 301 for `GET` and 307 for other methods. Where all sources write a path in
/// one way, that way is right under either setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RedirectSlash {
    /// Nowhere: it is served as it is.
    Never,
    /// Where sources write both, to the path with the slash.
    ToSlash,
    /// Where sources write both, to the path without.
    ToBare,
}

/// What `total` in a list of keys counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListTotal {
    /// All keys.
    All,
    /// The keys on this page.
    Page,
    /// One more than there are.
    OneMore,
    /// One less than there are.
    OneLess,
}

/// What listed keys have in `secret_key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListedSecret {
    /// There is no such member.
    Absent,
    /// An empty string.
    Empty,
    /// As many asterisks as the secret has characters.
    Masked,
    /// The secret.
    Full,
}

/// How listed keys show their scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListedScopes {
    /// The members that the key was made with.
    AsSent,
    /// `admin` and all seven flags, true or false.
    Full,
}

/// What deleting a key answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DeleteAnswer {
    /// `{"message":"API key has been deleted","status":"success"}`.
    Message,
    /// `{"data":{},"status":"success"}`.
    Data,
}

/// What a live key gets on a route for which it lacks the flag.
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
    fn the_readme_lists_every_switch_with_its_default() {
        let settings = W3ipfsAssumptions::default().settings();
        assert_in_readme("\n## Assumptions about W3IPFS\n", &settings);
    }
}
