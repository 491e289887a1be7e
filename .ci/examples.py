"""Checks that each public item has a runnable example, or a reason to do without one.

    python3 .ci/examples.py               # what is missing, and the figures
    python3 .ci/examples.py --self-test   # the check itself, on a sample

These need an example: every public struct, enum, union and trait, every free function, every
associated function without `self` (called a constructor here), and every method with an argument,
including those that a trait declares. An example is a Rust code block in the item's own
documentation that is not marked `ignore` or `compile_fail`. Implementations of traits and hidden
items need none.
"""

import pathlib
import re
import sys

import rust_text

# What the facade re-exports counts in the crate that defines it.
CRATES = {"core": "core", "facade": "pinning-keys", "bulk": "bulk"}

# Items that need no example of their own, such as "KeyPage::new", each with the reason. A free
# function is named with its file, as in "issue::issue_many". An entry without a use is an error.
EXCEPTIONS = {}

NOT_RUST = {"ignore", "compile_fail"}
RUST = re.compile(r"rust|no_run|should_panic|edition\d+|standalone_crate|E\d{4}|ignore.*|compile_fail|test_harness")


class Item:
    """A public item: its name, its kind, where it is and its documentation."""

    def __init__(self, kind, name, file, line, docs):
        self.kind, self.name, self.file, self.line, self.docs = kind, name, file, line, docs

    def has_example(self):
        return any(is_runnable(fence) for fence in fences(self.docs))


def fences(docs):
    """What is written after the opening marks of each code block."""
    inside = None
    for line in docs:
        mark = re.match(r"\s*(`{3,}|~{3,})(.*)", line)
        if not mark:
            continue
        if inside is None:
            inside = mark[1]
            yield mark[2].strip()
        elif mark[1].startswith(inside) and not mark[2].strip():
            inside = None


def is_runnable(fence):
    words = [word for word in re.split(r"[\s,{}]+", fence) if word]
    return all(RUST.fullmatch(word) for word in words) and not any(
        word.split("-")[0] in NOT_RUST for word in words
    )


def chunks(blanked, start, end):
    """The items between two places: where each begins, and where its header and its body end."""
    at = begin = start
    while at < end:
        char = blanked[at]
        if char in "([":
            at = rust_text.closing(blanked, at)
        elif char == "{":
            close = rust_text.closing(blanked, at)
            yield begin, at, close
            at, begin = close, close + 1
        elif char == ";":
            yield begin, at, at
            begin = at + 1
        at += 1


DOC_COMMENT_OR_ATTRIBUTE = re.compile(r"[ \t]*///(?!/)(?P<comment>[^\n]*)|#\[")
DOC_ATTRIBUTE = re.compile(
    r'\s*(?P<conditional>cfg_attr\b.*?,)?\s*doc\s*=\s*"(?P<text>(?:\\.|[^"\\])*)"\s*,?\s*\)?\s*', re.DOTALL
)


def docs_of(text, blanked, begin, end):
    """The lines of documentation in front of an item."""
    lines, after_conditional, at = [], False, begin
    while match := DOC_COMMENT_OR_ATTRIBUTE.search(text, at, end):
        at, conditional = match.end(), False
        if match["comment"] is not None:
            lines.append(match["comment"].removeprefix(" "))
        elif blanked[match.start()] == "#":  # otherwise it is in a comment
            at = rust_text.closing(blanked, match.end() - 1) + 1
            doc = DOC_ATTRIBUTE.fullmatch(text[match.end() : at - 1])
            conditional = bool(doc and doc["conditional"])
            # "```" and "```no_run", under opposite conditions, are one line.
            if doc and not (conditional and after_conditional):
                lines.append(doc["text"].removeprefix(" "))
        after_conditional = conditional
    return lines


ITEM = re.compile(
    r"(?P<pub>pub\s+)?(?:(?:default|const|async|unsafe|auto|extern(?:\s+\S+)?)\s+)*"
    r"\b(?P<kind>struct|enum|union|trait|fn|mod|impl)\b(?:\s+(?P<name>\w+))?"
)
ATTRIBUTE = re.compile(r"#!?\[")
BLANK = re.compile(r"\s*")
MACRO = re.compile(r"(?:!\s*\w*|=>)\s*$")
RECEIVER = re.compile(r"(?:&\s*(?:'\w+\s+)?)?(?:mut\s+)?self\b")


def after_attributes(blanked, begin, end):
    """The place where an item itself starts, after its documentation and attributes."""
    at = BLANK.match(blanked, begin, end).end()
    while attribute := ATTRIBUTE.match(blanked, at, end):
        at = rust_text.closing(blanked, attribute.end() - 1) + 1
        at = BLANK.match(blanked, at, end).end()
    return at


