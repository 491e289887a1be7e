//! Pages of the documentation, parts of which the code writes.

use crate::repository;

/// The text of a file of the repository.
pub fn read(path: &str) -> String {
    let text = std::fs::read_to_string(repository(path));
    text.unwrap_or_else(|error| panic!("{path}: {error}")).replace("\r\n", "\n")
}

/// The page with the text between two marks replaced.
pub fn with_part(page: &str, begin: &str, end: &str, part: &str) -> String {
    let start = page.find(begin).unwrap_or_else(|| panic!("no {begin:?}")) + begin.len();
    let stop = start + page[start..].find(end).unwrap_or_else(|| panic!("no {end:?}"));
    format!("{}{part}{}", &page[..start], &page[stop..])
}

/// The page with the part of this name replaced: the text between `<!-- name: … -->` and
/// `<!-- /name -->`, each on a separate line.
pub fn with_named_part(page: &str, name: &str, part: &str) -> String {
    let begin = format!("<!-- {name}: written by a test; run it with UPDATE_GOLDEN=1 -->\n");
    with_part(page, &begin, &format!("<!-- /{name} -->"), &format!("\n{part}\n"))
}

/// The blocks of this language.
pub fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    page.split(&fence).skip(1).map(|rest| rest[..rest.find("```").unwrap()].to_owned()).collect()
}

/// The text below a heading such as `## Install`, up to the next heading of its level or above.
pub fn section(page: &str, heading: &str) -> String {
    let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let ends = |line: &str| (1..=level(heading)).contains(&level(line));
    let mut lines = page.lines().skip_while(|line| *line != heading);
    assert!(lines.next().is_some(), "no {heading:?}");
    let mut is_code = false; // a comment in code may look like a heading
    let inside = lines.take_while(|line| {
        is_code ^= line.starts_with("```");
        is_code || !ends(line)
    });
    inside.flat_map(|line| [line, "\n"]).collect()
}

/// The anchor of a heading, if the line is one.
pub fn anchor(line: &str) -> Option<String> {
    let text = line.strip_prefix('#')?.trim_start_matches('#').strip_prefix(' ')?;
    let kept = text.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
    Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
}

/// A function from the source of a test, for a page that shows it.
pub fn function(source: &str, name: &str) -> String {
    let source = source.replace("\r\n", "\n");
    let head = format!("fn {name}(");
    let at = source.find(&head).unwrap_or_else(|| panic!("no function {name}"));
    let start = source[..at].rfind('\n').map_or(0, |end| end + 1);
    let stop = start + source[start..].find("\n}\n").expect("a function ends") + 3;
    source[start..stop].replace("pub(crate) ", "")
}
