"""Checks that each public item has a runnable example, or is excused for a reason.

    python3 .ci/examples.py               # what is missing, and the figures
    python3 .ci/examples.py --self-test   # the check itself, on a sample

These need an example: every public struct, enum, union and trait, every free function, every
associated function without `self` (called a constructor here), and every method with an argument,
including those that a trait declares. An example is a Rust code block in the item's own
documentation that is not marked `ignore` or `compile_fail`. Implementations of traits and hidden
items need none. The sources have to be formatted with rustfmt.
"""

import pathlib
import re
import sys

import rust_text

# What the facade re-exports counts in the crate that defines it.
CRATES = {"core": "core", "facade": "pinning-keys", "bulk": "bulk", "sinks": "sinks", "lifecycle": "lifecycle"}

# Items that need no example, such as "KeyPage::new", each with the reason. A free function is named
# with its file, as in "issue::issue_many". An unused entry is an error.
EXCEPTIONS = {}

BLOCK = re.compile(
    r"^[ \t]*(?P<pub>pub\s+)?(?:unsafe\s+)?(?:impl\b|trait\s+(?P<trait>\w+))(?P<header>[^{;]*)\{", re.MULTILINE
)
ITEM = re.compile(
    r"\b(?P<pub>pub\s+)?(?:(?:const|async|unsafe|extern)\s+)*(?P<kind>struct|enum|union|trait|fn)\s+(?P<name>\w+)"
)
RECEIVER = re.compile(r"\s*(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\b")
HIDDEN = re.compile(r"#\[\s*doc\s*\(\s*hidden\s*\)")
DOC = re.compile(r'^[ \t]*///(?!/)(?P<comment>.*)|\bdoc\s*=\s*"(?P<attribute>(?:\\.|[^"\\])*)"', re.MULTILINE)
RUNS = re.compile(r"rust|no_run|should_panic|edition\d+|standalone_crate|E\d{4}|test_harness")


def has_example(front):
    """Whether the documentation in front of an item contains a code block that runs."""
    fence, conditional = None, False
    for doc in DOC.finditer(front):
        # "```" and "```no_run", under opposite conditions, are one line.
        twin, conditional = conditional and doc["comment"] is None, doc["comment"] is None
        mark = re.match(r"\s*(`{3,}|~{3,})(.*)", doc["comment"] or doc["attribute"] or "")
        if mark is None or twin:
            continue
        if fence is None:
            fence = mark[1]
            if all(map(RUNS.fullmatch, re.findall(r"[^\s,{}]+", mark[2]))):
                return True
        elif mark[1].startswith(fence) and not mark[2].strip():
            fence = None
    return False


def without_generics(header):
    """A header without what is in angle brackets, and so with one `(` in front of parameters."""
    header, left = header.replace("->", ""), 1
    while left:
        header, left = re.subn(r"<[^<>]*>", "", header)
    return header


def owners(text):
    """The blocks of inherent `impl`s and public traits: their ends, and the type or the trait."""
    for block in BLOCK.finditer(text):
        end = rust_text.closing(text, block.end() - 1)
        header = re.split(r"\bwhere\b", without_generics(block["header"]))[0]
        if block["trait"]:
            if block["pub"]:
                yield block.start("header"), end, block["trait"], True
        elif not re.search(r"\bfor\b", header):  # otherwise it implements a trait
            yield block.start("header"), end, re.findall(r"\w+", header)[-1], False


def items_of(source, file):
    """The public items of a source that need an example: owner, kind, name, line, has an example."""
    text, _ = rust_text.without_tests(rust_text.code(source))
    blocks = list(owners(text))
    for item in ITEM.finditer(text):
        at, kind, name = item.start(), item["kind"], item["name"]
        owner, in_trait = next((block[2:] for block in blocks if block[0] < at < block[1]), (None, False))
        front = source[max(text.rfind(mark, 0, at) for mark in ";{}") + 1 : at]
        if not (item["pub"] or in_trait) or HIDDEN.search(front):
            continue
        if kind == "fn":
            header = without_generics(text[item.end() :].partition("{")[0])
            opening = header.index("(")
            arguments = header[opening + 1 : rust_text.closing(header, opening)]
            receiver = RECEIVER.match(arguments)
            if receiver and not re.search(r",\s*\S", arguments):
                continue
            kind = "free function" if owner is None else "method" if receiver else "constructor"
            name = f"{owner or pathlib.Path(file).stem}::{name}"
        else:
            owner = None
        yield owner, kind, name, rust_text.line_of(text, at), has_example(front)


