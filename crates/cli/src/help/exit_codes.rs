//! The exit codes, for `help exit-codes` and the manual page.

use std::cmp::Reverse;

use crate::exit::Exit;

/// Each code and its meaning.
pub(crate) fn entries() -> impl Iterator<Item = (String, &'static str)> {
    Exit::ALL.into_iter().map(|exit| (exit.code().to_string(), exit.meaning()))
}

/// What the meanings do not say.
pub(crate) fn notes() -> String {
    let mut joint = Exit::ALL.to_vec();
    joint.retain(|exit| exit.can_be_joint());
    joint.sort_by_key(|exit| Reverse(exit.weight()));
    let order: Vec<String> = joint.iter().map(|exit| exit.code().to_string()).collect();
    format!(
        "If several apply, the program exits with the first of {}. exec exits with the code of \
         its command, with 128 plus the number of the signal that ended it, with 127 if it is not \
         found, or with 126 if it cannot be run, unless the key could not be issued or revoked.",
        order.join(", ")
    )
}
