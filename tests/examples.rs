//! The examples, run as a reader runs them. The output of `switch_providers` is in `main_job`.

use std::path::Path;
use std::time::Duration;

use pinning_keys::transport::{Limits, Transport as _};
use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::example::{self, failed, printed, secret_in};
use pinning_keys_testkit::page;
use serde_json::json;

#[test]
fn secrets_are_recognized_by_their_shape() {
    let emulator = Emulator::in_memory();
    let (pinata, w3ipfs) = (emulator.pinata(), emulator.w3ipfs());
    for (secret, kind) in [
        (pinata.jwt(), "a JWT"),
        (&w3ipfs.jwt(), "a JWT"),
        (pinata.api_secret(), "a secret of Pinata"),
        (w3ipfs.api_secret(), "a secret of W3IPFS"),
    ] {
        for text in [format!("key={secret}, "), format!("{{\"a\":\"{secret}\"}}")] {
            assert_eq!(secret_in(&text), Some(kind));
        }
    }
    for public in [pinata.api_key(), w3ipfs.api_key()] {
        assert_eq!(secret_in(public), None);
    }
}

#[test]
fn custom_adapter_leads_a_key_through_its_life() {
    let expected = "\
POST /keys at example-pins (rights)
  granted  pins:list pins:add-file
  missing  pins:list-jobs
  extra    nothing
  sends    {\"admin\":false,\"name\":\"team-site\",\"rights\":[\"look\",\"upload\"]}

issued    team-site may pins:list pins:add-file
listed    team-site may pins:list pins:add-file
verified  live
revoked   revoked
verified  unrecognized
";
    assert_eq!(printed("custom_adapter", &[]), expected);
    let lines = page::read("examples/custom_adapter.rs").lines().count();
    assert!(lines < 120, "{lines} lines");
}

#[test]
fn http_adapter_leads_a_key_through_its_life() {
    let expected = "\
POST /b2api/v3/b2_create_key at b2 (capabilities)
  granted  pins:list b2:readFileRetentions
  missing  nothing
  extra    nothing
  sends    {\"accountId\":\"{accountId}\",\"capabilities\":[\"listFiles\",\"readFileRetentions\"],\
\"keyName\":\"team-site\",\"validDurationInSeconds\":86400}
  filled   {accountId}

issued    team-site may pins:list b2:readFileRetentions
listed    team-site may pins:list b2:readFileRetentions
listed    from-the-web-page may pins:list pins:remove (in bucket b1, below prefix photos/)
verified  live
revoked   revoked
verified  unrecognized
left      from-the-web-page
";
    assert_eq!(printed("http_adapter", &[]), expected);
}

#[test]
fn config_file_issues_a_key_with_each_file() {
    let text = printed("config_file", &[]);
    for (line, count) in [
        ("examples/config_file/pinata.toml", 1),
        ("POST /v3/api_keys at pinata (endpoints)", 1),
        ("examples/config_file/w3ipfs.toml", 1),
        ("POST /apiKeys/ at w3ipfs (scopes)", 1),
        ("  missing  pins:add-json", 1),
        ("  it was   live", 2),
        ("  revoked  revoked", 2),
    ] {
        assert_eq!(text.lines().filter(|it| *it == line).count(), count, "{line}");
    }
    assert!(text.ends_with("2 keys created, 0 left.\n"), "{text}");
}

#[test]
fn config_file_with_a_path_plans_and_sends_nothing() {
    for (name, table) in [("pinata", "pinata (endpoints)"), ("w3ipfs", "w3ipfs (scopes)")] {
        let text = printed("config_file", &[&format!("examples/config_file/{name}.toml")]);
        assert!(text.lines().next().unwrap().ends_with(table), "{text}");
        // The credential of neither file exists.
        assert!(text.contains("\nNothing was sent, and no credential was read"), "{text}");
    }
}

#[test]
fn config_file_with_a_mistake_quotes_no_secret() {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistake.toml");
    for (content, expected) in [
        ("provider = \"pinata\"\njwt_fiel = \"/run/secrets/jwt\"", "jwt_file"),
        ("provider = \"pinata\"\njwt = eyJhbGciOi.secret", "line 2: "),
        (
            "provider = \"pinata\"\njwt = \"eyJ.a.b\"\ntable = \"resources\"",
            ".tolerates(\"pinata:org:files:write\")",
        ),
    ] {
        std::fs::write(&path, content).unwrap();
        let error = failed("config_file", &[path.to_str().unwrap()], &[]);
        assert!(error.contains(expected), "{error}");
    }
    assert!(failed("config_file", &["no-such.toml"], &[]).contains("NotFound"));
}

/// What `from_pinata_to_w3ipfs` prints about the account of an emulator.
fn moved(emulator: &Emulator) -> String {
    let pinata = emulator.pinata();
    let account = [("PINATA_JWT", pinata.jwt()), ("PINNING_KEYS_BASE_URL", pinata.base_url())];
    let mut command = example::command("from_pinata_to_w3ipfs", &["--live"]);
    example::texts(command.envs(account).output().unwrap()).0
}

/// Creates keys that this library would not create: odd names, no permissions, used up, repeated.
async fn create_odd_keys(emulator: &Emulator) {
    let send = async |request: http::request::Builder, jwt: &str, body: String| {
        let request = request.header("authorization", format!("Bearer {jwt}"));
        let request = request.header("content-type", "application/json").body(body.into());
        let limits = Limits::new(Duration::from_secs(30), 1024 * 1024);
        let answer = emulator.transport().send(request.unwrap(), limits).await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        serde_json::from_slice::<serde_json::Value>(answer.body()).unwrap()
    };
    let read = json!({ "resources": ["org:files:read"] });
    for (name, max_uses, permissions) in [
        ("Default", None, read.clone()),
        (" ", None, read.clone()),
        (&*"l".repeat(101), None, read.clone()),
        ("none", None, json!({ "resources": [] })),
        ("spent", Some(1), json!({ "admin": true })),
        ("twice", None, read.clone()),
        ("twice", None, read),
    ] {
        let body = json!({ "keyName": name, "maxUses": max_uses, "permissions": permissions });
        let create = http::Request::post("/v3/api_keys");
        let key = send(create, emulator.pinata().jwt(), body.to_string()).await;
        if max_uses.is_some() {
            let test = http::Request::get("/data/testAuthentication");
            send(test, key["JWT"].as_str().unwrap(), String::new()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn migration_report_names_keys_that_cannot_move_as_they_are() {
    let empty = Emulator::start().await.unwrap();
    assert!(moved(&empty).contains("\n0 keys. Nothing was issued"));

    let emulator = Emulator::start().await.unwrap();
    create_odd_keys(&emulator).await;
    let text = moved(&emulator);
    let part = |beginning: &str| {
        let part = text.split("\n\n").find(|part| part.starts_with(beginning));
        part.unwrap_or_else(|| panic!("{beginning} in {text}")).to_owned()
    };
    for (beginning, note) in [
        ("\"Default\"", "it needs another name: W3IPFS reserves this one"),
        ("\" \"", "it needs another name: "),
        ("\"lllll", "it needs another name: W3IPFS allows 100 characters"),
        ("\"twice\"", "becomes   data.pin_list"),
    ] {
        assert!(part(beginning).contains(note), "{text}");
    }
    assert!(
        text.contains("\n  note      another key has this name, and names are unique"),
        "{text}"
    );
    let idle = "\"none\", no permissions\n  becomes   nothing: it may do nothing\n  ask for   –";
    assert_eq!(part("\"none\""), idle);
    let spent = "\"spent\", admin\n  becomes   nothing: its uses are used up\n  ask for   –";
    assert_eq!(part("\"spent\""), spent);
    assert!(text.contains("\n7 keys. Nothing was issued"), "{text}");
    assert_eq!(emulator.keys_made(), 7);
}

#[test]
fn test_your_app_catches_keys_that_can_do_too_much() {
    let text = printed("test_your_app", &[]);
    let lines = |name: &str| {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(name)).skip(1);
        [(); 3].map(|()| lines.next().unwrap().split_once("can ").unwrap().1.trim().to_owned())
    };
    let ok = "list                              ok";
    let one = "list, upload                      FAILS: can upload";
    let two = "list, upload, remove              FAILS: can upload, can remove";
    let all = "list, upload, remove, make keys   FAILS: can upload, can remove, can make keys";
    for (name, expected) in [
        ("guest ", [ok; 3]),
        ("tolerant_guest ", [ok; 3]),
        ("uploading_guest ", [two, one, one]),
        ("editing_guest ", [two; 3]),
        ("admin_guest ", [all; 3]),
    ] {
        assert_eq!(lines(name), expected, "{name}");
    }
}

/// One run of sixteen, since each case is also a separate test.
#[test]
fn conformance_report_counts_the_executed_cases() {
    let one = "w3ipfs, jwt, in memory";
    let text = printed("conformance_report", &[one]);
    let [head, row, "", foot] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert!(head.split_whitespace().eq(["executed", "passed", "failed", "skipped"]), "{head}");
    let counts = row.strip_prefix(one).expect(one).split_whitespace();
    let counts: Vec<usize> = counts.map(|count| count.parse().unwrap()).collect();
    let [executed, passed, 0, skipped] = counts[..] else { panic!("{row}") };
    assert!(executed == passed && executed > 100 && skipped < 20, "{row}");
    assert!(foot.starts_with("No clause is broken."), "{foot}");

    let json: serde_json::Value =
        serde_json::from_str(&printed("conformance_report", &["--json", one])).unwrap();
    assert_eq!(
        (&json["configuration"], &json["report"]["executed"]),
        (&json!(one), &json!(executed))
    );
    let markdown = printed("conformance_report", &["--markdown", one]);
    assert!(markdown.starts_with(&format!("# {one}\n\n## w3ipfs (scopes)\n\nok: ")), "{markdown}");
}

#[test]
fn unknown_argument_shows_the_usage() {
    for example in ["conformance_report", "from_pinata_to_w3ipfs", "switch_providers"] {
        assert!(failed(example, &["--lvie"], &[]).contains("usage: "), "{example}");
    }
    assert!(printed("switch_providers", &["--help"]).contains("Usage: "));
    let w3ipfs = [("PINNING_KEYS_PROVIDER", "w3ipfs"), ("PINNING_KEYS_JWT", "eyJ.a.b")];
    let error = failed("from_pinata_to_w3ipfs", &["--live"], &w3ipfs);
    assert!(error.contains("does not configure a Pinata account"), "{error}");
}
