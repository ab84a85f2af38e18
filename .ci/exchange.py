#!/usr/bin/env python3
"""Exported networks in other frameworks: ONNX models in onnxruntime, parameters in PyTorch.

    python3 .ci/exchange.py [--python INTERPRETER]

Makes an environment in target/venv with onnxruntime from PyPI, unless an INTERPRETER is given that has it. What cannot be had, within
three minutes, is said loudly, and is no failure: nothing of it is needed to use the library. PyTorch is large and is not installed:
its part runs if the interpreter, or the one that runs this, has it.
"""

import argparse
import os
import subprocess
import sys
import tempfile

from report import PROGRAMS, ROOT, build_programs, environment, has, not_run


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--python")
    given = parser.parse_args().python
    onnx = given or environment("onnxruntime", "numpy", "onnx", "onnxruntime")
    torch = next((python for python in (given, sys.executable) if python and has(python, "torch", "safetensors", "numpy")), None)
    if torch is None:
        not_run("PyTorch", "no interpreter with torch, safetensors and numpy (`--python`)")
    if onnx is None and torch is None:
        return
    build_programs()
    tests = ROOT / "tests" / "exchange"
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run([PROGRAMS / "exported", directory], check=True, cwd=ROOT)
        for python, script in [(onnx, "compare_onnx.py"), (torch, "compare_pytorch.py")]:
            if python:
                subprocess.run([python, tests / script, directory], check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})


main()
