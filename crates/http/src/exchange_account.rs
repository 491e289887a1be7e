//! The account's credential in one call.

use std::ops::ControlFlow;

use bytes::Bytes;
use http::{Response, Uri};
use pinning_keys_core::{Effect, Error};
use tokio::time::timeout_at;

use crate::credentials::{AccountCredential, Ask};
use crate::exchange::{Ended, Exchange};

impl Exchange<'_> {
    /// Authenticates the next request with this credential of the account. If the request depends
    /// on the credential's session, so does its address.
    #[inline] // Each call does this.
    pub(crate) fn adopt(
        &mut self,
        credential: AccountCredential,
        uri: &mut Uri,
    ) -> Result<(), Error> {
        self.settings.admit(&credential)?;
        let had_session = self.context.account.as_ref().is_some_and(|it| it.session().is_some());
        if credential.session().is_some() || had_session || self.call.facts.is_some() {
            *uri = self.fill(&credential)?;
        }
        self.context.account = Some(credential);
        Ok(())
    }

    /// Fills in what the credential's session gives, and returns the address of the request.
    #[cold]
    fn fill(&mut self, credential: &AccountCredential) -> Result<Uri, Error> {
        let settings = self.settings;
        let own = settings.sessions.base_url(&settings.base_url, credential)?;
        let base_url = own.as_ref().unwrap_or(&settings.base_url);
        let (uri, body) = self.call.fill(base_url, credential.session())?;
        self.filled = body.map(Box::new);
        // The redirect that was followed led elsewhere.
        self.followed = false;
        Ok(uri)
    }

    /// Prepares an attempt with another credential, if the source has one.
    pub(crate) async fn after_refused_account(
        &mut self,
        response: Response<Bytes>,
        uri: Uri,
    ) -> ControlFlow<Ended, Uri> {
        let before = self.context.effect;
        // The provider has said that it did nothing, whatever the status.
        self.context.effect = before.max(Effect::Rejected);
        let source = match self.ask_again(&uri).await {
            Ok(Some(next)) => return ControlFlow::Continue(next),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        self.context.effect = before;
        if self.is_expected(response.status()) {
            return ControlFlow::Break(Ok(response));
        }
        self.after_refusal(response, source).await.map_continue(|()| uri)
    }

    /// Asks for another credential once, and returns the address to try it at, if there is one.
    ///
    /// This is not a retry: the provider has said that it did nothing, so a create may be sent
    /// again too.
    async fn ask_again(&mut self, uri: &Uri) -> Result<Option<Uri>, Error> {
        if self.context.refused_account.is_some() {
            return Ok(None);
        }
        let Some(refused) = self.context.account.clone() else {
            return Ok(None);
        };
        let asking = self.settings.credentials.credential(Ask::AfterRefusal(refused.clone()));
        // A source that hangs must not hide the provider's answer.
        let Ok(given) = timeout_at(self.deadline, asking).await else {
            return Ok(None);
        };
        let given = given?;
        if given.is_same_as(&refused) {
            return Ok(None);
        }
        let mut uri = uri.clone();
        self.adopt(given, &mut uri)?;
        self.context.refused_account = Some(refused);
        Ok(Some(uri))
    }
}
