use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Outcome};
use crate::query::at_least_one;

/// A gateway; it serves nothing here.
pub(crate) struct Gateway {
    id: String,
    domain: String,
    created_at: String,
}

impl Gateway {
    /// The members of the documented example that do not depend on settings [DOC].
    fn item(&self) -> Value {
        json!({
            "id": self.id,
            "created_at": self.created_at,
            "domain": self.domain,
            "restrict": false,
            "custom_domains": [],
        })
    }
}

/// The gateways, oldest first.
#[derive(Default)]
pub(crate) struct GatewayStore {
    gateways: Vec<Gateway>,
}

impl GatewayStore {
    fn has_domain(&self, domain: &str) -> bool {
        self.gateways.iter().any(|gateway| gateway.domain == domain)
    }
}

pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(domain) = body.get("domain").and_then(Value::as_str) else {
        return Err(Answer::v3_bad_request("domain is required and must be a string"));
    };
    if call.state.gateways.has_domain(domain) {
        return Err(Answer::v3_bad_request("this domain is taken"));
    }
    let gateway = Gateway {
        id: call.state.random.uuid(),
        domain: domain.to_owned(),
        created_at: call.state.clock.tick().iso(),
    };
    let answer = Answer::data(gateway.item());
    call.state.gateways.gateways.push(gateway);
    Ok(answer)
}

/// Lists the gateways, oldest first; `pageSize` limits them [DOC].
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let gateways = &call.state.gateways.gateways;
    let limit = call.query.number("pageSize")?.map_or(usize::MAX, at_least_one);
    let rows: Vec<Value> = gateways.iter().take(limit).map(Gateway::item).collect();
    Ok(Answer::data(json!({ "count": gateways.len(), "rows": rows })))
}

/// Whether a domain is taken.
pub(crate) fn exists(call: &mut Call<'_>) -> Outcome {
    let exists = call.state.gateways.has_domain(call.segment(0));
    Ok(Answer::data(json!({ "exists": exists })))
}

pub(crate) fn show(call: &mut Call<'_>) -> Outcome {
    let mut gateways = call.state.gateways.gateways.iter();
    let gateway = gateways.find(|gateway| gateway.id == call.segment(0));
    gateway.map(|gateway| Answer::data(gateway.item())).ok_or_else(no_such_gateway)
}

pub(crate) fn remove(call: &mut Call<'_>) -> Outcome {
    let id = call.segment(0).to_owned();
    let gateways = &mut call.state.gateways.gateways;
    let before = gateways.len();
    gateways.retain(|gateway| gateway.id != id);
    if gateways.len() < before { Ok(Answer::data(Value::Null)) } else { Err(no_such_gateway()) }
}

fn no_such_gateway() -> Answer {
    Answer::v3_not_found("there is no such gateway")
}
