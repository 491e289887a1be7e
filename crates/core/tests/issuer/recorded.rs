//! What a provider recorded about a key, compared with what was issued.

use std::num::NonZeroU64;
use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use pinning_keys_core::{
    Credential, Difference, Discrepancies, ErrorKind, Expiry, Filters, Grant, IssuedKey, KeyIssuer,
    KeyIssuerExt as _, KeyRecord, KeyRef, KeyRequest, KeyScope, Operation, Permission,
    PermissionSet, PermissionTable, Reading, Recorded, Restriction, ScopeRequest,
};
use pinning_keys_pinata::{ENDPOINTS, RESOURCES};
use pinning_keys_testkit::arbitrary;
use proptest::prelude::*;

use crate::counted;
use crate::fake::{Fake, Page, key};

/// A table with a grant for each permission, so that a key can be issued for any scope.
static EVERY: LazyLock<PermissionTable> = LazyLock::new(|| {
    let grants = Permission::ALL.iter().map(|it| Grant::new(it.as_str(), &[*it]));
    PermissionTable::new("example", "every", grants.collect::<Vec<_>>().leak())
});

fn issued_of(table: &'static PermissionTable, request: &KeyRequest) -> IssuedKey {
    let key_ref = KeyRef::new(table.provider(), "1").unwrap();
    let credential = Credential::bearer(table.provider(), "token").unwrap();
    IssuedKey::new(key_ref, request, table.translate(request.scope()).unwrap(), credential)
}

fn issued(table: &'static PermissionTable, scope: ScopeRequest) -> IssuedKey {
    issued_of(table, &KeyRequest::new("user", scope).unwrap())
}

/// A record of the key that reads like this and shows no native grants.
fn record(key: &IssuedKey, reading: Reading) -> KeyRecord {
    KeyRecord::new(key.key_ref().clone(), key.name().as_str(), reading)
}

/// A record of the key with these grants of a table.
fn granted(key: &IssuedKey, table: &'static PermissionTable, grants: &[&str]) -> KeyRecord {
    record(key, table.read(grants.iter().copied()))
        .with_native_grants(Some(table), grants.iter().map(|name| (*name).to_owned()).collect())
}

fn uses(limit: u64) -> Option<NonZeroU64> {
    NonZeroU64::new(limit)
}

/// A scope as a set that may be everything: `None` is an admin key.
fn scope() -> impl Strategy<Value = Option<PermissionSet>> {
    prop_oneof![1 => Just(None), 6 => arbitrary::set().prop_map(Some)]
}

fn closed(set: Option<PermissionSet>) -> KeyScope {
    set.map_or(KeyScope::admin(), KeyScope::of)
}

/// What differs between two scopes, by comparing sets. An unknown grant hides nothing that is
/// known to be more, and makes it uncertain what is less.
fn expected(issued: KeyScope, recorded: KeyScope, is_complete: bool) -> Vec<Difference> {
    let unknown = || Difference::Unknown { grants: vec!["telepathy".to_owned()] };
    let mut all = Vec::new();
    match (issued.permissions(), recorded.permissions()) {
        (None, None) => return all,
        (Some(_), None) => return vec![Difference::Admin],
        (None, Some(_)) => all.extend(is_complete.then_some(Difference::NotAdmin)),
        (Some(issued), Some(recorded)) => {
            let permissions = recorded - issued;
            if !permissions.is_empty() {
                all.push(Difference::Wider { permissions, grants: Vec::new() });
            }
            let permissions = issued - recorded;
            if is_complete && !permissions.is_empty() {
                all.push(Difference::Narrower { permissions, grants: Vec::new() });
            }
        }
    }
    all.extend((!is_complete).then(unknown));
    all
}

