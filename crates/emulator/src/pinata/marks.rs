use std::collections::HashMap;

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::{Call, Outcome};

/// What is attached to a CID of a network: a signature, and the CIDs that replace it.
///
/// No file needs to be stored under the CID: whether the real service requires one is not
/// documented.
#[derive(Default)]
pub(crate) struct MarkStore {
    signatures: HashMap<(String, String), String>,
    swaps: HashMap<(String, String), Vec<Value>>,
}

fn target(call: &Call<'_>) -> (String, String) {
    (call.segment(0).to_owned(), call.segment(1).to_owned())
}

/// Attaches a signature. It is not checked against the address.
pub(crate) fn sign(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let (Some(signature), Some(_)) = (text("signature"), text("address")) else {
        return Err(Answer::v3_bad_request("signature and address are required strings"));
    };
    let target = target(call);
    let answer = json!({ "cid": target.1, "signature": signature });
    call.state.marks.signatures.insert(target, signature.to_owned());
    Ok(Answer::data(answer))
}

pub(crate) fn signature(call: &mut Call<'_>) -> Outcome {
    let target = target(call);
    match call.state.marks.signatures.get(&target) {
        Some(signature) => Ok(Answer::data(json!({ "cid": target.1, "signature": signature }))),
        None => Err(no_signature()),
    }
}

pub(crate) fn remove_signature(call: &mut Call<'_>) -> Outcome {
    let target = target(call);
    let removed = call.state.marks.signatures.remove(&target);
    removed.map(|_| Answer::data(Value::Null)).ok_or_else(no_signature)
}

fn no_signature() -> Answer {
    Answer::v3_not_found("there is no signature for this CID")
}

/// Replaces a CID with another one.
pub(crate) fn swap(call: &mut Call<'_>) -> Outcome {
    let body = call.object()?;
    let Some(other) = body.get("swap_cid").and_then(Value::as_str) else {
        return Err(Answer::v3_bad_request("swap_cid is required and must be a string"));
    };
    let created_at = call.state.clock.tick().iso();
    let swap = json!({ "mapped_cid": other, "created_at": created_at });
    let target = target(call);
    call.state.marks.swaps.entry(target).or_default().push(swap.clone());
    Ok(Answer::data(swap))
}

/// The replacements so far, newest first.
pub(crate) fn swaps(call: &mut Call<'_>) -> Outcome {
    let target = target(call);
    match call.state.marks.swaps.get(&target) {
        Some(swaps) => Ok(Answer::data(swaps.iter().rev().collect::<Vec<_>>())),
        None => Err(no_swap()),
    }
}

pub(crate) fn remove_swap(call: &mut Call<'_>) -> Outcome {
    let target = target(call);
    let removed = call.state.marks.swaps.remove(&target);
    removed.map(|_| Answer::data(Value::Null)).ok_or_else(no_swap)
}

fn no_swap() -> Answer {
    Answer::v3_not_found("this CID has no swap")
}
