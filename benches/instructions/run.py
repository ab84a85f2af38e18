#!/usr/bin/env python3
"""Counts the instructions of hot calls with callgrind, and compares them with those in `counts.json`.

    python3 benches/instructions/run.py            # fails if a call takes 5 % more than the recorded count
    python3 benches/instructions/run.py --bless    # records the counts

Counts do not depend on what else runs on the machine, and see what a timing of a few percent does not. They say nothing about caches and latencies.
A call's count is the difference between runs that make it many and few times: starting and making ready is in both. Valgrind knows no AVX-512,
so it is the AVX2 tier that is counted, as far as valgrind knows its instructions. Another version of rustc counts a little differently: the file says which one it is of.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COUNTS = HERE / "counts.json"
PACKAGE = "simplechain-instructions"
TOLERANCE = 0.05
TIER = "v3"


def build():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    subprocess.run(["cargo", "build", "--release", "-p", PACKAGE], cwd=ROOT, check=True)
    return target / "release" / PACKAGE


def instructions(program, name, times):
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, name, str(times)]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ, SIMPLECHAIN_SIMD=TIER))
    if "Unrecognised instruction" in done.stderr:
        return None
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode or not found or "ignored" in done.stderr:
        sys.exit(f"failed: {name}\n{done.stderr}")
    return int(found[1])


def count(program, name):
    """The instructions of a call, or None if valgrind does not know one of them."""
    times = (2, 4) if name.startswith("epoch") else (10, 210)
    few, many = (instructions(program, name, times) for times in times)
    return None if few is None or many is None else round((many - few) / (times[1] - times[0]))


def main():
    parser = argparse.ArgumentParser(description="Counts the instructions of hot calls.")
    parser.add_argument("--bless", action="store_true", help="record the counts")
    bless = parser.parse_args().bless
    program = build()
    names = subprocess.run([program], capture_output=True, text=True, check=True).stdout.splitlines()
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    counts = {name: count(program, name) for name in names}
    if bless:
        COUNTS.write_text(json.dumps({"rustc": rustc, "tier": TIER, "instructions": {name: n for name, n in counts.items() if n}}, indent=4) + "\n")
    recorded = json.loads(COUNTS.read_text())
    print(f"instructions of a call, tier {TIER}, rustc {rustc}; recorded with rustc {recorded['rustc']}")
    more = []
    for name, now in counts.items():
        then = recorded["instructions"].get(name)
        if now is None:
            print(f"{name:<20} not counted: valgrind does not know one of its instructions")
            continue
        change = f"{100 * (now / then - 1):+6.1f} %" if then else "not recorded"
        print(f"{name:<20} {now:>12} {change}")
        if then is None or now > then * (1 + TOLERANCE):
            more.append(name)
    if more:
        sys.exit(f"failed: more than {100 * TOLERANCE:.0f} % more instructions, or not recorded: {', '.join(more)}. If it is meant, `--bless` records it")


if __name__ == "__main__":
    main()
