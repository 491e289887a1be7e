//! The work whose instructions are counted.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::Method;
use pinning_keys::adapter::PermissionTable;
use pinning_keys::adapter::{ApiClient, BaseUrl, Call};
use pinning_keys::credentials::AccountCredential;
use pinning_keys::pinata::{self, ENDPOINTS, PinataConfig, RESOURCES};
use pinning_keys::w3ipfs::{SCOPES, W3ipfsConfig};
use pinning_keys::{KeyIssuer, KeyRequest, Operation, ScopeRequest};

use crate::canned::Canned;

const BASE_URL: &str = "https://api.example.com";
const TOKEN: &str = "c2FtcGxlLXRva2Vu";

/// The tables that the work is done with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Table {
    Resources,
    Endpoints,
    Scopes,
}

impl Table {
    pub(crate) const ALL: [Self; 3] = [Self::Resources, Self::Endpoints, Self::Scopes];

    fn table(self) -> &'static PermissionTable {
        match self {
            Self::Resources => &RESOURCES,
            Self::Endpoints => &ENDPOINTS,
            Self::Scopes => &SCOPES,
        }
    }

    fn transport(self) -> Arc<Canned> {
        Arc::new(match self {
            Self::Resources | Self::Endpoints => Canned::pinata(),
            Self::Scopes => Canned::w3ipfs(),
        })
    }

    fn create_path(self) -> &'static str {
        match self {
            Self::Resources | Self::Endpoints => "/v3/api_keys",
            Self::Scopes => "/api/apiKeys/",
        }
    }

    fn issuer(self) -> Result<Arc<dyn KeyIssuer>> {
        let pinata = |vocabulary| {
            PinataConfig::new()
                .with_base_url(BASE_URL)
                .with_jwt(TOKEN)
                .with_table(vocabulary)
                .with_transport(self.transport())
                .build()
        };
        Ok(match self {
            Self::Resources => Arc::new(pinata(pinata::Table::Resources)?),
            Self::Endpoints => Arc::new(pinata(pinata::Table::Endpoints)?),
            Self::Scopes => {
                let config = W3ipfsConfig::new().with_base_url(format!("{BASE_URL}/api"));
                Arc::new(config.with_jwt(TOKEN).with_transport(self.transport()).build()?)
            }
        })
    }

    fn client(self) -> Result<ApiClient> {
        let credential = Arc::new(AccountCredential::bearer(TOKEN)?);
        let base_url = BaseUrl::parse(BASE_URL, &[])?;
        let client = ApiClient::builder(self.table().provider(), base_url, credential);
        Ok(client.transport(self.transport()).build()?)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.table().provider(), self.table().name())
    }
}

/// Instructions for one run of each case.
pub(crate) struct Counts {
    pub(crate) translate: u64,
    pub(crate) plan: u64,
    pub(crate) carry: u64,
    pub(crate) issue: u64,
}

impl Counts {
    /// The parts of issuing a key, and the whole of it. Writing the body and reading the answer
    /// are not public, so that they are what a whole takes more than its other parts.
    pub(crate) fn named(self, table: Table) -> [(String, u64); 5] {
        let Self { translate, plan, carry, issue } = self;
        [
            ("translate", translate),
            ("build-body", plan.saturating_sub(translate)),
            ("carry", carry),
            ("parse-answer", issue.saturating_sub(plan + carry)),
            ("issue", issue),
        ]
        .map(|(part, count)| (format!("{table}/{part}"), count))
    }
}

/// Does the work of a case so many times.
pub(crate) fn run(case: &str, runs: u64) -> Result<()> {
    let (table, part) = case.split_once('/').context("a case is named TABLE/PART")?;
    let mut tables = Table::ALL.into_iter().filter(|known| known.to_string() == table);
    let table = tables.next().context("there is no such table")?;
    let request = KeyRequest::new(
        "user-42-7f3kq0c9v5x2m",
        ScopeRequest::manager().tolerates("pinata:org:files:write"),
    )?;
    match part {
        "translate" => {
            for _ in 0..runs {
                black_box(table.table().translate(black_box(request.scope()))?);
            }
            Ok(())
        }
        "plan" => {
            let issuer = table.issuer()?;
            for _ in 0..runs {
                black_box(issuer.plan(black_box(&request))?);
            }
            Ok(())
        }
        "carry" => block_on(carry(table, &request, runs)),
        "issue" => block_on(issue(table, &request, runs)),
        _ => bail!("there is no such part"),
    }
}

/// Issues keys, over a transport that has the answer ready.
async fn issue(table: Table, request: &KeyRequest, runs: u64) -> Result<()> {
    let issuer = table.issuer()?;
    for _ in 0..runs {
        black_box(issuer.issue(black_box(request)).await?);
    }
    Ok(())
}

/// Sends the request that issuing a key sends, and does not look at the answer.
async fn carry(table: Table, request: &KeyRequest, runs: u64) -> Result<()> {
    let body = Bytes::from(table.issuer()?.plan(request)?.body().to_owned());
    let client = table.client()?;
    for _ in 0..runs {
        let call = Call::new(Operation::Issue, Method::POST, table.create_path())
            .for_key(request.name())
            .json(body.clone());
        black_box(client.call(call).await?);
    }
    Ok(())
}

fn block_on(work: impl Future<Output = Result<()>>) -> Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(work)
}
