#!/usr/bin/env python3
"""Lints and tests `simplechain-mpi`: trainings under `mpirun`, whose bits are compared, and of which some are killed.

    python3 .ci/mpi.py

Says `NOT RUN` where there is no MPI, or no libclang to read its headers with.
"""

import glob
import os
import shutil
import subprocess
import sys

from report import ROOT, TARGET, check, finish, missing, not_run

INSTALL_SECONDS = 300
PACKAGES = ["libopenmpi-dev", "openmpi-bin", "libclang-dev"]
LIBCLANG = ["/usr/lib/llvm-*/lib/libclang*.so*", "/usr/lib/*/libclang*.so*", "/usr/lib*/libclang*.so*"]


def has_libclang():
    return "LIBCLANG_PATH" in os.environ or any(glob.glob(place) for place in LIBCLANG)


def is_there():
    return all(map(shutil.which, ["mpicc", "mpirun"])) and has_libclang()


def install():
    if os.getuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            try:
                subprocess.run(["apt-get", "-qq", *command], stdout=subprocess.DEVNULL, timeout=INSTALL_SECONDS)
            except subprocess.TimeoutExpired as error:
                print(error)


def cargo(*arguments):
    manifest = ROOT / "simplechain-mpi" / "Cargo.toml"
    command = ["cargo", arguments[0], "--manifest-path", str(manifest), *arguments[1:]]
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "mpi"))
    done = subprocess.run(command, cwd=ROOT, env=environment)
    check(done.returncode == 0, " ".join(["simplechain-mpi:", "cargo", *arguments]))


def main():
    what = "training over MPI"
    if not is_there():
        install()
    if missing(what, "mpicc", "mpirun"):
        return
    if not has_libclang():
        not_run(what, "missing libclang")
        return
    cargo("fmt", "--check")
    cargo("clippy", "--all-targets", "--locked", "--", "-D", "warnings")
    cargo("test", "--locked")
    finish()


if __name__ == "__main__":
    sys.exit(main())
