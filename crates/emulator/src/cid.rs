use sha2::{Digest as _, Sha256};

use crate::payload::FilePart;

/// The multicodec of raw bytes.
const RAW: u8 = 0x55;
/// The multicodec of directories and of files with several blocks.
const DAG_PB: u8 = 0x70;

/// The CID of one file: version 1, raw, SHA2-256, in base32.
///
/// It is the true CID of a file that fits one block (256 KiB). IPFS splits longer files; the
/// emulator does not.
pub(crate) fn of_file(content: &[u8]) -> String {
    encode(RAW, &Sha256::digest(content))
}

/// A CID for several files as one directory. It has the right shape and depends on every name and
/// byte, but differs from the one that IPFS would compute.
fn of_directory<'a>(files: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut digest = Sha256::new();
    for (name, content) in files {
        digest.update(Sha256::digest(name.as_bytes()));
        digest.update(Sha256::digest(content));
    }
    encode(DAG_PB, &digest.finalize())
}

/// The CID of the files of a form: one file as itself, several as a directory.
pub(crate) fn of_files(parts: &[FilePart]) -> String {
    match parts {
        [only] => of_file(&only.content),
        many => {
            let files = many
                .iter()
                .map(|part| (part.name.as_deref().unwrap_or_default(), part.content.as_ref()));
            of_directory(files)
        }
    }
}

fn encode(codec: u8, digest: &[u8]) -> String {
    // Version 1, the codec, then the multihash: SHA2-256 and its length.
    let mut bytes = vec![0x01, codec, 0x12, 0x20];
    bytes.extend_from_slice(digest);
    // The multibase prefix of lower-case base32 without padding.
    format!("b{}", base32(&bytes))
}

/// Base32 of RFC 4648 in lower case, without padding.
fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let mut text = String::with_capacity(bytes.len().div_ceil(5) * 8);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits) as usize & 31]));
        }
        // Only the bits not yet written are kept, so nothing overflows.
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits)) as usize & 31]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_cid_is_the_true_one() {
        // Computed independently with Python's hashlib and base64.
        assert_eq!(of_file(b""), "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
        assert_eq!(
            of_file(b"hello world"),
            "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
        );
    }

    #[test]
    fn directory_cid_depends_on_names_and_bytes() {
        let cid = |name: &str, bytes: &[u8]| of_directory([(name, bytes)].into_iter());
        assert!(cid("a", b"1").starts_with("bafybei"));
        assert_ne!(cid("a", b"1"), cid("b", b"1"));
        assert_ne!(cid("a", b"1"), cid("a", b"2"));
    }
}
