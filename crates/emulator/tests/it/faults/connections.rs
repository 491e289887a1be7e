//! Connections that are refused or cut.

use std::time::Duration;

use http::StatusCode;
use pinning_keys_emulator::{
    Cut, Emulator, Fault, FaultRule, RedirectSlash, Stage, W3ipfsAssumptions,
};
use pinning_keys_http::Reach::{Answered, MaybeSent, NotSent};
use pinning_keys_http::TransportErrorKind::{Closed, Connect};
#[cfg(unix)]
use tokio::net::TcpSocket;

use super::line::{Line, PINATA, W3IPFS, both, creates, failure, status};

#[tokio::test]
async fn cut_connection_leaves_the_client_in_doubt() {
    for line in both().await {
        for path in [PINATA, W3IPFS] {
            for (cut, made, reach) in [
                (Cut::BeforeRead, 0, MaybeSent),
                (Cut::AfterCommit, 1, MaybeSent),
                (Cut::MidBody, 1, Answered(StatusCode::OK)),
            ] {
                let context = format!("{} {path} {cut:?}", line.name);
                let (before, requests) = (line.made(), line.emulator.requests());
                let tally = line.add(creates(path, Fault::CutConnection(cut)).nth(1));
                let sent = line.create(path, &context).await;
                assert_eq!(failure(sent), (Closed, reach), "{context}");
                assert_eq!(line.made() - before, made, "{context}");
                assert_eq!(line.emulator.requests() - requests, 1, "{context}");
                assert_eq!(tally.hits(), 1, "{context}");
            }
            // The next request is answered on its own connection.
            assert_eq!(status(line.create(path, "after all").await), StatusCode::OK);
        }
    }
}

#[tokio::test]
async fn answer_without_a_body_breaks_off_too() {
    let assumptions = || W3ipfsAssumptions::default().redirect_slash(RedirectSlash::ToSlash);
    let builder = || Emulator::builder().w3ipfs_assumptions(assumptions());
    for line in [Line::in_memory(builder()), Line::over_tcp(builder()).await] {
        let whole = line.create("/api/apiKeys", "key").await.unwrap();
        assert_eq!((whole.status(), whole.body().len()), (StatusCode::TEMPORARY_REDIRECT, 0));
        line.add(FaultRule::new(Fault::CutConnection(Cut::MidBody)));
        let expected = (Closed, Answered(StatusCode::TEMPORARY_REDIRECT));
        assert_eq!(failure(line.create("/api/apiKeys", "key").await), expected);
    }
}

/// More than the buffers of a connection take.
#[tokio::test]
async fn long_request_may_stay_unread() {
    for line in both().await {
        line.add(creates(PINATA, Fault::CutConnection(Cut::BeforeRead)));
        let sent = line.create(PINATA, &"long".repeat(1024 * 1024)).await;
        assert_eq!(failure(sent), (Closed, MaybeSent), "{}", line.name);
        line.emulator.faults().clear();
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        line.add(creates(PINATA, Fault::status(unavailable, Stage::BeforeCommit)));
        let sent = line.create(PINATA, &"long".repeat(1024 * 1024)).await;
        assert_eq!(status(sent), unavailable, "{}", line.name);
        assert_eq!((line.made(), line.emulator.requests()), (0, 2));
    }
}

#[tokio::test]
async fn single_connection_is_refused_in_memory() {
    let line = Line::in_memory(Emulator::builder());
    let tally = line.add(creates(PINATA, Fault::RefuseConnection).first(2));
    for _ in 0..2 {
        assert_eq!(failure(line.create(PINATA, "refused").await), (Connect, NotSent));
    }
    assert_eq!((line.made(), line.emulator.requests(), tally.hits()), (0, 0, 2));
    assert_eq!(status(line.create(PINATA, "accepted").await), StatusCode::OK);
    assert_eq!((line.made(), line.emulator.requests()), (1, 1));
}

#[tokio::test]
async fn single_connection_is_cut_over_tcp() {
    let line = Line::over_tcp(Emulator::builder()).await;
    line.add(creates(PINATA, Fault::RefuseConnection).first(1));
    assert_eq!(failure(line.create(PINATA, "refused").await), (Closed, MaybeSent));
    assert_eq!(line.made(), 0);
}

#[tokio::test]
async fn refused_connections_look_the_same_both_ways() {
    for line in both().await {
        let faults = line.emulator.faults();
        assert_eq!(status(line.create(PINATA, "before").await), StatusCode::OK);
        for _ in 0..2 {
            faults.refuse_connections().await.unwrap();
            for _ in 0..3 {
                let sent = line.create(PINATA, "meanwhile").await;
                assert_eq!(failure(sent), (Connect, NotSent), "{}", line.name);
            }
            // Clearing the rules does not end the outage.
            faults.clear();
            assert_eq!(failure(line.get(PINATA).await), (Connect, NotSent));
            faults.accept_connections().await.unwrap();
            faults.accept_connections().await.unwrap();
            assert_eq!(status(line.get(PINATA).await), StatusCode::OK, "{}", line.name);
        }
        assert_eq!((line.made(), line.emulator.requests()), (1, 3));
    }
}

#[tokio::test]
async fn outage_cuts_requests_in_flight() {
    for line in both().await {
        let (delay, stage) = (Duration::from_secs(3600), Stage::AfterCommit);
        line.add(creates(PINATA, Fault::Latency { delay, stage }));
        let goes_down = async {
            while line.made() == 0 {
                tokio::task::yield_now().await;
            }
            line.emulator.faults().refuse_connections().await.unwrap();
        };
        let (sent, ()) = tokio::join!(line.create(PINATA, "lost"), goes_down);
        assert_eq!(failure(sent), (Closed, MaybeSent), "{}", line.name);
        // The server is up again at once and has forgotten nothing.
        line.emulator.faults().clear();
        line.emulator.faults().accept_connections().await.unwrap();
        assert_eq!(status(line.get(PINATA).await), StatusCode::OK);
        assert_eq!(line.made(), 1);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn refusing_port_is_not_free() {
    let emulator = Emulator::start().await.unwrap();
    let address = emulator.pinata().base_url().strip_prefix("http://").unwrap().parse().unwrap();
    emulator.faults().refuse_connections().await.unwrap();
    let error = TcpSocket::new_v4().unwrap().bind(address).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    emulator.stop().await;
    assert!(TcpSocket::new_v4().unwrap().bind(address).is_ok());
}

#[tokio::test]
async fn started_emulator_refuses_in_memory_too() {
    let line = Line::beside(Emulator::start().await.unwrap());
    assert_eq!(status(line.get(PINATA).await), StatusCode::OK);
    line.emulator.faults().refuse_connections().await.unwrap();
    assert_eq!(failure(line.get(PINATA).await), (Connect, NotSent));
}

#[tokio::test]
async fn stopped_server_cannot_accept_again() {
    let emulator = Emulator::start().await.unwrap();
    let faults = emulator.faults().clone();
    faults.refuse_connections().await.unwrap();
    emulator.stop().await;
    faults.refuse_connections().await.unwrap();
    let error = faults.accept_connections().await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotConnected);
}
