"""What the scripts of this folder share: checks, and what could not be run.

What is not run is said at once; `.ci/run` says it again at its end, by the file that `CI_NOT_RUN` names, and fails then if `CI_STRICT=1`.
"""

import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# As the tests have compiled them.
PROGRAMS = TARGET / "debug"
EXAMPLES = PROGRAMS / "examples"
INSTALL_SECONDS = 180

failures = []


def check(holds, what):
    print(f"{'ok' if holds else 'FAILED'}: {what}", flush=True)
    if not holds:
        failures.append(what)


def finish():
    """Ends the script: with an error if a check failed."""
    if failures:
        sys.exit("failed: " + "; ".join(failures))


def not_run(what, why):
    print(f"\n{'*' * 8} NOT RUN: {what}: {why} {'*' * 8}\n", flush=True)
    if record := os.environ.get("CI_NOT_RUN"):
        with open(record, "a") as file:
            file.write(f"{what}: {why}\n")


def build_programs():
    """Builds the programs and examples that scripts run, as members of the whole workspace: so with the features of `cargo test --workspace`, and what
    that has compiled is taken."""
    names = ("exported", "population_pk", "population_sharded", "serve", "tabular_csv", "with_argmin", "with_basin", "with_levenberg_marquardt")
    bins = [argument for name in names for argument in ("--bin", name)]
    subprocess.run(["cargo", "build", "--workspace", "--examples", *bins], cwd=ROOT, check=True)


def missing(what, *tools, target=None):
    """Whether a tool, or the standard library of a `target`, is not there; which is then said."""
    absent = [tool for tool in tools if not shutil.which(tool)]
    if target:
        command = ["rustc", "--print", "target-libdir", "--target", target]
        libraries = subprocess.run(command, capture_output=True, text=True).stdout.strip()
        if not os.path.isdir(libraries):
            absent.append(f"rustup target add {target}")
    if absent:
        not_run(what, f"missing {', '.join(absent)}")
    return bool(absent)


def has(python, *modules):
    """Whether an interpreter has these modules."""
    imports = "; ".join(f"import {module}" for module in modules)
    return subprocess.run([python, "-c", imports], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def environment(what, *packages):
    """An interpreter with packages from PyPI that are imported by their names, made in the folder of builds; or None, which is then said."""
    place = TARGET / "venv" / "-".join(packages)
    python = place / "bin" / "python"
    if python.exists() and has(python, *packages):
        return python
    install = [python, "-m", "pip", "install", "-q", "--timeout", "20", *packages]
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run(install, check=True, timeout=INSTALL_SECONDS)
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(place, ignore_errors=True)
        not_run(what, f"no environment with {', '.join(packages)}: {error}")
        return None
    return python
