#!/usr/bin/env python3
"""Exported networks in other frameworks: ONNX models in onnxruntime, parameters in PyTorch.

    python3 .ci/exchange.py [--python INTERPRETER]

Makes an environment in target/exchange with onnxruntime from PyPI, unless an INTERPRETER is given that has it. What cannot be had, within
three minutes, is said loudly, and is no failure: nothing of it is needed to use the library. PyTorch is large and is not installed:
its part runs if the interpreter, or the one that runs this, has it.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGES = ["numpy", "onnx", "onnxruntime"]
MINUTES = 3


def not_run(what, why):
    print(f"\n{'!' * 20} NOT RUN: {what}: {why} {'!' * 20}\n", flush=True)


def has(python, *modules):
    imports = "; ".join(f"import {module}" for module in modules)
    return subprocess.run([python, "-c", imports], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def environment():
    """An interpreter with the packages, or None."""
    place = ROOT / "target" / "exchange" / "venv"
    python = place / "bin" / "python"
    if python.exists() and has(python, *PACKAGES):
        return python
    try:
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--timeout", "20", *PACKAGES], check=True, timeout=60 * MINUTES)
    except (subprocess.SubprocessError, OSError) as error:
        shutil.rmtree(place, ignore_errors=True)
        not_run("onnxruntime", f"no environment with {', '.join(PACKAGES)}: {error}")
        return None
    return python


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python")
    given = parser.parse_args().python
    onnx = given or environment()
    torch = next((python for python in (given, sys.executable) if python and has(python, "torch", "safetensors", "numpy")), None)
    if torch is None:
        not_run("PyTorch", "no interpreter with torch, safetensors and numpy (`--python`)")
    if onnx is None and torch is None:
        return
    tests = ROOT / "tests" / "exchange"
    with tempfile.TemporaryDirectory() as directory:
        command = ["cargo", "run", "-p", "simplechain-test-exchange", "--bin", "exported", "--", directory]
        subprocess.run(command, check=True, cwd=ROOT)
        for python, script in [(onnx, "compare_onnx.py"), (torch, "compare_pytorch.py")]:
            if python:
                subprocess.run([python, tests / script, directory], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


main()
