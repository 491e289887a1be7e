//! What a probe makes of answers that the emulator does not give: of a blocked account, of a plan's
//! limit, and of what is not the API's.

mod support;

use http::Method;
use pinning_keys_core::{
    Effect, ErrorKind, KeyIssuer, Permission, ProbeConsent, ProbeReport, ProbeVerdict,
};
use pinning_keys_pinata::Table;
use support::{ACCOUNT_JWT, Answers, Script, answer, answer_with, holder, recorded};

use Permission::{PinsAddCid, PinsAddFile, PinsAddJson, PinsEditMetadata, PinsList, PinsRemove};
use ProbeVerdict::{No, Unknown, Yes};

const LIVE: &str = r#"{"message":"Congratulations!"}"#;
const JSON: [(&str, &str); 1] = [("content-type", "application/json; charset=utf-8")];
const WRITES: [Permission; 5] =
    [PinsRemove, PinsEditMetadata, PinsAddCid, PinsAddFile, PinsAddJson];

fn refusal(status: u16, reason: &str) -> (u16, String) {
    (status, format!(r#"{{"error":{{"reason":"{reason}","details":"x"}}}}"#))
}

/// Probes a key in a table. Lists succeed, and writes are answered by their paths.
async fn probe(
    table: Table,
    write: impl Fn(&str) -> (u16, String) + Send + 'static,
) -> (ProbeReport, Script) {
    let script = Script::with(move |request| match (request.method(), request.uri().path()) {
        (_, "/data/testAuthentication") => answer(200, LIVE),
        (&Method::GET, _) => answer_with(200, &JSON, "[]"),
        (_, path) => {
            let (status, body) = write(path);
            answer_with(status, &JSON, body)
        }
    });
    let issuer = script.config().with_jwt(ACCOUNT_JWT).with_table(table).build().unwrap();
    let report = issuer.probe(&holder(), ProbeConsent::to_spend_uses()).await.unwrap();
    (report, script)
}

fn verdicts(report: &ProbeReport) -> [ProbeVerdict; 5] {
    WRITES.map(|permission| report.verdict(permission))
}

#[tokio::test]
async fn blocked_account_is_told_apart_from_a_missing_scope() {
    let (status, body) = recorded("403_account_blocked");
    let body = String::from_utf8(body.to_vec()).unwrap();
    let (report, _) = probe(Table::Endpoints, move |_| (status, body.clone())).await;
    assert_eq!(verdicts(&report), [Unknown; 5]);
    for answer in report.answers().iter().filter(|answer| WRITES.contains(&answer.permission())) {
        let error = answer.error().unwrap();
        assert_eq!(error.kind(), ErrorKind::AccountRestricted);
        assert!(answer.to_string().contains("Account blocked due to plan usage limit"), "{answer}");
    }
    assert_eq!(report.verdict(PinsList), Yes);
}

#[tokio::test]
async fn limit_of_the_plan_is_told_apart_from_a_missing_scope() {
    let (report, _) = probe(Table::Endpoints, |path| match path {
        "/pinning/pinByHash" => refusal(403, "PAID_FEATURE_ONLY"),
        _ => refusal(403, "NO_SCOPES_FOUND"),
    })
    .await;
    assert_eq!(verdicts(&report), [No, No, Unknown, No, No]);
    let mut answers = report.answers().iter();
    let paid = answers.find(|answer| answer.permission() == PinsAddCid).unwrap();
    assert_eq!(paid.error().unwrap().kind(), ErrorKind::AccountRestricted);
}

#[tokio::test]
async fn refused_input_shows_a_scope_only_where_the_scope_comes_first() {
    let input = "INVALID_REQUEST";
    // Nothing shows that the scope was looked at.
    let (report, _) = probe(Table::Endpoints, move |_| refusal(400, input)).await;
    assert_eq!(verdicts(&report), [Unknown; 5]);
    // One refusal for the scope shows it for all.
    let (report, _) = probe(Table::Endpoints, move |path| match path {
        "/pinning/pinJSONToIPFS" => refusal(403, "NO_SCOPES_FOUND"),
        _ => refusal(400, input),
    })
    .await;
    assert_eq!(verdicts(&report), [Yes, Yes, Yes, Yes, No]);
    // So does the answer that the account has no such pin.
    let (report, _) = probe(Table::Endpoints, move |path| match path {
        "/pinning/unpin/-" => refusal(400, "CURRENT_USER_HAS_NOT_PINNED_CID"),
        "/pinning/pinFileToIPFS" => refusal(400, "KEYS_MUST_BE_STRINGS"),
        "/pinning/pinByHash" => (400, "<html></html>".to_owned()),
        "/pinning/hashMetadata" => refusal(500, "OOPS"),
        _ => refusal(400, input),
    })
    .await;
    assert_eq!(verdicts(&report), [Yes, Unknown, Unknown, Unknown, Yes]);
}

#[tokio::test]
async fn accepted_write_is_reported_and_ends_the_probe() {
    let (report, script) = probe(Table::Endpoints, |_| (200, "{}".to_owned())).await;
    assert_eq!(verdicts(&report), [Unknown; 5]);
    let requests = script.requests();
    let writes = requests.iter().filter(|request| request.method() != Method::GET);
    assert_eq!(writes.count(), 1);
    let last = report.answers().last().unwrap();
    assert_eq!((last.permission(), last.error().unwrap().effect()), (PinsRemove, Effect::Unknown));
    assert_eq!(
        last.to_string(),
        "pins:remove          unknown: cannot probe the credential at pinata: the provider \
         accepted input that it should refuse, and may have changed something (HTTP 200)",
    );
}

#[tokio::test]
async fn verification_of_a_probe_is_sent_once() {
    let script = Script::with(|_| answer(503, "{}"));
    let error = script.issuer().probe(&holder(), ProbeConsent::to_spend_uses()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn resources_keys_are_only_asked_to_read() {
    let (report, script) = probe(Table::Resources, |path| panic!("{path} is written to")).await;
    assert!(script.requests().iter().all(|request| request.method() == Method::GET));
    assert!(report.answers().iter().all(|answer| answer.verdict() == Yes));
    assert_eq!(report.verdict(PinsAddFile), Unknown);
}

#[tokio::test]
async fn page_of_a_proxy_shows_nothing() {
    let page = [("content-type", "text/html")];
    let script = Script::with(move |request| match request.uri().path() {
        "/data/testAuthentication" => answer(200, LIVE),
        _ => answer_with(200, &page, "<html></html>"),
    });
    let issuer = script.issuer();
    let report = issuer.probe(&holder(), ProbeConsent::to_spend_uses()).await.unwrap();
    assert!(report.answers().iter().all(|answer| answer.verdict() == Unknown));
}

#[tokio::test]
async fn v3_refusal_counts_only_if_another_list_recognizes_the_key() {
    let not_authorized = (401, r#"{"error":{"code":401,"message":"Not Authorized"}}"#.to_owned());
    // The key has died in the middle.
    let invalid = refusal(401, "INVALID_CREDENTIALS");
    for (recognizes, refused, expected) in [
        (false, not_authorized.clone(), Unknown),
        (true, not_authorized, No),
        (true, invalid, Unknown),
    ] {
        let script = Script::with(move |request| match request.uri().path() {
            "/data/testAuthentication" => answer(200, LIVE),
            "/v3/groups/public" if recognizes => answer_with(200, &JSON, "{}"),
            _ => answer_with(refused.0, &JSON, refused.1.clone()),
        });
        let report = script.issuer().probe(&holder(), ProbeConsent::to_spend_uses()).await.unwrap();
        assert_eq!(report.verdict(PinsList), expected, "{report}");
    }
}
