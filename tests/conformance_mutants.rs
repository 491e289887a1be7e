//! What the conformance suite sees over real HTTP: adapters whose transport is wrong in one way.
//! Wrong adapters without HTTP are among the tests of the suite itself.

#[path = "support/conformance/mod.rs"]
mod support;

use pinning_keys::Operation;
use pinning_keys_conformance::{Harness as _, Outcome, run_one};
use support::broken::Wrong;
use support::configuration::Configuration;
use support::stand::Stand;
use tokio::task::JoinSet;

/// The case that catches a wrong transport; none where it can do no harm.
fn catcher(wrong: Wrong, configuration: Configuration) -> Option<&'static str> {
    Some(match wrong {
        Wrong::FollowsRedirects => "all-04-verify-follows-no-redirect-elsewhere",
        Wrong::UsesProxy => "all-04-this-machine-is-reached-without-a-proxy",
        Wrong::SendsAgain => "issue-02-one-create-after-a-lost-answer",
        Wrong::CallsItUnsent => "issue-05-lost-answer-is-unknown",
        // There the key goes into the body.
        Wrong::Unescapes if configuration.request(Operation::Revoke).1 == LEGACY_REVOKE => {
            return None;
        }
        Wrong::Unescapes => "revoke-03-odd-text-hits-no-other-key",
        Wrong::PanicsOnHtml => "issue-05-html-answer-is-unknown",
        // Seen where memory is measured.
        Wrong::ReadsOn => return None,
    })
}

const LEGACY_REVOKE: &str = "/users/revokeApiKey";

#[tokio::test]
async fn every_wrong_transport_is_caught_by_its_case() {
    let mut runs = Vec::new();
    for (name, configuration) in Configuration::ALL {
        for wrong in Wrong::ALL {
            if let Some(case) = catcher(wrong, configuration) {
                let stand = Stand::over_tcp_by(configuration, 1, wrong.make()).await;
                // Setting up takes time, which the deadlines of the others must not run out in.
                stand.issuer().await.unwrap();
                runs.push((format!("{name}: {wrong:?}"), stand, case));
            }
        }
    }
    // At once, since they mostly wait.
    let mut caught = JoinSet::new();
    for (name, stand, case) in runs {
        caught.spawn(ensure_caught(name, stand, case));
    }
    caught.join_all().await;
}

async fn ensure_caught(name: String, stand: Stand, case: &str) {
    let report = run_one(&stand, case).await.unwrap();
    let caught = matches!(report.outcome(), Outcome::Failed(_));
    assert!(caught, "{name} is not caught by {case}: {:?}", report.outcome());
}
