//! Reading the file of declared keys.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use secrecy::ExposeSecret as _;

use super::file::DeclaredKey;
use super::parser::parse;
use crate::failure::Failure;
use crate::secret_words::refuse_secret;
use crate::session::Session;
use crate::settings::text_of;

/// The file that is read if no flag names another.
const DEFAULT: &str = "keys.toml";

/// Which file declares the keys.
#[derive(clap::Args)]
pub(crate) struct FileArgs {
    /// The file that declares the keys (default: keys.toml)
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl FileArgs {
    /// The keys that the file declares.
    pub(crate) fn read(&self, session: &Session) -> Result<Vec<DeclaredKey>, Failure> {
        let profiles = session.settings.declarable_profiles()?;
        let path = self.file.as_deref().unwrap_or(Path::new(DEFAULT));
        refuse_secret("the path of --file", &path.to_string_lossy())?;
        let fault = |what: &str| {
            // The path of the flag is not shown: something else may have been put in its place.
            let place = if self.file.is_none() { DEFAULT } else { "the file of --file" };
            let failure = Failure::configuration(format!("{place}: {what}"));
            failure.with_next("describe the keys in keys.toml, or name another file:  --file FILE")
        };
        let text = text_of(path, fault)?;
        parse(&Rc::new(path.to_owned()), text.expose_secret(), &profiles).map_err(all)
    }
}

/// One failure for all problems of the file.
fn all(problems: Vec<Failure>) -> Failure {
    let count = problems.len();
    let mut problems = problems.into_iter();
    let Some(first) = problems.next() else {
        return Failure::configuration("the file of declared keys is invalid");
    };
    if count == 1 {
        return first;
    }
    let lines = |problem: &Failure| {
        let next = problem.next().iter().map(|line| format!("  {line}"));
        std::iter::once(problem.message().to_owned()).chain(next).collect::<Vec<_>>()
    };
    let all = std::iter::once(first).chain(problems);
    let lines: Vec<String> = all.flat_map(|problem| lines(&problem)).collect();
    Failure::configuration(format!("the declared keys have {count} problems")).with_only_next(lines)
}
