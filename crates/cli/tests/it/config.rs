//! Settings, profiles and where each value comes from.

use std::fmt::Write as _;
use std::process::Command;

use pinning_keys::IssuerConfig;
use pinning_keys_testkit::golden::assert_golden;
use pinning_keys_testkit::repository;
use serde_json::{Value, json};

use crate::support::{Run, Stand, run};

mod precedence;
mod schema;

const USER_FILE: &str = ".config/pinning-keys/config.toml";
const PROJECT_FILE: &str = ".pinning-keys.toml";
const ADVICE: &str = "Read the new text like somebody who sees it for the first time.";

/// A secret that no output may contain.
const CANARY: &str = "canary-4f1c9b7e";

/// An empty home folder, in which no file of this machine is found.
fn empty() -> Stand {
    Stand::without_account()
}

/// Runs the program with these variables.
fn run_with(stand: &Stand, line: &str, variables: &[(&str, &str)]) -> Run {
    run(command(stand, line).envs(variables.iter().copied()))
}

fn command(stand: &Stand, line: &str) -> Command {
    let mut command = stand.command(line.split_whitespace());
    command.env_remove("PINNING_KEYS_REQUESTS_PER_MINUTE");
    command
}

/// What a run printed, with the home folder as `~` and columns that do not depend on the length of
/// its name. No secret is part of it.
fn printed(stand: &Stand, run: &Run) -> String {
    let text = format!("{}{}", run.stdout, run.stderr);
    assert!(!text.contains("canary"), "{text}");
    let mut text = text.replace(stand.home().to_str().expect("the folder has a plain name"), "~");
    while text.contains("    ") {
        text = text.replace("    ", "   ");
    }
    text
}

