use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::answer;
use super::assumptions::{DeleteAnswer, ListTotal, ListedScopes, ListedSecret, W3ipfsAssumptions};
use super::call::{Call, Outcome};
use super::create;
use super::page::Page;
use super::store::{Key, NotDeleted};
use crate::faults::lists::Distortion;
use crate::switches::ListOrder;

/// `POST /api/apiKeys/`. The answer has neither the identifier nor the scopes [DOC].
pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let new = create::read(&body, &call.state.keys, call.assumptions, call.name_limit)?;
    let state = &mut *call.state;
    let key = state.keys.make(new, call.delays, &mut state.random, &mut state.clock);
    let created = Created { name: &key.name, api_key: &key.public, secret_key: &key.secret };
    Ok(answer::data(call.assumptions.create_status, created))
}

/// `GET /api/apiKeys/list`: a page of keys.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let assumptions = call.assumptions;
    let keys = call.state.keys.listed(call.distortion.map_or(0, Distortion::changes_ago));
    let all: Vec<&Key> = match assumptions.list_order {
        ListOrder::NewestFirst => keys.rev().collect(),
        ListOrder::OldestFirst => keys.collect(),
    };
    let page = Page::read(call)?.of_keys(all, call.distortion);
    let rows: Vec<Row<'_>> = page.rows.iter().map(|key| Row::of(key, assumptions)).collect();
    let total = match assumptions.list_total {
        ListTotal::All => page.total,
        ListTotal::Page => page.length,
        ListTotal::OneMore => page.total + 1,
        ListTotal::OneLess => page.total.saturating_sub(1),
    };
    Ok(answer::data(StatusCode::OK, Listed { total, api_keys: call.list(rows) }))
}

/// `DELETE /api/apiKeys/{id}`, by the identifier that only a list shows.
pub(crate) fn delete(call: &mut Call<'_>) -> Outcome {
    let id = call.id().to_owned();
    call.state.keys.delete(&id, call.delays).map_err(|not_deleted| match not_deleted {
        NotDeleted::Unknown => answer::record_not_found(),
        NotDeleted::IsDefault => {
            let status = call.assumptions.default_key_status;
            answer::failed(status, "Cannot delete the default API key")
        }
    })?;
    Ok(match call.assumptions.delete_answer {
        DeleteAnswer::Message => answer::done("API key has been deleted"),
        DeleteAnswer::Data => answer::data(StatusCode::OK, json!({})),
    })
}

/// Confirms that a credential is live, whatever it may do. The answer has neither `status` nor
/// `data` [DOC].
pub(crate) fn test_authentication(_: &mut Call<'_>) -> Outcome {
    let message = "Congratulations! You are communicating with the Web3 IPFS API!";
    Ok(answer::plain(json!({ "message": message })))
}

/// The answer to a create [DOC].
#[derive(Serialize)]
struct Created<'a> {
    name: &'a str,
    api_key: &'a str,
    secret_key: &'a str,
}

#[derive(Serialize)]
struct Listed<'a> {
    total: usize,
    api_keys: Option<Vec<Row<'a>>>,
}

/// A key in a list [DOC].
#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    name: &'a str,
    api_key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret_key: Option<String>,
    scopes: Value,
    created_at: &'a str,
}

impl<'a> Row<'a> {
    fn of(key: &'a Key, assumptions: &W3ipfsAssumptions) -> Self {
        Self {
            id: &key.id,
            name: &key.name,
            api_key: &key.public,
            secret_key: match assumptions.listed_secret {
                ListedSecret::Absent => None,
                ListedSecret::Empty => Some(String::new()),
                ListedSecret::Masked => Some("*".repeat(key.secret.len())),
                ListedSecret::Full => Some(key.secret.clone()),
            },
            scopes: match assumptions.listed_scopes {
                ListedScopes::AsSent => key.scopes.as_sent(),
                ListedScopes::Full => key.scopes.in_full(),
            },
            created_at: &key.created_at,
        }
    }
}