proptest! {
    #[test]
    fn comparison_agrees_with_sets(
        asked in scope(),
        recorded in scope(),
        is_complete: bool,
        shows_grants: bool,
    ) {
        prop_assume!(asked != Some(PermissionSet::EMPTY));
        let request = asked.map_or_else(ScopeRequest::admin, ScopeRequest::needs);
        let key = issued(&EVERY, request);
        let names: Vec<_> = recorded.unwrap_or_default().iter().map(Permission::as_str).collect();
        let reading = recorded.map_or_else(Reading::admin, |_| EVERY.read(names.iter().copied()));
        let reading = if is_complete { reading } else { reading.with_unknown("telepathy") };
        let mut row = record(&key, reading);
        if shows_grants {
            let names = names.iter().map(|name| (*name).to_owned()).collect();
            row = row.with_native_grants(Some(&EVERY), names);
        }
        let compared = Recorded::compare(&key, row);

        let (issued, recorded) = (closed(asked), closed(recorded));
        let expected = expected(issued, recorded, is_complete);
        // The grants that are shown add their names, and change nothing else.
        let nameless: Vec<_> = compared.differences().iter().cloned().map(|it| match it {
            Difference::Wider { permissions, .. } => {
                Difference::Wider { permissions, grants: Vec::new() }
            }
            other => other,
        }).collect();
        prop_assert_eq!(&nameless, &expected);
        prop_assert_eq!(compared.is_as_issued(), expected.is_empty());
        let allows_more = Permission::ALL.iter().any(|it| recorded.allows(*it) && !issued.allows(*it));
        let is_admin = recorded.is_admin() && !issued.is_admin();
        prop_assert_eq!(compared.is_wider(), allows_more || is_admin);
    }
}

#[test]
fn every_difference_has_its_words() {
    let reader = || issued(&RESOURCES, ScopeRequest::reader());
    let lister = || issued(&ENDPOINTS, ScopeRequest::needs([Permission::PinsList]));
    let limited = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    let limited = || issued_of(&RESOURCES, &limited.clone().with_max_uses(NonZeroU64::MIN));
    let read = |key: &IssuedKey| granted(key, &RESOURCES, &["org:files:read"]);
    let shown = |key: IssuedKey, row: &dyn Fn(&IssuedKey) -> KeyRecord| {
        let row = row(&key);
        Recorded::compare(&key, row)
    };
    let unlimited = |key: &IssuedKey| read(key).with_unlimited_uses(true);
    let (issued_admin, admin) = (issued(&RESOURCES, ScopeRequest::admin()), Reading::admin());
    let cases: [(Recorded, bool, &str); 19] = [
        (shown(reader(), &read), false, "as issued"),
        (shown(reader(), &|key| record(key, admin.clone())), true, "wider: an admin key"),
        (
            shown(lister(), &|key| granted(key, &ENDPOINTS, &["data.pinList", "pinning.unpin"])),
            true,
            "wider: also pins:remove (pinning.unpin)",
        ),
        (
            shown(lister(), &|key| record(key, ENDPOINTS.read(["data.pinList", "pinning.unpin"]))),
            true,
            "wider: also pins:remove",
        ),
        // The same permissions, at routes for which the key was not issued.
        (
            shown(reader(), &|key| granted(key, &ENDPOINTS, &["data.pinList", "pinning.pinJobs"])),
            true,
            "wider: also data.pinList, pinning.pinJobs; narrower: not pins:list, pins:list-jobs",
        ),
        (
            shown(reader(), &|key| {
                let reading =
                    RESOURCES.read(["org:files:read"]).and(ENDPOINTS.read(["data.pinList"]));
                let names = ["org:files:read", "data.pinList"].map(str::to_owned);
                record(key, reading).with_native_grants(None, names.into())
            }),
            true,
            "wider: also data.pinList",
        ),
        (
            shown(reader(), &|key| granted(key, &RESOURCES, &[])),
            false,
            "narrower: not pins:list, pins:list-jobs",
        ),
        (
            shown(reader(), &|key| granted(key, &RESOURCES, &["org:files:read", "org:\u{202e}x"])),
            false,
            "unknown: \"org:\\u{202e}x\" could not be read",
        ),
        // Pinata's list may not show the resources of a key.
        (
            shown(reader(), &|key| record(key, RESOURCES.read([]).with_unknown("scopes"))),
            false,
            "unknown: \"scopes\" could not be read",
        ),
        (
            Recorded::compare(&issued_admin, record(&issued_admin, admin.clone())),
            false,
            "as issued",
        ),
        (
            Recorded::compare(&issued_admin, read(&issued_admin)),
            false,
            "narrower: not an admin key",
        ),
        (shown(limited(), &unlimited), true, "wider: no limit on uses instead of 1 use"),
        // A limit that is missing or could not be read.
        (shown(limited(), &read), false, "unknown: the limit on uses is not shown"),
        (shown(reader(), &unlimited), false, "as issued"),
        (
            shown(limited(), &|key| read(key).with_uses(None, uses(3))),
            true,
            "wider: 3 uses instead of 1 use",
        ),
        (
            shown(reader(), &|key| read(key).with_uses(None, uses(3))),
            false,
            "narrower: 3 uses instead of no limit on uses",
        ),
        (shown(reader(), &|key| read(key).with_revoked(Some(true))), false, "revoked"),
        (
            shown(limited(), &|key| {
                KeyRecord::new(key.key_ref().clone(), "a\nb", admin.clone())
                    .with_unlimited_uses(true)
                    .with_revoked(Some(true))
            }),
            true,
            "wider: an admin key; wider: no limit on uses instead of 1 use; revoked; named \"a\\nb\"",
        ),
        (shown(limited(), &|key| read(key).with_uses(Some(1), uses(1))), false, "as issued"),
    ];
    for (recorded, is_wider, text) in cases {
        assert_eq!((recorded.to_string(), recorded.is_wider()), (text.to_owned(), is_wider));
        assert_eq!(format!("{recorded:>120}|"), format!("{text:>120}|"));
        assert_eq!(recorded.is_as_issued(), text == "as issued");
    }
}

