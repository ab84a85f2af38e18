"""The inputs of the workloads, written as plain numbers that every language can read: little-endian, row by row, without
a header. Parameters are layer by layer, weights [out, in] (kernels [out, in, height, width]), then biases."""
import gzip
from pathlib import Path

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

BATCH = 128
PARTS = {"": "train", "test_": "t10k"}


def write(directory, mnist):
    """Gives the number of training images."""
    matrix_exponential(directory / "matrix_exponential")
    one_sample(directory / "one_sample")
    neural_ode(directory / "neural_ode")
    pinn(directory / "pinn")
    return lenet(directory / "lenet", mnist)


def save(directory, **arrays):
    directory.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        kind = "u8" if array.dtype == np.uint8 else "f32"
        array = array if kind == "u8" else array.astype("<f4")
        (directory / f"{name}.{kind}").write_bytes(array.tobytes())


def uniform(rng, shapes):
    """Within +-1/sqrt(fan-in): PyTorch's default. Shapes are those of the weights."""
    numbers = []
    for shape in shapes:
        bound = np.prod(shape[1:]) ** -0.5
        numbers += [rng.uniform(-bound, bound, int(np.prod(shape))), rng.uniform(-bound, bound, shape[0])]
    return np.concatenate(numbers)


def dense(rng, *widths):
    return uniform(rng, [(o, i) for i, o in zip(widths[:-1], widths[1:])])


def matrix_exponential(directory):
    """2x2 matrices of standard normal numbers, and their exponentials."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((10_000, 2, 2))
    save(directory, x=x, y=expm(x), init=dense(rng, 4, 32, 16, 4))


def one_sample(directory):
    rng = np.random.default_rng(0)
    for name in ("4-32-16-4", "2-50-50-2", "3-64-64-1"):
        widths = [int(width) for width in name.split("-")]
        save(directory / name, x=rng.uniform(-1, 1, widths[0]), y_bar=rng.uniform(-1, 1, widths[-1]),
             init=dense(rng, *widths))


def neural_ode(directory):
    """u' = A u^3 from (2, 0), or from 20 random points, at 30 points in time."""
    rng = np.random.default_rng(0)
    t = np.linspace(0, 1.5, 30)
    matrix = np.array([[-0.1, 2.0], [-2.0, -0.1]])
    starts = {1: np.array([[2.0, 0.0]]), 20: rng.uniform(-2, 2, (20, 2))}
    paths = {f"u_{batch}": np.stack([solve_ivp(lambda t, u: (u**3) @ matrix, (0, 1.5), u, t_eval=t, rtol=1e-9,
                                               atol=1e-10).y.T for u in points], 1)
             for batch, points in starts.items()}
    save(directory, t=t, init=dense(rng, 2, 50, 2), **paths)


def pinn(directory):
    """Points (x, t) within [-1, 1] x [0, 1]; points on its sides and at the start with the values there."""
    rng = np.random.default_rng(0)
    arrays = {"init": dense(rng, 2, 20, 20, 1)}
    for points, sides in ((256, 16), (2000, 50)):
        arrays[f"inside_{points}"] = rng.uniform((-1, 0), (1, 1), (points, 2))
        x, t = np.linspace(-1, 1, 2 * sides), np.linspace(0, 1, sides)
        start = np.stack([x, 0 * x, -np.sin(np.pi * x)], 1)
        arrays[f"boundary_{points}"] = np.concatenate([start, *([[side, t, 0] for t in t] for side in (-1, 1))])
    save(directory, **arrays)


def lenet(directory, mnist):
    """A whole number of batches."""
    rng = np.random.default_rng(0)
    arrays = {}
    for prefix, part in PARTS.items():
        images, labels = (idx(mnist, f"{part}-{kind}") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte"))
        count = len(images) // BATCH * BATCH if prefix == "" else len(images)
        arrays |= {f"{prefix}images": images[:count], f"{prefix}labels": labels[:count]}
    shapes = [(6, 1, 5, 5), (16, 6, 5, 5), (120, 256), (84, 120), (10, 84)]
    save(directory, init=uniform(rng, shapes), **arrays)
    return len(arrays["labels"])


def idx(directory: Path, name):
    """A file of MNIST, zipped or not."""
    zipped = directory / f"{name}.gz"
    content = gzip.decompress(zipped.read_bytes()) if zipped.exists() else (directory / name).read_bytes()
    shape = np.frombuffer(content, ">i4", content[3], 4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
