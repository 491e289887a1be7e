"""Checks that no two files of a published crate import each other, directly or through others.

    python3 .ci/circles.py               # this tree
    python3 .ci/circles.py --self-test   # the check itself, on a fixture

A file imports another one if it names something by that file's module: `use crate::text::join`,
`super::shared::call`, or `text::join` in an expression. What the crate's root re-exports
(`use crate::Error`) is vocabulary that every file may use, so it does not count, and neither do
modules that only tests build. What a folder's `mod.rs` re-exports counts as imported from the file
that defines it.
"""

import pathlib
import re
import sys
import tempfile

import rust_text

# Every published crate except the emulator, which is a tool for tests.
CRATES = ["core", "http", "pinata", "w3ipfs", "pinning-keys", "bulk", "conformance", "sinks", "lifecycle", "cli"]

PATH = re.compile(r"(?<![\w:])(?:\$crate|[A-Za-z_]\w*)(?:\s*::\s*[A-Za-z_]\w*)+")
USE = re.compile(r"\buse\s+([^;]+);")
GROUP = re.compile(r"([\w$:\s]*)\{([^{}]*)\}")
INLINE_MODULE = re.compile(r"\bmod\s+(\w+)\s*\{")


def parts(path):
    return tuple(re.findall(r"\$?\w+", path))


def leaves(tree):
    """The paths that a `use` imports, each with the name that it is imported as."""
    while group := GROUP.search(tree):
        branches = [group[1] + branch for branch in group[2].split(",") if branch.strip()]
        tree = tree[: group.start()] + ",".join(branches) + tree[group.end() :]
    for leaf in tree.split(","):
        path, *alias = map(parts, re.split(r"\s+as\s+", leaf))
        path = path[:-1] if path[-1:] == ("self",) else path
        if path:
            yield path, alias[0][0] if alias else path[-1]


class Crate:
    """The files of a crate by their modules, `cases/shared.rs` by `("cases", "shared")`."""

    def __init__(self, src):
        self.names, self.texts, for_tests = {}, {}, set()
        for file in sorted(src.rglob("*.rs")):
            module = file.relative_to(src).with_suffix("").parts
            module = module[:-1] if module[-1] in ("mod", "lib", "main") else module
            text, elsewhere = rust_text.without_tests(rust_text.code(file.read_text(encoding="utf-8")))
            self.names[module] = file.relative_to(src).as_posix()
            self.texts[module] = re.sub(r"\bpub\s*\(\s*in\s[^)]*\)", lambda match: " " * len(match[0]), text)
            for_tests |= {module + (name,) for name in elsewhere}
        for module in list(self.texts):
            if any(module[: len(test)] == test for test in for_tests):
                del self.texts[module]
        # Folders without a file of their own are modules too.
        self.modules = {module[:n] for module in self.texts for n in range(len(module) + 1)}
        # What an inline module imports is known inside it only.
        inline = {module: list(self.inline_modules(text)) for module, text in self.texts.items()}
        self.uses = {
            module: {
                name: path
                for use in USE.finditer(text)
                if not any(start < use.start() < end for start, end, _ in inline[module])
                for path, name in leaves(use[1])
            }
            for module, text in self.texts.items()
        }
        self.imports = {module: self.imports_of(module) for module in self.texts}

    @staticmethod
    def inline_modules(text):
        """The inline modules of a file: where each begins and ends, and its name."""
        for match in INLINE_MODULE.finditer(text):
            yield match.start(), rust_text.closing(text, match.end() - 1), match[1]

    def imports_of(self, module):
        """The modules that a file imports, each with the line of the first import."""
        text, found = self.texts[module], {}
        inline = list(self.inline_modules(text))
        paths = [(use.start(), path) for use in USE.finditer(text) for path, _ in leaves(use[1])]
        paths += [(m.start(), parts(m[0])) for m in PATH.finditer(USE.sub(lambda m: " " * len(m[0]), text))]
        for at, path in paths:
            inside = tuple(name for start, end, name in inline if start < at < end)
            path = self.uses[module].get(path[0], path[:1]) + path[1:]
            target = self.resolve(module, path, inside)
            if target not in (None, module):
                found.setdefault(target, rust_text.line_of(text, at))
        return found

    def resolve(self, module, path, inside=()):
        """The module of this crate whose file defines what a path names; `None` if it leads out."""
        at, rest = module, path
        if path[0] in ("crate", "$crate"):
            at, rest = (), path[1:]
        elif path[0] in ("self", "super"):
            at = module + inside
            while rest and rest[0] in ("self", "super"):
                at, rest = at[:-1] if rest[0] == "super" else at, rest[1:]
        elif module + path[:1] not in self.modules:
            return None
        while rest and at + rest[:1] in self.modules:
            at, rest = at + rest[:1], rest[1:]
        while at not in self.modules:
            at = at[:-1]  # an inline module belongs to the file that it is in
        if not at or at not in self.texts:
            return None  # the root's names are re-exports, and a folder without a file has none
        if at != module and rest and rest[0] in self.uses[at]:
            return self.resolve(at, self.uses[at][rest[0]])  # defined elsewhere
        return at

    def circles(self):
        """The groups of files in which each reaches all others, each with the imports that tie it."""
        reached = {module: set(targets) for module, targets in self.imports.items()}
        for via in reached:
            for targets in reached.values():
                targets |= reached[via] if via in targets else set()
        groups = {frozenset(b for b in reached[a] if a in reached[b]) for a in reached if a in reached[a]}
        for group in sorted(map(sorted, groups)):
            yield " ".join(self.names[module] for module in group), [
                f"{self.names[module]}:{line} imports {self.names[target]}"
                for module in group
                for target, line in sorted(self.imports[module].items())
                if target in group
            ]


