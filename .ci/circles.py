"""Checks that no two files of a published crate import each other, directly or through others.

    python3 .ci/circles.py               # this tree
    python3 .ci/circles.py FOLDER        # another checkout
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
CRATES = ["core", "http", "pinata", "w3ipfs", "pinning-keys", "bulk", "conformance"]

PATH = re.compile(r"(?<![\w:])(?:\$crate|[A-Za-z_]\w*)(?:\s*::\s*[A-Za-z_]\w*)+")
USE = re.compile(r"\buse\s+([^;]+);")
INLINE_MODULE = re.compile(r"\bmod\s+(\w+)\s*\{")


def module_of(file, src):
    """The module that a file holds, as a tuple: `cases/shared.rs` is `("cases", "shared")`."""
    parts = file.relative_to(src).with_suffix("").parts
    return parts[:-1] if parts[-1] in ("mod", "lib", "main") else parts


def leaves(tree, prefix=()):
    """The paths that a `use` imports, each with the name it goes by."""
    tree = tree.strip()
    if "{" in tree:
        head, rest = tree.split("{", 1)
        prefix += tuple(part.strip() for part in head.split("::") if part.strip())
        for branch in split(rest.rpartition("}")[0]):
            yield from leaves(branch, prefix)
        return
    path, _, alias = re.sub(r"\s+as\s+", "=", tree).partition("=")
    path = prefix + tuple(part.strip() for part in path.split("::") if part.strip())
    if path and path[-1] == "self":
        path = path[:-1]
    if path:
        yield path, alias.strip() or path[-1]


def split(text):
    """The parts of a group between its own commas."""
    depth, start = 0, 0
    for at, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


class Crate:
    """The files of a crate, and what each imports from the others."""

    def __init__(self, src):
        self.src = src
        files, for_tests = {}, set()
        for file in sorted(src.rglob("*.rs")):
            module = module_of(file, src)
            blanked, elsewhere = rust_text.without_tests(rust_text.code(file.read_text(encoding="utf-8")))
            files[module] = (file, blanked)
            for_tests |= {module + (name,) for name in elsewhere}
        self.files = {
            module: file
            for module, file in files.items()
            if not any(module[: len(test)] == test for test in for_tests)
        }
        # Folders without a file of their own are modules all the same.
        self.modules = {module[:n] for module in self.files for n in range(len(module) + 1)}
        self.uses = {
            module: {alias: path for use in USE.finditer(blanked) for path, alias in leaves(use[1])}
            for module, (_, blanked) in self.files.items()
        }
        self.taken = {module: self.imports(module) for module in self.files}

    def imports(self, module):
        """For each file that this one imports: the names, and the line of the first."""
        _, blanked = self.files[module]
        blanked = re.sub(r"\bpub\s*\(\s*in\s[^)]*\)", lambda m: " " * len(m[0]), blanked)
        inline = [
            (m.start(), rust_text.closing(blanked, m.end() - 1), m[1]) for m in INLINE_MODULE.finditer(blanked)
        ]
        found, aliases = {}, {}

        def add(path, at):
            target = self.resolve(module, path, aliases, [name for start, end, name in inline if start < at < end])
            if target is None or target[0] == module:
                return
            names, _ = found.setdefault(target[0], ({}, rust_text.line_of(blanked, at)))
            if target[1]:
                names[target[1]] = None

        def use(match):
            at = match.start()
            for path, alias in leaves(match[1]):
                add(path, at)
                target = self.resolve(module, path, {}, [])
                if target and not target[1]:
                    aliases[alias] = target[0]
            return " " * len(match[0])

        rest = USE.sub(use, blanked)
        for match in PATH.finditer(rest):
            add(tuple(part.strip() for part in match[0].split("::")), match.start())
        return found

    def resolve(self, module, path, aliases, inside):
        """The module of this crate that a path leads to, and the name in it; `None` if it leads out."""
        here, first = module + tuple(inside), path[0]
        if first in ("crate", "$crate"):
            at, rest = (), path[1:]
        elif first in ("self", "super"):
            at, rest = here, path
            while rest and rest[0] in ("self", "super"):
                at, rest = (at[:-1] if rest[0] == "super" else at), rest[1:]
        elif first in aliases:
            at, rest = aliases[first], path[1:]
        elif module + (first,) in self.modules:
            at, rest = module, path
        else:
            return None
        while rest and at + rest[:1] in self.modules:
            at, rest = at + rest[:1], rest[1:]
        while at not in self.modules:
            at = at[:-1]  # an inline module belongs to the file it is in
        if not at or at not in self.files:
            return None  # the root's names are re-exports, and a folder without a file has none
        if rest and at != module and (origin := self.uses[at].get(rest[0])):
            # Not defined there: followed to the file that it comes from, if that is one of ours.
            return self.resolve(at, origin, {}, [])
        return at, rest[0] if rest else None

    def circles(self):
        """The groups of files in which each reaches all others."""
        reached = {module: self.reach(module) for module in self.files}
        groups = {
            frozenset(b for b in self.files if b in reached[a] and a in reached[b])
            for a in self.files
            if a in reached[a]
        }
        return sorted(sorted(group) for group in groups)

    def reach(self, module):
        seen, left = set(), [module]
        while left:
            for target in self.taken[left.pop()]:
                if target not in seen:
                    seen.add(target)
                    left.append(target)
        return seen

    def lines(self, circle):
        """The imports that tie a circle, one per line."""
        for module in circle:
            for target, (names, line) in sorted(self.taken[module].items()):
                if target in circle:
                    file = self.name(module)
                    what = ", ".join(names) or "the module itself"
                    yield f"  {file}:{line} imports {what} from {self.name(target)}"

    def name(self, module):
        return self.files[module][0].relative_to(self.src).as_posix()


def check(root):
    circles, files = [], 0
    for name in CRATES:
        crate = Crate(root / "crates" / name / "src")
        if not crate.files:
            sys.exit(f"FAILED: there are no sources in crates/{name}/src")
        files += len(crate.files)
        for circle in crate.circles():
            files_of_it = ", ".join(map(crate.name, circle))
            circles.append(f"crates/{name}/src: {len(circle)} files in a circle, {files_of_it}")
            circles.extend(crate.lines(circle))
    if circles:
        advice = "To open a circle, move what both sides need into a file of its own."
        sys.exit("FAILED: files import each other\n" + "\n".join([*circles, advice]))
    print(f"{files} files in {len(CRATES)} crates: none is in a circle")


FIXTURE = {
    "lib.rs": "mod a; mod b; mod c; mod d; mod e; mod f; mod g; mod h; mod tree; mod hub;\npub use {a::A, d::D};\n",
    # a ↔ b, by a nested group and by an expression.
    "a.rs": "use crate::{D, b::{inner::Deep, self}};\npub struct A;\nfn f() -> u8 { b::five() }\n",
    "b.rs": "pub(crate) fn five() -> u8 { crate::a::six(); 5 }\npub(crate) mod inner { pub struct Deep; }\n",
    # Comments, literals, the root's re-exports and tests do not count: c → d → e is no circle.
    "c.rs": 'use crate::A;\nuse crate::d::D as Dd;\n// use crate::e::E;\nconst T: &str = "crate::e::E";\n',
    "d.rs": "use crate::e::E;\npub struct D;\n#[cfg(test)]\nmod tests { use super::*; use crate::c::C; }\n",
    "e.rs": "pub struct E;\nconst Q: char = '\"';\n/* use crate::d::D; /* */ use crate::c::C; */\n",
    # f → g → h → f, through a macro and an alias.
    "f.rs": "use crate::g as other;\nfn f() { other::run() }\n",
    "g.rs": "macro_rules! m { () => { $crate::h::run() } }\npub(crate) fn run() {}\n",
    "h.rs": "mod inner { use super::super::f::x; }\npub(crate) fn run() {}\n",
    # A folder: a child that takes from its parent's file, which names the child.
    "tree/mod.rs": "mod leaf; mod twig;\nfn top() { leaf::grow() }\n",
    "tree/leaf.rs": "use super::top;\npub(super) fn grow() { super::twig::bend() }\n",
    "tree/twig.rs": "pub(super) fn bend() {}\n",
    # A folder whose file only re-exports: what one child takes through it is the other child's.
    "hub/mod.rs": "mod one; mod two;\npub(crate) use {one::One, two::Two};\nuse std::fmt;\n",
    "hub/one.rs": "use super::Two;\npub(crate) struct One(Two);\n",
    "hub/two.rs": "use super::fmt;\npub(crate) struct Two;\n",
}
EXPECTED = {
    "a.rs b.rs": ["a.rs:1 imports inner, five from b.rs", "b.rs:1 imports six from a.rs"],
    "f.rs g.rs h.rs": [
        "f.rs:1 imports run from g.rs",
        "g.rs:1 imports run from h.rs",
        "h.rs:1 imports x from f.rs",
    ],
    "tree/leaf.rs tree/mod.rs": [
        "tree/mod.rs:2 imports grow from tree/leaf.rs",
        "tree/leaf.rs:1 imports top from tree/mod.rs",
    ],
}


def self_test():
    with tempfile.TemporaryDirectory() as folder:
        src = pathlib.Path(folder)
        for name, text in FIXTURE.items():
            (src / name).parent.mkdir(exist_ok=True)
            (src / name).write_text(text, encoding="utf-8")
        crate = Crate(src)
        found = {
            " ".join(sorted(map(crate.name, circle))): [line.strip() for line in crate.lines(circle)]
            for circle in crate.circles()
        }
    if found != EXPECTED:
        sys.exit(f"FAILED: the check of circles finds\n{found}\ninstead of\n{EXPECTED}")
    print(f"self-test: found the {len(EXPECTED)} circles of the fixture and no others")


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
    else:
        check(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))


main()
