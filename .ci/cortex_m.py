#!/usr/bin/env python3
"""Builds `examples/cortex_m` for a Cortex-M4F, for `core` alone and with `alloc`, runs it in QEMU, compares its bits with those of the scalar
tier here, and measures flash, stack and instructions.

    python3 .ci/cortex_m.py

Says `NOT RUN` for what a tool is missing for. Nothing is timed: what is printed are bytes and counts of instructions.
"""

import os
import re
import shlex
import struct
import subprocess
import sys

from report import ROOT, TARGET, check, finish, missing

EXAMPLE = ROOT / "examples" / "cortex_m"
THUMB = "thumbv7em-none-eabihf"
WEIGHTS = 756 * 4
# Beside the weights, in bytes: the whole program with its vectors, 1 KB, and start-up code.
MAX_FLASH = {"forward": 12 * 1024, "vjp": 16 * 1024}
MAX_STACK = 8 * 1024


def run(*command, **options):
    """The output of a command."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "cortex_m"))
    done = subprocess.run(
        [str(part) for part in command], cwd=EXAMPLE, env=environment, stdout=subprocess.PIPE, text=True, timeout=600, **options
    )
    if done.returncode:
        sys.exit(f"failed ({done.returncode}): {shlex.join(map(str, command))}\n{done.stdout}")
    return done.stdout


def build(program, profile="release", features=()):
    run("cargo", "build", "--locked", "--profile", profile, "--target", THUMB, "--bin", program, "--features", ",".join(features))
    return TARGET / "cortex_m" / THUMB / profile / program


def sections(program):
    """The sizes of the sections of a 32-bit ELF file that are in memory, by name."""
    data = program.read_bytes()
    offset, size, count, names = *struct.unpack_from("<I", data, 32), *struct.unpack_from("<HHH", data, 46)
    headers = [struct.unpack_from("<10I", data, offset + i * size) for i in range(count)]
    texts = headers[names][4]

    def name(start):
        return data[texts + start : data.index(b"\0", texts + start)].decode()

    return {name(header[0]): header[5] for header in headers if header[2] & 2 and header[5]}


def flash():
    """What the calls take, beside the weights."""
    for profile, level in [("release", "s"), ("fast", "3")]:
        for what, features in [("forward", ()), ("vjp", ("vjp",))]:
            sizes = sections(build("flash", profile, features))
            in_ram = sum(sizes.get(name, 0) for name in (".data", ".bss"))
            rest = sum(sizes.values()) - sizes.get(".bss", 0) - WEIGHTS
            print(f"flash, opt-level {level}, {what}: {rest} bytes beside the weights: {sizes}")
            if profile == "release":
                check(rest < MAX_FLASH[what], f"{what} takes less than {MAX_FLASH[what]} bytes of flash beside the weights")
            check(in_ram == 0, f"{what} takes no static memory")


def emulate(program):
    """The lines of results, and those of costs."""
    machine = "-machine mps2-an386 -cpu cortex-m4 -nographic -icount shift=0 -semihosting-config enable=on,target=native"
    lines = run("qemu-system-arm", *machine.split(), "-kernel", program, stdin=subprocess.DEVNULL).splitlines()
    return [line for line in lines if not line.startswith("cost")], [line for line in lines if line.startswith("cost")]


def compare(expected):
    for profile in ("release", "fast"):
        results, costs = emulate(build("inference", profile))
        print(f"\n{profile}:", *costs, sep="\n")
        want = [line for line in expected if not line.startswith(("loss", "params"))]
        check(len(want) == 67 and results == want, f"{profile}: outputs and derivatives have the bits of the scalar tier here")
        stack = [int(bytes) for bytes in re.findall(r"(\d+) bytes of stack", "\n".join(costs))]
        check(len(stack) == 4 and max(stack) < MAX_STACK, f"{profile}: no call takes {MAX_STACK} bytes of stack")
    results, costs = emulate(build("training", features=("alloc",)))
    print(*costs, sep="\n")
    want = [line for line in expected if line.startswith(("loss", "params"))]
    check(len(want) == 6 and results == want, "training has the bits of the scalar tier here")


def main():
    run("cargo", "fmt", "--all", "--check")
    expected = run("cargo", "run", "--locked", "-p", "simplechain-cortex-m-host", "--bin", "expected").splitlines()
    if os.uname().machine == "x86_64":
        # Built for `core` alone this machine has the tier that all of its kind have.
        core = ["cargo", "run", "--locked", "-p", "simplechain-cortex-m-host", "--bin", "expected"]
        unfused = [line for line in run(*core, "--", "unfused").splitlines() if not line.startswith(("loss", "params"))]
        check(run(*core, "--no-default-features").splitlines() == unfused, "built for `core` alone, the bits here are those of the tier `unfused`")
    if missing("Cortex-M4F", target=THUMB):
        return
    clippy = ["cargo", "clippy", "--locked", "--release", "--target", THUMB]
    run(*clippy, "--bin", "flash", "--bin", "inference", "--", "-D", "warnings")
    run(*clippy, "--features", "alloc", "--bin", "training", "--", "-D", "warnings")
    flash()
    if not missing("Cortex-M4F in an emulator", "qemu-system-arm"):
        compare(expected)


if __name__ == "__main__":
    main()
    finish()
