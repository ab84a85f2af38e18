#!/usr/bin/env python3
"""Fuzzing, see fuzz/README.md.

    python3 .ci/fuzz.py                    replays the seeds and some ten thousand changed ones, with stable Rust
    python3 .ci/fuzz.py --seconds 10       fuzzes each target so long with cargo-fuzz, which is nightly Rust
    python3 .ci/fuzz.py --sanitizer address --seconds 10 calls
"""

import argparse
import os
import subprocess

from report import ROOT, TARGET, check, finish, missing, not_run

FUZZ = ROOT / "fuzz"
# Changed inputs of each target: what takes about a second of one CPU.
REPLAYED = {
    "pipeline": 2000,
    "storage": 3000,
    "checkpoints": 1000,
    "import": 2000,
    "architecture": 10000,
    "idx": 10000,
    "csv_table": 10000,
    "onnx": 500,
    "calls": 50,
}

# What of the library a target needs; the others are those of files.
FEATURES = {"pipeline": "", "calls": "calls"}


def run(what, command, env):
    check(subprocess.run(command, cwd=FUZZ, env=env).returncode == 0, what)


def replay(targets):
    env = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "fuzz"), CARGO_INCREMENTAL="0")
    build = ["cargo", "build", "--locked", *(f"--bin={name}" for name in targets)]
    if subprocess.run(build, cwd=FUZZ, env=env).returncode:
        check(False, "the fuzz targets compile")
        return
    for name in targets:
        run(f"replay of {name}", [TARGET / "fuzz" / "debug" / name, str(REPLAYED[name])], env)


def fuzz(targets, seconds, sanitizer):
    what = "fuzzing"
    if missing(what, "rustup", "cargo-fuzz"):
        return
    toolchains = subprocess.run(["rustup", "toolchain", "list"], capture_output=True, text=True).stdout
    if "nightly" not in toolchains:
        not_run(what, "missing rustup toolchain install nightly")
        return
    env = dict(os.environ, RUSTUP_TOOLCHAIN="nightly", CARGO_TARGET_DIR=str(TARGET / "fuzz"))
    for name in targets:
        (FUZZ / "corpus" / name).mkdir(parents=True, exist_ok=True)
        features = ["--no-default-features", "--features", FEATURES.get(name, "readers")]
        options = ["--fuzz-dir", ".", "--sanitizer", sanitizer, *features]
        command = ["cargo", "fuzz", "run", *options, name, f"corpus/{name}", f"seeds/{name}"]
        # The timeout is of the wall clock, which also counts while others compute or the process is stopped.
        limits = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=300", "-rss_limit_mb=1024", "-print_final_stats=1"]
        run(f"fuzzing of {name} for {seconds} s", [*command, "--", *limits], env)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--seconds", type=int, help="of each target, with cargo-fuzz")
parser.add_argument("--sanitizer", default="none", choices=["none", "address"])
parser.add_argument("targets", nargs="*", default=list(REPLAYED), help="all, if none is named")
args = parser.parse_args()
if args.seconds:
    fuzz(args.targets, args.seconds, args.sanitizer)
else:
    replay(args.targets)
finish()
