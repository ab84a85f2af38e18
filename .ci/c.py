#!/usr/bin/env python3
"""A chain behind its C interface: C and C++ programs, CasADi, AddressSanitizer and Miri.

    python3 .ci/c.py [--all]

Builds examples/c as a library (with `--all` optimised), and the program examples/c/main.c with gcc and g++, with every warning an error, linked statically and
dynamically, and once with AddressSanitizer on the side of C. CasADi, from PyPI, compares the chain and its derivatives with its own.
Miri interprets the tests of the interface, without `--all` those of refused calls and of `forward`; with it AddressSanitizer runs the tests with all of Rust
instrumented. That the header is that of the chain, a test of examples/c says.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile

from report import ROOT, TARGET, check, environment, finish, missing, not_run

EXAMPLE = ROOT / "examples" / "c"
WARNINGS = ["-Wall", "-Wextra", "-Werror", "-pedantic", "-O2"]
COMPILERS = [["gcc", "-std=c99"], ["g++", "-x", "c++", "-std=c++11"]]
SYSTEM = ["-lm", "-lpthread", "-ldl"]
TESTS = ["-p", "simplechain-test-c"]


def run(*command, **environment):
    command = [str(word) for word in command]
    print("+", *command, flush=True)
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode == 0


def program(directory, libraries, compiler, link, name, *flags):
    """Compiles main.c and runs it."""
    path = directory / name
    built = run(*compiler, *WARNINGS, *flags, EXAMPLE / "main.c", "-x", "none", *link, *SYSTEM, "-o", path)
    check(built and run(path, LD_LIBRARY_PATH=str(libraries)), f"{compiler[0]} {name}")


def programs(directory, libraries):
    static, shared = [libraries / "libmatexp.a"], ["-L", libraries, "-lmatexp"]
    for compiler in COMPILERS:
        if missing(f"the C interface with {compiler[0]}", compiler[0]):
            continue
        program(directory, libraries, compiler, static, f"{compiler[0]}-static")
        program(directory, libraries, compiler, shared, f"{compiler[0]}-shared")
    if not missing("AddressSanitizer on the side of C", "gcc"):
        sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g"]
        program(directory, libraries, COMPILERS[0], static, "sanitized", *sanitizers)


def casadi(libraries):
    python = environment("CasADi", "casadi", "numpy")
    if python:
        check(run(python, EXAMPLE / "casadi_check.py", libraries / "libmatexp.so"), "CasADi")


def nightly(what, *components):
    """Whether nightly Rust has these components, or gets them; what is missing is said."""
    if missing(what, "rustup"):
        return False
    toolchains = subprocess.run(["rustup", "toolchain", "list"], capture_output=True, text=True).stdout
    if "nightly" not in toolchains:
        not_run(what, "missing a nightly toolchain")
        return False
    for component in components:
        if not run("rustup", "component", "add", component, "--toolchain", "nightly"):
            not_run(what, f"missing rustup component add {component}")
            return False
    return True


def miri(everything):
    if nightly("Miri on the C interface", "miri", "rust-src"):
        environment = {
            "CARGO_TARGET_DIR": str(TARGET / "miri"),
            "MIRIFLAGS": "-Zmiri-env-forward=SIMPLECHAIN_SIMD -Zmiri-disable-isolation",
            "SIMPLECHAIN_SIMD": "scalar",
        }
        command = ["cargo", "+nightly", "miri", "test", *TESTS, "--features", "scalar", "--test", "calls", "--"]
        chosen = [] if everything else ["refusals", "f32::forward"]
        check(run(*command, *chosen, **environment), "Miri")


def address_sanitizer():
    if nightly("AddressSanitizer on Rust", "rust-src"):
        environment = {"CARGO_TARGET_DIR": str(TARGET / "asan"), "RUSTFLAGS": "-Zsanitizer=address"}
        command = ["cargo", "+nightly", "test", *TESTS, "--target", "x86_64-unknown-linux-gnu", "--test", "calls"]
        check(run(*command, **environment), "AddressSanitizer on Rust")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true")
    everything = parser.parse_args().all
    libraries = TARGET / ("release" if everything else "debug")
    if run("cargo", "build", "-p", "c_example", *(["--release"] if everything else [])):
        with tempfile.TemporaryDirectory() as directory:
            programs(pathlib.Path(directory), libraries)
        casadi(libraries)
    else:
        check(False, "the library is built")
    miri(everything)
    if everything:
        address_sanitizer()
    finish()


main()
