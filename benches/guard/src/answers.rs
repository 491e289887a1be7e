//! Successful answers in the providers' form, with invented content.

/// The length of a recorded answer of Pinata to a create.
const PINATA_BYTES: usize = 937;

/// Pinata's answer to a create, as long as one that was recorded.
#[must_use]
pub fn pinata_created() -> String {
    let answer = |jwt: &str| {
        let (key, secret) = ("5a".repeat(10), "5ec2e7".repeat(10) + "5ec2");
        format!(r#"{{"JWT":"{jwt}","pinata_api_key":"{key}","pinata_api_secret":"{secret}"}}"#)
    };
    let left = PINATA_BYTES - answer("").len();
    answer(&"eyJzYW1wbGUi".repeat(left.div_ceil(12))[..left])
}

/// W3IPFS's answer to a create, in the documented form.
#[must_use]
pub fn w3ipfs_created() -> String {
    let (key, secret) = ("c2FtcGxl".repeat(5) + "a2V5", "c2FtcGxl".repeat(10) + "c2VjcmV0");
    format!(
        r#"{{"data":{{"name":"API KEY","api_key":"{key}","secret_key":"{secret}"}},"status":"success"}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pinata_answer_has_the_recorded_length() {
        assert_eq!(pinata_created().len(), PINATA_BYTES);
    }
}
