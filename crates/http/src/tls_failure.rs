//! Recognizes why `reqwest` could make no secure connection.

use std::error::Error;
use std::io;
use std::iter::successors;

use crate::TlsFault;

/// The fault behind an error of connecting, if it is one of TLS that will not pass.
pub(crate) fn fault_of(error: &(dyn Error + 'static)) -> Option<TlsFault> {
    let causes = || successors(Some(error), |&error| cause_of(error));
    // What wraps an error often repeats its words.
    causes().find_map(known).or_else(|| causes().find_map(guessed))
}

/// The next cause. `std::io::Error` does not have the error that it wraps as its source.
fn cause_of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| error.source())
}

/// The fault, if the cause is an error of rustls.
#[cfg(feature = "_tls")]
fn known(cause: &(dyn Error + 'static)) -> Option<TlsFault> {
    use rustls::{AlertDescription as Alert, Error as E};

    match cause.downcast_ref::<E>()? {
        E::InvalidCertificate(error) => Some(of_certificate(error)),
        E::InvalidMessage(_) => Some(TlsFault::NotTls),
        E::AlertReceived(Alert::InternalError | Alert::UserCanceled | Alert::CloseNotify) => None,
        E::AlertReceived(_) | E::PeerIncompatible(_) => Some(TlsFault::Handshake),
        _ => None,
    }
}

#[cfg(feature = "_tls")]
fn of_certificate(error: &rustls::CertificateError) -> TlsFault {
    use rustls::CertificateError as E;

    match error {
        // The signature is bad if a trusted CA has the name of the issuer, but another key.
        E::UnknownIssuer | E::BadSignature => TlsFault::UnknownIssuer,
        E::Expired | E::ExpiredContext { .. } | E::NotValidYet | E::NotValidYetContext { .. } => {
            TlsFault::Expired
        }
        E::NotValidForName | E::NotValidForNameContext { .. } => TlsFault::WrongHost,
        // Its type is one of a crate that rustls does not re-export.
        E::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            TlsFault::CaCertificate
        }
        _ => TlsFault::Certificate,
    }
}

#[cfg(not(feature = "_tls"))]
fn known(_: &(dyn Error + 'static)) -> Option<TlsFault> {
    None
}

/// The fault, if the cause is an error of another TLS library, which an app can choose. They all
/// name the certificate. An alert that names one is about the client's.
fn guessed(cause: &(dyn Error + 'static)) -> Option<TlsFault> {
    let text = cause.to_string().to_ascii_lowercase();
    (text.contains("certificate") && !text.contains("alert")).then_some(TlsFault::Certificate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificate_of_another_library_is_recognized_by_its_words() {
        let openssl = "error:0A000086:SSL routines::certificate verify failed";
        assert_eq!(fault_of(&io::Error::other(openssl)), Some(TlsFault::Certificate));
        for other in ["tls handshake eof", "tlsv13 alert certificate required"] {
            assert_eq!(fault_of(&io::Error::other(other)), None, "{other}");
        }
    }

    #[cfg(feature = "_tls")]
    #[test]
    fn faults_of_the_handshake_are_told_apart_from_what_passes() {
        use rustls::{AlertDescription as Alert, Error, InvalidMessage, PeerIncompatible};

        for (error, fault) in [
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), Some(TlsFault::NotTls)),
            (Error::AlertReceived(Alert::ProtocolVersion), Some(TlsFault::Handshake)),
            (Error::AlertReceived(Alert::CertificateRequired), Some(TlsFault::Handshake)),
            (
                Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
                Some(TlsFault::Handshake),
            ),
            (Error::AlertReceived(Alert::InternalError), None),
            (Error::General("busy".to_owned()), None),
        ] {
            assert_eq!(fault_of(&error), fault, "{error}");
            assert_eq!(fault_of(&io::Error::other(error)), fault);
        }
    }
}