def after_generics(header):
    """What follows `fn name` or `impl`, without the generics in between."""
    header = header.replace("->", "  ").lstrip()
    depth = 0
    for at, char in enumerate(header):
        depth += (char == "<") - (char == ">")
        if depth == 0:
            return header[at + 1 :] if char == ">" else header[at:]
    return header


def parameters(header):
    """Whether a function takes `self`, and how many other parameters it has."""
    rest = after_generics(header)
    opening = rest.index("(")
    parts, depth = [""], 0
    for char in rest[opening + 1 : rust_text.closing(rest, opening)]:
        depth += (char in "([{<") - (char in ")]}>")
        if char == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += char
    parts = [part.strip() for part in parts if part.strip()]
    receiver = bool(parts) and RECEIVER.match(parts[0]) is not None
    return receiver, len(parts) - receiver


def type_of(header):
    """The type that an inherent `impl` is for; nothing if it implements a trait."""
    rest = after_generics(header)
    if re.search(r"\bfor\b(?!\s*<)", rest):
        return None
    return re.match(r"\s*(?:\w+\s*::\s*)*(\w+)", rest)[1]


def items_of(text, file):
    """The items of a source that need an example if they are public, each with its owner."""
    blanked, _ = rust_text.without_tests(rust_text.code(text))
    found = []

    def add(kind, name, owner, begin, at):
        if not re.search(r"#\[\s*doc\s*\(\s*hidden\s*\)", text[begin:at]):
            docs = docs_of(text, blanked, begin, at)
            found.append((owner, Item(kind, name, file, rust_text.line_of(text, at), docs)))

    def walk(start, end, owner=None, in_trait=False):
        for begin, head, close in chunks(blanked, start, end):
            at = after_attributes(blanked, begin, head)
            item = ITEM.match(blanked, at, head)
            if item is None:
                # A macro, an arm of its definition, or a call of it: each may hold items.
                if close > head and MACRO.search(blanked, begin, head):
                    walk(head + 1, close)
            elif item["kind"] == "mod":
                walk(head + 1, close)
            elif item["kind"] == "impl":
                if implemented := type_of(blanked[item.end("kind") : head]):
                    walk(head + 1, close, implemented)
            elif not (item["pub"] or in_trait):
                pass
            elif item["kind"] == "fn":
                receiver, others = parameters(blanked[item.end() : head])
                if not owner:
                    add("free function", f"{pathlib.Path(file).stem}::{item['name']}", None, begin, at)
                elif not receiver:
                    add("constructor", f"{owner}::{item['name']}", owner, begin, at)
                elif others:
                    add("method", f"{owner}::{item['name']}", owner, begin, at)
            else:
                add(item["kind"], item["name"], None, begin, at)
                if item["kind"] == "trait":
                    walk(head + 1, close, item["name"], in_trait=True)

    walk(0, len(blanked))
    return found


def public(found):
    """Without the methods of types that are not public."""
    names = {item.name for owner, item in found if owner is None}
    return [item for owner, item in found if owner is None or owner in names]


def items_in(src):
    """The public items of a crate, in the order of its files."""
    files = sorted(src.rglob("*.rs"))
    return public([pair for file in files for pair in items_of(file.read_text(encoding="utf-8"), file.as_posix())])


def check():
    missing, excused, figures = [], set(), []
    for name, folder in CRATES.items():
        items = items_in(pathlib.Path("crates") / folder / "src")
        if not items:
            sys.exit(f"FAILED: there are no public items in crates/{folder}/src")
        bare = [item for item in items if not item.has_example()]
        listed = {item.name for item in bare} & EXCEPTIONS.keys()
        excused |= listed
        missing += [item for item in bare if item.name not in EXCEPTIONS]
        figures.append(f"{name} {len(items) - len(bare)}/{len(items)}" + f" ({len(listed)} excused)" * bool(listed))
    for item in missing:
        print(f"{item.file}:{item.line} {item.kind} {item.name}")
    print("public items with an example: " + ", ".join(figures))
    if missing:
        sys.exit(f"FAILED: {len(missing)} items have no example; write one, or add the item to EXCEPTIONS with a reason")
    if stale := EXCEPTIONS.keys() - excused:
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
        /// made by a macro
        /// ```
        pub enum Made { $($name,)* }
        impl Made { pub fn one() -> Self { Self::One } }
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
    "enum Made": True,
    "constructor Made::one": False,
    "trait Work": False,
    "method Work::run": False,
    "free function source::free": False,
}


def self_test():
    found = {f"{item.kind} {item.name}": item.has_example() for item in public(items_of(SOURCE, "source.rs"))}
    if found != EXPECTED:
        sys.exit(f"FAILED: the check of examples finds\n{found}\ninstead of\n{EXPECTED}")
    print(f"self-test: found the {len(EXPECTED)} items of the sample and {sum(EXPECTED.values())} examples")


if sys.argv[1:] == ["--self-test"]:
    self_test()
else:
    check()
