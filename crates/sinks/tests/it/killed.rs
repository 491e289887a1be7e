//! A program that is killed while it delivers leaves the old file or the new one, as a whole.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use pinning_keys_core::KeyRef;
use pinning_keys_sinks::{SinkSpec, StoredKey};

use crate::stand::{Folder, SECRET, TOKEN, deliver, pinata};

/// The variable with which this test runs itself as the program that is killed.
const FILE: &str = "PINNED_FILE_OF_THE_KILLED";

#[test]
fn killed_delivery_leaves_a_whole_file() {
    let folder = Folder::new();
    let (file, env) = (folder.file("key.json"), folder.file(".env"));
    std::fs::write(&env, "A=1\nB=2\n").unwrap();
    for round in 0..12 {
        let mut program = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "killed::deliver_until_killed", "--ignored"])
            .env(FILE, &file)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Until it is at work, and then at another moment each time.
        while round == 0 && !file.exists() {
            assert!(program.try_wait().unwrap().is_none(), "it delivers until it is killed");
            std::thread::yield_now();
        }
        std::thread::sleep(Duration::from_micros(20_000 + 733 * round));
        program.kill().unwrap();
        program.wait().unwrap();

        let stored = StoredKey::read(&file).unwrap();
        let exposed = stored.credential().expose();
        assert_eq!((exposed.bearer(), exposed.api_secret()), (Some(TOKEN), Some(SECRET)));
        assert!(["even", "odd"].contains(&stored.name().unwrap().as_str()));
        let text = std::fs::read_to_string(&env).unwrap();
        let expected =
            ["A=1\nB=2\n".to_owned(), format!("A={TOKEN}\nB=2\n"), format!("A={SECRET}\nB=2\n")];
        assert!(expected.contains(&text), "{text}");
    }
}

#[test]
#[ignore = "it runs until killed_delivery_leaves_a_whole_file kills it"]
fn deliver_until_killed() {
    let file = std::env::var_os(FILE).expect("it is run by the test above");
    let env = Path::new(&file).with_file_name(".env");
    let text = |kind: &str, end: &str, path: &std::ffi::OsStr| {
        let parts = [kind.as_ref(), path, end.as_ref()];
        SinkSpec::parse(std::ffi::OsString::from_iter(parts)).unwrap()
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let all = ["even", "odd"].map(|name| KeyRef::new("pinata", name).unwrap());
    for name in ["even", "odd"].iter().cycle() {
        let key = pinata(name);
        let spec = all.iter().cloned().fold(text("file:", "", &file), SinkSpec::with_predecessor);
        runtime.block_on(deliver(spec, &key)).unwrap();
        let field = if *name == "odd" { "jwt" } else { "api-secret" }.parse().unwrap();
        let spec = text("env:", "#A", env.as_os_str()).with_overwrite(true).with_field(field);
        runtime.block_on(deliver(spec, &key)).unwrap();
    }
}
