"""Breaks one rule of the lifecycle at a time, and checks that a test notices.

    python3 .ci/mutants.py            # every mutant, about half a minute each
    python3 .ci/mutants.py R7 R11     # those of these rules

`crates/lifecycle/tests/mutants.toml` lists them: a rule, what is broken, the text to replace, and
the test that must fail. The tree is restored after each one, also when the script is interrupted.
A test of the crate checks that each text still occurs exactly once.
"""

import pathlib
import re
import signal
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIST = ROOT / "crates/lifecycle/tests/mutants.toml"
# A mutant may wait forever.
LIMIT = 600


def run(command):
    """The exit code and the output of a command; no code if it took too long."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        return done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        return None, f"took more than {LIMIT} s"


def verdict(mutant):
    """What is wrong with the mutant, or `None` if its test fails as it must."""
    file = ROOT / mutant["file"]
    text = file.read_text(encoding="utf-8")
    if text.count(mutant["old"]) != 1:
        return f"the text does not occur exactly once in {mutant['file']}"
    crate, target, name = re.fullmatch(r"(\w+)/(\w+)::(\S+)", mutant["test"]).groups()
    only = ["--lib"] if target == "lib" else ["--test", target]
    cargo = ["cargo", "test", "-q", "-p", f"pinning-keys-{crate}", "--all-features", *only]
    try:
        file.write_text(text.replace(mutant["old"], mutant["new"]), encoding="utf-8")
        code, output = run([*cargo, "--no-run"])
        if code != 0:
            return f"it does not build:\n{output}"
        code, output = run([*cargo, name, "--", "--exact"])
    finally:
        file.write_text(text, encoding="utf-8")
    if code == 0:
        return f"no test notices:\n{output}"
    if code is not None and "1 failed" not in output:
        return f"the test did not run:\n{output}"
    return None


def main(rules):
    # So that the file is restored.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    mutants = tomllib.loads(LIST.read_text(encoding="utf-8"))["mutant"]
    chosen = [mutant for mutant in mutants if not rules or mutant["rule"] in rules]
    if not chosen:
        sys.exit(f"there are no mutants of {' '.join(rules)}")
    survivors = 0
    for mutant in chosen:
        began = time.monotonic()
        wrong = verdict(mutant)
        survivors += wrong is not None
        state = "red" if wrong is None else f"NOT RED: {wrong}"
        seconds = time.monotonic() - began
        print(f"{mutant['rule']:4} {mutant['breaks']}: {state} ({seconds:.0f} s)", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} mutants are noticed")
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
