//! Where the CAs that `ReqwestTransport` trusts come from.

use std::borrow::Cow;
use std::env;
use std::path::Path;

use rustls_native_certs::load_certs_from_paths;

const FILE: &str = "SSL_CERT_FILE";
const FOLDERS: &str = "SSL_CERT_DIR";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// From the system or, if it has none, from this program.
    System,
    /// From where this environment variable says, and nowhere else.
    Variable(&'static str),
    /// From elsewhere, because nothing can be read where this variable says.
    Unreadable(&'static str),
}

impl Trust {
    /// Where the CAs come from that were read just now. `is_native` is whether there were any.
    pub(crate) fn current(is_native: bool) -> Self {
        let of =
            |name, is_read| if is_read { Self::Variable(name) } else { Self::Unreadable(name) };
        if let Some(file) = env::var_os(FILE) {
            return of(FILE, !load_certs_from_paths(Some(Path::new(&file)), None).certs.is_empty());
        }
        match env::var_os(FOLDERS) {
            Some(folders) if !folders.is_empty() => of(FOLDERS, is_native),
            _ => Self::System,
        }
    }

    /// What to do about a certificate that comes from none of these CAs.
    pub(crate) fn advice(self) -> Cow<'static, str> {
        match self {
            Self::System => "if a company's CA issued the certificate, add that CA to those that \
                             the system trusts, or set SSL_CERT_FILE to a PEM file that contains \
                             it (or SSL_CERT_DIR to a folder of such files)"
                .into(),
            Self::Variable(name) => format!(
                "if a company's CA issued the certificate, add that CA where {name} points to: \
                 while it is set, the CAs that the system trusts are not used"
            )
            .into(),
            Self::Unreadable(name) => format!(
                "{name} is set, but no certificate could be read from where it points to: it must \
                 point to the CA of the certificate, in PEM form"
            )
            .into(),
        }
    }
}