/// A table with a compound grant and grants that open nothing neutral.
static WORDS: PermissionTable = {
    static GRANTS: [Grant; 4] = [
        Grant::new("list", &[Permission::PinsList]).with_wire_names(&["listBuckets", "listFiles"]),
        Grant::native("readFiles"),
        Grant::native("shareFiles"),
        Grant::new("keys", &[Permission::KeysManage]).with_wire_names(&["listKeys", "writeKeys"]),
    ];
    PermissionTable::new("b2", "capabilities", &GRANTS)
};

#[test]
fn native_grants_and_restrictions_are_compared_too() {
    let request = || ScopeRequest::reader().and_needs_native("b2:readFiles");
    let in_bucket = |name: &str| Restriction::new("in bucket", name);
    let words = ["listBuckets", "listFiles", "readFiles"];
    let plain = || issued(&WORDS, request());
    let confined = || plain().with_restriction(in_bucket("b1"));
    let row = |words: &[&str], restrictions: &[Restriction]| {
        let reading = WORDS.read(words.iter().copied());
        let reading = restrictions.iter().cloned().fold(reading, Reading::with_restriction);
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        record(&plain(), reading).with_native_grants(Some(&WORDS), words)
    };
    let twice = || confined().with_restriction(in_bucket("b2"));
    let cases = [
        // The provider may list restrictions in any order.
        (twice(), row(&words, &[in_bucket("b2"), in_bucket("b1")]), false, "as issued"),
        (plain(), row(&words, &[]), false, "as issued"),
        (plain(), row(&words[..2], &[]), false, "narrower: not readFiles"),
        (plain(), row(&words[2..], &[]), false, "narrower: not pins:list"),
        (
            plain(),
            row(&[&words[..], &["shareFiles"]].concat(), &[]),
            true,
            "wider: also shareFiles",
        ),
        // A part of a grant opens nothing that has a name, but it was not issued.
        (plain(), row(&[&words[..], &["writeKeys"]].concat(), &[]), true, "wider: also writeKeys"),
        (plain(), row(&words[1..], &[]), false, "narrower: not pins:list"),
        (plain(), row(&words, &[in_bucket("b1")]), false, "narrower: only in bucket b1"),
        (confined(), row(&words, &[in_bucket("b1")]), false, "as issued"),
        (confined(), row(&words, &[]), true, "wider: not confined instead of only in bucket b1"),
        (
            confined(),
            row(&words, &[in_bucket("b2")]),
            true,
            "wider: only in bucket b2 instead of only in bucket b1",
        ),
    ];
    for (key, row, is_wider, text) in cases {
        let recorded = Recorded::compare(&key, row);
        assert_eq!((recorded.to_string(), recorded.is_wider()), (text.to_owned(), is_wider));
    }
}

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn expiring(expiry: impl Into<Expiry>) -> IssuedKey {
    let request = KeyRequest::new("user", ScopeRequest::reader()).unwrap();
    issued_of(&RESOURCES, &request.with_expiry(expiry))
}

fn read_until(key: &IssuedKey, end: Option<SystemTime>) -> Recorded {
    Recorded::compare(key, granted(key, &RESOURCES, &["org:files:read"]).with_expires_at(end))
}

/// In the year 2096.
fn end() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(4_000_000_000)
}

