//! Pages of the documentation, parts of which the code writes.

use std::path::PathBuf;

/// A page as it stands, by its path below the root of the repository.
pub(crate) fn read(path: &str) -> String {
    let file = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path);
    std::fs::read_to_string(file).unwrap().replace("\r\n", "\n")
}

/// The page with what stands between two marks replaced.
pub(crate) fn with_part(page: &str, begin: &str, end: &str, part: &str) -> String {
    let start = page.find(begin).unwrap_or_else(|| panic!("no {begin:?}")) + begin.len();
    let stop = start + page[start..].find(end).unwrap_or_else(|| panic!("no {end:?}"));
    format!("{}{part}{}", &page[..start], &page[stop..])
}

/// The page with the part of this name replaced, which stands between
/// `<!-- name: … -->` and `<!-- /name -->`, each on a line of its own.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn with_named_part(page: &str, name: &str, part: &str) -> String {
    let begin = format!("<!-- {name}: written by a test; run it with UPDATE_GOLDEN=1 -->\n");
    with_part(page, &begin, &format!("<!-- /{name} -->"), &format!("\n{part}\n"))
}

/// The blocks of this language.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest[..rest.find("```").unwrap()].to_owned()).collect()
}

/// What follows a heading such as `## Install`, up to the next one of its level or above.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn section(page: &str, heading: &str) -> String {
    let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let ends = |line: &str| (1..=level(heading)).contains(&level(line));
    let mut lines = page.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "no {heading:?}");
    let mut is_code = false; // in which a comment may look like a heading
    let inside = lines.take_while(|line| {
        is_code ^= line.starts_with("```");
        is_code || !ends(line)
    });
    inside.flat_map(|line| [line, "\n"]).collect()
}

/// The anchor under which a heading can be linked to, if the line is a heading.
#[allow(dead_code, reason = "each test file uses a part")]
pub(crate) fn anchor(line: &str) -> Option<String> {
    let text = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
    let kept = text.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
    Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
}
