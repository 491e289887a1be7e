use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::random::Random;

/// 2100-01-01T00:00:00Z, the expiry of all tokens: clients that compare it with the real time
/// instead of the emulator's must not find them expired.
pub(crate) const TOKEN_END: u64 = 4_102_444_800;

/// A token of the right shape. Its signature is random, since nothing checks it.
pub(crate) fn token(
    algorithm: &str,
    payload: &Value,
    signature_bytes: usize,
    random: &mut Random,
) -> String {
    let header = json!({ "alg": algorithm, "typ": "JWT" });
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signature = URL_SAFE_NO_PAD.encode(random.bytes(signature_bytes));
    format!("{}.{}.{signature}", encode(&header), encode(payload))
}
