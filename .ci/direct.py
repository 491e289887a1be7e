"""Checks the table of direct dependencies in CONTRIBUTING.md: each one, and the crates that use it."""

import json
import pathlib
import re
import subprocess
import sys

COMMAND = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"]


def short(name):
    return "facade" if name == "pinning-keys" else name.removeprefix("pinning-keys-")


def used():
    """Each external dependency, with the published crates that use it."""
    packages = json.loads(subprocess.run(COMMAND, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    ours = {package["name"] for package in packages}
    found = {}
    for package in packages:
        if package["publish"] == []:
            continue
        for dependency in package["dependencies"]:
            if dependency["kind"] is None and dependency["name"] not in ours:
                found.setdefault(dependency["name"], set()).add(short(package["name"]))
    return found


def documented():
    """The same, according to the table."""
    text = pathlib.Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("## Direct dependencies, and why", 1)[1]
    found = {}
    for names, crates in re.findall(r"^\| (`.*?`) \| (.*?) \|", table, re.MULTILINE):
        for name in re.findall(r"`(.*?)`", names):
            of = crates.removesuffix(" (optional)").split(", ")
            found.setdefault(name, set()).update(of)
    return found


def listed(crates):
    return ", ".join(sorted(crates or ())) or "no crate"


def main():
    used_by, stated = used(), documented()
    wrong = [
        f"  {name}: used by {listed(used_by.get(name))}; the table says {listed(stated.get(name))}"
        for name in sorted(used_by.keys() | stated.keys())
        if used_by.get(name) != stated.get(name)
    ]
    if wrong:
        sys.exit("FAILED: CONTRIBUTING.md, table of direct dependencies:\n" + "\n".join(wrong))
    print(f"direct dependencies: {len(used_by)}, each with its reason in CONTRIBUTING.md")


main()