#[test]
fn requested_expiry_is_not_assumed_to_be_honoured() {
    let key = expiring(end());
    assert_eq!((key.requested_expiry(), key.expires_at()), (Some(end()), None));
    assert!(!key.is_expiry_shortened());
    let before = SystemTime::now();
    let requested = expiring(HOUR).requested_expiry().unwrap();
    assert!(before + HOUR <= requested && requested <= SystemTime::now() + HOUR);
    let lasting = issued(&RESOURCES, ScopeRequest::reader());
    assert_eq!((lasting.requested_expiry(), lasting.expires_at()), (None, None));
    assert!(expiring(Duration::MAX).requested_expiry().is_none(), "no time can express it");
}

#[test]
fn expiry_that_the_provider_shortened_is_reported() {
    let second = Duration::from_secs(1);
    for (requested, reported, is_shortened) in [
        (Some(end()), Some(end()), false),
        (Some(end()), Some(end() - MINUTE), false),
        (Some(end()), Some(end() - MINUTE - second), true),
        (Some(end()), Some(end() + HOUR), false),
        (Some(end()), None, false),
        (None, Some(end()), true),
        (None, None, false),
    ] {
        let key = match requested {
            Some(end) => expiring(end),
            None => issued(&RESOURCES, ScopeRequest::reader()),
        };
        let key = key.with_expires_at(reported);
        let what = format!("{requested:?} {reported:?}");
        assert_eq!((key.requested_expiry(), key.expires_at()), (requested, reported), "{what}");
        assert_eq!(key.is_expiry_shortened(), is_shortened, "{what}");
    }
    // A minute is too much of a short lifetime: half of it counts.
    let short =
        |left: u32| expiring(10 * second).with_expires_at(Some(SystemTime::now() + second * left));
    assert!(short(3).is_expiry_shortened() && !short(7).is_expiry_shortened());
}

#[test]
fn recorded_expiry_is_compared_with_the_requested_one() {
    let lasting = || issued(&RESOURCES, ScopeRequest::reader());
    let shortened = || expiring(end()).with_expires_at(Some(end() - HOUR));
    let limited = || lasting().with_expires_at(Some(end()));
    for (key, recorded, is_wider, text) in [
        (lasting(), None, false, "as issued"),
        (expiring(end()), Some(end()), false, "as issued"),
        (expiring(end()), Some(end() + MINUTE), false, "as issued"),
        (expiring(end()), Some(end() - MINUTE), false, "as issued"),
        (limited(), Some(end() + MINUTE), false, "as issued"),
        (
            expiring(end()),
            Some(end() + HOUR),
            true,
            "wider: an expiry at 2096-10-02T08:06:40Z instead of an expiry at 2096-10-02T07:06:40Z",
        ),
        // Not every listing shows expiries.
        (expiring(end()), None, false, "unknown: the expiry is not shown"),
        (limited(), None, false, "unknown: the expiry is not shown"),
        (
            shortened(),
            Some(end() - HOUR),
            false,
            "narrower: an expiry at 2096-10-02T06:06:40Z instead of an expiry at \
             2096-10-02T07:06:40Z",
        ),
        (
            lasting(),
            Some(end()),
            false,
            "narrower: an expiry at 2096-10-02T07:06:40Z instead of no expiry",
        ),
    ] {
        let compared = read_until(&key, recorded);
        assert_eq!((compared.to_string(), compared.is_wider()), (text.to_owned(), is_wider));
        assert_eq!(compared.is_as_issued(), text == "as issued");
    }
}

/// Two grants that open the same, at routes of their own.
static TWINS: PermissionTable = {
    static GRANTS: [Grant; 3] = [
        Grant::new("read", &[Permission::PinsList]),
        Grant::new("share", &[Permission::PinsList]),
        Grant::new("edit", &[Permission::PinsList, Permission::PinsRemove]),
    ];
    PermissionTable::new("example", "twins", &GRANTS)
};

#[test]
fn grants_that_open_the_same_are_told_apart() {
    let share = || issued(&TWINS, ScopeRequest::needs_native("example:share"));
    let read = || issued(&TWINS, ScopeRequest::reader());
    let row = |names: &[&str]| granted(&read(), &TWINS, names);
    for (key, row, is_wider, text) in [
        (share(), row(&["share"]), false, "as issued"),
        (read(), row(&["read"]), false, "as issued"),
        (share(), row(&["read"]), true, "wider: also read; narrower: not share"),
        (read(), row(&["read", "share"]), true, "wider: also share"),
    ] {
        let recorded = Recorded::compare(&key, row);
        assert_eq!((recorded.to_string(), recorded.is_wider()), (text.to_owned(), is_wider));
    }
    // A successor gets the same grants, not the first that opens the same.
    for names in [&["read"][..], &["share"], &["read", "share"]] {
        let translation = TWINS.translate(&row(names).to_request().unwrap()).unwrap();
        assert_eq!(translation.wire_names().collect::<Vec<_>>(), names);
        let reading = TWINS.read(names.iter().copied());
        assert_eq!(translation.granted().to_string(), reading.to_string());
    }
}

