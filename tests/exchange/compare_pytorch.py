"""Loads exported parameters into modules of PyTorch and compares their predictions with those of the library.

    cargo run -p simplechain-test-exchange --bin exported -- DIRECTORY
    python3 tests/exchange/compare_pytorch.py DIRECTORY

Needs numpy, torch and safetensors. `load_state_dict` is strict: no tensor is missing, none is left over. Predictions for 100 samples agree
within 1e-6 of the largest output.
"""

import pathlib
import sys

import numpy
import torch
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).parent / "fixtures"))
from pytorch_modules import NETWORKS

directory = pathlib.Path(sys.argv[1])
failed = False
for name, module, shape in NETWORKS:
    model = module()
    model.load_state_dict(load_file(directory / f"{name}.safetensors"))
    model.eval()
    x = torch.tensor(numpy.fromfile(directory / f"{name}.x").reshape(-1, *shape))
    expected = numpy.fromfile(directory / f"{name}.y")
    assert len(x) >= 100
    y = model(x).detach().numpy().ravel()
    error = abs(y - expected).max() / abs(expected).max()
    bad = not error < 1e-6
    failed |= bad
    print(f"{name:10} {len(x)} samples, error {error:.1e}, torch {torch.__version__}", "TOO LARGE" * bad)
sys.exit(failed)
