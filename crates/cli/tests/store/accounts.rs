//! Two accounts in one configuration file, and what tests look at in them.

use pinning_keys_emulator::Emulator;
use pinning_keys_testkit::golden::assert_golden;
use serde_json::Value;

use crate::support::{Run, Stand};

/// A profile `production` at Pinata, which is chosen, and a profile `w3` at W3IPFS.
pub(crate) fn both() -> Stand {
    let stand = Stand::start(Emulator::builder(), |_| Vec::new());
    let (pinata, w3ipfs) = (stand.emulator().pinata(), stand.emulator().w3ipfs());
    let file = format!(
        "profile = \"production\"\n\n\
         [profiles.production]\nprovider = \"pinata\"\nbase_url = {:?}\njwt = {{ file = \"pinata\" }}\n\
         requests_per_minute = 60000000\n\n\
         [profiles.w3]\nprovider = \"w3ipfs\"\nbase_url = {:?}\njwt = {{ file = \"w3\" }}\n\
         requests_per_minute = 60000000\n",
        pinata.base_url(),
        w3ipfs.base_url(),
    );
    stand.write_private(".config/pinning-keys/config.toml", &file);
    stand.write_private(".config/pinning-keys/pinata", pinata.jwt());
    stand.write_private(".config/pinning-keys/w3", &w3ipfs.jwt());
    std::fs::create_dir(stand.home().join("keys")).expect("a folder");
    stand
}

/// Issues a key that may list pins, into the file of its name.
pub(crate) fn issue(stand: &Stand, name: &str, flags: &str) {
    stand.run(&format!("issue {name} --preset reader --to file:{name}.json {flags}")).exits(0);
}

/// How many keys are live at Pinata and at W3IPFS.
pub(crate) fn live(stand: &Stand) -> (usize, usize) {
    (stand.emulator().pinata().keys_live(), stand.emulator().w3ipfs().keys_live())
}

/// The member of a file that `--to file:` wrote.
pub(crate) fn stored(stand: &Stand, path: &str, member: &str) -> String {
    let stored: Value = serde_json::from_str(&stand.read(path)).expect("an object");
    stored[member].as_str().expect("a text").to_owned()
}

/// The only object on stdout.
pub(crate) fn object(run: &Run) -> Value {
    let [object] = &run.objects()[..] else { panic!("{}", run.stdout) };
    object.clone()
}

/// Name and result of each line.
pub(crate) fn results(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    run.objects().iter().map(|line| (text(&line["name"]), text(&line["result"]))).collect()
}

/// Checks that the page for programs has every member and every result.
pub(crate) fn documented(run: &Run) {
    let page = include_str!("../../../../docs/cli/json.md");
    for object in run.objects() {
        let mut words = members(&object);
        words.extend(["result", "old_key"].map(|name| object[name].as_str().unwrap_or("null")));
        for word in words {
            assert!(page.contains(&format!("`{word}`")), "{word} is not documented");
        }
    }
}

/// The names of all members.
fn members(value: &Value) -> Vec<&str> {
    let Some(object) = value.as_object() else { return Vec::new() };
    object.iter().flat_map(|(name, value)| [vec![&**name], members(value)].concat()).collect()
}

/// What a person sees who types a line.
pub(crate) fn typed(line: &str, run: &Run) -> String {
    format!("$ pinning-keys {line}\n{}{}\n", run.stdout, run.stderr)
}

/// Compares with a file what people or programs see, without what differs from run to run.
pub(crate) fn golden(name: &str, text: &str) {
    let advice = "People read the text, and programs the JSON, which may only grow.";
    assert_golden(&format!("crates/cli/tests/golden/{name}"), &steady(text), advice);
}

/// The text with `<time>`, `<id>` and `<key>` for what differs from run to run.
fn steady(text: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
    let (mut steady, mut word) = (String::new(), String::new());
    for c in text.chars().chain(['\0']) {
        if is_part(c) {
            word.push(c);
            continue;
        }
        steady.push_str(&of_word(&word));
        word.clear();
        steady.push(c);
    }
    steady.trim_end_matches('\0').to_owned()
}

fn of_word(word: &str) -> String {
    // One in a hundred ids has no digit, but none has one of these letters.
    let is_part = |it: char| it.is_ascii_digit() || it.is_ascii_lowercase() && !"ilou".contains(it);
    let is_id = |text: &str| text.len() == 13 && text.chars().all(is_part);
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let parts: Vec<_> = word.split('.').collect();
    match parts.as_slice() {
        [name, suffix] if suffix.len() == 29 && suffix.split('-').nth(1).is_some_and(is_id) => {
            format!("{name}.<suffix>")
        }
        _ if is_id(word) => "<id>".to_owned(),
        _ if word.starts_with("v1:") => {
            let provider = word.split(':').nth(1).unwrap_or_default();
            format!("v1:{provider}:<key>")
        }
        _ if word.starts_with("20") && word.len() > 18 && word.contains('T') => "<time>".to_owned(),
        _ if word.len() == 10 && word.starts_with("20") && digits == 8 => "<day>".to_owned(),
        _ if word.len() == 8 && digits == 6 && word.contains(':') => "<hour>".to_owned(),
        _ => word.to_owned(),
    }
}
