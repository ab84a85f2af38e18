#!/usr/bin/env python3
"""Lints and tests `simplechain-mpi`: trainings under `mpirun`, whose bits are compared, and of which some are killed. Then the fits of
`examples/population_sharded` in shards, one for each rank.

    python3 .ci/mpi.py
    python3 .ci/mpi.py --mpich      # by MPICH, also where Open MPI is the one named mpicc and mpirun

Says `NOT RUN` where there is no MPI, or no libclang to read its headers with.
"""

import argparse
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from report import PROGRAMS, ROOT, TARGET, build_programs, check, finish, missing, not_run

INSTALL_SECONDS = 300
# Debian's packages, and the names of the programs: `MPICC` is for the build of the crate `mpi`, `MPIRUN` for the tests.
DEFAULT = {"packages": ["libopenmpi-dev", "openmpi-bin"], "MPICC": "mpicc", "MPIRUN": "mpirun"}
MPICH = {"packages": ["libmpich-dev", "mpich"], "MPICC": "mpicc.mpich", "MPIRUN": "mpirun.mpich"}
LIBCLANG = ["/usr/lib/llvm-*/lib/libclang*.so*", "/usr/lib/*/libclang*.so*", "/usr/lib*/libclang*.so*"]


def has_libclang():
    return "LIBCLANG_PATH" in os.environ or any(glob.glob(place) for place in LIBCLANG)


def is_there(mpi):
    return all(map(shutil.which, [mpi["MPICC"], mpi["MPIRUN"]])) and has_libclang()


def install(packages):
    if os.getuid() == 0 and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            try:
                subprocess.run(["apt-get", "-qq", *command], stdout=subprocess.DEVNULL, timeout=INSTALL_SECONDS)
            except subprocess.TimeoutExpired as error:
                print(error)


def cargo(mpi, *arguments):
    manifest = ROOT / "simplechain-mpi" / "Cargo.toml"
    command = ["cargo", arguments[0], "--manifest-path", str(manifest), *arguments[1:]]
    programs = {name: mpi[name] for name in ("MPICC", "MPIRUN")}
    # The bindings are those of one MPI.
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / mpi["MPICC"].replace("cc", "")), **programs)
    done = subprocess.run(command, cwd=ROOT, env=environment)
    check(done.returncode == 0, " ".join([mpi["MPIRUN"], "cargo", *arguments]))


def shards(mpi):
    """Fits in three ranks and in one process: the same results, and no fit was made twice."""
    program, subjects = PROGRAMS / "population_sharded", 60
    # For Open MPI in a container: as root, with more processes than CPUs.
    allowed = ("OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "OMPI_MCA_rmaps_base_oversubscribe")
    environment = dict(os.environ, **dict.fromkeys(allowed, "1"))
    tables = []
    with tempfile.TemporaryDirectory() as folder:
        for launcher in ([], [mpi["MPIRUN"], "-n", "3"]):
            directory = Path(folder, str(len(launcher)))
            study = ["--directory", directory, "--subjects", str(subjects)]
            fit = [*launcher, program, *study, "fit", "--threads", "1"]
            done = subprocess.run(fit, env=environment, stdout=subprocess.PIPE, text=True)
            fits = [int(count) for count in re.findall(r"(\d+) fits in", done.stdout)]
            check(done.returncode == 0 and sum(fits) == subjects, f"{subjects} fits in {len(fits)} processes: {fits}")
            csv = directory / "subjects.csv"
            subprocess.run([program, *study, "merge", "--csv", csv], check=True, stdout=subprocess.DEVNULL)
            tables.append(csv.read_text())
    check(tables[0] == tables[1], "the results of three ranks are those of one process")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mpich", action="store_true", help="MPICH, by the names that Debian gives it")
    mpi = MPICH if parser.parse_args().mpich else DEFAULT
    what = "training over MPI"
    if not is_there(mpi):
        install([*mpi["packages"], "libclang-dev"])
    if missing(what, mpi["MPICC"], mpi["MPIRUN"]):
        return
    if not has_libclang():
        not_run(what, "missing libclang")
        return
    cargo(mpi, "fmt", "--check")
    cargo(mpi, "clippy", "--all-targets", "--locked", "--", "-D", "warnings")
    cargo(mpi, "test", "--locked")
    build_programs()
    shards(mpi)
    finish()


if __name__ == "__main__":
    sys.exit(main())
