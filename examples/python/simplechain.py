"""Chains of simplechain as functions of NumPy arrays, through the C interface of a library that exports them.

    from simplechain import Chain, library

    field = Chain(library(), "field")
    params = field.init(seed=1, dtype="float32")
    y = field.forward(x, params)

Inputs have the shape `(input_len,)`, or `(.., input_len)` for a batch; outputs the same with `output_len`, and parameters
`(param_count,)`. All arrays of a call are of one type, float32 or float64. An array that is not contiguous is copied.
"""

import ctypes
import math
import os
import sys
from pathlib import Path

import numpy as np

SUFFIXES = {np.dtype("float32"): "", np.dtype("float64"): "_f64"}


class Error(RuntimeError):
    """A code of the C interface that is not 0."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def library(profile="release"):
    """The library of this example, as `cargo build --release -p python_example` leaves it."""
    names = {"win32": "python_example.dll", "darwin": "libpython_example.dylib"}
    name = names.get(sys.platform, "libpython_example.so")
    target = os.environ.get("CARGO_TARGET_DIR", Path(__file__).parents[2] / "target")
    return ctypes.CDLL(Path(target) / profile / name)


class Chain:
    """The chain that `export_c!(Net, prefix = ..)` exports in `library`. Any number of threads may use it; a call releases the GIL."""

    def __init__(self, library, prefix):
        self.library, self.prefix = library, prefix
        self.input_len, self.output_len, self.param_count = (
            self._function(name, ctypes.c_size_t)() for name in ("input_len", "output_len", "param_count")
        )
        self.fingerprint = self._function("fingerprint", ctypes.c_uint64)()
        self._message = self._function("message", ctypes.c_char_p, ctypes.c_int32)

    def __repr__(self):
        return self.prefix

    def init(self, seed, dtype="float32"):
        """First parameters."""
        params = np.empty(self.param_count, dtype)
        self._call("init", params.dtype, ctypes.c_uint64(seed), params, params.size)
        return params

    def load(self, source, dtype="float32"):
        """Parameters from a file that simplechain saved for this chain, or from its bytes."""
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        params, text = np.empty(self.param_count, dtype), ctypes.create_string_buffer(1000)
        data = np.frombuffer(data, np.uint8)
        self._call("load", params.dtype, data, data.size, params, params.size, text, len(text), text=text)
        return params

    def forward(self, x, params):
        """The outputs."""
        [x, params], batch, dtype = self._arrays("forward", x=x, params=params)
        y = np.empty((*batch, self.output_len), dtype)
        if batch:
            self._call("forward_batch", dtype, x, params, math.prod(batch), y)
        else:
            self._call("forward", dtype, x, params, y)
        return y

    def vjp(self, x, params, y_bar):
        """`x_bar = y_bar^T dy/dx` for every input, and `params_bar = y_bar^T dy/dparams` summed over the batch."""
        [x, params, y_bar], batch, dtype = self._arrays("vjp", x=x, params=params, y=y_bar)
        x_bar, params_bar = np.empty_like(x), np.empty_like(params)
        if batch:
            self._call("vjp_batch", dtype, x, params, y_bar, math.prod(batch), x_bar, params_bar)
        else:
            self._call("vjp", dtype, x, params, y_bar, None, x_bar, params_bar)
        return x_bar, params_bar

    def jvp(self, x, params, x_dot, params_dot):
        """`y`, and `y_dot = dy/dx x_dot + dy/dparams params_dot`."""
        arrays, batch, dtype = self._arrays("jvp", x=x, params=params, x_dot=x_dot, params_dot=params_dot)
        y, y_dot = (np.empty((*batch, self.output_len), dtype) for _ in range(2))
        if batch:
            self._call("jvp_batch", dtype, *arrays, math.prod(batch), y, y_dot)
        else:
            self._call("jvp", dtype, *arrays, y, y_dot)
        return y, y_dot

    def hvp(self, x, params, y_bar, x_dot, params_dot):
        """The derivatives of both results of `vjp` in a direction."""
        arrays, batch, dtype = self._arrays(
            "hvp", x=x, params=params, y=y_bar, x_dot=x_dot, params_dot=params_dot
        )
        x_out, params_out = np.empty_like(arrays[0]), np.empty_like(arrays[1])
        if batch:
            self._call("hvp_batch", dtype, *arrays, math.prod(batch), x_out, params_out)
        else:
            self._call("hvp", dtype, *arrays, None, x_out, params_out)
        return x_out, params_out

    def fit(self, params, x, y, epochs, batch_size=0, rate=1e-3, seed=0, threads=0):
        """Adam for the mean of `1/2 sum (output - y)^2` over the samples, in shuffled batches (0: all samples at once) on as many
        threads (0: all). Changes `params` in place and returns the loss of the last epoch. Each call starts Adam anew."""
        if not (isinstance(params, np.ndarray) and params.flags.c_contiguous and params.flags.writeable):
            raise TypeError("fit: `params` must be a contiguous array that can be written")
        [x, _, y], batch, dtype = self._arrays("fit", x=x, params=params, y=y)
        loss = np.zeros(1, dtype)
        text = ctypes.create_string_buffer(1000)
        numbers = (math.prod(batch), epochs, batch_size, ctypes.c_double(rate), ctypes.c_uint64(seed), threads)
        self._call("fit", dtype, x, y, *numbers, params, params.size, loss, text, len(text), text=text)
        return float(loss[0])

    def _arrays(self, call, **arrays):
        """The arrays, contiguous; the shape of the batch, and the type."""
        lens = {"x": self.input_len, "y": self.output_len, "params": self.param_count}
        arrays = {name: np.asarray(array) for name, array in arrays.items()}
        batch, dtype = arrays["x"].shape[:-1], arrays["x"].dtype
        for name, array in arrays.items():
            kind = name.removesuffix("_dot")
            shape = (lens[kind],) if kind == "params" else (*batch, lens[kind])
            if array.dtype not in SUFFIXES or array.dtype != dtype:
                raise TypeError(
                    f"{call}: `{name}` is of type {array.dtype}, but all arrays are of one type, float32 or float64"
                )
            if array.shape != shape:
                raise ValueError(f"{call}: `{name}` has the shape {array.shape}, but needs {shape}")
        return [np.ascontiguousarray(array) for array in arrays.values()], batch, dtype

    def _call(self, name, dtype, *arguments, text=None):
        if np.dtype(dtype) not in SUFFIXES:
            raise TypeError(f"{name}: the type is float32 or float64, not {dtype}")
        pointers = [
            ctypes.c_void_p(argument.ctypes.data)
            if isinstance(argument, np.ndarray)
            else ctypes.c_size_t(argument)
            if isinstance(argument, int)
            else argument
            for argument in arguments
        ]
        code = self._function(name + SUFFIXES[np.dtype(dtype)], ctypes.c_int32)(*pointers)
        if code:
            details = text.value.decode() if text else ""
            raise Error(code, f"{name}: {details or self._message(code).decode()}")

    def _function(self, name, result, *arguments):
        function = getattr(self.library, f"{self.prefix}_{name}")
        function.restype = result
        if arguments:
            function.argtypes = arguments
        return function