/// The settings that `config --json` shows, each as `value from source`.
fn shown(run: &Run, name: &str) -> String {
    let overview = &run.objects()[0];
    let settings = overview["settings"].as_array().expect("a list of settings");
    let setting = settings.iter().find(|setting| setting["name"] == name);
    let Some(setting) = setting else { return "none".to_owned() };
    let source = &setting["source"];
    let source = match source["kind"].as_str() {
        Some("file") => {
            let path = source["path"].as_str().expect("a path");
            format!("{}:{}", path.rsplit('/').next().unwrap_or_default(), source["line"])
        }
        Some("default") => "default".to_owned(),
        _ => source["name"].as_str().expect("a name").to_owned(),
    };
    let value = &setting["value"];
    format!("{} from {source}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

const PROFILES: &str = r#"profile = "production"

[output]
color = "never"

[profiles.production]
provider = "pinata"
jwt = { file = "jwt.txt" }
table = "endpoints"
requests_per_minute = 250

[profiles.w3]
provider = "w3ipfs"
api_key = { variable = "W3_KEY" }
api_secret = "canary-4f1c9b7e"
"#;

#[test]
fn config_shows_each_setting_with_its_source() {
    let stand = empty();
    stand.write(USER_FILE, PROFILES);
    stand.write(".config/pinning-keys/jwt.txt", CANARY);
    stand.write(PROJECT_FILE, "profile = \"w3\"\n");
    protect(&stand, USER_FILE);
    let mut text = String::new();
    for line in [
        "config",
        "config --profile production --table resources",
        "config --profile production --json",
        "config check",
        "config check --profile production --json",
    ] {
        let run = run_with(&stand, line, &[("PINNING_KEYS_DEADLINE_SECONDS", "10")]);
        writeln!(text, "$ pinning-keys {line}\n{}", printed(&stand, &run)).expect("a string");
    }
    assert_golden("crates/cli/tests/golden/config/overview.txt", &text, ADVICE);
}

#[test]
fn config_without_an_account_says_what_to_do() {
    let stand = empty();
    let mut text = String::new();
    for (line, variables) in [
        ("config", &[][..]),
        ("config --json", &[]),
        ("config check", &[]),
        ("config check", &[("PINATA_API_KEY", CANARY)]),
    ] {
        let run = run_with(&stand, line, variables);
        writeln!(text, "$ pinning-keys {line}\n{}", printed(&stand, &run)).expect("a string");
    }
    assert_golden("crates/cli/tests/golden/config/no_account.txt", &text, ADVICE);
    stand.run("config").exits(0);
    stand.run("config check").exits(78);
    let exec = stand.run("exec ci --preset reader --env KEY=jwt -- true").exits(78);
    assert!(exec.stderr.starts_with("error: no account is configured\n"), "{exec:?}");
}

/// The account of a profile, with its address and its rate limit, is the one that commands use.
#[test]
#[cfg(unix)]
fn command_works_with_the_account_of_a_profile() {
    let stand = empty();
    let pinata = stand.emulator().pinata();
    let file = format!(
        "[profiles.pinata]\nprovider = \"pinata\"\nbase_url = {:?}\njwt = {{ file = \"jwt\" }}\n\
         table = \"endpoints\"\nrequests_per_minute = 6000\n\n\
         [profiles.w3]\nprovider = \"w3ipfs\"\nbase_url = {:?}\njwt = {{ variable = \"W3_JWT\" }}\n",
        pinata.base_url(),
        stand.emulator().w3ipfs().base_url(),
    );
    stand.write(USER_FILE, &file);
    stand.write(".config/pinning-keys/jwt", pinata.jwt());
    let line = "exec ci --preset uploader --env KEY=json --profile";
    let jwt = stand.emulator().w3ipfs().jwt();
    for (profile, table) in [("pinata", "pinata (endpoints)"), ("w3", "w3ipfs (scopes)")] {
        let line = format!("{line} {profile} -- true");
        let run = run_with(&stand, &line, &[("W3_JWT", &jwt)]).exits(0);
        assert!(run.stderr.contains(table), "{run:?}");
    }
    assert_eq!((stand.emulator().keys_made(), stand.emulator().keys_live()), (2, 0));
}

#[test]
fn only_profile_is_used_without_a_choice() {
    let stand = empty();
    stand.write(USER_FILE, "[profiles.only]\nprovider = \"w3ipfs\"\njwt = \"sample\"\n");
    let run = stand.run("config --json").exits(0);
    assert_eq!(shown(&run, "profile"), "only from default");
}

/// A name, which begins with the flags if there are any, the user's file, and variables.
type Conflict<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[test]
fn conflict_of_sources_is_explained() {
    let two = "[profiles.production]\nprovider = \"pinata\"\njwt = \"sample\"\n\n\
               [profiles.staging]\nprovider = \"w3ipfs\"\njwt = \"sample\"\n";
    let chosen = format!("profile = \"production\"\n{two}");
    let misspelt = format!("profile = \"prodution\"\n{two}");
    let jwt = ("PINNING_KEYS_JWT", CANARY);
    let cases: &[Conflict<'_>] = &[
        ("several profiles", two, &[]),
        ("several profiles and PINATA_JWT", two, &[("PINATA_JWT", CANARY)]),
        ("--profile prodction", two, &[]),
        ("--profile canary", two, &[]),
        ("--profile any", "", &[]),
        ("--profile=", two, &[]),
        ("misspelt choice", &misspelt, &[]),
        ("empty variable", two, &[("PINNING_KEYS_PROFILE", "")]),
        ("unknown in variable", two, &[("PINNING_KEYS_PROFILE", "stagin")]),
        ("--profile production", two, &[jwt]),
        ("two variables", two, &[("PINNING_KEYS_PROFILE", "staging"), jwt]),
        (
            "--profile production",
            two,
            &[
                ("PINNING_KEYS_PROVIDER", "pinata"),
                jwt,
                ("PINNING_KEYS_BASE_URL", "https://canary"),
            ],
        ),
        ("base URL", &chosen, &[("PINNING_KEYS_BASE_URL", "https://canary.example")]),
        ("upload URL", &chosen, &[("PINNING_KEYS_UPLOAD_URL", "https://canary.example")]),
        ("plain http", &chosen, &[("PINNING_KEYS_ALLOW_PLAIN_HTTP", "canary.example")]),
        ("provider", &chosen, &[("PINNING_KEYS_PROVIDER", "pinata")]),
        ("empty credential", &chosen, &[("PINNING_KEYS_JWT", "")]),
        ("--provider w3ipfs", &chosen, &[]),
        ("--provider pinatta", &chosen, &[]),
        ("--provider canary", "", &[jwt]),
        ("--provider w3ipfs", "", &[("PINNING_KEYS_PROVIDER", "pinata"), jwt]),
        ("--table canary", &chosen, &[]),
        ("--table=", &chosen, &[]),
        ("--table resources --profile staging", two, &[]),
        ("misspelt variable", &chosen, &[("PINNING_KEYS_TABEL", "endpoints")]),
        ("misspelt variable", &chosen, &[("PINNING_KEYS_PROFIL", "staging")]),
        ("hidden blank", &chosen, &[("PINNING_KEYS_PROFILE ", "staging")]),
        ("invalid table", &chosen, &[("PINNING_KEYS_TABLE", "canary")]),
        ("another provider's", &chosen, &[("PINNING_KEYS_PAGE_SIZE", "10")]),
        ("invalid rate", &chosen, &[("PINNING_KEYS_REQUESTS_PER_MINUTE", "canary")]),
        ("empty file name", &chosen, &[("PINNING_KEYS_CONFIG", "")]),
    ];
    let mut text = String::new();
    for (case, file, variables) in cases {
        let stand = empty();
        stand.write(USER_FILE, file);
        protect(&stand, USER_FILE);
        let flags = if case.starts_with("--") { case } else { "" };
        let run = run_with(&stand, &format!("config --color never {flags}"), variables);
        assert!([64, 78].contains(&run.code), "{case}: {run:?}");
        let names: Vec<_> = variables.iter().map(|(name, _)| *name).collect();
        writeln!(text, "{case} {}(exit code {})", blank_after(&names.join(" ")), run.code)
            .expect("a string");
        assert!(!run.stdout.contains("canary"), "{case}: {run:?}");
        writeln!(text, "{}", printed_errors(&stand, &run)).expect("a string");
    }
    assert_golden("crates/cli/tests/golden/config/conflicts.txt", &text, ADVICE);
}

fn blank_after(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text} ") }
}

/// What a run printed on stderr.
fn printed_errors(stand: &Stand, run: &Run) -> String {
    let run = Run { code: run.code, stdout: String::new(), stderr: run.stderr.clone() };
    printed(stand, &run)
}

#[test]
fn environment_with_a_credential_replaces_a_profile_as_a_whole() {
    let stand = empty();
    stand.write(
        USER_FILE,
        "[profiles.only]\nprovider = \"pinata\"\njwt = \"sample\"\n\
         base_url = \"https://proxy.example\"\ntable = \"endpoints\"\n",
    );
    let variables = [("PINNING_KEYS_JWT", CANARY), ("PINNING_KEYS_PROVIDER", "pinata")];
    let run = run_with(&stand, "config --json", &variables).exits(0);
    assert_eq!(shown(&run, "profile"), "none");
    assert_eq!(shown(&run, "jwt"), "set from PINNING_KEYS_JWT");
    assert_eq!(shown(&run, "base_url"), "https://api.pinata.cloud from default");
    assert_eq!(shown(&run, "table"), "resources from default");
    // The variable of another program does not.
    let run = run_with(&stand, "config --json", &[("PINATA_JWT", CANARY)]).exits(0);
    assert_eq!(shown(&run, "profile"), "only from default");
    assert_eq!(shown(&run, "base_url"), "https://proxy.example from config.toml:4");
}

#[test]
fn flag_names_the_provider_of_a_credential_in_the_environment() {
    let stand = empty();
    let run = run_with(&stand, "config --json --provider w3ipfs", &[("PINNING_KEYS_JWT", CANARY)]);
    assert_eq!(shown(&run.exits(0), "provider"), "w3ipfs from --provider");
}

#[test]
fn profile_of_the_named_file_replaces_that_of_the_users_file() {
    let stand = empty();
    let user = "[profiles.ci]\nprovider = \"pinata\"\njwt = \"sample\"\ntable = \"endpoints\"\n";
    stand.write(USER_FILE, user);
    stand.write("ci.toml", "[profiles.ci]\nprovider = \"pinata\"\njwt = \"other\"\n");
    let run = stand.run("config --json --config ci.toml").exits(0);
    assert_eq!(shown(&run, "jwt"), "set from ci.toml:3");
    assert_eq!(shown(&run, "table"), "resources from default");
    let run = run_with(&stand, "config --json", &[("PINNING_KEYS_CONFIG", "ci.toml")]).exits(0);
    assert_eq!(shown(&run, "jwt"), "set from ci.toml:3");
}

#[test]
fn project_file_chooses_a_profile_and_the_output_only() {
    let stand = empty();
    stand.write(USER_FILE, PROFILES);
    protect(&stand, USER_FILE);
    stand.write(PROJECT_FILE, "profile = \"w3\"\n[output]\njson = true\n");
    stand.write("sub/sub/file", "");
    let mut nested = command(&stand, "config");
    let run = run(nested.current_dir(stand.home().join("sub/sub"))).exits(0);
    assert_eq!(shown(&run, "profile"), "w3 from .pinning-keys.toml:1");
    assert_eq!(shown(&run, "json"), "true from .pinning-keys.toml:3");

    let mut text = String::new();
    for file in [
        "base_url = \"https://canary.example\"",
        "jwt = \"canary-4f1c9b7e\"",
        "allow_plain_http = [\"canary.example\"]",
        "provider = \"pinata\"",
        "canary0123456789canary0123456789canary0123456789 = 1",
        "store = \"canary\"",
        "to = \"command:canary\"",
        "[profiles.production]\nbase_url = \"https://canary.example\"",
        "[output]\ncolour = \"never\"",
        "profile = \"no such name\"",
    ] {
        stand.write(PROJECT_FILE, file);
        let run = stand.run("config").exits(78);
        writeln!(text, "{}\n{}", file.replace("canary", "…"), printed_errors(&stand, &run))
            .expect("a string");
    }
    assert_golden("crates/cli/tests/golden/config/project_file.txt", &text, ADVICE);
}

#[test]
fn named_project_file_is_read_in_full() {
    let stand = empty();
    stand.write(PROJECT_FILE, "[profiles.only]\nprovider = \"pinata\"\njwt = \"sample\"\n");
    stand.run("config").exits(78);
    let run = stand.run("config --json --config .pinning-keys.toml").exits(0);
    assert_eq!(shown(&run, "profile"), "only from default");
}

#[test]
fn every_mistake_in_a_file_is_found_and_explained() {
    let mut text = String::new();
    for file in [
        "profile = 7\n[profiles]\n\"a b\" = {}\n[profiles.a]\nprovider = \"pinata\"",
        "profil = \"a\"\n[outputs]\n[profile]\na = 1",
        "[output]\ncolor = \"canary\"\njson = \"canary\"\nquiet = 1\ncolour = \"never\"",
        "[profiles.a]\nprovder = \"pinata\"\n[profiles.b]\ntable = \"x\"\n[profiles]\nc = \"canary\"",
        "[profiles.a]\nprovider = \"canary\"\n[profiles.b]\nprovider = 1\n[profiles.c]\nprovider = \"aioz\"",
        "[profiles.a]\nprovider = \"pinata\"\ntabel = \"x\"\njtw = \"canary\"\npage_size = 10\n\
         \"canary0123456789canary0123456789canary0123456789\" = 1\n\"\\u001b[31mtable\" = 1",
        "[profiles.a]\nprovider = \"pinata\"\njwt = \"Bearer canary\"\ntable = \"scopes\"\nroute = 3\n\
         deadline_seconds = 0\nrequests_per_minute = -5\nbase_url = \"https://user:canary@x.example\"\n\
         allow_plain_http = [\"http://canary\"]",
        "[profiles.a]\nprovider = \"pinata\"\njwt = { path = \"canary\" }\napi_key = [\"canary\"]\n\
         upload_url = { file = \"canary\" }",
        "[profiles.a]\nprovider = \"w3ipfs\"\njwt = \"canary\"\njwt_file = \"canary\"",
        "[profiles.a]\nprovider = \"w3ipfs\"\njwt = \"canary\"\nrequests_per_minute = 4294967296\n\
         deadline_seconds = 99999999999999999999",
        "[profiles.a]\nprovider = \"w3ipfs\"",
        "[profiles.a]\nprovider = \"w3ipfs\"\napi_key = \"canary\"",
        "[profiles.a]\nprovider = \"pinata\"\nroute = \"legacy\"\ntable = \"resources\"\njwt = \"x\"",
        "[profiles.a]\nprovider = \"pinata\"\njwt = canary",
        "[profiles.a]\nprovider = \"pinata\"\njwt = \"canary",
        "[profiles.a]\nprovider = \"pinata\"\n[profiles.a]\nprovider = \"pinata\"",
        "profile = \"a\"\nprofile = \"canary\"",
        "canary",
    ] {
        let stand = empty();
        stand.write(USER_FILE, file);
        protect(&stand, USER_FILE);
        let run = stand.run("config check").exits(78);
        assert_eq!(run.stderr, "");
        // Other commands refuse such a file as well.
        stand.run("config").exits(78);
        writeln!(text, "{}\n{}", file.replace("canary", "…"), printed(&stand, &run))
            .expect("a string");
    }
    assert_golden("crates/cli/tests/golden/config/files.txt", &text, ADVICE);
}

#[test]
fn file_that_cannot_be_read_is_refused() {
    let mut text = String::new();
    let mut refused = |name: &str, prepare: &dyn Fn(&Stand), line: &str| {
        let stand = empty();
        prepare(&stand);
        let run = stand.run(line).exits(78);
        writeln!(text, "{name}\n{}", printed_errors(&stand, &run)).expect("a string");
    };
    let user = |bytes: &[u8]| {
        let bytes = bytes.to_vec();
        move |stand: &Stand| {
            stand.write(USER_FILE, "");
            std::fs::write(stand.home().join(USER_FILE), &bytes).expect("a file");
        }
    };
    refused("--config names no file", &|_| {}, "config --config canary");
    refused("--config names a folder", &|_| {}, "config --config .");
    refused(
        "the user's file is a folder",
        &|stand| {
            stand.write(&format!("{USER_FILE}/file"), "");
        },
        "config",
    );
    refused(
        "the project file is a folder",
        &|stand| {
            stand.write(&format!("{PROJECT_FILE}/file"), "");
        },
        "config",
    );
    refused("UTF-16", &user(b"\xff\xfep\0r\0o\0"), "config");
    refused("Latin-1", &user(b"# \xe9"), "config");
    refused("too long", &user(&vec![b'#'; 1024 * 1024 + 1]), "config");
    assert_golden("crates/cli/tests/golden/config/unreadable.txt", &text, ADVICE);

    // A byte order mark is what some editors begin a file with.
    let stand = empty();
    stand.write(USER_FILE, "\u{feff}[output]\njson = true\n");
    assert_eq!(shown(&stand.run("config").exits(0), "json"), "true from config.toml:2");
    stand.run("config --config /dev/null").exits(0);
}

#[test]
#[cfg(unix)]
fn file_name_that_is_not_utf8_works() {
    use std::os::unix::ffi::OsStrExt as _;
    let stand = empty();
    let name = std::ffi::OsStr::from_bytes(b"conf\xff\x1b.toml");
    std::fs::write(stand.home().join(name), "[output]\njsn = true\n").expect("a file");
    let run = run(stand.command(["config", "--config"]).arg(name)).exits(78);
    assert!(run.stderr.contains("did you mean \"json\"?"), "{run:?}");
    assert!(!run.stderr.contains('\u{1b}'), "{run:?}");
    run_with_profile(&stand, b"prod\xff");
}

#[cfg(unix)]
fn run_with_profile(stand: &Stand, name: &[u8]) {
    use std::os::unix::ffi::OsStrExt as _;
    let name = std::ffi::OsStr::from_bytes(name);
    let run = run(stand.command(["config", "--profile"]).arg(name)).exits(78);
    assert!(run.stderr.contains("--profile names a profile that does not exist"), "{run:?}");
}

#[test]
#[cfg(unix)]
fn file_that_holds_a_secret_and_others_can_read_is_warned_about() {
    use std::os::unix::fs::PermissionsExt;
    let secret = "[profiles.a]\nprovider = \"pinata\"\njwt = \"canary\"\n";
    let elsewhere = "[profiles.a]\nprovider = \"pinata\"\njwt = { variable = \"X\" }\n";
    for (file, mode, is_warned_about) in [
        (secret, 0o600, false),
        (secret, 0o640, true),
        (secret, 0o604, true),
        (elsewhere, 0o644, false),
    ] {
        let stand = empty();
        stand.write(USER_FILE, file);
        let path = stand.home().join(USER_FILE);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("permissions");
        let printed = printed_errors(&stand, &stand.run("config").exits(0));
        let warning = "warning: ~/.config/pinning-keys/config.toml contains a secret and can be read by \
                       others\n  chmod 600 ~/.config/pinning-keys/config.toml\n";
        assert_eq!(printed, if is_warned_about { warning } else { "" }, "{mode:o}");
    }
}

#[test]
fn relative_path_of_a_secret_starts_at_the_folder_of_its_file() {
    let stand = empty();
    for setting in ["jwt = { file = \"jwt.txt\" }", "jwt_file = \"jwt.txt\""] {
        stand.write(USER_FILE, &format!("[profiles.a]\nprovider = \"pinata\"\n{setting}\n"));
        let _ = std::fs::remove_file(stand.home().join(".config/pinning-keys/jwt.txt"));
        // What somebody else put into the working folder must not be used.
        stand.write("jwt.txt", "sample");
        let run = stand.run("config check").exits(78);
        assert!(run.stdout.contains("pinning-keys/jwt.txt cannot be read"), "{run:?}");
        stand.write(".config/pinning-keys/jwt.txt", "sample");
        stand.run("config check").exits(0);
    }
}

#[test]
fn secret_in_the_place_of_a_path_or_a_name_is_not_shown() {
    let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.c2lnbmF0dXJl";
    let mut files = Vec::new();
    for secret in [CANARY, jwt] {
        for setting in ["jwt = { file = \"@\" }", "jwt = { variable = \"@\" }", "jwt_file = \"@\""]
        {
            files.push((secret, setting.replace('@', secret)));
        }
    }
    for (secret, setting) in files {
        let stand = empty();
        stand.write(USER_FILE, &format!("[profiles.a]\nprovider = \"pinata\"\n{setting}\n"));
        for line in ["config", "config --json"] {
            let run = stand.run(line);
            assert!(!format!("{run:?}").contains(secret), "{setting}: {run:?}");
        }
        for name in ["PINNING_KEYS_JWT_FILE", "PINNING_KEYS_API_KEY_FILE"] {
            let variables = [(name, secret), ("PINNING_KEYS_PROVIDER", "pinata")];
            let run = run_with(&stand, "config", &variables);
            assert!(!format!("{run:?}").contains(secret), "{name}: {run:?}");
        }
    }
}

#[test]
fn output_settings_of_a_file_reach_the_output() {
    let stand = empty();
    stand.write(PROJECT_FILE, "[output]\njson = true\ncolor = \"always\"\n");
    let run = stand.run("config check").exits(78);
    assert_eq!(run.objects()[0]["valid"], json!(false));
    let run = stand.run("config --profile any").exits(78);
    let error: Value = serde_json::from_str(&run.stderr).expect("one object");
    assert_eq!(error["error"]["exit_code"], 78);

    stand.write(PROJECT_FILE, "[output]\ncolor = \"always\"\n");
    assert!(stand.run("config").stdout.contains('\u{1b}'));
    assert!(!run_with(&stand, "config", &[("NO_COLOR", "1")]).stdout.contains('\u{1b}'));
    assert!(!stand.run("config --color never").stdout.contains('\u{1b}'));
}

#[test]
fn documentation_names_every_setting_and_its_examples_are_valid() {
    let path = repository("docs/cli/configuration.md");
    let page = std::fs::read_to_string(path).expect("the page is there");
    for provider in IssuerConfig::PROVIDERS {
        let config = IssuerConfig::for_provider(provider).expect("the provider is known");
        for setting in config.settings().iter().chain(&["requests_per_minute"]) {
            assert!(page.contains(&format!("`{setting}`")), "{setting}");
        }
    }
    let blocks = page.split("```toml\n").skip(1);
    let blocks: Vec<_> = blocks.filter_map(|rest| rest.split("```").next()).collect();
    let [user, project] = blocks[..] else { panic!("{blocks:?}") };
    let stand = empty();
    stand.write(USER_FILE, user);
    stand.write(".config/pinning-keys/pinata.jwt", "sample");
    let variables = [("W3IPFS_KEY", "sample"), ("W3IPFS_SECRET", "sample")];
    run_with(&stand, "config check", &variables).exits(0);
    stand.write(PROJECT_FILE, project);
    run_with(&stand, "config check", &variables).exits(0);
}

/// Keeps a file from others, so that nothing warns about it.
fn protect(stand: &Stand, path: &str) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = stand.home().join(path);
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o600)).expect("permissions");
    }
    #[cfg(not(unix))]
    let _ = (stand, path);
}

#[test]
fn secret_in_the_place_of_an_address_is_refused_and_not_shown() {
    let stand = empty();
    let jwt = stand.emulator().pinata().jwt();
    let path = format!("https://api.example.com/{jwt}");
    for (variable, value) in [
        ("PINNING_KEYS_ALLOW_PLAIN_HTTP", jwt),
        ("PINNING_KEYS_BASE_URL", &path),
        ("PINNING_KEYS_UPLOAD_URL", &path),
    ] {
        for line in ["config", "config --json", "config check"] {
            let variables = [
                ("PINNING_KEYS_PROVIDER", "pinata"),
                ("PINNING_KEYS_JWT", "eyJhbGciOi"),
                (variable, value),
            ];
            let run = run_with(&stand, line, &variables).exits(78);
            assert!(!run.stdout.contains(jwt) && !run.stderr.contains(jwt), "{variable} {line}");
        }
    }
}
