//! A placeholder is where the adapter declared it, and nowhere else.

use http::Method;
use pinning_keys_core::{Grant, Permission, PermissionTable, Plan, ScopeRequest};

static GRANTS: [Grant; 1] = [Grant::new("list", &[Permission::PinsList])];
static TABLE: PermissionTable = PermissionTable::new("example", "grants", &GRANTS);

fn plan(path: &'static str, body: &str) -> Plan {
    let request = ScopeRequest::needs([Permission::PinsList]);
    Plan::new(TABLE.translate(&request).unwrap(), Method::POST, path, body.to_owned())
}

#[test]
fn placeholder_is_shown_and_parts_have_none() {
    for (body, shown) in [
        ("{}", r#"{"account":"{account}"}"#),
        (r#"{ "name":"x"}"#, r#"{"account":"{account}","name":"x"}"#),
        (r#"{"name":"{account}"}"#, r#"{"account":"{account}","name":"{account}"}"#),
    ] {
        // Declared twice, it is still filled once.
        let plan = plan("/keys", body).with_placeholder("account").with_placeholder("account");
        assert_eq!((plan.body(), plan.placeholders()), (shown, &["account"][..]));
        let text = plan.to_string();
        assert!(text.contains(shown) && text.ends_with("\n  filled   {account}"), "{text}");
        assert_eq!(plan.into_parts().2, body);
    }
    let both = plan("/a/{org}/keys", "{}").with_placeholder("org").with_placeholder("account");
    assert_eq!(both.path(), "/a/{org}/keys");
    assert_eq!(both.body(), r#"{"account":"{account}"}"#);
    assert!(both.to_string().ends_with("\n  filled   {org} {account}"));
}

#[test]
fn only_placeholders_may_differ_from_the_body_that_is_sent() {
    let plan = plan("/keys", r#"{"name":"{b}"}"#).with_placeholder("a").with_placeholder("b");
    assert!(plan.is_sent_as(r#"{"a":"1","b":"2","name":"{b}"}"#));
    assert!(plan.is_sent_as(r#"{"a":"\"\\","b":"","name":"{b}"}"#));
    for sent in [
        r#"{"a":"1","b":"2","name":"2"}"#,
        r#"{"a":"1","b":"{b}","name":"{b}"}"#,
        r#"{"a":"1","name":"{b}"}"#,
        r#"{"b":"2","a":"1","name":"{b}"}"#,
        r#"{"a":1,"b":"2","name":"{b}"}"#,
        r#"{"a":"1","b":"2\","name":"{b}"}"#,
        "",
    ] {
        assert!(!plan.is_sent_as(sent), "{sent}");
    }
}

#[test]
#[should_panic(expected = "the body is not a JSON object")]
fn body_without_members_cannot_have_a_placeholder() {
    let _ = plan("/keys", "[]").with_placeholder("account");
}
