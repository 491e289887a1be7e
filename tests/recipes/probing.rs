//! The recipe for a key whose scope is not known.

use pinning_keys::{
    Credential, Error, KeyIssuer, Permission, ProbeConsent, ProbePlan, ProbeReport, ProbeVerdict,
};

use crate::{Place, keys};

pub(crate) async fn what_it_can_do(
    issuer: &dyn KeyIssuer,
    key: &Credential,
    is_confirmed: impl Fn(&ProbePlan) -> bool,
) -> Result<Option<ProbeReport>, Error> {
    let Some(plan) = issuer.profile().probe_plan() else { return Ok(None) };
    if !is_confirmed(&plan) {
        return Ok(None); // nothing was sent
    }
    let consent = ProbeConsent::to_spend_uses();
    Ok(Some(issuer.probe(key, consent).await?))
}

#[tokio::test]
async fn key_is_probed_if_the_plan_is_confirmed() {
    for place in Place::all() {
        let key = place.issuer.issue(&keys::dashboard().unwrap()).await.unwrap();
        let (issuer, sent) = (&*place.issuer, place.emulator.requests());
        let report = what_it_can_do(issuer, key.credential(), |_| false).await.unwrap();
        assert!(report.is_none());
        assert_eq!(place.emulator.requests(), sent);

        let report = what_it_can_do(issuer, key.credential(), |_| true).await.unwrap().unwrap();
        assert_eq!(report.verdict(Permission::PinsList), ProbeVerdict::Yes);
        assert_ne!(report.verdict(Permission::PinsRemove), ProbeVerdict::Yes);
    }
}
