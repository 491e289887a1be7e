use serde_json::json;

use crate::clock::Clock;
use crate::jwt::{self, TOKEN_END};
use crate::random::Random;

/// The length of a signature by the 1024-bit RSA key of the documented sample [DOC].
const SIGNATURE_BYTES: usize = 128;

/// The session tokens of the account, one of which is current. No `Debug`: it holds them.
pub(crate) struct Sessions {
    user_id: String,
    current: String,
    /// Earlier tokens that are still valid.
    live: Vec<String>,
    expired: Vec<String>,
    refresh_token: String,
}

/// The fault of a token, in the words that follow `validate: ` [CODE]; the last one is what
/// Go's usual JWT library says about a forged signature [INF].
const EXPIRED: &str = "Token is expired";
const MALFORMED: &str = "token contains an invalid number of segments";
const FORGED: &str = "crypto/rsa: verification error";

impl Sessions {
    pub(crate) fn new(random: &mut Random, clock: &mut Clock) -> Self {
        let user_id = random.uuid();
        let current = token(&user_id, random, clock);
        let refresh_token = token(&user_id, random, clock);
        Self { user_id, current, live: Vec::new(), expired: Vec::new(), refresh_token }
    }

    pub(crate) fn user_id(&self) -> &str {
        &self.user_id
    }

    pub(crate) fn current(&self) -> &str {
        &self.current
    }

    pub(crate) fn refresh_token(&self) -> &str {
        &self.refresh_token
    }

    /// Checks a token, or returns what is wrong with it.
    pub(crate) fn check(&self, token: &str) -> Result<(), &'static str> {
        if self.current == token || self.live.iter().any(|live| live == token) {
            Ok(())
        } else if self.expired.iter().any(|expired| expired == token) {
            Err(EXPIRED)
        } else if token.split('.').count() == 3 {
            Err(FORGED)
        } else {
            Err(MALFORMED)
        }
    }

    /// Issues another token; earlier ones stay valid.
    pub(crate) fn renew(&mut self, random: &mut Random, clock: &mut Clock) {
        let next = token(&self.user_id, random, clock);
        self.live.push(std::mem::replace(&mut self.current, next));
    }

    /// Expires all tokens and issues another one.
    pub(crate) fn expire(&mut self, random: &mut Random, clock: &mut Clock) {
        self.renew(random, clock);
        self.expired.append(&mut self.live);
    }
}

/// A token with the four claims of the documented sample [DOC], none of which is a scope.
fn token(user_id: &str, random: &mut Random, clock: &mut Clock) -> String {
    let now = clock.tick().unix();
    let payload = json!({ "exp": TOKEN_END, "iat": now, "nbf": now, "sub": user_id });
    jwt::token("RS256", &payload, SIGNATURE_BYTES, random)
}
