use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Outcome};
use super::groups::NoSuchGroup;
use super::input;
use super::page::{self, Paging};

/// A CID that waits to be fetched from the network. The emulator has no network, so it waits until
/// it is cancelled.
pub(crate) struct Job {
    id: String,
    cid: String,
    name: String,
    keyvalues: Value,
    host_nodes: Value,
    group_id: Value,
    date_queued: String,
}

/// Only public files are pinned by CID.
const NETWORK: &str = "public";

const STATUS: &str = "prechecking";

/// The queue, oldest first; v3 and legacy requests share it.
#[derive(Default)]
pub(crate) struct JobStore {
    jobs: Vec<Job>,
}

/// `POST /v3/files/public/pin_by_cid`.
pub(crate) fn add(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(cid) = body.get("cid").and_then(Value::as_str) else {
        return Err(Answer::v3_bad_request("cid is required and must be a string"));
    };
    let member = |name: &str| body.get(name).cloned().unwrap_or_default();
    let group_id = member("group_id");
    call.state
        .groups
        .check(NETWORK, group_id.as_str())
        .map_err(|NoSuchGroup| Answer::no_such_group())?;
    let job = Job {
        id: call.state.random.uuid(),
        cid: cid.to_owned(),
        name: body.get("name").and_then(Value::as_str).unwrap_or(cid).to_owned(),
        keyvalues: member("keyvalues"),
        host_nodes: member("host_nodes"),
        group_id,
        date_queued: call.state.clock.tick().iso(),
    };
    let answer = Answer::data(item(&job));
    call.state.jobs.jobs.push(job);
    Ok(answer)
}

/// `GET /v3/files/public/pin_by_cid`, oldest first unless `order` [DOC] or `sort` [SDK] says
/// otherwise.
pub(crate) fn list(call: &mut Call<'_>) -> Outcome {
    let query = &call.query;
    let jobs = call.state.jobs.jobs.iter();
    let mut jobs: Vec<&Job> = jobs
        .filter(|job| query.text("cid").is_none_or(|cid| job.cid == cid))
        .filter(|_| query.text("status").is_none_or(|status| status == STATUS))
        .collect();
    let order = |name| query.descending(name, Answer::v3_bad_request);
    if order("order")?.or(order("sort")?) == Some(true) {
        jobs.reverse();
    }
    let page = page::cut(jobs, query, call.assumptions().data_page_size)?;
    let items: Vec<Value> = page.items.into_iter().map(item).collect();
    Ok(Answer::data(json!({ "jobs": items, "next_page_token": page.next_page_token })))
}

/// `DELETE /v3/files/public/pin_by_cid/{id}`.
pub(crate) fn cancel(call: &mut Call<'_>) -> Outcome {
    let id = call.segment(0).to_owned();
    let jobs = &mut call.state.jobs.jobs;
    let before = jobs.len();
    jobs.retain(|job| job.id != id);
    if jobs.len() < before {
        Ok(Answer::data(Value::Null))
    } else {
        Err(Answer::v3_not_found("there is no such pin request"))
    }
}

/// `POST /pinning/pinByHash`.
pub(crate) fn pin_by_hash(call: &mut Call<'_>) -> Outcome {
    let body = Value::Object(call.object()?);
    let cid = input::text(&body, "hashToPin")?;
    let member = |object: &str, name: &str| {
        body.get(object).and_then(|object| object.get(name)).cloned().unwrap_or_default()
    };
    let name = member("pinataMetadata", "name");
    let group_id = member("pinataOptions", "groupId");
    call.state
        .groups
        .check(NETWORK, group_id.as_str())
        .map_err(|NoSuchGroup| Answer::object_not_found())?;
    let job = Job {
        id: call.state.random.uuid(),
        cid: cid.to_owned(),
        name: name.as_str().unwrap_or(cid).to_owned(),
        keyvalues: member("pinataMetadata", "keyvalues"),
        host_nodes: member("pinataOptions", "hostNodes"),
        group_id,
        date_queued: call.state.clock.tick().iso(),
    };
    let answer = json!({
        "id": job.id, "ipfsHash": job.cid, "status": STATUS, "name": job.name,
    });
    call.state.jobs.jobs.push(job);
    Ok(Answer::ok(answer))
}

const PAGING: Paging = Paging { limit: "limit", offset: "offset", default_limit: 5 };

/// `GET /pinning/pinJobs`, oldest first unless `sort` says otherwise [DOC]; the default order is
/// assumed.
pub(crate) fn pin_jobs(call: &mut Call<'_>) -> Outcome {
    let query = &call.query;
    let mut jobs: Vec<&Job> = call
        .state
        .jobs
        .jobs
        .iter()
        .filter(|job| query.text("ipfs_pin_hash").is_none_or(|cid| job.cid == cid))
        .filter(|_| query.text("status").is_none_or(|status| status == STATUS))
        .collect();
    if query.descending("sort", Answer::legacy_bad_request)? == Some(true) {
        jobs.reverse();
    }
    let page = page::by_offset(&jobs, query, &PAGING)?;
    let rows: Vec<Value> = page.map(|job| row(job)).collect();
    Ok(Answer::ok(json!({ "count": jobs.len(), "rows": rows })))
}

/// A queued pin in the form of v3 [SDK].
fn item(job: &Job) -> Value {
    json!({
        "id": job.id,
        "cid": job.cid,
        "date_queued": job.date_queued,
        "name": job.name,
        "status": STATUS,
        "keyvalues": job.keyvalues,
        "host_nodes": job.host_nodes,
        "group_id": job.group_id,
    })
}

/// A queued pin in the form of the legacy route.
fn row(job: &Job) -> Value {
    json!({
        "id": job.id,
        "ipfs_pin_hash": job.cid,
        "date_queued": job.date_queued,
        "name": job.name,
        "status": STATUS,
        "keyvalues": job.keyvalues,
        "host_nodes": job.host_nodes,
        "pin_policy": {
            "regions": [{ "id": "FRA1", "desiredReplicationCount": 1 }],
            "version": 1,
        },
    })
}
