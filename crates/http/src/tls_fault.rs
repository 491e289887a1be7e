use std::fmt;

/// Why no secure connection could be made.
///
/// A transport over your own HTTP client reports it like this:
///
/// ```
/// use pinning_keys_http::{Reach, TlsFault, TransportError, TransportErrorKind};
///
/// let kind = TransportErrorKind::Tls(TlsFault::UnknownIssuer);
/// let error = TransportError::new(kind, Reach::NotSent);
/// assert_eq!(
///     error.to_string(),
///     "the server's certificate is not trusted, because its issuer is unknown",
/// );
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TlsFault {
    /// The server's certificate comes from a CA that is not trusted.
    UnknownIssuer,
    /// The server's certificate has expired or is not valid yet.
    Expired,
    /// The server's certificate is for another host.
    WrongHost,
    /// The server's certificate is that of a CA, which must not be used as a server's.
    CaCertificate,
    /// The server's certificate is not acceptable for another reason; see the error's source.
    Certificate,
    /// The server does not speak TLS, but something else, such as plain http.
    NotTls,
    /// The handshake failed for another reason that will not pass, such as no common TLS version.
    Handshake,
}

impl TlsFault {
    /// What to do about it, if the transport knows nothing better.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "if a company's CA issued the certificate, make the transport trust that CA"
            }
            Self::Expired => {
                "check the clock of this machine; if it is right, the server's certificate has to \
                 be renewed"
            }
            Self::WrongHost => {
                "check the host of base_url (PINNING_KEYS_BASE_URL), and whether another server \
                 answers in its place, such as the login page of a network"
            }
            Self::CaCertificate => {
                "give the server a certificate that the CA has issued to it, and trust the CA"
            }
            Self::Certificate => "print the error with {:?} to see what is wrong with it",
            Self::NotTls => {
                "check scheme and port of base_url (PINNING_KEYS_BASE_URL), and the proxy, if there \
                 is one"
            }
            Self::Handshake => "print the error with {:?} to see why",
        }
    }
}

impl fmt::Display for TlsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::UnknownIssuer => {
                "the server's certificate is not trusted, because its issuer is unknown"
            }
            Self::Expired => "the server's certificate has expired or is not valid yet",
            Self::WrongHost => "the server's certificate is not valid for this host",
            Self::CaCertificate => {
                "the server's certificate is that of a CA, which is not accepted as a server's"
            }
            Self::Certificate => "the server's certificate is not acceptable",
            Self::NotTls => "the server does not speak TLS",
            Self::Handshake => "the TLS handshake failed",
        })
    }
}
