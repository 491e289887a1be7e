//! Which redirects are followed. `redirect.rs` has the table of all kinds.

use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::{Reach, TransportErrorKind};

use crate::support::{Script, Step, answer, call, client, error_of, status};

fn redirect(code: u16, location: &str) -> Step {
    answer(code, &[("location", location)], "")
}

#[tokio::test]
async fn added_slash_is_followed_with_the_same_request() {
    for code in [307, 308] {
        let transport = Script::repeating([
            redirect(code, "https://api.example.com/v1/keys/"),
            answer(200, &[], "made"),
        ]);
        let answered = client(&transport).call(call(Operation::Issue)).await.unwrap();
        assert_eq!(answered.body(), "made");
        let [first, second] = &transport.requests()[..] else { panic!("two requests") };
        assert_eq!(second.uri(), "https://api.example.com/v1/keys/");
        assert_eq!((first.method(), first.headers()), (second.method(), second.headers()));
        assert_eq!(first.body(), second.body());
    }
}

/// The older statuses keep a GET and turn other methods into one.
#[tokio::test]
async fn older_redirects_are_followed_by_a_get_only() {
    for (code, is_followed) in [(300, false), (301, true), (302, true), (303, false)] {
        let moved = [redirect(code, "/v1/keys/"), answer(200, &[], "keys")];
        let script = Script::repeating(moved.clone());
        let answered = client(&script).call(call(Operation::List)).await;
        assert_eq!((answered.is_ok(), script.count()), (is_followed, 1 + usize::from(is_followed)));

        let script = Script::repeating(moved);
        let error = client(&script).call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, Effect::Unknown));
        assert_eq!(script.count(), 1);
    }
}

#[tokio::test]
async fn second_redirect_is_not_followed() {
    let transport = Script::repeating([redirect(308, "/v1/keys/"), redirect(308, "/v1/keys")]);
    let error = client(&transport).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, Effect::Rejected));
    assert_eq!((transport.count(), error.attempts().unwrap().count()), (2, 2));
    assert!(error.to_string().contains("redirected a second time"), "{error}");
}

/// The server has seen the request, even if the one after the redirect was not sent.
#[tokio::test(start_paused = true)]
async fn redirected_request_counts_as_sent() {
    let unsent = Step::Fail(TransportErrorKind::Connect, Reach::NotSent);
    let script = Script::repeating([redirect(308, "/v1/keys/"), unsent]);
    let error = client(&script).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Connection, Effect::Rejected));
}

#[tokio::test(start_paused = true)]
async fn redirect_is_not_a_retry() {
    let script = Script::repeating([redirect(308, "/v1/keys/"), status(500)]);
    let error = client(&script).call(call(Operation::List)).await.unwrap_err();
    assert_eq!(error.attempts().unwrap().count(), 5);
    assert_eq!(script.requests()[4].uri().path(), "/v1/keys/");
}

#[tokio::test]
async fn other_redirects_are_errors_without_the_address() {
    for (code, location, expected, issued) in [
        (301, "https://evil.example/p4th", "to another host, evil.example", Effect::Unknown),
        (307, "https://evil.example/v1/keys/", "to another host, evil.example", Effect::Rejected),
        (302, "/p4th", "to another path", Effect::Unknown),
        (303, "/v1/keys/", "with a status that changes the method", Effect::Unknown),
        (307, "/v1/keys/?p4th", "to another query", Effect::Rejected),
    ] {
        for (operation, effect) in
            [(Operation::Issue, issued), (Operation::Verify, Effect::Rejected)]
        {
            let error = error_of(redirect(code, location), operation).await;
            let shown = format!("{error:#} {error:?}");
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, effect), "{shown}");
            assert_eq!(error.status().unwrap().as_u16(), code);
            assert!(shown.contains(expected) && !shown.contains("p4th"), "{shown}");
            assert_eq!(error.attempts().unwrap().count(), 1);
        }
    }
    let error = error_of(status(302), Operation::List).await;
    assert!(error.to_string().contains("redirected without a location"), "{error}");
}
