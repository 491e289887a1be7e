//! Golden files: texts that the code writes, kept in the repository.

use std::fs;

use crate::repository;

/// Whether golden files are to be written instead of compared: `UPDATE_GOLDEN=1`.
pub fn is_updated() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1")
}

/// Compares a text with the golden file at `path` in the repository, or writes the file if
/// [`is_updated`]. `advice` explains to the author of a difference what it means.
#[track_caller]
pub fn assert_golden(path: &str, actual: &str, advice: &str) {
    let file = repository(path);
    if is_updated() {
        fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(&file, actual).expect("a golden file can be written");
        return;
    }
    let golden = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    if golden != actual {
        let place = first_difference(&golden, actual);
        panic!(
            "{path} differs from what the code writes, first at {place}.\n{advice}\nIf the change \
             is intended, run the test again with UPDATE_GOLDEN=1 and read the diff.\n\n\
             --- what the code writes:\n{actual}"
        );
    }
}

fn first_difference(golden: &str, actual: &str) -> String {
    let (mut golden, mut actual) = (golden.lines(), actual.lines());
    for line in 1.. {
        match (golden.next(), actual.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => {
                let [old, new] = [old, new].map(|text| text.unwrap_or("(no line)"));
                return format!("line {line}:\n  - {old}\n  + {new}");
            }
        }
    }
    "the end of the last line".to_owned()
}
