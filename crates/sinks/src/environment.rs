use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::fmt;

/// How the names of variables begin that hold the account's credentials and settings.
const ACCOUNT_PREFIXES: [&str; 4] = ["PINNING_KEYS_", "PINATA_", "AIOZ_PIN_", "PINNING_"];

/// Whether a variable belongs to the account that issues keys, so that no command that gets a key
/// may see it: `PINNING_KEYS_*`, `PINATA_*`, `AIOZ_PIN_*` and `PINNING_*`, in any case.
///
/// ```
/// use pinning_keys_sinks::is_account_variable;
///
/// assert!(is_account_variable("PINATA_JWT") && is_account_variable("PINNING_KEYS_JWT_FILE"));
/// assert!(!is_account_variable("PATH") && !is_account_variable("MY_PINATA_JWT"));
/// ```
#[must_use]
pub fn is_account_variable(name: impl AsRef<OsStr>) -> bool {
    let name = name.as_ref().as_encoded_bytes();
    ACCOUNT_PREFIXES.iter().any(|prefix| {
        name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    })
}

/// The variables that sinks read and that their commands get. Those of the account are left out.
///
/// `Debug` shows no value.
///
/// ```
/// use pinning_keys_sinks::Environment;
///
/// let environment = Environment::from_vars([("PATH", "/usr/bin"), ("PINATA_JWT", "eyJhbGciOi")]);
/// assert_eq!(environment.get("PATH"), Some("/usr/bin".as_ref()));
/// assert_eq!(environment.get("PINATA_JWT"), None);
/// ```
#[derive(Clone, Default)]
pub struct Environment {
    vars: BTreeMap<OsString, OsString>,
    /// The names of those that are left out.
    account: BTreeSet<OsString>,
}

impl Environment {
    /// The variables of this process, as they are now.
    ///
    /// ```
    /// use pinning_keys_sinks::Environment;
    ///
    /// assert_eq!(Environment::current().get("PATH"), std::env::var_os("PATH").as_deref());
    /// ```
    #[must_use]
    pub fn current() -> Self {
        Self::from_vars(std::env::vars_os())
    }

    /// These variables.
    ///
    /// ```
    /// use pinning_keys_sinks::Environment;
    ///
    /// let environment = Environment::from_vars([("GITHUB_ACTIONS", "true")]);
    /// assert_eq!(environment.get("GITHUB_ACTIONS"), Some("true".as_ref()));
    /// ```
    #[must_use]
    pub fn from_vars<N, V>(vars: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<OsString>,
        V: Into<OsString>,
    {
        let mut environment = Self::default();
        for (name, value) in vars {
            let name = name.into();
            if is_account_variable(&name) {
                environment.account.insert(name);
            } else {
                environment.vars.insert(name, value.into());
            }
        }
        environment
    }

    /// The value of a variable.
    ///
    /// ```
    /// use pinning_keys_sinks::Environment;
    ///
    /// assert_eq!(Environment::default().get("PATH"), None);
    /// ```
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<&OsStr> {
        let mut vars = self.vars.iter();
        vars.find(|(known, _)| is_same(known, name.as_ref())).map(|(_, value)| value.as_os_str())
    }

    /// Whether a variable is set, even if it is one of the account.
    pub(crate) fn is_set(&self, name: impl AsRef<OsStr>) -> bool {
        let mut names = self.vars.keys().chain(&self.account);
        names.any(|known| is_same(known, name.as_ref()))
    }

    pub(crate) fn vars(&self) -> impl Iterator<Item = (&OsString, &OsString)> {
        self.vars.iter()
    }
}

/// Whether two names are of the same variable. On Windows, case does not matter.
fn is_same(name: &OsStr, other: &OsStr) -> bool {
    name == other || cfg!(windows) && name.eq_ignore_ascii_case(other)
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.vars.keys()).finish()
    }
}
