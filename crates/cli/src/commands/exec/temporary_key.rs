//! A key that lives as long as a command.

use std::sync::Arc;
use std::time::Duration;

use pinning_keys::{
    IssuedKey, KeyIssuer, KeyRequest, Patient, Revocation, Uses, Verification, Waited,
};
use tokio::time::sleep;

use crate::command_line::revoke_command;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
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
    key: IssuedKey,
    output: &'a Output,
    interrupt: &'a Interrupt,
}

impl<'a> TemporaryKey<'a> {
    pub(super) async fn issue(
        issuer: &Arc<dyn KeyIssuer>,
        request: &KeyRequest,
        output: &'a Output,
        interrupt: &'a Interrupt,
    ) -> Result<Self, Failure> {
        let issuer = Patient::new(Arc::clone(issuer), PATIENCE, sleep);
        let name = request.name();
        interrupt.check()?;
        let left = "a key of this name may exist; to revoke it:".to_owned();
        interrupt.would_leave([left, escaped(&revoke_command(name.as_str()))]);
        let issuing = issuer.issue(request);
        let key = interrupt.settle("the key is issued and revoked", issuing).await?;
        let left = "the key is live; to revoke it:".to_owned();
        interrupt.would_leave([left, revoke_command(&key.key_ref().to_string())]);
        output.note(format_args!("issued    {name}   {}", key.key_ref()));
        output.note(format_args!("granted   {}", key.granted()));
        Ok(Self { issuer, key, output, interrupt })
    }

    pub(super) fn issued(&self) -> &IssuedKey {
        &self.key
    }

    /// Waits until the provider accepts the key, unless the question could spend a use.
    pub(super) async fn wait_until_live(&self) -> Result<(), Failure> {
        if self.key.use_limit() == Uses::MayBeLimited {
            return Ok(());
        }
        let waiting = self.issuer.wait_until_live(self.key.credential(), Uses::Unlimited);
        match self.interrupt.or_end(waiting).await? {
            Waited::Unconfirmed { verification, .. } => Err(not_live(verification)),
            _ => Ok(()),
        }
    }

    /// Revokes the key, whatever happened before.
    pub(super) async fn revoke(self) -> Result<(), Failure> {
        self.interrupt.settle("the key is revoked", self.try_to_revoke()).await.map_err(|failure| {
            failure
                .with_next("it may still work; to revoke it:")
                .with_next(revoke_command(&self.key.key_ref().to_string()))
        })
    }

    async fn try_to_revoke(&self) -> Result<(), Failure> {
        let mut attempt = 1;
        loop {
            let failure = match self.issuer.revoke(self.key.key_ref()).await {
                Ok(Revocation::Revoked | Revocation::AlreadyGone) => {
                    self.output.note(format_args!("revoked   {}", self.key.name()));
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
