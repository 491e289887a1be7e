"""Reads Rust sources as text for `circles.py` and `examples.py`, without a compiler."""

import re

# Whatever starts first wins, so a quote in a comment is part of the comment. A lifetime is no
# literal: it has no closing quote.
_SKIPPED = re.compile(
    r"""
    (?P<line> //[^\n]*)
  | (?P<block> /\*)
  | (?P<raw> \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes))
  | (?P<string> (?:\b[bc])?"(?:\\.|[^"\\])*")
  | (?P<char> (?:\bb)?'(?:\\(?:x..|u\{[^}]*\}|.)|[^'\\])')
    """,
    re.VERBOSE | re.DOTALL,
)
_TEST_MODULE = re.compile(
    r"\#\[cfg\((?:all\()?test\b[^\]]*\]\s*(?:\#\[[^\]]*\]\s*)*"
    r"(?:pub(?:\([^)]*\))?\s+)?mod\s+(?P<name>\w+)\s*(?P<end>[;{])"
)


def code(text):
    """The text with every comment and literal replaced by spaces, so that all places stay."""
    parts, at = [], 0
    while match := _SKIPPED.search(text, at):
        end = _end_of_block(text, match.start()) if match["block"] else match.end()
        parts += text[at : match.start()], _spaces(text[match.start() : end])
        at = end
    return "".join(parts) + text[at:]


def _spaces(text):
    return re.sub(r"[^\n]", " ", text)


def _end_of_block(text, start):
    depth = 0
    for match in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def closing(blanked, opening):
    """The place of the bracket that closes the one at `opening`; literals must be blanked."""
    pairs = {"(": ")", "[": "]", "{": "}"}
    waiting = []
    for at in range(opening, len(blanked)):
        if blanked[at] in pairs:
            waiting.append(pairs[blanked[at]])
        elif waiting and blanked[at] == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at
    raise ValueError(f"the bracket at {opening} is never closed")


def line_of(text, at):
    """The number of the line that a place is in."""
    return text.count("\n", 0, at) + 1


def without_tests(blanked):
    """The code without the modules that only tests build, and the names of those in other files."""
    elsewhere, at = set(), 0
    while match := _TEST_MODULE.search(blanked, at):
        at = match.end()
        if match["end"] == ";":
            elsewhere.add(match["name"])
        else:
            at = closing(blanked, at - 1) + 1
        blanked = blanked[: match.start()] + _spaces(blanked[match.start() : at]) + blanked[at:]
    return blanked, elsewhere
