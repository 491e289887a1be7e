//! What the provider recorded of a new key, compared with what was requested.

use pinning_keys::Recorded;

use crate::output::Output;
use crate::output::escape::escaped;

/// Refuses a key that is recorded with more than was issued, and warns about other differences.
pub(crate) fn judge(recorded: &Recorded, output: &Output) -> Result<(), String> {
    let shown = escaped(&recorded.to_string());
    if recorded.is_wider() {
        return Err(format!("the provider recorded more than was requested ({shown})"));
    }
    if let Recorded::NotShown { .. } = recorded {
        warn_unknown(&shown, output);
    } else if !recorded.is_as_issued() {
        output.warn(format_args!("the key may differ from what was requested: {shown}"));
    }
    Ok(())
}

/// Warns that the comparison was not possible.
pub(crate) fn warn_unknown(why: &str, output: &Output) {
    output.warn(format_args!("could not confirm what the provider recorded: {why}"));
}
