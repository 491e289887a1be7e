//! The work whose instructions are counted.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Method;
use pinning_keys::adapter::{ApiClient, BaseUrl, Call, PermissionTable};
use pinning_keys::credentials::AccountCredential;
use pinning_keys::pinata::{ENDPOINTS, PinataConfig, RESOURCES, Table};
use pinning_keys::w3ipfs::{SCOPES, W3ipfsConfig};
use pinning_keys::{KeyIssuer, KeyRequest, Operation, ScopeRequest};
use pinning_keys_guard::answers;

use crate::canned::Canned;

const BASE_URL: &str = "https://api.example.com";
const TOKEN: &str = "c2FtcGxlLXRva2Vu";

/// The tables that the work is done with.
pub(crate) static TABLES: [&PermissionTable; 3] = [&RESOURCES, &ENDPOINTS, &SCOPES];

/// The parts of a case: `TABLE/PART`.
pub(crate) const PARTS: [&str; 4] = ["translate", "plan", "carry", "issue"];

/// The name of a table on the command line and in the baseline.
pub(crate) fn label(table: &PermissionTable) -> String {
    format!("{}-{}", table.provider(), table.name())
}

fn is_pinata(table: &PermissionTable) -> bool {
    table.provider() == RESOURCES.provider()
}

fn transport(table: &PermissionTable) -> Arc<Canned> {
    let answer = if is_pinata(table) { answers::pinata_created } else { answers::w3ipfs_created };
    Arc::new(Canned(answer().into()))
}

fn issuer(table: &PermissionTable) -> Result<Arc<dyn KeyIssuer>> {
    if !is_pinata(table) {
        let config = W3ipfsConfig::new().with_base_url(format!("{BASE_URL}/api"));
        return Ok(Arc::new(config.with_jwt(TOKEN).with_transport(transport(table)).build()?));
    }
    let is_coarse = *table == RESOURCES;
    let config = PinataConfig::new()
        .with_base_url(BASE_URL)
        .with_jwt(TOKEN)
        .with_table(if is_coarse { Table::Resources } else { Table::Endpoints })
        .with_transport(transport(table));
    Ok(Arc::new(config.build()?))
}

fn client(table: &PermissionTable) -> Result<ApiClient> {
    let credential = Arc::new(AccountCredential::bearer(TOKEN)?);
    let base_url = BaseUrl::parse(BASE_URL, &[])?;
    let client = ApiClient::builder(table.provider(), base_url, credential);
    Ok(client.transport(transport(table)).build()?)
}

/// The counts as the baseline has them. Writing the body and reading the answer are not public,
/// so they are what a whole costs beyond its other parts.
pub(crate) fn named(
    label: &str,
    [translate, plan, carry, issue]: [u64; PARTS.len()],
) -> [(String, u64); 5] {
    [
        ("translate", translate),
        ("build-body", plan.saturating_sub(translate)),
        ("carry", carry),
        ("parse-answer", issue.saturating_sub(plan + carry)),
        ("issue", issue),
    ]
    .map(|(part, count)| (format!("{label}/{part}"), count))
}

/// Does the work of a case `runs` times.
pub(crate) fn run(case: &str, runs: u64) -> Result<()> {
    let (name, part) = case.split_once('/').context("expected TABLE/PART")?;
    let mut tables = TABLES.into_iter().filter(|table| label(table) == name);
    let table = tables.next().context("unknown table")?;
    let request = KeyRequest::new(
        "user-42-7f3kq0c9v5x2m",
        ScopeRequest::manager().tolerates("pinata:org:files:write"),
    )?;
    match part {
        "translate" => {
            for _ in 0..runs {
                black_box(table.translate(black_box(request.scope()))?);
            }
            Ok(())
        }
        "plan" => {
            let issuer = issuer(table)?;
            for _ in 0..runs {
                black_box(issuer.plan(black_box(&request))?);
            }
            Ok(())
        }
        "carry" => block_on(carry(table, &request, runs)),
        "issue" => block_on(issue(table, &request, runs)),
        _ => bail!("unknown part"),
    }
}

/// Issues keys over a transport with a canned answer.
async fn issue(table: &PermissionTable, request: &KeyRequest, runs: u64) -> Result<()> {
    let issuer = issuer(table)?;
    for _ in 0..runs {
        black_box(issuer.issue(black_box(request)).await?);
    }
    Ok(())
}

/// Sends the request that issuing a key sends, without reading the answer.
async fn carry(table: &PermissionTable, request: &KeyRequest, runs: u64) -> Result<()> {
    let path = if is_pinata(table) { "/v3/api_keys" } else { "/api/apiKeys/" };
    let body = Bytes::from(issuer(table)?.plan(request)?.body().to_owned());
    let client = client(table)?;
    for _ in 0..runs {
        let call = Call::new(Operation::Issue, Method::POST, path)
            .for_key(request.name())
            .json(body.clone());
        black_box(client.call(call).await?);
    }
    Ok(())
}

fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(work)
}
