#!/usr/bin/env python3
"""The example for Python: its library, and its tests with NumPy, JAX and PyTorch.

    python3 .ci/python.py [--python INTERPRETER]

Makes an environment in target/venv with NumPy, JAX and pytest from PyPI, unless the INTERPRETER, or the one that runs this, has them. PyTorch
is large and is not installed: its part runs if one of the two has it. What cannot be had is said loudly.
"""

import argparse
import os
import subprocess
import sys

from report import ROOT, check, environment, finish, has, not_run

EXAMPLE = ROOT / "examples" / "python"


def tests(python, *files, path=None):
    command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *files]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **({"PYTHONPATH": str(path)} if path else {})}
    done = subprocess.run(command, cwd=EXAMPLE, env=env)
    check(done.returncode == 0, " and ".join(files))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python")
    given = parser.parse_args().python
    subprocess.run(["cargo", "build", "--release", "-p", "python_example"], check=True, cwd=ROOT)
    interpreters = [python for python in (given, sys.executable) if python]
    jax = next((python for python in interpreters if has(python, "jax", "numpy", "pytest")), None)
    if jax := jax or environment("Python and JAX", "jax", "numpy", "pytest"):
        tests(jax, "test_numpy.py", "test_jax.py")
    torch = next((python for python in interpreters if has(python, "torch", "numpy")), None)
    if torch is None:
        not_run("Python and PyTorch", "no interpreter with torch and numpy (`--python`)")
    elif has(torch, "pytest"):
        tests(torch, "test_torch.py")
    elif pytest := environment("Python and PyTorch", "pytest"):
        # It is of the same version, and pure Python.
        [path] = (pytest.parent.parent / "lib").glob("python*/site-packages")
        tests(torch, "test_torch.py", path=path)
    finish()


main()
