//! Every test and example in the root of the repository is a target of the facade, whose manifest
//! has to name each of them: cargo finds them only in the folder of a package.

use std::fs;
use std::path::Path;

use pinning_keys_testkit::repository;

/// The files below a folder that are targets: `x.rs`, `x/main.rs`, and `x/tests.rs` of an example.
fn targets(folder: &str) -> Vec<String> {
    let mut targets = Vec::new();
    for entry in fs::read_dir(repository(folder)).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let candidates = [name.clone(), format!("{name}/main.rs"), format!("{name}/tests.rs")];
        let is_source = |path: &String| {
            Path::new(path).extension().is_some_and(|extension| extension == "rs")
                && repository(folder).join(path).is_file()
        };
        targets.extend(candidates.into_iter().filter(is_source).map(|it| format!("{folder}/{it}")));
    }
    targets
}

#[test]
fn every_test_and_example_is_a_target() {
    let manifest = fs::read_to_string(repository("crates/pinning-keys/Cargo.toml")).unwrap();
    let targets = [targets("tests"), targets("examples")].concat();
    assert!(targets.len() > 30, "{targets:?}");
    for target in &targets {
        assert!(manifest.contains(&format!("path = \"../../{target}\"")), "{target} is not run");
    }
    let named = manifest.matches("path = \"../../").count();
    assert_eq!(named, targets.len(), "the manifest names a file that is not one of {targets:?}");
}
