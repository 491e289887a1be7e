//! Both adapters keep their contract whatever the provider does that no source documents: each
//! assumption of the emulator is flipped, and the conformance cases that it concerns run in
//! memory.

use http::StatusCode;
use pinning_keys_conformance::{CASES, Outcome, run_one};
use pinning_keys_emulator::{
    DeleteAnswer, ExhaustedKey, ListCount, ListOrder, ListTotal, ListedScopes, ListedSecret,
    MissingCredentials, MissingFlag, PinataAssumptions as Pinata, RedirectSlash, RevokeAgain,
    RevokeUnknown, W3ipfsAssumptions as W3ipfs,
};
use pinning_keys_testkit::stand::{Configuration, Stand, assumptions};
use tokio::runtime::Builder;

/// A switch, how the ids of the cases begin that it concerns, and another setting than the stand's.
type Flip<A> = (&'static str, &'static [&'static str], fn(A) -> A);

const SCOPES: &[&str] = &["issue-04-each", "issue-04-all", "issue-04-admin", "issue-04-record"];
const LISTS: &[&str] =
    &["list-", "issue-04-record", "issue-05-reconcile", "profile-02-", "revoke-02"];
const REVOKES: &[&str] = &["revoke-"];
const VERIFIES: &[&str] = &["verify-", "issue-03", "revoke-01", "profile-02-max-uses"];
const CREATES: &[&str] = &["issue-02", "issue-03", "issue-05", "plan-02"];

const PINATA: &[Flip<Pinata>] = &[
    ("org_write_mints_admin", SCOPES, |pinata| pinata.org_write_mints_admin(false)),
    ("key_revokes_itself", REVOKES, |pinata| pinata.key_revokes_itself(false)),
    ("page_size", LISTS, |pinata| pinata.page_size(3)),
    ("list_count", LISTS, |pinata| pinata.list_count(ListCount::Total)),
    ("list_order", LISTS, |pinata| pinata.list_order(ListOrder::OldestFirst)),
    ("list_includes_revoked", LISTS, |pinata| pinata.list_includes_revoked(false)),
    ("false_filters_invert", LISTS, |pinata| pinata.false_filters_invert(false)),
    ("refuse_exhausted_alone", LISTS, |pinata| pinata.refuse_exhausted_alone(true)),
    ("list_echoes_resources", LISTS, |pinata| pinata.list_echoes_resources(false)),
    ("list_shows_secret", LISTS, |pinata| pinata.list_shows_secret(false)),
    // The default is the one on v3 and the other on the legacy route.
    ("revoke_unknown", REVOKES, |pinata| pinata.revoke_unknown(RevokeUnknown::Revoked)),
    ("revoke_unknown", REVOKES, |pinata| pinata.revoke_unknown(RevokeUnknown::NotFound)),
    ("revoke_again", REVOKES, |pinata| pinata.revoke_again(RevokeAgain::NotFound)),
    ("exhausted_key", VERIFIES, |pinata| pinata.exhausted_key(ExhaustedKey::LikeRevoked)),
    ("test_authentication_counts", VERIFIES, |pinata| pinata.test_authentication_counts(false)),
    ("missing_credentials", VERIFIES, |pinata| {
        pinata.missing_credentials(MissingCredentials::Unauthorized)
    }),
    ("new_key_refusals", VERIFIES, |pinata| pinata.new_key_refusals(3)),
    ("honour_revoked", VERIFIES, |pinata| pinata.honour_revoked(3)),
    ("input_before_scope", &["probe-"], |pinata| pinata.input_before_scope(true)),
];

/// The switches of Pinata's routes for files, which no adapter calls.
const FILES: &[&str] = &["upload_without_network_is_private", "data_page_size"];

const W3IPFS: &[Flip<W3ipfs>] = &[
    // Without it, an admin key lacks the permission to manage keys.
    ("key_pair_manages_keys", &["list-", "revoke-", "verify-"], |w3ipfs| {
        w3ipfs.key_pair_manages_keys(false)
    }),
    // Not for cases with a disturbance or a count of requests: it is the redirect that they meet.
    (
        "redirect_slash",
        &["issue-03", "issue-04", "list-01", "revoke-01-c", "verify-01"],
        |w3ipfs| w3ipfs.redirect_slash(RedirectSlash::ToBare),
    ),
    ("create_status", CREATES, |w3ipfs| w3ipfs.create_status(StatusCode::CREATED)),
    ("all_seven_is_admin", SCOPES, |w3ipfs| w3ipfs.all_seven_is_admin(true)),
    ("max_keys", LISTS, |w3ipfs| w3ipfs.max_keys(50)),
    ("max_keys_status", CREATES, |w3ipfs| w3ipfs.max_keys_status(StatusCode::FORBIDDEN)),
    ("default_key_status", REVOKES, |w3ipfs| w3ipfs.default_key_status(StatusCode::FORBIDDEN)),
    ("max_limit", LISTS, |w3ipfs| w3ipfs.max_limit(Some(2))),
    ("list_order", LISTS, |w3ipfs| w3ipfs.list_order(ListOrder::OldestFirst)),
    ("list_total", LISTS, |w3ipfs| w3ipfs.list_total(ListTotal::Page)),
    ("listed_secret", LISTS, |w3ipfs| w3ipfs.listed_secret(ListedSecret::Masked)),
    ("listed_scopes", SCOPES, |w3ipfs| w3ipfs.listed_scopes(ListedScopes::Full)),
    ("empty_list_is_null", LISTS, |w3ipfs| w3ipfs.empty_list_is_null(false)),
    ("delete_answer", REVOKES, |w3ipfs| w3ipfs.delete_answer(DeleteAnswer::Data)),
    ("missing_flag", VERIFIES, |w3ipfs| w3ipfs.missing_flag(MissingFlag::Unauthorized)),
    ("new_key_refusals", VERIFIES, |w3ipfs| w3ipfs.new_key_refusals(3)),
    ("honour_revoked", VERIFIES, |w3ipfs| w3ipfs.honour_revoked(3)),
    ("failures_as_200", &["issue-02", "list-", "verify-", "probe-02"], |w3ipfs| {
        w3ipfs.failures_as_200(true).new_key_refusals(0)
    }),
    // Not for cases that verify a key: its pair does not arrive.
    ("drop_underscore_headers", &["issue-02", "list-", "plan-"], |w3ipfs| {
        w3ipfs.drop_underscore_headers(true)
    }),
];

/// Cases that an adapter fails: configuration, switch and case. Each has to fail, so that its row
/// goes when the gap is closed.
const GAPS: [(&str, &str, &str); 4] = [
    // The case does not accept a record that says itself that the key may be able to do more.
    (V3, "list_echoes_resources", "issue-04-record-shows-what-was-granted"),
    // The answer to a create does not show how the provider interpreted the flags.
    (JWT, "all_seven_is_admin", "issue-04-all-permissions-are-not-admin"),
    // A refusal is recognized by its 401.
    (JWT, "failures_as_200", "verify-01-unknown-credential-is-unrecognized"),
    (JWT, "failures_as_200", "verify-01-revoked-key-is-not-live"),
];

const V3: &str = "pinata, v3, resources, jwt";
const LEGACY: &str = "pinata, legacy, endpoints, key pair";
const JWT: &str = "w3ipfs, jwt";

/// Runs the cases that each switch concerns, on a stand whose other assumptions are these.
fn assert_contract<A>(name: &str, assumed: &A, flips: &[Flip<A>], stand: impl Fn(A) -> Stand)
where
    A: Clone + std::fmt::Debug + PartialEq,
{
    for (switch, prefixes, flip) in flips {
        assert_ne!(flip(assumed.clone()), *assumed, "{switch} is not flipped");
        for prefix in *prefixes {
            assert!(CASES.iter().any(|case| case.id().starts_with(prefix)), "{switch}: {prefix}");
        }
        let concerns = |id: &str| prefixes.iter().any(|prefix| id.starts_with(prefix));
        for case in CASES.iter().filter(|case| concerns(case.id())) {
            let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
            let stand = stand(flip(assumed.clone()));
            let report = runtime.unwrap().block_on(run_one(&stand, case.id())).unwrap();
            let fails = matches!(report.outcome(), Outcome::Failed(_));
            let is_gap = GAPS.contains(&(name, switch, case.id()));
            assert_eq!(fails, is_gap, "{name}, {switch}, {}: {:?}", case.id(), report.outcome());
        }
    }
}

fn names<A>(flips: &[Flip<A>]) -> Vec<&'static str> {
    let mut names: Vec<_> = flips.iter().map(|(switch, ..)| *switch).collect();
    names.dedup();
    names
}

#[test]
fn pinata_adapter_keeps_its_contract_under_each_flip() {
    assert_eq!([&names(PINATA), FILES].concat(), Pinata::NAMES);
    let (pinata, w3ipfs) = assumptions(1);
    for name in [V3, LEGACY] {
        assert_contract(name, &pinata, PINATA, |flipped| {
            Stand::assuming(Configuration::named(name), (flipped, w3ipfs.clone()))
        });
    }
}

#[test]
fn w3ipfs_adapter_keeps_its_contract_under_each_flip() {
    assert_eq!(names(W3IPFS), W3ipfs::NAMES);
    let (pinata, w3ipfs) = assumptions(1);
    assert_contract(JWT, &w3ipfs, W3IPFS, |flipped| {
        Stand::assuming(Configuration::named(JWT), (pinata.clone(), flipped))
    });
}
