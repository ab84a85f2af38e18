"""LeNet-5 in JAX with Adam from optax over one flat vector, relu behind the pool (the same function, less work), the
gather of the shuffled batch compiled in. One compiled step a call: XLA's convolutions are many times slower in a scan. (As
25 shifted slices and one product of matrices, convolutions took 1.9 times as long.)"""
import worker

args = worker.arguments()
import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402
import optax  # noqa: E402
from jax import lax  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

jax.config.update("jax_cpu_enable_async_dispatch", False)
BATCH = 128


def images(name):
    pixels = np.fromfile(args.data / name, np.uint8).reshape(-1, 28, 28, 1)
    return jnp.asarray(pixels.astype("f4") / np.float32(255))


def labels(name):
    return jnp.asarray(np.fromfile(args.data / name, np.uint8).astype("i4"))


X, Y = images("images.u8"), labels("labels.u8")
X_TEST, Y_TEST = images("test_images.u8"), labels("test_labels.u8")


def init():
    """The parameters for channels last; in the file they are in PyTorch's order."""
    numbers, params = np.fromfile(args.data / "init.f32", "<f4"), []
    for shape in [(6, 1, 5, 5), (16, 6, 5, 5), (120, 256), (84, 120), (10, 84)]:
        count = int(np.prod(shape))
        weights, biases, numbers = np.split(numbers, [count, count + shape[0]])
        weights = weights.reshape(shape)
        if shape == (120, 256):  # its inputs are pixels of 16 channels
            weights = weights.reshape(120, 16, 4, 4).transpose(0, 2, 3, 1).reshape(120, 256)
        weights = weights.transpose(2, 3, 1, 0) if weights.ndim == 4 else weights.T
        params.append((jnp.asarray(weights), jnp.asarray(biases)))
    return params


def conv(x, w, b):
    return lax.conv_general_dilated(x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")) + b


def pool(x):
    """Four strided slices: the gradient is faster than that of reduce_window."""
    even, odd = x[:, ::2], x[:, 1::2]
    even, odd = (jnp.maximum(rows[:, :, ::2], rows[:, :, 1::2]) for rows in (even, odd))
    return jnp.maximum(even, odd)


def logits(params, x):
    for w, b in params[:2]:
        x = jax.nn.relu(pool(conv(x, w, b)))
    x = x.reshape(-1, 256)
    for w, b in params[2:4]:
        x = jax.nn.relu(x @ w + b)
    return x @ params[4][0] + params[4][1]


FLAT, unravel = ravel_pytree(init())
adam = optax.adam(3e-4)


def loss(params, x, y):
    return optax.softmax_cross_entropy_with_integer_labels(logits(unravel(params), x), y).mean()


@jax.jit
def test_loss(params):
    return loss(params, X_TEST, Y_TEST)


def step(state, batch, x, y):
    params, moments = state
    updates, moments = adam.update(jax.grad(loss)(params, x[batch], y[batch]), moments)
    return optax.apply_updates(params, updates), moments


compiled = jax.jit(step, donate_argnums=0)
rng = np.random.default_rng(0)
state = (FLAT + 0, adam.init(FLAT))


def run(times):
    """Epochs, each in a new order."""
    global state
    for _ in range(times):
        for batch in rng.permutation(len(X)).astype("i4").reshape(-1, BATCH):
            state = compiled(state, batch, X, Y)
    jax.block_until_ready(state)


def check(steps):
    """Batches in the order of the file."""
    global state
    state = (FLAT + 0, adam.init(FLAT))
    batches = np.arange(len(X), dtype="i4").reshape(-1, BATCH)
    for i in range(steps):
        state = compiled(state, batches[i % len(batches)], X, Y)
    return [test_loss(state[0])]


worker.serve(args, {"epoch": worker.Task(run, check)})
