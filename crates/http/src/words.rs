//! Reading the words of an error body, whatever their shape, for adapters.
//!
//! Providers change the shapes of their error bodies without notice, and the words in them are what
//! helps a person. Each member is therefore read by itself: one of an unexpected type hides no
//! other.
//!
//! ```
//! use pinning_keys_http::words;
//! use serde_json::json;
//!
//! let error = json!({ "code": "400", "details": [{ "keyword": "required", "message": "no name" }] });
//! assert_eq!(words::code(&error["code"]).as_deref(), Some("400"));
//! assert_eq!(words::first_text(&error["details"]), Some("no name"));
//! ```

use serde_json::Value;

/// The members of an object that hold words for people, in order of preference.
const MEMBERS: &[&str] = &[
    "message",
    "error",
    "details",
    "detail",
    "reason",
    "description",
    "error_description",
    "title",
    "errors",
];

/// What the name of a member that holds a secret contains, in lower case.
const SECRETS: &[&str] = &["jwt", "secret", "token", "password", "authorization"];

/// Longer than any sentence about an account, in characters.
const LONGEST_SENTENCE: usize = 1_000;

/// How many lists and objects are entered, one within the other.
const DEPTH: usize = 8;

/// The first text in a value that is not blank:
///
/// * of a string, the string itself,
/// * of a list, the first text of its items,
/// * of an object, the text of a member such as `message`, otherwise that of any member whose name
///   is not that of a secret.
///
/// ```
/// use pinning_keys_http::words::first_text;
/// use serde_json::json;
///
/// for value in [json!("no name"), json!([7, "no name"]), json!({ "at": "#", "error": "no name" })] {
///     assert_eq!(first_text(&value), Some("no name"));
/// }
/// assert_eq!(first_text(&json!({ "at": 7 })), None);
/// ```
pub fn first_text(value: &Value) -> Option<&str> {
    first_within(value, DEPTH)
}

fn first_within(value: &Value, depth: usize) -> Option<&str> {
    let inner = depth.checked_sub(1);
    match value {
        Value::String(text) => Some(text.trim()).filter(|text| !text.is_empty()),
        Value::Array(items) => items.iter().find_map(|item| first_within(item, inner?)),
        Value::Object(members) => {
            let known = MEMBERS.iter().filter_map(|name| members.get(*name));
            let others = members.iter().filter(|(name, _)| may_hold_words(name));
            let mut all = known.chain(others.map(|(_, value)| value));
            all.find_map(|value| first_within(value, inner?))
        }
        _ => None,
    }
}

/// Whether a member that is not one of [`MEMBERS`] may hold words.
fn may_hold_words(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !MEMBERS.contains(&name) && !SECRETS.iter().any(|secret| lower.contains(secret))
}

/// A code: a text or a whole number.
///
/// ```
/// use pinning_keys_http::words::code;
/// use serde_json::json;
///
/// assert_eq!(code(&json!(401)).as_deref(), Some("401"));
/// assert_eq!(code(&json!("NO_SCOPES_FOUND")).as_deref(), Some("NO_SCOPES_FOUND"));
/// assert_eq!(code(&json!([401])), None);
/// ```
pub fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => number.as_i64().map(|number| number.to_string()),
        _ => None,
    }
}

/// Whether a refusal says that the account or its plan is the reason, so that no other key of the
/// account would do.
///
/// The words about a plan's usage limit and about the balance are those of two providers (seen);
/// the others are inferred.
///
/// ```
/// use pinning_keys_http::words::blame_the_account;
///
/// assert!(blame_the_account("Account blocked due to plan usage limit"));
/// assert!(blame_the_account("Your account has been suspended."));
/// assert!(!blame_the_account("This key does not have the required scopes"));
/// ```
pub fn blame_the_account(text: &str) -> bool {
    /// Words between a subject and what is said of it.
    const FILLERS: &str =
        "is are was has have been currently temporarily permanently the a your this to";
    const PHRASES: &[&str] = &[
        " account blocked ",
        " account suspended ",
        " account disabled ",
        " account deactivated ",
        " account locked ",
        " account restricted ",
        " account frozen ",
        " account closed ",
        " account terminated ",
        " account past due ",
        " blocked account ",
        " suspended account ",
        " disabled account ",
        " plan limit ",
        " plan usage limit ",
        " plan does not ",
        " current plan ",
        " free plan ",
        " paid plan ",
        " paid feature ",
        " paid account ",
        " upgrade plan ",
        " upgrade account ",
        " upgrade subscription ",
        " subscription expired ",
        " subscription required ",
        " payment required ",
        " payment method required ",
        " not enough balance ",
        " insufficient balance ",
        " insufficient funds ",
        " insufficient credits ",
    ];
    let lower = text.chars().take(LONGEST_SENTENCE).collect::<String>().to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let telling: Vec<_> = words.filter(|word| FILLERS.split(' ').all(|it| it != *word)).collect();
    let plain = format!(" {} ", telling.join(" "));
    PHRASES.iter().any(|phrase| plain.contains(phrase))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn first_text_is_found_in_every_shape() {
        for value in [
            json!("said"),
            json!(" said\n"),
            json!(["said", "more"]),
            json!([null, 7, [], {}, "", " ", ["said"]]),
            json!({ "message": "said", "error": "more" }),
            json!({ "message": 7, "errors": [{ "at": "#", "reason": "said" }] }),
            json!({ "a": "said", "b": "more" }),
            json!({ "keyName": ["said"] }),
            json!({ "JWT": "canary", "api_secret": "canary", "name": "said" }),
            json!([[[[[[[["said"]]]]]]]]),
        ] {
            assert_eq!(first_text(&value), Some("said"), "{value}");
        }
        for value in [
            json!(null),
            json!(7),
            json!([]),
            json!({}),
            json!({ "accessToken": "canary", "headers": { "Authorization": ["canary"] } }),
            json!([[[[[[[[["deep"]]]]]]]]]),
        ] {
            assert_eq!(first_text(&value), None, "{value}");
        }
    }

    #[test]
    fn account_is_blamed_only_by_words_about_it() {
        for text in [
            "Account blocked due to plan usage limit",
            "This feature needs a paid plan",
            "Your plan does not include this",
            "please upgrade your plan",
            "Payment Required",
            "the ACCOUNT is temporarily locked",
            "User not enough balance",
        ] {
            assert!(blame_the_account(text), "{text}");
        }
        for text in [
            "",
            "Forbidden",
            "Not Authorized",
            "This key does not have the required scopes associated with it",
            "This API Key has been revoked",
            "Your account does not currently have any record associated with this ID",
            "the key is disabled for this account",
            "this key has reached its usage limit",
            "Maximum number of API keys exceeded. Please delete some keys before creating a new one.",
            "please upgrade your client",
        ] {
            assert!(!blame_the_account(text), "{text}");
        }
    }
}
