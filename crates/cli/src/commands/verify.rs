//! `verify`: Check whether a credential works

use jiff::Timestamp;
use pinning_keys::{KeyIssuer as _, KeyName, KeyRef, Verification};
use serde::{Serialize, Serializer};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::given::CredentialArgs;
use crate::holder::Holder;
use crate::interrupt::Interrupt;
use crate::output::table::{Cell, Labels};
use crate::output::tone::Tone;
use crate::session::Session;

/// Check whether a credential works
///
/// The provider is asked with the credential itself, so no other credential is needed if a file
/// names the provider. A token alone belongs to the provider of the configured account.
///
/// The answer proves that the credential authenticates, not what it may do: `probe` tries that out.
/// The question is one request, which may count as a use of a key whose uses are limited, so do not
/// verify a key for a single use.
///
/// Exits with 0 if the credential is live and with 5 if it is not.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    credential: CredentialArgs,
    /// Accepted as in `probe`, which takes the same flags; there is no question here
    #[arg(long, hide = true)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let Args { credential, yes: _ } = args;
    let output = &session.output;
    let interrupt = Interrupt::listen(output);
    let holder = Holder::new(credential.read(output, &interrupt)?, session)?;
    let verification = interrupt.or_end(holder.issuer.verify(&holder.credential)).await?;
    let verdict = Verdict::new(verification, &holder);
    if output.is_json() {
        output.object(&verdict);
    } else {
        output.labels(&verdict.labels());
    }
    Ok(verdict.exit())
}

/// What is known about the credential now. `Serialize` writes the form for programs.
#[derive(Serialize)]
struct Verdict<'a> {
    state: State,
    provider: &'static str,
    /// As the file or the credential says.
    key_ref: Option<KeyRef>,
    name: Option<&'a str>,
    expires_at: Option<Time>,
}

/// The words that `list` uses, too.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Live,
    Revoked,
    UsedUp,
    Unrecognized,
}

impl<'a> Verdict<'a> {
    fn new(verification: Verification, holder: &'a Holder) -> Self {
        // A token that cannot be read says nothing about itself.
        let facts = holder.issuer.credential_facts(&holder.credential).unwrap_or_default();
        Self {
            state: State::from(verification),
            provider: holder.issuer.profile().provider(),
            key_ref: facts.key_ref().or(holder.key_ref.as_ref()).cloned(),
            name: holder.name.as_ref().map(KeyName::as_str),
            expires_at: facts.expiry().and_then(|time| Timestamp::try_from(time).ok()).map(Time),
        }
    }

    fn exit(&self) -> Exit {
        if self.state == State::Live { Exit::Done } else { Exit::NotLive }
    }

    fn labels(&self) -> Labels {
        let mut labels = Labels::default();
        let (word, tone) = self.state.words();
        labels.push("state", Cell::new(word).with_tone(tone));
        labels.push("provider", self.provider);
        if let Some(name) = self.name {
            labels.push("name", name);
        }
        if let Some(key_ref) = &self.key_ref {
            labels.push("key", key_ref.to_string());
        }
        if let Some(Time(time)) = self.expires_at {
            labels.push("expires", time.to_string());
        }
        if let Some(reason) = self.reason() {
            labels.push("why", reason);
        }
        labels
    }

    /// Why the credential may not be accepted, if the provider does not say.
    fn reason(&self) -> Option<&'static str> {
        let has_expired = self.expires_at.is_some_and(|Time(time)| time <= Timestamp::now());
        (self.state == State::Unrecognized).then_some(if has_expired {
            "the token has expired; its key may still be live"
        } else {
            "it is wrong, unknown or expired, or it was revoked; the provider does not say which"
        })
    }
}

/// `Serialize` writes it in RFC 3339.
#[derive(Clone, Copy)]
struct Time(Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl From<Verification> for State {
    fn from(verification: Verification) -> Self {
        match verification {
            Verification::Live => Self::Live,
            Verification::Revoked => Self::Revoked,
            Verification::Exhausted => Self::UsedUp,
            // A verdict that is not known here is no proof that the credential works.
            _ => Self::Unrecognized,
        }
    }
}

impl State {
    fn words(self) -> (&'static str, Tone) {
        match self {
            Self::Live => ("live", Tone::Good),
            Self::Revoked => ("revoked", Tone::Bad),
            Self::UsedUp => ("used up", Tone::Bad),
            Self::Unrecognized => ("unrecognized", Tone::Bad),
        }
    }
}
