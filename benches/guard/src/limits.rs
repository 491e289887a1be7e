//! Limits of the command line: how much its start may cost, and how large it may be.
//!
//! They have headroom and hold whatever the tools, because they are for gross regressions: a
//! runtime that starts for nothing, or a dependency that nobody meant to add.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};
use pinning_keys_guard::{callgrind, command_line};

/// More than twice what it takes, which is 1.6 million in 1 ms.
const MOST_INSTRUCTIONS: u64 = 4_000_000;
/// A fifth more than it has.
const MOST_BYTES: u64 = 19_000_000;

/// A figure that has a limit.
pub(crate) struct Limited {
    name: &'static str,
    figure: u64,
    most: u64,
}

impl Limited {
    pub(crate) fn is_exceeded(&self) -> bool {
        self.figure > self.most
    }
}

impl fmt::Display for Limited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, figure, most } = self;
        let mark = if self.is_exceeded() { "  MORE THAN TOLERATED" } else { "" };
        write!(f, "{name:<32} {figure:>9}  at most {most}{mark}")
    }
}

/// Builds the command line and measures it.
pub(crate) fn measure() -> Result<[Limited; 2]> {
    let own = std::env::current_exe()?;
    let target = own.ancestors().nth(2).context("the program is in no target folder")?;
    let program = command_line::build(target)?;
    let bytes = command_line::size(&program)?;
    let folder = program.parent().unwrap_or(Path::new("."));
    let mut plan = callgrind::command(&program, &command_line::PLAN);
    let instructions = callgrind::instructions(command_line::isolate(&mut plan, folder))?;
    Ok([
        Limited { name: "command-line/plan", figure: instructions, most: MOST_INSTRUCTIONS },
        Limited { name: "command-line/bytes", figure: bytes, most: MOST_BYTES },
    ])
}
