#!/usr/bin/env python3
"""Builds `tests/targets` for other CPUs, runs it in emulators, compares the bits with those of this CPU, and reads the instructions.

    python3 .ci/targets.py
    python3 .ci/targets.py --recorded    # also the recorded bits of tests/fixtures/bits.txt on AArch64, minutes
    python3 .ci/targets.py --times       # nothing but a table of times, of this CPU and of WebAssembly in Node

Says `NOT RUN` for what a tool is missing for. Of AArch64 nothing is timed: what is printed are counts of instructions.
"""

import argparse
import os
import re
import subprocess
import sys

from report import ROOT, TARGET, check, finish, missing

PACKAGE = "simplechain-test-targets"
AARCH64 = "aarch64-unknown-linux-gnu"
AARCH64_ENV = {
    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER": "aarch64-linux-gnu-gcc",
    "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER": "qemu-aarch64 -L /usr/aarch64-linux-gnu",
}
# The tier that every target can have.
SCALAR = ["--features", "simplechain/scalar"]
WASM = "wasm32-unknown-unknown"
# The tier of a module is known when it is compiled.
WASM_TIERS = {"scalar": "", "unfused": " -C target-feature=+simd128"}
INSTANCE = """
const wasm = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
const exports = new WebAssembly.Instance(wasm).exports;
"""
# As `main.rs`: the hashes; and what is refused without an operating system.
RESULTS = """
const hex = (bits) => BigInt.asUintN(64, bits).toString(16).padStart(16, "0");
console.log(hex(exports.calls()), hex(exports.training()));
exports.refusals();
"""
# As `times.rs`: nanoseconds of a repetition, in the fastest run.
TIMES = """
function time(run) {
    const milliseconds = (count) => {
        const start = performance.now();
        run(count);
        return performance.now() - start;
    };
    let count = 1;
    while (milliseconds(count) < 50) count *= 2;
    return (1e6 * Math.min(...Array.from({ length: 6 }, () => milliseconds(count)))) / count;
}
const { forward, vjp, epochs } = exports;
console.log(...[forward, vjp, epochs].map(time));
"""


def start_cargo(*arguments, env=()):
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET), **dict(env))
    return subprocess.Popen(["cargo", *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)


def finish_cargo(process):
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"failed: {' '.join(process.args)}\n{output}")
    return output


def cargo(*arguments, env=()):
    return finish_cargo(start_cargo(*arguments, env=env))


def run_bin(name, *arguments, env=()):
    """The lines that a program prints for each tier: `tier value value ..`."""
    output = cargo("run", "--release", "-p", PACKAGE, "--bin", name, *arguments, env=env)
    return {line.split()[0]: line.split()[1:] for line in output.splitlines()}


