//! Texts that are compared with golden files.

use std::fs;
use std::path::Path;

/// Compares a text with the golden file at `path`, below the root of the crate.
///
/// With `UPDATE_GOLDEN=1` in the environment, the file is written instead. `advice` says what
/// a difference means, to whoever caused it.
///
/// # Panics
///
/// Where the text differs from the file.
#[track_caller]
pub(crate) fn assert_golden(path: &str, actual: &str, advice: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        fs::create_dir_all(file.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(&file, actual).expect("a golden file can be written");
        return;
    }
    let golden = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    if golden != actual {
        let place = first_difference(&golden, actual);
        panic!(
            "{path} differs from what the code gives, first at {place}.\n{advice}\nWhere the \
             change is meant, run the test again with UPDATE_GOLDEN=1 and read the difference.\n\n\
             --- all that the code gives:\n{actual}"
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
    "the last line's end".to_owned()
}
