//! `probe`: Find out what a credential can really do

use pinning_keys::adapter::PermissionTable;
use pinning_keys::{
    Effect, Error, ErrorKind, KeyIssuer as _, KeyIssuerExt as _, KeyQuery, KeyRecord, Permission,
    PermissionSet, ProbeAnswer, ProbeConsent, ProbeReport, ProbeVerdict, Verification,
};
use serde::Serialize;

use crate::ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::given::CredentialArgs;
use crate::holder::Holder;
use crate::interrupt::Interrupt;
use crate::output::Output;
use crate::output::table::{Cell, Table};
use crate::output::tone::Tone;
use crate::session::Session;

/// Find out what a credential can really do
///
/// Sends at most one request for each permission, after one that verifies the credential. None of
/// them changes anything: they read, or are refused after the provider has checked the permission.
/// A permission is unknown if no such request is known, or if the answer is inconclusive.
///
/// Each request may count as a use of a key whose uses are limited. A probe therefore looks for the
/// key in the list of the configured account first, and begins if the list shows that the uses are
/// not limited. If it does not, or if no account is configured, it needs consent. The list also
/// shows the key's table, which decides where the requests go; without it, that is the table of the
/// configuration.
///
/// Exits with 0 if the credential was probed, with 5 if it is not live, and with 75 if an answer is
/// missing that may come later.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    credential: CredentialArgs,
    /// Consent to spend uses of the key, without checking the list of keys first
    #[arg(long)]
    yes: bool,
}

pub(crate) async fn run(args: &Args, session: &Session) -> Result<Exit, Failure> {
    let output = &session.output;
    let interrupt = Interrupt::listen(output);
    let mut holder = Holder::new(args.credential.read(output, &interrupt)?, session)?;
    if !args.yes && holder.issuer.profile().supports_max_uses() {
        let listed = interrupt.or_end(listed(&holder, output)).await?;
        if !listed.as_ref().is_some_and(KeyRecord::is_unlimited) {
            consent(args, &holder, &interrupt)?;
        }
        if let Some(table) = listed.as_ref().and_then(KeyRecord::table) {
            holder.use_table(table.name(), session)?;
        }
    }
    let consent = ProbeConsent::to_spend_uses();
    let report = interrupt.or_end(holder.issuer.probe(&holder.credential, consent)).await?;
    if report.verification() != Verification::Live {
        return Err(not_live(report.verification()));
    }
    let findings = Findings::new(holder.issuer.profile().table(), &report);
    if output.is_json() {
        for finding in &findings.0 {
            output.object(finding);
        }
    } else {
        output.table(&findings.table());
    }
    Ok(exit_of(&report))
}

/// The key in the account's list; nothing if there is no account, or the credential names no key.
async fn listed(holder: &Holder, output: &Output) -> Result<Option<KeyRecord>, Error> {
    if !holder.has_account {
        return Ok(None);
    }
    let facts = match holder.issuer.credential_facts(&holder.credential) {
        Err(error) if error.kind() == ErrorKind::Unsupported => return Ok(None),
        facts => facts?,
    };
    let Some(key) = facts.key_ref() else { return Ok(None) };
    output.note("looking the key up, to see its table and whether its uses are limited");
    holder.issuer.keys(KeyQuery::new()).find(key).await
}

/// Asks whether uses may be spent.
fn consent(args: &Args, holder: &Holder, interrupt: &Interrupt) -> Result<(), Failure> {
    let why = if holder.has_account {
        "the list of keys does not show that the key's uses are unlimited"
    } else {
        "no account is configured whose list would show whether the key's uses are limited"
    };
    let most = holder.issuer.profile().probe_plan().map_or(0, |plan| plan.requests().len()) + 1;
    let question = format!("{why}; spend up to {most} uses?");
    let ask = if args.credential.takes_stdin() { ask::consent_on_device } else { ask::consent };
    interrupt.while_asking(|| ask(&question, false)).map_err(|refusal| refusal.with_next(why))
}

fn not_live(verification: Verification) -> Failure {
    let state = match verification {
        Verification::Exhausted => "used up".to_owned(),
        other => other.to_string(),
    };
    Failure::new(Exit::NotLive, format!("the credential is not live: {state}"))
}

/// How the probe ends: it may have missed something, or even have changed something.
fn exit_of(report: &ProbeReport) -> Exit {
    let unknown = report.answers().iter().filter(|it| it.verdict() == ProbeVerdict::Unknown);
    unknown.filter_map(ProbeAnswer::error).fold(Exit::Done, |exit, error| {
        exit.or_worse(match error.kind() {
            ErrorKind::UnreadableAnswer if error.effect() == Effect::Unknown => Exit::Unknown,
            _ if error.is_retryable() => Exit::Later,
            _ => Exit::Done,
        })
    })
}

/// What a probe found out about one permission. `Serialize` writes the form for programs.
#[derive(Serialize)]
struct Finding {
    permission: Permission,
    verdict: &'static str,
    /// The status of a refusal.
    status: Option<u16>,
    /// Why the verdict is unknown.
    reason: Option<String>,
}

/// All that the keys of the table may be able to do.
struct Findings(Vec<Finding>);

impl Findings {
    fn new(table: &PermissionTable, report: &ProbeReport) -> Self {
        let asked = report.answers().iter().map(ProbeAnswer::permission);
        let all = table
            .grants()
            .iter()
            .fold(asked.collect(), |all: PermissionSet, grant| all | grant.opens());
        Self(all.iter().map(|permission| Finding::new(permission, report)).collect())
    }

    fn table(&self) -> Table {
        let mut table = Table::without_header();
        for finding in &self.0 {
            let tone = match finding.verdict {
                YES => Tone::Good,
                NO => Tone::Bad,
                _ => Tone::Notable,
            };
            let status = || finding.status.map(|status| status.to_string());
            table.push([
                Cell::new(finding.permission.as_str()),
                Cell::new(finding.verdict).with_tone(tone),
                Cell::new(finding.reason.clone().or_else(status).unwrap_or_default()),
            ]);
        }
        table
    }
}

const YES: &str = "yes";
const NO: &str = "no";

impl Finding {
    fn new(permission: Permission, report: &ProbeReport) -> Self {
        let answer = report.answers().iter().find(|answer| answer.permission() == permission);
        let error = answer.and_then(ProbeAnswer::error);
        let (verdict, reason) = match answer.map(ProbeAnswer::verdict) {
            Some(ProbeVerdict::Yes) => (YES, None),
            Some(ProbeVerdict::No) => (NO, None),
            Some(_) => ("unknown", Some(error.map_or(INCONCLUSIVE.to_owned(), Error::to_string))),
            None => ("unknown", Some(NO_REQUEST.to_owned())),
        };
        // A request that is meant to be refused has a status with every verdict.
        let status = error.filter(|_| verdict != YES).and_then(Error::status);
        let status = status.map(|status| status.as_u16());
        Self { permission, verdict, status, reason }
    }
}

const NO_REQUEST: &str = "no harmless request can test this";
const INCONCLUSIVE: &str = "the answer is inconclusive";
