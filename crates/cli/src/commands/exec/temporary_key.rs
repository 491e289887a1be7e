//! A key that lives as long as a command.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::{IssuedKey, KeyIssuer, Patient, Revocation, Uses, Verification, Waited};
use tokio::time::sleep;

use crate::command_line::revoke_command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::issuing::NewKey;
use crate::output::Output;
use crate::output::escape::escaped;

/// How long to wait for a rate limit in all, for each call. Providers count per minute.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often to try to revoke the key, each time with the retries of the library.
const ATTEMPTS: u32 = 3;

/// The time between two attempts.
const PAUSE: Duration = Duration::from_secs(2);

pub(super) struct TemporaryKey<'a> {
    issuer: Patient<Arc<dyn KeyIssuer>>,
    new: NewKey,
    output: &'a Output,
    interrupt: &'a Interrupt,
}

impl<'a> TemporaryKey<'a> {
    /// Takes over the care for a new key.
    pub(super) fn new(
        new: NewKey,
        issuer: &Arc<dyn KeyIssuer>,
        output: &'a Output,
        interrupt: &'a Interrupt,
    ) -> Self {
        let issuer = Patient::new(Arc::clone(issuer), PATIENCE, sleep);
        let key = Self { issuer, new, output, interrupt };
        interrupt.would_leave(["the key is live; to revoke it:".to_owned(), key.revoke_command()]);
        let name = escaped(key.issued().name().as_str());
        output.note(format_args!("issued    {name}   at {}", key.issuer.profile().table()));
        output.detail(format_args!("reference: {}", key.new.key_ref));
        output.note(format_args!("granted   {}", key.issued().granted()));
        key
    }

    pub(super) fn issued(&self) -> &IssuedKey {
        &self.new.key
    }

    fn revoke_command(&self) -> String {
        revoke_command(&self.new.key_ref.to_string())
    }

    /// Waits until the provider accepts the key, unless the question could spend a use.
    pub(super) async fn wait_until_live(&self) -> Result<(), Failure> {
        if self.issued().use_limit() == Uses::MayBeLimited {
            return Ok(());
        }
        let waiting = self.issuer.wait_until_live(self.issued().credential(), Uses::Unlimited);
        match self.interrupt.or_end(waiting).await? {
            Waited::Unconfirmed { verification, .. } => Err(not_live(verification)),
            _ => Ok(()),
        }
    }

    /// Revokes the key, whatever happened before.
    pub(super) async fn revoke(self) -> Result<(), Failure> {
        self.interrupt.settle("the key is revoked first", self.try_to_revoke()).await.map_err(
            |failure| {
                failure
                    .with_next("it may still work; to revoke it:")
                    .with_next(self.revoke_command())
            },
        )
    }

    async fn try_to_revoke(&self) -> Result<(), Failure> {
        let mut attempt = 1;
        loop {
            let failure = match self.issuer.revoke(&self.new.key_ref).await {
                Ok(Revocation::Revoked | Revocation::AlreadyGone) => {
                    let name = escaped(self.issued().name().as_str());
                    self.output.note(format_args!("revoked   {name}"));
                    return Ok(());
                }
                // A list may lag.
                Ok(_) => Failure::new(
                    Exit::Unknown,
                    "the provider does not find the key, which was not revoked",
                ),
                Err(error) if error.kind().affects_all_keys() => return Err(error.into()),
                Err(error) => error.into(),
            };
            if attempt == ATTEMPTS {
                return Err(failure);
            }
            attempt += 1;
            sleep(PAUSE).await;
        }
    }
}

fn not_live(verification: Verification) -> Failure {
    let message = format!("the new key is not accepted by the provider: {verification}");
    Failure::new(Exit::Later, message).with_next("the command was not run; try again later")
}
