//! The conformance suite catches every transport with a fault, over real HTTP. Faulty adapters are
//! among the tests of the suite itself.

use pinning_keys::Operation;
use pinning_keys_conformance::{Harness as _, Outcome, run_one};
use pinning_keys_testkit::stand::{Configuration, Stand, Wrong};
use tokio::task::JoinSet;

/// The case that catches a faulty transport, and its message; none if the transport is harmless in
/// this configuration.
fn catcher(wrong: Wrong, configuration: Configuration) -> Option<(&'static str, &'static str)> {
    Some(match wrong {
        Wrong::FollowsRedirects => {
            ("all-04-verify-follows-no-redirect-elsewhere", "1 request followed the redirect")
        }
        Wrong::UsesProxy => ("all-04-loopback-bypasses-the-proxy", "went through the proxy"),
        // One is enough: it takes memory.
        Wrong::ReadsOn if configuration != Configuration::ALL[0].1 => return None,
        Wrong::ReadsOn => {
            ("all-02-issue-stops-reading-an-endless-answer", "bytes of an endless answer were read")
        }
        Wrong::SendsAgain if configuration.is_pinata() => {
            ("issue-02-one-create-after-a-lost-answer", "one call created 2 keys")
        }
        // W3IPFS refuses the second key, since names are unique.
        Wrong::SendsAgain => {
            ("issue-02-one-create-after-a-lost-answer", "the request was sent 2 times")
        }
        // The adapter sends an unsent request again.
        Wrong::CallsItUnsent if configuration.is_pinata() => {
            ("issue-05-lost-answer-is-unknown", "after a lost answer, a key was returned")
        }
        Wrong::CallsItUnsent => {
            ("issue-05-lost-answer-is-unknown", "the effect is Rejected, not Unknown")
        }
        // The key goes into the body here.
        Wrong::Unescapes if configuration.request(Operation::Revoke).1 == LEGACY_REVOKE => {
            return None;
        }
        Wrong::Unescapes => ("revoke-03-odd-text-hits-no-other-key", "hits the key"),
        Wrong::PanicsOnHtml => {
            ("issue-05-html-answer-is-unknown", "answers are JSON: Error(\"expected value\"")
        }
    })
}

const LEGACY_REVOKE: &str = "/users/revokeApiKey";

#[tokio::test]
async fn every_faulty_transport_is_caught_by_its_case() {
    let mut runs = Vec::new();
    for (name, configuration) in Configuration::ALL {
        for wrong in Wrong::ALL {
            if let Some(catcher) = catcher(wrong, configuration) {
                let stand = Stand::over_tcp(configuration, wrong.make()).await;
                // Set up now: it takes time that would count against the deadlines of the others.
                stand.issuer().await.unwrap();
                runs.push((format!("{name}: {wrong:?}"), stand, catcher));
            }
        }
    }
    // Concurrently, since they mostly wait.
    let mut caught = JoinSet::new();
    for (name, stand, (case, because)) in runs {
        caught.spawn(ensure_caught(name, stand, case, because));
    }
    caught.join_all().await;
}

async fn ensure_caught(name: String, stand: Stand, case: &str, because: &str) {
    let report = run_one(&stand, case).await.unwrap();
    let caught = matches!(report.outcome(), Outcome::Failed(why) if why.contains(because));
    assert!(caught, "{name} is not caught by {case}: {:?}, not {because:?}", report.outcome());
}
