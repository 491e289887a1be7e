//! Waits until a change has taken effect.

use pinning_keys_core::{Credential, IssuedKey, Verification};

use crate::bench::Bench;
use crate::verdict::Stop;

impl Bench<'_> {
    /// Waits as long as any change may take to take effect.
    pub(crate) async fn settle(&self) {
        let mut patience = self.patience();
        while patience.again().await {}
    }

    /// Waits until the credential works.
    pub(crate) async fn wait_until_live(&self, credential: &Credential) -> Result<(), Stop> {
        let mut patience = self.patience();
        loop {
            let verification = self.verify(credential).await?;
            if verification == Verification::Live {
                return Ok(());
            }
            if !patience.again().await {
                return Err(patience.over("created", &format!("it is {verification:?}")));
            }
        }
    }

    /// Waits until the credential no longer works, and returns what it is then.
    pub(crate) async fn wait_until_dead(
        &self,
        credential: &Credential,
    ) -> Result<Verification, Stop> {
        let mut patience = self.patience();
        loop {
            let verification = self.verify(credential).await?;
            if verification != Verification::Live {
                return Ok(verification);
            }
            if !patience.again().await {
                return Err(patience.over("revoked", "it is still live"));
            }
        }
    }

    /// Revokes a key, and waits until its credential no longer works.
    pub(crate) async fn end(&self, key: &IssuedKey) -> Result<(), Stop> {
        let _ = self.revoke(key.key_ref()).await?;
        self.wait_until_dead(key.credential()).await.map(drop)
    }
}
