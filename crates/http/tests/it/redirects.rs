//! Which redirects are followed, seen from outside; the table of all kinds is beside the code.

use pinning_keys_core::{Effect, ErrorKind, Operation};
use pinning_keys_http::{Reach, TransportErrorKind};

use crate::support::{Script, Step, answer, call, client, status};

fn redirect(code: u16, location: &str) -> Step {
    answer(code, &[("location", location)], "")
}

#[tokio::test]
async fn a_slash_more_is_followed_with_everything_kept() {
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

#[tokio::test]
async fn a_reading_request_stays_one_where_a_create_would_not() {
    for code in [301, 302] {
        let moved = [redirect(code, "/v1/keys/"), answer(200, &[], "keys")];
        let transport = Script::repeating(moved.clone());
        let answered = client(&transport).call(call(Operation::List)).await.unwrap();
        assert_eq!((answered.body().as_ref(), transport.count()), (&b"keys"[..], 2));

        let transport = Script::repeating(moved);
        let error = client(&transport).call(call(Operation::Issue)).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, Effect::Unknown));
        assert_eq!(transport.count(), 1);
    }
}

#[tokio::test]
async fn never_a_second_one() {
    let transport = Script::repeating([redirect(308, "/v1/keys/"), redirect(308, "/v1/keys")]);
    let error = client(&transport).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, Effect::Rejected));
    assert_eq!((transport.count(), error.attempts().unwrap().count()), (2, 2));
    assert!(error.to_string().contains("redirected a second time"), "{error}");
}

/// The server has seen the request, even where the one behind the redirect never left.
#[tokio::test(start_paused = true)]
async fn a_request_that_was_redirected_was_sent() {
    let unsent = Step::Fail(TransportErrorKind::Connect, Reach::NotSent);
    let transport = Script::repeating([redirect(308, "/v1/keys/"), unsent]);
    let error = client(&transport).call(call(Operation::Issue)).await.unwrap_err();
    assert_eq!((error.kind(), error.effect()), (ErrorKind::Connection, Effect::Rejected));
}

/// The redirect is no repeat: all that are allowed are still there behind it.
#[tokio::test(start_paused = true)]
async fn a_redirect_is_not_a_repeat() {
    let transport = Script::repeating([redirect(308, "/v1/keys/"), status(500)]);
    let error = client(&transport).call(call(Operation::List)).await.unwrap_err();
    assert_eq!(error.attempts().unwrap().count(), 5);
    assert_eq!(transport.requests()[4].uri().path(), "/v1/keys/");
}

#[tokio::test]
async fn others_are_errors_that_say_what_changed_without_their_address() {
    for (code, location, expected, issued) in [
        (301, "https://evil.example/p4th", "to another host, evil.example", Effect::Unknown),
        (307, "https://evil.example/v1/keys/", "to another host, evil.example", Effect::Rejected),
        (302, "/p4th", "to another path", Effect::Unknown),
        (303, "/p4th", "to another path", Effect::Unknown),
        (308, "http://api.example.com/v1/keys/", "to plain http", Effect::Rejected),
        (303, "/v1/keys/", "with a status that changes the method", Effect::Unknown),
        (307, "/v1/keys/?p4th", "to another query", Effect::Rejected),
    ] {
        for (operation, effect) in
            [(Operation::Issue, issued), (Operation::Verify, Effect::Rejected)]
        {
            let transport = Script::repeating([redirect(code, location)]);
            let error = client(&transport).call(call(operation)).await.unwrap_err();
            let shown = format!("{error} {error:?}");
            assert_eq!((error.kind(), error.effect()), (ErrorKind::Redirected, effect), "{shown}");
            assert_eq!(error.status().unwrap().as_u16(), code);
            assert!(shown.contains(expected), "{shown}");
            assert!(!shown.contains("p4th"), "{shown}");
            assert_eq!(transport.count(), 1);
        }
    }
    let error =
        client(&Script::repeating([status(302)])).call(call(Operation::List)).await.unwrap_err();
    assert!(error.to_string().contains("redirected without a location"), "{error}");
}
