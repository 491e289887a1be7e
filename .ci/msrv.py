"""Checks that no dependency of a crate, those of tests and examples included, requires a later Rust than it promises."""

import json
import subprocess
import sys

OURS = {
    "pinning-keys",
    "pinning-keys-bulk",
    "pinning-keys-cli",
    "pinning-keys-conformance",
    "pinning-keys-core",
    "pinning-keys-emulator",
    "pinning-keys-http",
    "pinning-keys-lifecycle",
    "pinning-keys-pinata",
    "pinning-keys-sinks",
    "pinning-keys-w3ipfs",
}

# The crates that may require a later Rust than all others, because sqlx 0.9 does.
LATER = {"pinning-keys-lifecycle"}

# Features that require a later Rust than their crate promises: crate, and what the feature adds.
APART = {("pinning-keys-cli", "pinning-keys-lifecycle")}


def version(text):
    return tuple(int(part) for part in (text + ".0").split(".")[:2])


def reached(left, nodes, packages):
    """All crates that some crates need, themselves included."""
    def is_apart(id, dependency):
        return (packages[id]["name"], packages[dependency]["name"]) in APART

    seen = set()
    while left:
        id = left.pop()
        if id not in seen:
            seen.add(id)
            needed = (dependency["pkg"] for dependency in nodes[id]["deps"])
            left.extend(other for other in needed if not is_apart(id, other))
    return seen


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--all-features", "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    own = {packages[id]["name"]: id for id in metadata["workspace_members"]}

    # The crates by what their manifests promise.
    promises = {}
    for name in OURS:
        if name not in own:
            sys.exit(f"FAILED: the workspace has no crate {name}")
        promises.setdefault(packages[own[name]]["rust_version"], set()).add(name)
    later = {promise: names for promise, names in promises.items() if names <= LATER}
    if len(promises) != 1 + len(later):
        listed = "; ".join(f"{promise}: {', '.join(sorted(names))}" for promise, names in promises.items())
        sys.exit(f"FAILED: expected one rust-version for all crates but {', '.join(sorted(LATER))}, found {listed}")

    for promise, names in sorted(promises.items(), key=lambda entry: version(entry[0])):
        seen = reached([own[name] for name in names], nodes, packages)
        late = [
            f'{packages[id]["name"]} {packages[id]["version"]} requires {packages[id]["rust_version"]}'
            for id in sorted(seen)
            if packages[id]["rust_version"] and version(packages[id]["rust_version"]) > version(promise)
        ]
        if late:
            sys.exit(f"FAILED: these require a later Rust than {promise}:\n  " + "\n  ".join(late))
        silent = sum(1 for id in seen if not packages[id]["rust_version"])
        subject = ", ".join(sorted(names)) if names <= LATER else f"{len(names)} crates"
        print(f"Rust {promise}, {subject}: none of {len(seen)} crates requires a later one ({silent} declare none)")


main()
