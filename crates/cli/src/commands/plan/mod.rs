//! `plan`: Show what a request becomes at every provider; nothing is sent

mod json;
mod offline;
mod text;

use pinning_keys::adapter::PermissionTable;
use pinning_keys::{KeyRequest, Permission, Plan, ScopeError, ScopeRequest};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::scope_args::{ScopeArgs, TargetArgs};
use crate::session::Session;
use crate::tables;

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

/// What one table makes of the request.
struct Answer {
    table: &'static PermissionTable,
    verdict: Result<Plan, ScopeError>,
}

pub(crate) fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let tables = tables::selected(&args.target)?;
    let scope = args.scope.request()?;
    check_tolerances(&scope, &tables)?;
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

/// Refuses a grant that has no effect at any table that is shown.
fn check_tolerances(scope: &ScopeRequest, shown: &[&PermissionTable]) -> Result<(), Failure> {
    let is_shown = |provider: &str| shown.iter().any(|table| table.provider() == provider);
    let grants = scope.tolerated().filter(|text| text.parse::<Permission>().is_err());
    let mut providers =
        grants.filter_map(|text| text.split_once(':')).map(|(provider, _)| provider);
    match providers.find(|provider| !is_shown(provider)) {
        Some(provider) => Err(Failure::usage(format!(
            "--tolerates names a grant of {provider}, and only tables of {} are shown",
            shown[0].provider()
        ))),
        None => Ok(()),
    }
}

impl Answer {
    fn of(table: &'static PermissionTable, request: &KeyRequest) -> Result<Self, Failure> {
        let verdict = match offline::issuer(table)?.plan(request) {
            Ok(plan) => Ok(plan),
            Err(error) => Err(error.scope_error().cloned().ok_or_else(|| Failure::from(error))?),
        };
        Ok(Self { table, verdict })
    }
}
