"""Checks that CONTRIBUTING.md says of each direct dependency which crates have it, and no more."""

import json
import pathlib
import re
import subprocess
import sys

COMMAND = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--locked"]


def short(name):
    return "facade" if name == "pinning-keys" else name.removeprefix("pinning-keys-")


def used():
    """The crates of ours that have each dependency of others'."""
    packages = json.loads(subprocess.run(COMMAND, check=True, stdout=subprocess.PIPE).stdout)["packages"]
    ours = {package["name"] for package in packages}
    found = {}
    for package in packages:
        for dependency in package["dependencies"]:
            if dependency["kind"] is None and dependency["name"] not in ours:
                found.setdefault(dependency["name"], set()).add(short(package["name"]))
    return found


def documented():
    """The same, as the table tells it."""
    text = pathlib.Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.split("## Direct dependencies, and why", 1)[1]
    found = {}
    for names, crates in re.findall(r"^\| (`.*?`) \| (.*?) \|", table, re.MULTILINE):
        for name in re.findall(r"`(.*?)`", names):
            of = crates.removesuffix(" (optional)").split(", ")
            found.setdefault(name, set()).update(of)
    return found


def main():
    used_by, told = used(), documented()
    wrong = [
        f"{name}: used by {sorted(used_by.get(name, ()))}, in the table {sorted(told.get(name, ()))}"
        for name in sorted(used_by.keys() | told.keys())
        if used_by.get(name) != told.get(name)
    ]
    if wrong:
        sys.exit("FAILED: the table of direct dependencies is not right\n" + "\n".join(wrong))
    print(f"direct dependencies: {len(used_by)}, each with its reason")


main()
