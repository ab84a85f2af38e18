"""Compares the predictions of exported ONNX models with those of the library.

    cargo run -p simplechain-test-exchange --bin exported -- DIRECTORY
    python3 tests/exchange/compare_onnx.py DIRECTORY

Needs numpy, onnx and onnxruntime. For every NAME.onnx in the directory there are samples and predictions, in NAME.x and NAME.y, as
float64. The checker of `onnx` accepts the model, and onnxruntime's predictions agree within 1e-6 of the largest output. Where it has no
kernel for float64, the reference evaluator of `onnx` takes its place.
"""

import pathlib
import sys

import numpy
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator

TOLERANCE = 1e-6
TYPES = {"tensor(float)": numpy.float32, "tensor(double)": numpy.float64}


def session(path):
    """onnxruntime's predictions as a function, and its name."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        runtime = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return lambda x: runtime.run(["y"], {"x": x})[0], "onnxruntime"
    except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented as error:
        if not path.stem.endswith("f64"):
            raise
        missing = str(error).split("for ")[-1].split("(")[0]
        evaluator = ReferenceEvaluator(onnx.load(path))
        return lambda x: evaluator.run(["y"], {"x": x})[0], f"onnx.reference (onnxruntime has no float64 {missing})"


def main():
    paths = sorted(pathlib.Path(sys.argv[1]).glob("*.onnx"))
    failed = not paths
    for path in paths:
        model = onnx.load(path)
        onnx.checker.check_model(model, full_check=True)
        dims = [dim.dim_value for dim in model.graph.input[0].type.tensor_type.shape.dim[1:]]
        output = [dim.dim_value for dim in model.graph.output[0].type.tensor_type.shape.dim[1:]]
        elements = model.graph.input[0].type.tensor_type.elem_type
        dtype = onnx.helper.tensor_dtype_to_np_dtype(elements)
        x = numpy.fromfile(path.with_suffix(".x")).reshape(-1, *dims).astype(dtype)
        expected = numpy.fromfile(path.with_suffix(".y")).reshape(-1, *output)
        assert len(x) >= 100
        predict, name = session(path)
        y = predict(x)
        assert y.shape == expected.shape and y.dtype == dtype, (y.shape, expected.shape, y.dtype)
        error = abs(y - expected).max() / abs(expected).max()
        # One sample: the batch is a dimension of any size.
        one = abs(predict(x[:1]) - expected[:1]).max() / abs(expected).max()
        bad = not max(error, one) < TOLERANCE
        failed |= bad
        print(f"{path.stem:16} {len(x)} samples, {len(model.graph.node):3} nodes, error {max(error, one):.1e}, {name}", "TOO LARGE" * bad)
    sys.exit(failed)


main()