/// The key "1" of the name "user", as the fake issuer makes it.
async fn fake_key(issuer: &Fake) -> IssuedKey {
    issuer.issue(&KeyRequest::new("user", ScopeRequest::reader()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn key_is_found_by_its_reference_whatever_its_id() {
    let with_id = key("1", "user").key_ref().clone().with_id("7").unwrap();
    let row = KeyRecord::new(with_id, "user", key("1", "user").reading().clone());
    let pages = [vec![key("2", "user")], vec![key("3", "user"), row], vec![key("4", "user")]];
    let issuer = Fake::new(pages.iter().map(|rows| Page::of(rows)).collect());
    let recorded = issuer.check(&fake_key(&issuer).await).await.unwrap();
    assert!(recorded.is_as_issued(), "{recorded}");
    let Recorded::Shown { record, .. } = recorded else { panic!("{recorded}") };
    assert_eq!(record.key_ref().id(), Some("7"));
    assert_eq!(issuer.queries().len(), 2, "nothing is read past the key");
}

#[tokio::test]
async fn name_filter_comes_first_and_a_renamed_key_is_found_without_it() {
    let asked = |issuer: &Fake| -> Vec<_> {
        let queries = issuer.queries();
        queries.iter().map(|query| query.name_containing().map(str::to_owned)).collect()
    };
    let user = Some("user".to_owned());
    let named = Fake::new(vec![Page::of(&[key("1", "user")])]).with_filters(Filters::ALL);
    assert!(named.check(&fake_key(&named).await).await.unwrap().is_as_issued());
    assert_eq!(asked(&named), std::slice::from_ref(&user));

    let renamed = Fake::new(vec![Page::of(&[key("2", "user"), key("1", "User")])]);
    let recorded = renamed.check(&fake_key(&renamed).await).await.unwrap();
    assert_eq!(recorded.to_string(), "named \"User\"");
    let absent = Fake::new(vec![Page::of(&[key("2", "user")])]).with_filters(Filters::ALL);
    assert!(!absent.check(&fake_key(&absent).await).await.unwrap().is_as_issued());
    assert_eq!(asked(&absent), [user, None]);
}

#[tokio::test]
async fn key_that_is_not_listed_is_not_shown() {
    let lagging = Fake::new(vec![Page::of(&[key("2", "user")])]);
    let recorded = lagging.check(&fake_key(&lagging).await).await.unwrap();
    assert_eq!(recorded, not_shown(Discrepancies::default()).await);
    assert_eq!(recorded.to_string(), "not shown by the listing");
    assert!(!recorded.is_as_issued() && !recorded.is_wider() && recorded.differences().is_empty());

    let recorded = not_shown(counted(2, None, None)).await;
    assert_eq!(
        recorded.to_string(),
        "not shown by the listing, which may be incomplete: 2 rows appeared twice"
    );
}

/// The outcome for a key that is not listed, with these signs.
async fn not_shown(discrepancies: Discrepancies) -> Recorded {
    let issuer = Fake::new(vec![Page::Rows(vec![key("2", "user")], discrepancies)]);
    issuer.check(&fake_key(&issuer).await).await.unwrap()
}

#[tokio::test]
async fn key_that_cannot_be_checked_is_an_error() {
    let failing = Fake::new(vec![Page::of(&[key("2", "user")]), Page::Fails]);
    let key = fake_key(&failing).await;
    assert_eq!(failing.check(&key).await.unwrap_err().kind(), ErrorKind::Unavailable);

    let foreign = issued(&RESOURCES, ScopeRequest::reader());
    let issuer = Fake::new(Vec::new());
    let error = issuer.check(&foreign).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot list the keys at example: the key belongs to pinata, not to this provider; nothing \
         was sent"
    );
    assert_eq!((error.kind(), error.operation()), (ErrorKind::InvalidInput, Some(Operation::List)));
    assert!(issuer.queries().is_empty());
}
