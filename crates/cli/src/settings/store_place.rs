//! The address of a store.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret as _, SecretString};

use super::origin::shown;
use crate::failure::Failure;

const SQLITE: &str = "sqlite:";
const POSTGRES: [&str; 2] = ["postgres://", "postgresql://"];

/// The place of a store. An address may contain a password.
#[derive(Clone)]
pub(crate) enum StorePlace {
    Sqlite(PathBuf),
    Postgres(SecretString),
}

/// Without a password and without options.
impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = match self {
            Self::Sqlite(path) => return write!(f, "{SQLITE}{}", shown(path)),
            Self::Postgres(url) => url.expose_secret(),
        };
        let (scheme, rest) = url.split_once("://").unwrap_or_default();
        if is_torn(rest) {
            return write!(f, "{scheme}://…");
        }
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (user, host) = rest.rsplit_once('@').unwrap_or(("", rest));
        let user = user.split(':').next().filter(|user| !user.is_empty());
        let user = user.map(|user| format!("{user}@")).unwrap_or_default();
        write!(f, "{}", shown(Path::new(&format!("{scheme}://{user}{host}"))))
    }
}

impl StorePlace {
    /// Whether it is a file that does not exist.
    #[cfg(feature = "store")]
    pub(crate) fn is_absent(&self) -> bool {
        matches!(self, Self::Sqlite(path) if !path.exists())
    }

    pub(super) fn has_password(&self) -> bool {
        let Self::Postgres(url) = self else { return false };
        let rest = url.expose_secret().split_once("://").map_or("", |(_, rest)| rest);
        let (authority, options) = rest.split_once('?').unwrap_or((rest, ""));
        let user = authority.rsplit_once('@').map_or("", |(user, _)| user);
        user.contains(':')
            || options.split('&').any(|option| option.starts_with("password="))
            || is_torn(rest)
    }
}

/// Whether an `@` follows the apparent host, which may then be the beginning of a password: in
/// `app:s3?cret@db`, the password seems to end at the `?`.
fn is_torn(rest: &str) -> bool {
    let (authority, later) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let is_stray = |piece: &str| piece.contains('@') && !piece.contains('=');
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    let is_port = port.ends_with(']') || port.bytes().all(|byte| byte.is_ascii_digit());
    later.split('&').any(is_stray) || !authority.contains('@') && !is_port
}

/// Whether a store in a configuration file has a password.
pub(super) fn holds_password(store: &str) -> bool {
    parse(OsStr::new(store), Path::new("")).is_ok_and(|place| place.has_password())
}

/// Reads the address of a store, whose relative path starts at this folder. Errors do not repeat
/// it, because it may hold a password.
pub(super) fn parse(text: &OsStr, folder: &Path) -> Result<StorePlace, Failure> {
    let Some(text) = text.to_str() else {
        return Err(Failure::configuration("the address of the store is not UTF-8"));
    };
    let text = text.trim();
    if POSTGRES.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(StorePlace::Postgres(text.to_owned().into()));
    }
    match text.strip_prefix(SQLITE) {
        Some("") => Err(Failure::configuration("the store has no path")
            .with_next("for example:  sqlite:/var/lib/app/keys.db")),
        Some(path) if path.starts_with('~') => Err(Failure::configuration(
            "the path of the store begins with ~, which is not expanded",
        )
        .with_next("write the whole path, or $HOME in a shell")),
        Some(path) => Ok(StorePlace::Sqlite(folder.join(path))),
        None => {
            let what = if text.is_empty() { "empty" } else { "not valid" };
            Err(Failure::configuration(format!("the address of the store is {what}"))
                .with_next("a file on this machine:  sqlite:PATH")
                .with_next("for several machines:    postgres://USER@HOST/DATABASE"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> StorePlace {
        parse(OsStr::new(text), Path::new("/etc")).unwrap_or_else(|it| panic!("{it:?}"))
    }

    #[test]
    fn passwords_are_recognized_and_never_shown() {
        for (text, has, shown) in [
            ("postgres://app@db/keys", false, "postgres://app@db/keys"),
            ("postgres://app:s3cret@db:5432/keys?a=b", true, "postgres://app@db:5432/keys"),
            ("postgres://app:p@ss@db/keys", true, "postgres://app@db/keys"),
            ("postgresql:///keys?user=app&password=s3cret", true, "postgresql:///keys"),
            ("postgresql:///keys?host=/run", false, "postgresql:///keys"),
            ("postgres://db:5432/keys?user=a@b", false, "postgres://db:5432/keys"),
            ("postgres://[::1]:5432/keys", false, "postgres://[::1]:5432/keys"),
            ("postgres://[::1]/keys", false, "postgres://[::1]/keys"),
            ("postgres://app:s3cr#et@db/keys", true, "postgres://…"),
            ("postgres://app:s3cr?et@db/keys", true, "postgres://…"),
            ("postgres://app:s3cr/et@db/keys", true, "postgres://…"),
            ("postgres://app:s3@cr#et@db/keys", true, "postgres://…"),
            ("postgres://app:12?34@db/keys", true, "postgres://…"),
            ("sqlite:keys.db", false, "sqlite:/etc/keys.db"),
            ("sqlite:/a:b@c", false, "sqlite:/a:b@c"),
        ] {
            let place = place(text);
            assert_eq!((place.has_password(), place.to_string()), (has, shown.to_owned()));
        }
    }

    #[test]
    fn other_addresses_are_refused_and_not_repeated() {
        for text in ["", "keys.db", "sqlite:", "sqlite:~/keys.db", "mysql://app:s3cret@db"] {
            let failure = parse(OsStr::new(text), Path::new("")).err().expect(text);
            assert!(!format!("{failure:?}").contains("s3cret"));
        }
    }
}
