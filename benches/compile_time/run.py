#!/usr/bin/env python3
"""How long a program with a chain compiles: CPU seconds (user time) and wall seconds of its own crate, release, after a touch.

    python3 benches/compile_time/run.py [--rounds N] [--only NAME ..] [--json FILE] [-- CARGO ARGUMENT ..]

The dependencies are compiled before. Programs are taken in turn, round by round; the table has the medians. Nothing else should be running.
For a known CPU: RUSTFLAGS="-C target-cpu=native" python3 benches/compile_time/run.py
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import resource
import statistics
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
PROGRAMS = [
    ("one_layer", "training of one layer of 20"),
    ("three_layers", "3 layers of 20: training, forward, vjp"),
    ("lenet", "LeNet-5: training, batches, one image"),
    ("equal_8", "training of 8 layers of 20"),
    ("equal_16", "training of 16 layers of 20"),
    ("equal_30", "training of 30 layers of 20"),
    ("widths_4", "training of 4 layers of different widths"),
    ("widths_8", "training of 8 layers of different widths"),
    ("widths_16", "training of 16 layers of different widths"),
]


def build(target, arguments, name=None):
    command = ["cargo", "build", "--release", "--quiet", *arguments]
    if name:
        command += ["--bin", name]
    environment = dict(os.environ, CARGO_TARGET_DIR=str(target))
    subprocess.run(command, cwd=HERE, env=environment, check=True)


def measure(target, arguments, name):
    (HERE / "src" / "bin" / f"{name}.rs").touch()
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    build(target, arguments, name)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime, wall


def cpu_name():
    for line in subprocess.run(["lscpu"], capture_output=True, text=True).stdout.splitlines():
        if line.startswith("Model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", help="name of a program; may be repeated")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("cargo", nargs="*", help="arguments for cargo, after --")
    options = parser.parse_args()
    programs = [(name, what) for name, what in PROGRAMS if not options.only or name in options.only]
    if not programs or options.rounds < 1:
        names = ", ".join(name for name, _ in PROGRAMS)
        parser.error(f"at least one round, and of the programs {names}")

    target = HERE.parent.parent / "target" / "compile_time"
    build(target, options.cargo)
    samples = {name: [] for name, _ in programs}
    for _ in range(options.rounds):
        for name, _ in programs:
            samples[name].append(measure(target, options.cargo, name))

    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    print(f"{rustc}, {cpu_name()}, {os.cpu_count()} CPUs, medians of {options.rounds}\n")
    print("| program (release) | CPU s | wall s |")
    print("|---|---|---|")
    results = []
    for name, what in programs:
        cpu, wall = (statistics.median(column) for column in zip(*samples[name]))
        results.append({"program": name, "cpu_s": cpu, "wall_s": wall})
        print(f"| {what} | {cpu:.2f} | {wall:.2f} |")
    if options.json:
        commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True).stdout.strip()
        origin = {"cpu": cpu_name(), "rustc": rustc, "date": datetime.date.today().isoformat(), "commit": commit}
        options.json.write_text(json.dumps({"origin": origin, "programs": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