def check():
    failures, files = [], 0
    for name in CRATES:
        src = pathlib.Path("crates", name, "src")
        crate = Crate(src)
        if not crate.texts:
            sys.exit(f"FAILED: there are no sources in {src}")
        files += len(crate.texts)
        failures += [f"{src}:\n  " + "\n  ".join(lines) for _, lines in crate.circles()]
    if failures:
        advice = "To open a circle, move what both sides need into another file."
        sys.exit("\n".join(["FAILED: files import each other", *failures, advice]))
    print(f"{files} files in {len(CRATES)} crates: none is in a circle")


FIXTURE = {
    "lib.rs": "mod a; mod b; mod c; mod d; mod e; mod f; mod g; mod h; mod tree; mod hub;\npub use {a::A, d::D};\n",
    # a ↔ b, by a nested group and by an expression.
    "a.rs": "use crate::{D, b::{inner::Deep, self}};\npub struct A;\nfn f() -> u8 { b::five() }\n",
    "b.rs": "pub(crate) fn five() -> u8 { crate::a::six(); 5 }\npub(crate) mod inner { pub struct Deep; }\n",
    # Comments, literals, the root's re-exports and tests do not count: c → d → e is no circle.
    "c.rs": 'use crate::A;\nuse crate::hub::One;\nuse crate::d::D as Dd;\n// use crate::e::E;\nconst T: &str = "crate::e::E";\n',
    "d.rs": "use crate::e::E;\npub struct D;\n#[cfg(test)]\nmod tests { use super::*; use crate::c::C; }\n",
    "e.rs": "pub struct E;\nconst Q: char = '\"';\n/* use crate::d::D; /* */ use crate::c::C; */\n",
    # f → g → h → f, through a macro and an alias.
    "f.rs": "use crate::g as other;\nfn f() { other::run() }\n",
    "g.rs": "macro_rules! m { () => { $crate::h::run() } }\npub(crate) fn run() {}\n",
    "h.rs": "mod inner { use super::super::f::x; }\npub(crate) fn run() {}\n",
    # A folder: a child that imports from its parent's file, which names the child.
    "tree/mod.rs": "mod leaf; mod twig;\nfn top() { leaf::grow() }\n",
    "tree/leaf.rs": "use super::top;\npub(super) fn grow() { super::twig::bend() }\n",
    "tree/twig.rs": "pub(super) fn bend() {}\n",
    # A folder whose file only re-exports: what one child imports through it is the other child's.
    "hub/mod.rs": "mod one; mod two;\npub(crate) use {one::One, two::Two};\nuse std::fmt;\n",
    "hub/one.rs": "use super::Two;\npub(crate) struct One(Two);\nmod inner { use super::One; }\n",
    "hub/two.rs": "use super::fmt;\npub(crate) struct Two;\n",
}
EXPECTED = {
    "a.rs b.rs": ["a.rs:1 imports b.rs", "b.rs:1 imports a.rs"],
    "f.rs g.rs h.rs": ["f.rs:1 imports g.rs", "g.rs:1 imports h.rs", "h.rs:1 imports f.rs"],
    "tree/mod.rs tree/leaf.rs": ["tree/mod.rs:2 imports tree/leaf.rs", "tree/leaf.rs:1 imports tree/mod.rs"],
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        src = pathlib.Path(folder)
        for name, text in FIXTURE.items():
            (src / name).parent.mkdir(exist_ok=True)
            (src / name).write_text(text, encoding="utf-8")
        found = dict(Crate(src).circles())
    if found != EXPECTED:
        sys.exit(f"FAILED: the check of circles finds\n{found}\ninstead of\n{EXPECTED}")
    print(f"self-test: found the {len(EXPECTED)} circles of the fixture and no others")


self_test() if sys.argv[1:] == ["--self-test"] else check()
