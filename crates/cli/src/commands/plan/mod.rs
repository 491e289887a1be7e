//! `plan`: Show what a request becomes at every provider; nothing is sent

mod answer;
mod json;
mod offline;
mod selection;
mod text;

use pinning_keys::KeyRequest;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::scope_args::{ScopeArgs, TargetArgs};
use crate::session::Session;

use answer::Answer;

/// Show what a request becomes at every provider; nothing is sent
///
/// It needs no account and no network. The exit code is 0 if at least one of the tables that are
/// shown can express the request, and 1 if none can. --provider and --table show fewer tables.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    scope: ScopeArgs,
    #[command(flatten)]
    target: TargetArgs,
}

pub(crate) fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let tables = selection::selected(&args.target)?;
    let scope = args.scope.request()?;
    selection::check_tolerances(&scope, &tables)?;
    // A plan is the same for every name.
    let request = KeyRequest::new("NAME", scope)?;
    let answers = tables.into_iter().map(|table| Answer::of(table, &request));
    let answers = answers.collect::<Result<Vec<_>, _>>()?;
    if session.output.is_json() {
        for answer in &answers {
            session.output.object(&json::Object::of(answer));
        }
    } else {
        text::print(request.scope(), &answers, &session.output);
    }
    Ok(if answers.iter().any(|answer| answer.verdict.is_ok()) { Exit::Done } else { Exit::Failed })
}