def node(tier, script):
    """What a script prints about the module that is compiled for a tier."""
    flags = os.environ.get("RUSTFLAGS", "") + WASM_TIERS[tier]
    cargo("build", "--release", "-p", PACKAGE, "--lib", "--target", WASM, env={"RUSTFLAGS": flags})
    module = TARGET / WASM / "release" / f"{PACKAGE.replace('-', '_')}.wasm"
    command = ["node", "-e", INSTANCE + script, module]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def aarch64(here):
    if missing("NEON", "aarch64-linux-gnu-gcc", target=AARCH64):
        return
    if not missing("NEON in an emulator", "qemu-aarch64"):
        there = run_bin("targets", "--target", AARCH64, env=AARCH64_ENV)
        check(there == {"neon": here["scalar"]}, f"{', '.join(there)} on AArch64 has the bits of {os.uname().machine}")
    if not missing("the instructions of NEON", "aarch64-linux-gnu-objdump"):
        cargo("build", "--release", "-p", PACKAGE, "--bin", "epochs", "--target", AARCH64, env=AARCH64_ENV)
        program = TARGET / AARCH64 / "release" / "epochs"
        command = ["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", program]
        read_neon(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def start_tests(recorded):
    """The tests of the runtime on AArch64, which are built and run beside everything else."""
    if missing("the tests of the runtime on AArch64", "aarch64-linux-gnu-gcc", "qemu-aarch64", target=AARCH64):
        return []
    tests = [["-p", "simplechain-runtime", "--tests"]]
    if recorded:
        tests.append(["-p", "simplechain-tests", "--features", "simplechain/scalar", "--test", "recorded", "bits"])
    return [start_cargo("test", "--quiet", *test, "--target", AARCH64, env=AARCH64_ENV) for test in tests]


def finish_tests(tests):
    for test in tests:
        output = finish_cargo(test)
        passed = sum(int(count) for count in re.findall(r"test result: ok\. (\d+) passed", output))
        check(passed > 0, f"{passed} tests pass on AArch64: {' '.join(test.args)}")


def wasm(here):
    if missing("WebAssembly", "node", target=WASM):
        return
    for tier in WASM_TIERS:
        check(node(tier, RESULTS) == here[tier], f"{tier} in Node has the bits of {os.uname().machine}")


def print_times():
    rows = list(run_bin("times", *SCALAR).items())
    if not missing("WebAssembly", "node", target=WASM):
        rows += [(f"WebAssembly, {tier}", node(tier, TIMES)) for tier in WASM_TIERS]
    print("| 4-32-16-4, one thread | forward | vjp | epoch of 10 000 samples |\n|---|---|---|---|")
    for name, times in rows:
        forward, vjp, epoch = (float(time) for time in times)
        print(f"| {name} | {forward:.0f} ns | {vjp:.0f} ns | {epoch / 1e6:.2f} ms |")


def innermost_loops(text):
    """Of every loop in which no other loop is, the instructions as `(mnemonic, operands)`."""
    instructions, at = [], {}
    for line in text.splitlines():
        found = re.match(r"\s+([0-9a-f]+):\s+(\S+)\s*(.*)$", line)
        if found:
            at[int(found[1], 16)] = len(instructions)
            instructions.append((found[2], found[3]))
    loops = set()
    for i, (name, operands) in enumerate(instructions):
        target = re.search(r"\b([0-9a-f]+) <", operands)
        if target and (name.startswith("b.") or name in ("b", "cbz", "cbnz", "tbz", "tbnz")):
            first = at.get(int(target[1], 16), i + 1)
            if first <= i:
                loops.add((first, i))
    for first, last in sorted(loops):
        if not any(other != (first, last) and first <= other[0] and other[1] <= last for other in loops):
            yield instructions[first : last + 1]


def read_neon(text):
    """The loops of the matrix kernels: those in which two of five instructions multiply and add vectors."""
    kinds = {"by element": [], "by vector": []}
    for loop in innermost_loops(text):
        fmla = [operands for name, operands in loop if name == "fmla"]
        if len(fmla) < 8 or 5 * len(fmla) < 2 * len(loop):
            continue
        kind = "by element" if 2 * sum("[" in operands for operands in fmla) > len(fmla) else "by vector"
        loads = sum(name.startswith("ld") for name, _ in loop)
        spills = sum(name.startswith("st") and "[sp" in operands for name, operands in loop)
        calls = sum(name in ("bl", "blr") for name, _ in loop)
        kinds[kind].append((len(loop), len(fmla), loads, spills, calls))
    print("\n4-32-16-4, counted and not timed. At the peak of 4 fmla a cycle a loop needs so many instructions a cycle:")
    print(f"{'fmla':12} {'loops':>6} {'instructions':>13} {'fmla':>5} {'loads':>6} {'loads a fmla':>13} {'a cycle':>8}")
    for kind, loops in kinds.items():
        for loop in sorted(set(loops)):
            length, fmla, loads, _, _ = loop
            print(
                f"{kind:12} {loops.count(loop):6} {length:13} {fmla:5} {loads:6} {loads / fmla:13.2f} {4 * length / fmla:8.1f}"
            )
        check(bool(loops), f"there are loops that multiply {kind}")
        check(not any(spills or calls for *_, spills, calls in loops), f"{kind}: no call, and nothing spilled")
        check(all(loads <= fmla / 2 for _, fmla, loads, *_ in loops), f"{kind}: at most a load for two fmla")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recorded", action="store_true", help="also the recorded bits on AArch64")
    parser.add_argument("--times", action="store_true", help="nothing but a table of times")
    arguments = parser.parse_args()
    if arguments.times:
        return print_times()
    tests = start_tests(arguments.recorded)
    here = run_bin("targets", *SCALAR)
    fused = {tier: tuple(results) for tier, results in here.items() if tier != "unfused"}
    check(len(set(fused.values())) == 1, f"{', '.join(fused)} have the same bits here")
    aarch64(here)
    wasm(here)
    finish_tests(tests)
    finish()


if __name__ == "__main__":
    main()
