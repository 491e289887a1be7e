"""Checks that no dependency, those of tests and examples included, requires a later Rust than promised."""

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
    "pinning-keys-pinata",
    "pinning-keys-sinks",
    "pinning-keys-w3ipfs",
}


def version(text):
    return tuple(int(part) for part in (text + ".0").split(".")[:2])


def main():
    command = ["cargo", "metadata", "--format-version", "1", "--all-features", "--locked"]
    metadata = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}

    left = [id for id, package in packages.items() if package["name"] in OURS]
    promised = {packages[id]["rust_version"] for id in left}
    if len(left) != len(OURS) or len(promised) != 1:
        sys.exit(f"FAILED: expected one rust-version for {sorted(OURS)}, found {promised}")
    promise = promised.pop()

    seen = set()
    while left:
        id = left.pop()
        if id in seen:
            continue
        seen.add(id)
        left.extend(dependency["pkg"] for dependency in nodes[id]["deps"])

    late = [
        f'{packages[id]["name"]} {packages[id]["version"]} requires {packages[id]["rust_version"]}'
        for id in sorted(seen)
        if packages[id]["rust_version"] and version(packages[id]["rust_version"]) > version(promise)
    ]
    if late:
        sys.exit(f"FAILED: these require a later Rust than {promise}:\n  " + "\n  ".join(late))
    silent = sum(1 for id in seen if not packages[id]["rust_version"])
    print(f"Rust {promise}: none of {len(seen)} crates requires a later one ({silent} declare none)")


main()
