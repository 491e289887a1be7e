use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::assumptions::{ListCount, PinataAssumptions, RevokeAgain, RevokeUnknown};
use super::call::{Call, Outcome};
use super::create;
use super::pattern;
use super::scopes::Family;
use super::store::{Key, NotRevoked};
use crate::faults::lists::{self, Distortion};
use crate::query::at_least_one;
use crate::switches::ListOrder;

/// Creates a key. Status 200, not 201 [DOC].
pub(crate) fn create(call: &mut Call<'_>) -> Outcome {
    let key = make(call)?;
    Ok(Answer::ok(Created {
        jwt: &key.jwt,
        pinata_api_key: &key.public,
        pinata_api_secret: &key.secret,
    }))
}

/// Creates the key that the body asks for.
pub(crate) fn make<'a>(call: &'a mut Call<'_>) -> Result<&'a Key, Answer> {
    let body = call.object()?;
    let maker_is_admin = call.key.as_ref().is_some_and(|key| call.state.keys.is_admin(key));
    let mut new = create::read(&body, maker_is_admin, call.family(), call.assumptions())?;
    if let Some(limit) = call.name_limit {
        new.name = limit.cut(&new.name);
    }
    let state = &mut *call.state;
    Ok(state.keys.make(new, call.delays, &mut state.random, &mut state.clock))
}

/// Lists a page of keys.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    page(call, &Filter::read(call)?)
}

/// The page from `offset` on. Past the end it is empty, never null [SDK].
pub(crate) fn page(call: &Call<'_>, filter: &Filter) -> Outcome {
    let assumptions = call.assumptions();
    let refusal = |message: &str| Answer::bad_request(call.family(), message);
    let offset = call.query.number_or("offset", refusal)?.unwrap_or(0);
    let changes_ago = call.distortion.map_or(0, Distortion::changes_ago);
    let keys = call.state.keys.listed(changes_ago).filter(|key| filter.keeps(key, assumptions));
    let matching: Vec<&Key> = match assumptions.list_order {
        ListOrder::NewestFirst => keys.rev().collect(),
        ListOrder::OldestFirst => keys.collect(),
    };
    let limit = at_least_one(assumptions.page_size);
    let page = lists::cut(matching, offset, limit, call.distortion);
    let user_id = call.state.keys.user_id();
    let keys = page.rows.iter().map(|key| Item::of(key, user_id, assumptions)).collect();
    let count = match assumptions.list_count {
        ListCount::Page => page.length,
        ListCount::Total => page.total,
    };
    Ok(Answer::ok(Listed { keys, count }))
}

/// Revokes the key whose public half is in the path.
pub(crate) fn revoke(call: &mut Call<'_>) -> Outcome {
    let name = call.segment(0).to_owned();
    revoke_named(call, &name)
}

/// Revokes the key with this public half.
pub(crate) fn revoke_named(call: &mut Call<'_>, name: &str) -> Outcome {
    let family = call.family();
    // The whole body is this JSON string, quotes included [DOC].
    let revoked = || Ok(Answer::ok("Revoked"));
    let not_found = || {
        Err(match family {
            Family::V3 => Answer::v3_not_found("there is no such key"),
            Family::Legacy => Answer::object_not_found(),
        })
    };
    let PinataAssumptions { revoke_again, revoke_unknown, key_revokes_itself, .. } =
        *call.assumptions();
    if !key_revokes_itself && call.key.as_deref() == Some(name) {
        return Err(match family {
            Family::V3 => Answer::not_authorized(),
            Family::Legacy => Answer::no_scopes_found(),
        });
    }
    let now = call.state.clock.tick();
    match call.state.keys.revoke(name, call.delays, now) {
        Ok(()) => revoked(),
        Err(NotRevoked::Already) => match revoke_again {
            RevokeAgain::Revoked => revoked(),
            RevokeAgain::NotFound => not_found(),
        },
        Err(NotRevoked::Unknown) => match (revoke_unknown, family) {
            // Two clients saw the legacy route say so of a key that never was [3P].
            (RevokeUnknown::Revoked, _) | (RevokeUnknown::ByRoute, Family::Legacy) => revoked(),
            (RevokeUnknown::NotFound, _) | (RevokeUnknown::ByRoute, Family::V3) => not_found(),
        },
    }
}

/// The filters of a list; none by default.
#[derive(Default)]
pub(crate) struct Filter {
    revoked: Option<bool>,
    limited: Option<bool>,
    exhausted: Option<bool>,
    name: Option<String>,
}

impl Filter {
    fn read(call: &Call<'_>) -> Result<Self, Answer> {
        let assumptions = call.assumptions();
        let query = &call.query;
        let limited = query.flag("limitedUse")?;
        let mut exhausted = query.flag("exhausted")?;
        // `exhausted` goes with `limitedUse=true` [DOC].
        if limited != Some(true) {
            if exhausted.is_some() && assumptions.refuse_exhausted_alone {
                return Err(Answer::v3_bad_request("exhausted needs limitedUse=true"));
            }
            exhausted = None;
        }
        let meant = |flag: &bool| *flag || assumptions.false_filters_invert;
        Ok(Self {
            revoked: query.flag("revoked")?,
            limited: limited.filter(meant),
            exhausted: exhausted.filter(meant),
            name: query.text("name").map(str::to_owned),
        })
    }

    fn keeps(&self, key: &Key, assumptions: &PinataAssumptions) -> bool {
        let agrees = |wanted: Option<bool>, is: bool| wanted.is_none_or(|wanted| wanted == is);
        (self.revoked.is_some() || assumptions.list_includes_revoked || !key.revoked)
            && agrees(self.revoked, key.revoked)
            && agrees(self.limited, key.max_uses.is_some())
            && agrees(self.exhausted, key.is_exhausted())
            && self.name.as_ref().is_none_or(|name| pattern::contains(&key.name, name))
    }
}

/// The answer to a create, in the order of the v3 document [DOC]: the only answer with the secrets.
#[derive(Serialize)]
struct Created<'a> {
    #[serde(rename = "JWT")]
    jwt: &'a str,
    pinata_api_key: &'a str,
    pinata_api_secret: &'a str,
}

#[derive(Serialize)]
struct Listed<'a> {
    keys: Vec<Item<'a>>,
    count: usize,
}

/// A key in a list: in mixed case as in the documents [DOC], and with `max_uses` null if unlimited
/// [3P].
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    name: &'a str,
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    max_uses: Option<u64>,
    uses: u64,
    user_id: &'a str,
    scopes: Value,
    revoked: bool,
    #[serde(rename = "createdAt")]
    created_at: &'a str,
    #[serde(rename = "updatedAt")]
    updated_at: &'a str,
}

impl<'a> Item<'a> {
    fn of(key: &'a Key, user_id: &'a str, assumptions: &PinataAssumptions) -> Self {
        let mut scopes = key.scopes.clone();
        if let Some(scopes) = scopes.as_object_mut().filter(|_| !assumptions.list_echoes_resources)
        {
            scopes.remove("resources");
        }
        Self {
            id: &key.id,
            name: &key.name,
            key: &key.public,
            secret: assumptions.list_shows_secret.then_some(&key.secret),
            max_uses: key.max_uses,
            uses: key.uses,
            user_id,
            scopes,
            revoked: key.revoked,
            created_at: &key.created_at,
            updated_at: &key.updated_at,
        }
    }
}
