//! The seeds of the corpora: recorded and documented bodies, and texts from the documentation.

use std::collections::BTreeMap;
use std::fs;

use pinning_keys_testkit::{golden, page, repository};
use serde_json::Value;

use crate::points::STATUSES;

/// Seeds by the names of their files.
pub(crate) type Seeds = BTreeMap<String, Vec<u8>>;

pub(crate) fn seeds(target: &str) -> Seeds {
    match target {
        "pinata_answers" => answers("pinata", 3),
        "w3ipfs_answers" => answers("w3ipfs", 2),
        "configuration" => configurations(),
        _ => texts(target),
    }
}

/// Each recorded body as an answer to each operation, with its status or that of success.
fn answers(provider: &str, variants: u8) -> Seeds {
    let mut seeds = Seeds::new();
    for (name, fixture) in fixtures(provider) {
        if fixture["body"].is_null() || name.starts_with("create_") {
            continue;
        }
        let body = fixture["body"].to_string();
        let status = fixture["status"].as_u64().unwrap_or(200);
        let status = STATUSES.iter().position(|known| u64::from(*known) == status);
        let status = b'A' + u8::try_from(status.expect("a status that is among them")).unwrap();
        for (operation, what) in (b'A'..).zip(["issue", "list", "revoke", "verify"]) {
            let variant = b'A' + operation % variants;
            let input = [&[operation, status, variant], body.as_bytes()].concat();
            seeds.insert(format!("seed-{what}-{name}"), input);
        }
    }
    // Refusals (401) that repeat both secrets, in the form of each provider.
    for (n, body) in (1..).zip([
        "{\"error\":{\"reason\":\"R\",\"details\":\"the token \u{1} \u{2} is wrong\"}}",
        "{\"status\":\"fail\",\"message\":\"the token \u{1} \u{2} is wrong\"}",
    ]) {
        for operation in ["A", "B", "C", "D"] {
            let input = format!("{operation}HA{body}").into_bytes();
            seeds.insert(format!("seed-echo-{operation}{n}"), input);
        }
    }
    seeds
}

/// The fixtures of an adapter, by the names of their files.
fn fixtures(provider: &str) -> Vec<(String, Value)> {
    let folders = ["documents", "errors"]
        .map(|folder| repository(format!("crates/{provider}/tests/fixtures/{folder}")));
    let files = folders.iter().filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let read = |file: fs::DirEntry| {
        let name = file.file_name().into_string().unwrap();
        let fixture = serde_json::from_slice(&fs::read(file.path()).unwrap()).unwrap();
        (name.trim_end_matches(".json").to_owned(), fixture)
    };
    files.map(|file| read(file.unwrap())).collect()
}

fn configurations() -> Seeds {
    let files = ["pinata", "w3ipfs"].map(|name| {
        let text = page::read(&format!("examples/config_file/{name}.toml"));
        (format!("seed-{name}"), text.into_bytes())
    });
    files.into_iter().chain(texts("configuration")).collect()
}

/// Texts like those in the documentation; the byte 1 stands for a secret.
fn texts(target: &str) -> Seeds {
    let texts: &[&str] = match target {
        "scopes" => &[
            "admin",
            "\"admin\"",
            "pins:list",
            "[\"pins:list\",\"pins:add-file\"]",
            "pins:list ?pins:list-jobs",
            "pins:add-file ?pins:add-json ~pinata:org:files:write",
            "pins:add-file ~keys:manage ~w3ipfs:data.pin_list",
            "org:files:read data.pin_list pinning.unpin",
            "pins:lst keys:manage",
        ],
        "configuration" => &[
            "provider = \"pinata\"\nroute = \"legacy\"\napi_key = \"k\"\napi_secret = \"\u{1}\"",
            "provider=pinata\njwt=\u{1}\ndeadline_seconds=5",
            "provider=w3ipfs\njwt_file=/run/secrets/jwt\nbase_url=http://w3.internal/api\n\
             allow_plain_http=w3.internal",
            "provider=\u{1}\nbase_url=\u{1}\ntable=\u{1}\nroute=\u{1}",
            "provider = \"w3ipfs\"\napi_key = { variable = \"KEY\" }\napi_secret = { file = \"f\" }",
        ],
        "base_url" => &[
            "https://api.pinata.cloud",
            "https://api.aiozpin.network/api/",
            "http://127.0.0.1:8787",
            "http://[::1]:8787/v3",
            "http://mock.internal/api\nmock.internal",
            "https://user:password@host.example/?a=b#c",
            "https://xn--bcher-kva.example:443/%2e%2e/a\\b",
        ],
        "retry_after" => &[
            "60",
            " 0 ",
            "99999999999999999999999",
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sat, 06 Nov 2094 08:49:37 GMT",
            "-1",
            "1.5",
        ],
        "key_ref" => &[
            "v1:pinata:0d2a4e",
            "v1:w3ipfs:c2FtcGxl+/==:8a6e0804-2bd0-4672-b79d-d97027f9071a",
            "\"v1:pinata:key%3A1\"",
            "v2:pinata:key",
            "{\"provider\":\"pinata\",\"bearer\":\"\u{1}\"}",
            "{\"provider\":\"w3ipfs\",\"api_key\":\"k\",\"api_secret\":\"\u{1}\",\
             \"api_key_header\":\"a\",\"api_secret_header\":\"b\"}",
            "user-42-7f3k",
        ],
        _ => panic!("{target} has no seeds"),
    };
    (1..).zip(texts).map(|(n, text)| (format!("seed-{n}"), text.as_bytes().to_vec())).collect()
}

/// Compares seeds with the files of the corpus, or writes these with `UPDATE_GOLDEN=1`.
pub(crate) fn assert_in_the_folder(target: &str, seeds: &Seeds) {
    let folder = repository(format!("fuzz/corpus/{target}"));
    let update = golden::is_updated();
    if update {
        fs::create_dir_all(&folder).unwrap();
    }
    for (name, seed) in seeds {
        let file = folder.join(name);
        if update {
            fs::write(&file, seed).unwrap();
        }
        let is_there = fs::read(&file).is_ok_and(|found| found == *seed);
        assert!(is_there, "{}: run again with UPDATE_GOLDEN=1", file.display());
    }
}
