"""What is measured: the workloads, and every peer's ways of doing them."""
from dataclasses import dataclass

OURS = "simplechain"
# Programs in ../rust, each a feature of that crate but for those without dependencies.
RUST = (OURS, "plain Rust", "nalgebra", "burn", "candle", "dfdx", "gemm", "faer")
PYTHON = {"NumPy": "numpy", "PyTorch": "torch", "torchdiffeq": "torchdiffeq", "JAX": "jax", "diffrax": "diffrax",
          "ONNX Runtime": "onnxruntime"}
CPP = {"C++ (g++)": "g++", "C++ (clang++)": "clang++"}
JULIA = "SimpleChains.jl"


@dataclass(frozen=True)
class Way:
    """One way of a peer to do a workload."""

    peer: str
    variant: str = "default"
    quick: bool = True  # also in a quick session
    jemalloc: bool = False  # with that allocator, if it is found
    comparable: bool = True  # whether its numbers must agree with the reference's

    def __str__(self):
        variant = "" if self.variant == "default" else f" {self.variant}"
        return self.peer + variant + (" + jemalloc" if self.jemalloc else "")


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    unit: str
    scale: float  # of a second, in that unit; by the item of a task, if it has many
    ways: tuple
    threads: tuple = (1,)
    seconds: tuple = (0.5, 0.3)  # of a turn: in a full and in a quick session
    rounds: tuple = (7, 3)
    references: tuple = ()  # ways; without any, the first that answers
    checks: tuple = ()  # training steps after which losses are compared
    final: int = 0  # training steps of the loss in the table
    tolerance: float = 1e-4


def torch(variant, peer="PyTorch", **options):
    """With and without another allocator: it decides where tensors are small."""
    return (Way(peer, variant, quick=False, **options), Way(peer, variant, jemalloc=True, **options))


WORKLOADS = (
    Workload(
        "matrix_exponential", "Training 4-32-16-4, 10 000 samples, full batch, Adam: an epoch", "us", 1e6,
        ways=(
            Way(OURS), Way("plain Rust"), Way("nalgebra"), Way("burn"), Way("candle"), Way("dfdx"),
            Way("C++ (g++)"), Way("C++ (clang++)"), Way(JULIA), Way("NumPy"),
            *torch("eager"), Way("PyTorch", "compile", quick=False), Way("PyTorch", "whole", quick=False),
            Way("JAX", "step", quick=False), Way("JAX", "scan"), Way("JAX", "scan/chunk", quick=False),
        ),
        threads=(1, 2), references=(Way("NumPy", "float64"),), checks=(0, 100), final=1000,
    ),
    Workload(
        "lenet", "Training LeNet-5 on MNIST, batches of 128, Adam: an image", "us", 1e6,
        ways=(
            Way(OURS), Way(JULIA, comparable=False), *torch("eager"), Way("PyTorch", "eager/nhwc", quick=False),
            Way("PyTorch", "compile", quick=False), Way("PyTorch", "whole", quick=False), Way("JAX"),
        ),
        threads=(1, 2), references=(Way("PyTorch", "float64"),), checks=(0, 100), final=468, rounds=(5, 3),
        tolerance=2e-4,  # the rounding of f32 alone moves PyTorch's own loss by 1e-4
    ),
    Workload(
        "one_sample", "One sample, 1 thread", "ns", 1e9,
        ways=(
            Way(OURS), Way("plain Rust"), Way("nalgebra"), Way("burn"), Way("candle"), Way("dfdx"), Way(JULIA),
            Way("NumPy"), Way("ONNX Runtime"), Way("PyTorch", "module", quick=False),
            Way("PyTorch", "plain"), Way("PyTorch", "compile", quick=False), Way("PyTorch", "jit", quick=False),
            Way("JAX", "call"), Way("JAX", "loop"),
        ),
        seconds=(0.05, 0.03), rounds=(15, 5), references=(Way("NumPy", "float64"),), checks=(1,),
    ),
    Workload(
        "neural_ode", "Neural ODE, 2-50-2, 30 points: a training step, 1 thread", "us", 1e6,
        ways=(
            Way(OURS), *torch("rk4"), Way("PyTorch", "rk4/whole", quick=False),
            *torch("rk4", peer="torchdiffeq", comparable=False),
            Way("torchdiffeq", "rk4/adjoint", quick=False, comparable=False),
            Way("torchdiffeq", "dopri5", quick=False, comparable=False),
            Way("torchdiffeq", "dopri5/adjoint", quick=False, comparable=False),
            Way("JAX", "rk4"), Way("JAX", "rk4/unroll", quick=False),
            Way("diffrax", "adaptive", quick=False, comparable=False), Way("diffrax", "fixed"),
        ),
        seconds=(0.3, 0.1), references=(Way("JAX", "rk4/float64"), Way("diffrax", "fixed/float64")), checks=(0, 100),
        final=200,
    ),
    Workload(
        "pinn", "Burgers' equation by a network 2-20-20-1: a training step, 1 thread", "us", 1e6,
        ways=(
            Way(OURS), *torch("autograd"), *torch("taylor/curve"), Way("PyTorch", "taylor/whole", quick=False),
            Way("PyTorch", "taylor/curve/whole", quick=False), Way("JAX", "nested"),
            Way("JAX", "nested/curve", quick=False), Way("JAX", "jet", quick=False), Way("JAX", "jet/curve", quick=False),
            Way("JAX", "columns", quick=False), Way("JAX", "columns/curve"),
        ),
        seconds=(0.3, 0.1), references=(Way("JAX", "nested/float64"),), checks=(0, 100), final=1000,
    ),
    Workload(
        "micro", "Products and tanh by size, 1 thread", "us", 1e6,
        ways=(Way(OURS), Way("gemm"), Way("faer"), Way("NumPy"), Way("PyTorch")),
        seconds=(0.02, 0.01), rounds=(5, 3), checks=(1,), tolerance=1e-3,
    ),
    Workload(
        "width", "A layer by its width, 1 thread", "us", 1e6,
        ways=(Way(OURS), Way("NumPy")),
        seconds=(0.05, 0.02), rounds=(7, 3), checks=(1,), tolerance=1e-3,
    ),
)


def names():
    """Everything that `--only` may name."""
    peers = dict.fromkeys(way.peer for workload in WORKLOADS for way in workload.ways)
    return [workload.name for workload in WORKLOADS], list(peers)
