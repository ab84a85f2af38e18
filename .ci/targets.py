#!/usr/bin/env python3
"""Builds `tests/targets` for other CPUs, runs it in emulators, compares the bits with those of this CPU, and reads the instructions.

    python3 .ci/targets.py

Says `NOT RUN` for what a tool is missing for. Of AArch64 nothing is timed here: what is printed are counts of instructions.
"""

import os
import re
import subprocess
import sys

from report import ROOT, TARGET, check, finish, missing

PACKAGE = "simplechain-test-targets"
AARCH64 = "aarch64-unknown-linux-gnu"
WASM = "wasm32-unknown-unknown"
# Hash and loss as `main.rs` prints them, then the milliseconds of an epoch.
NODE = """
const module = new WebAssembly.Module(require("fs").readFileSync(process.argv[1]));
const { bits, epochs } = new WebAssembly.Instance(module).exports;
const loss = Buffer.alloc(4);
loss.writeFloatBE(epochs(3));
let fastest = Infinity;
for (let i = 0; i < 20; i++) {
    const start = performance.now();
    epochs(20);
    fastest = Math.min(fastest, (performance.now() - start) / 20);
}
const hash = BigInt.asUintN(64, bits()).toString(16).padStart(16, "0");
console.log(hash, loss.toString("hex"), fastest.toFixed(2));
"""


def cargo(*arguments, env=()):
    command = ["cargo", *arguments, "--release", "-p", PACKAGE]
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET), **dict(env))
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"failed: {' '.join(command)}")
    return done.stdout


def tiers(output):
    """The lines `tier hash loss`."""
    return {line.split()[0]: line.split()[1:] for line in output.splitlines()}


def aarch64(here):
    env = {
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER": "aarch64-linux-gnu-gcc",
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER": "qemu-aarch64 -L /usr/aarch64-linux-gnu",
    }
    if missing("NEON", "aarch64-linux-gnu-gcc", target=AARCH64):
        return
    if not missing("NEON in an emulator", "qemu-aarch64"):
        there = tiers(cargo("run", "--bin", "targets", "--features", "simplechain/scalar", "--target", AARCH64, env=env))
        check(set(there) == {"scalar", "neon"}, f"the tiers of AArch64 are {' and '.join(there)}")
        for tier, results in there.items():
            check(results == here["scalar"], f"{tier} on AArch64 has the bits of {os.uname().machine}")
    if not missing("the instructions of NEON", "aarch64-linux-gnu-objdump"):
        cargo("build", "--bin", "epochs", "--target", AARCH64, env=env)
        program = TARGET / AARCH64 / "release" / "epochs"
        command = ["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", program]
        read_neon(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def wasm(here):
    if missing("WebAssembly", "node", target=WASM):
        return
    # Its tier is known when it is compiled.
    flags = os.environ.get("RUSTFLAGS", "") + " -C target-feature=+simd128"
    cargo("build", "--lib", "--target", WASM, env={"RUSTFLAGS": flags})
    program = TARGET / WASM / "release" / (PACKAGE.replace("-", "_") + ".wasm")
    command = ["node", "-e", NODE, program]
    there = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    check(there[:2] == here["unfused"], f"unfused in Node has the bits of {os.uname().machine}")
    print(f"an epoch of 10 000 samples of 4-32-16-4 in Node: {there[2]} ms, with the samples made anew every 20")


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
    here = tiers(cargo("run", "--bin", "targets", "--features", "simplechain/scalar"))
    fused = {tier: tuple(results) for tier, results in here.items() if tier != "unfused"}
    check(len(set(fused.values())) == 1, f"{', '.join(fused)} have the same bits here")
    aarch64(here)
    wasm(here)
    finish()


if __name__ == "__main__":
    main()
