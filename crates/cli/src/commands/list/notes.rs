//! Notes about a list.

use crate::account::Account;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keys::filter::Filter;
use crate::output::Output;

use super::args::Args;

/// Notes how to leave out revoked keys.
pub(super) fn note_revoked(args: &Args, revoked: usize, all: usize, output: &Output) {
    if args.state().is_none() && revoked > 0 {
        output.note(format_args!("{revoked} of {all} are revoked; --live leaves them out"));
    }
}

/// Notes that there are no keys, and why.
pub(super) fn note_none(filter: &Filter, account: &Account, output: &Output) {
    let caveat = filter.caveat(account.issuer().profile());
    let caveat = caveat.map_or_else(String::new, |it| format!("; {it}"));
    output.note(format_args!("no keys{caveat}"));
}

/// The failure of a list that was not read to its end.
pub(super) fn incomplete(failure: Failure) -> Failure {
    match failure.exit() {
        Exit::Interrupted => failure.with_outcome("the list is incomplete"),
        _ => failure,
    }
}
