//! Advice about flags, reworded for the file.

use crate::exit::Exit;
use crate::failure::Failure;

/// A failure about flags, reworded for the file, as one of the configuration.
pub(crate) fn in_words_of_the_file(failure: Failure) -> Failure {
    const WORDS: [(&str, &str); 8] = [
        ("replace it with  --overwrite", "remove it from the file first"),
        ("--tolerates ", "tolerates: "),
        ("--needs", "needs"),
        ("--prefers", "prefers"),
        ("--admin", "admin = true"),
        ("--table endpoints", "table = \"endpoints\" in the profile"),
        ("--table resources", "table = \"resources\" in the profile"),
        ("--to ", "to: "),
    ];
    let reword = |line: &String| {
        WORDS.iter().fold(line.clone(), |line, (flag, word)| line.replace(flag, word))
    };
    let lines: Vec<_> = failure.next().iter().map(reword).collect();
    failure.with_exit(Exit::Configuration).with_only_next(lines)
}