def items_in(sources):
    """The items of a crate's files, without the methods of types that are not public."""
    found = [(file, *item) for file, source in sources for item in items_of(source, file)]
    names = {name for _, owner, _, name, *_ in found if owner is None}
    return [
        (f"{file}:{line}", kind, name, has_one)
        for file, owner, kind, name, line, has_one in found
        if owner is None or owner in names
    ]


def check():
    missing, bare, figures = [], set(), []
    for name, folder in CRATES.items():
        files = sorted(pathlib.Path("crates", folder, "src").rglob("*.rs"))
        items = items_in((file.as_posix(), file.read_text(encoding="utf-8")) for file in files)
        if not items:
            sys.exit(f"FAILED: there are no public items in crates/{folder}/src")
        without = [item for item in items if not item[-1]]
        bare |= {item[2] for item in without}
        missing += [item for item in without if item[2] not in EXCEPTIONS]
        figures.append(f"{name} {len(items) - len(without)}/{len(items)}")
    for place, kind, name, _ in missing:
        print(f"{place} {kind} {name}")
    print("public items with an example: " + ", ".join(figures))
    if missing:
        sys.exit(f"FAILED: {len(missing)} items have no example; write one, or add the item to EXCEPTIONS with a reason")
    if stale := EXCEPTIONS.keys() - bare:
        sys.exit("FAILED: remove from EXCEPTIONS what has an example or no longer exists: " + ", ".join(sorted(stale)))


SOURCE = '''
//! ```
//! this belongs to the module
//! ```
use std::fmt;

/// No example.
pub struct Bare;

/// One, and a word about `pub struct Fake {}`.
///
/// ```
/// let shown = Shown { text: "{ pub fn fake(x: u8) {} }" };
/// ```
#[derive(Clone)]
pub struct Shown<'a> { pub text: &'a str }

impl<'a> Shown<'a> {
    /// A getter needs none.
    pub const fn text(&self) -> &str { self.text }
    /// ```ignore
    /// nothing that runs
    /// ```
    pub fn with<F: Fn(&str) -> u8>(mut self, f: F) -> Self { if f("}") > 0 { self.text = ""; } self }
    /// ```no_run
    /// Shown::new();
    /// ```
    #[must_use]
    pub async fn new() -> Self { todo!() }
    #[doc(hidden)]
    pub fn hidden(a: u8) {}
    pub(crate) fn inner(a: u8) {}
    #[cfg_attr(a, doc = "```")]
    #[cfg_attr(
        not(a),
        doc = "```no_run"
    )]
    /// Shown::both(1);
    /// ```
    pub fn both(a: [u8; 2]) {}
    /// ```text
    /// a table
    /// ```
    pub fn table(&'a self, rows: &[(u8, u8)]) {}
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { Ok(()) }
}

struct Private;
impl Private { pub fn new() -> Self { Self } }

macro_rules! both {
    ($($name:ident)*) => {
        /// ```
        /// from a macro
        /// ```
        pub enum Built { $($name,)* }
        impl Built { pub fn one() -> Self { Self::One } }
    };
}
both! { One Two }

/// ```compile_fail
/// not shown to work
/// ```
pub trait Work: Send {
    fn run(&self, job: u8);
    fn name(&self) -> String;
}

pub fn free() {}

#[cfg(test)]
mod tests { pub fn test_only() {} }
'''
EXPECTED = {
    "struct Bare": False,
    "struct Shown": True,
    "method Shown::with": False,
    "constructor Shown::new": True,
    "constructor Shown::both": True,
    "method Shown::table": False,
    "enum Built": True,
    "constructor Built::one": False,
    "trait Work": False,
    "method Work::run": False,
    "free function source::free": False,
}


def self_test():
    found = {f"{kind} {name}": has_one for _, kind, name, has_one in items_in([("source.rs", SOURCE)])}
    if found != EXPECTED:
        sys.exit(f"FAILED: the check of examples finds\n{found}\ninstead of\n{EXPECTED}")
    print(f"self-test: found the {len(EXPECTED)} items of the sample and {sum(EXPECTED.values())} examples")


self_test() if sys.argv[1:] == ["--self-test"] else check()
