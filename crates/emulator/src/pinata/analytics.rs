//! The emulator's gateways serve nothing, so there is nothing to count. The answers have the
//! shapes that the official client reads [SDK].

use serde_json::json;

use super::answer::Answer;
use super::call::{Call, Outcome};

pub(crate) fn top(_: &mut Call<'_>) -> Outcome {
    Ok(Answer::data(json!([])))
}

pub(crate) fn time_series(_: &mut Call<'_>) -> Outcome {
    Ok(Answer::data(json!({
        "total_requests": 0,
        "total_bandwidth": 0,
        "time_periods": [],
    })))
}
