"""One layer of each width without bias, in NumPy: a sample and a batch, forward and with all gradients."""
import worker

args = worker.arguments()
import micro  # noqa: E402
import numpy as np  # noqa: E402

WIDTHS = (4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
BATCH = 512


def tasks(n):
    w, w_bar = micro.numbers(2, n * n).reshape(n, n), np.zeros((n, n), "f4")
    x, y_bar = (micro.numbers(seed, n * BATCH).reshape(BATCH, n) for seed in (1, 3))
    y, x_bar = np.zeros_like(x), np.zeros_like(x)

    def sample_vjp():
        np.dot(x[0], w, out=y[0])
        np.dot(w, y_bar[0], out=x_bar[0])
        np.multiply(x[0][:, None], y_bar[0], out=w_bar)

    def batch_vjp():
        np.matmul(x, w, out=y)
        np.matmul(y_bar, w.T, out=x_bar)
        np.matmul(x.T, y_bar, out=w_bar)

    yield "sample_forward", lambda: np.dot(x[0], w, out=y[0]), y
    yield "sample_vjp", sample_vjp, x_bar
    yield "batch_forward", lambda: np.matmul(x, w, out=y), y
    yield "batch_vjp", batch_vjp, w_bar


worker.serve(args, {f"{what}/{n}": worker.calls(call, lambda result=result: result.ravel()[:4])
                    for n in WIDTHS for what, call, result in tasks(n)})
