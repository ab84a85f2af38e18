"""The worker's side of the protocol that ../README.md describes. Call `arguments` before anything that starts threads is
imported: most libraries read the environment once."""
import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Callable, NamedTuple


class Task(NamedTuple):
    """`run(times)` does the work so often; `check(steps)` starts anew, makes so many steps, and gives numbers to compare.
    `granule` is how often the work must be done at a time."""

    run: Callable
    check: Callable
    granule: int = 1


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("workload")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--variant", default="default")
    args = parser.parse_args()
    args.data = args.data / args.workload
    args.options = args.variant.split("/")
    args.start = time.perf_counter()
    for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):  # would force the kernels of another CPU
        os.environ.pop(name, None)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ[name] = str(args.threads)
    os.environ["NPROC"] = str(args.threads)  # the size of XLA's thread pool
    os.environ["JAX_PLATFORMS"] = "cpu"
    if args.threads == 1:
        flags = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        os.environ["XLA_FLAGS"] = (os.environ.get("XLA_FLAGS", "") + " " + flags).strip()
    return args


def torch(args):
    import torch

    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    return torch


def calls(call, output, granule=1):
    """A task of calls, one after the other."""

    def run(times):
        for _ in range(times):
            call()

    def check(_):
        run(1)
        return output()

    return Task(run, check, granule)


def measure(task, budget):
    """Seconds of one time, sample by sample."""
    sample = 1e-3  # long beside the clock, short beside what an operating system gives to others

    def seconds(times):
        start = time.perf_counter()
        task.run(times)
        return time.perf_counter() - start

    times = task.granule
    while (took := seconds(times)) < sample:
        times *= 2
    if took > budget:  # one time is enough of what takes long
        return [took / times]
    start, samples = time.perf_counter(), []
    while not samples or time.perf_counter() - start < budget:
        samples.append(seconds(times) / times)
    return samples


def serve(args, tasks):
    """Answers requests until the input ends."""
    first = time.perf_counter()
    for task in tasks.values():
        task.run(task.granule)
    now = time.perf_counter()
    versions = {name: sys.modules[name].__version__ for name in LIBRARIES
                if hasattr(sys.modules.get(name), "__version__")}
    answer(tasks=list(tasks), first_call_s=now - first, set_up_s=first - args.start, versions=versions)
    for line in sys.stdin:
        request, task, number = line.split()
        if request == "check":
            answer(values=[float(value) for value in tasks[task].check(int(number))])
        else:
            answer(seconds=measure(tasks[task], float(number)))


LIBRARIES = ("numpy", "torch", "jax", "diffrax", "torchdiffeq", "onnxruntime")


def answer(**fields):
    print(json.dumps(fields), flush=True)


def rows(path, width, dtype="f4"):
    import numpy as np

    return np.fromfile(path, "<f4").reshape(-1, width).astype(dtype)


def dense_layers(path, widths, dtype="f4"):
    """[(weights [out, in], biases [out])]"""
    import numpy as np

    numbers, layers = np.fromfile(path, "<f4").astype(dtype), []
    for i, o in zip(widths[:-1], widths[1:]):
        weights, biases, numbers = np.split(numbers, [i * o, i * o + o])
        layers.append((weights.reshape(o, i).copy(), biases.copy()))
    return layers


NETWORKS = ("4-32-16-4", "2-50-50-2", "3-64-64-1")


def network(args, name, dtype="f4"):
    """Layers, input and cotangent of the output of a network of the workload `one_sample`."""
    widths = [int(width) for width in name.split("-")]
    directory = args.data / name
    layers = dense_layers(directory / "init.f32", widths, dtype)
    return layers, rows(directory / "x.f32", widths[0], dtype)[0], rows(directory / "y_bar.f32", widths[-1], dtype)[0]
