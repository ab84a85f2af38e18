"""4-32-16-4 by hand in NumPy. The batch is cut into chunks that stay in the cache, a sample a column; with more threads
the chunks go to Python threads (NumPy drops the interpreter's lock), each with a BLAS of one thread.

Variants: default; float64, the reference for the others."""
import worker

args = worker.arguments()
import os  # noqa: E402
from concurrent.futures import ThreadPoolExecutor  # noqa: E402

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np  # noqa: E402

DTYPE = "f8" if args.variant == "float64" else "f4"
CHUNK = 1000
SHAPES = [(32, 4), (32,), (16, 32), (16,), (4, 16), (4,)]
ENDS = np.cumsum([int(np.prod(shape)) for shape in SHAPES])[:-1]
INIT = np.fromfile(args.data / "init.f32", "<f4").astype(DTYPE)
X, Y = (worker.rows(args.data / name, 4, DTYPE) for name in ("x.f32", "y.f32"))
N = len(X)


def views(vector):
    return [part.reshape(shape) for part, shape in zip(np.split(vector, ENDS), SHAPES)]


class Share:
    """A thread's chunks, with buffers that are made once."""

    def __init__(self, chunks):
        self.chunks = chunks
        self.grads = np.zeros_like(INIT)
        self.views = views(self.grads)
        self.buffers = [np.empty((rows, CHUNK), DTYPE) for rows in (32, 16, 4, 16, 32)]
        self.loss = 0.0

    def run(self):
        W1, b1, W2, b2, W3, b3 = PARAMS
        self.grads[:] = 0
        self.loss = 0.0
        for x, y in self.chunks:
            h1, h2, e, d2, d1 = (buffer[:, : x.shape[1]] for buffer in self.buffers)
            np.tanh(np.add(np.matmul(W1, x, out=h1), b1[:, None], out=h1), out=h1)
            np.tanh(np.add(np.matmul(W2, h1, out=h2), b2[:, None], out=h2), out=h2)
            np.add(np.matmul(W3, h2, out=e), b3[:, None], out=e)
            e -= y
            self.loss += 0.5 * np.vdot(e, e)
            self.views[4] += e @ h2.T
            self.views[5] += e.sum(1)
            np.matmul(W3.T, e, out=d2)
            np.multiply(h2, h2, out=h2)
            np.multiply(d2, np.subtract(1, h2, out=h2), out=d2)
            self.views[2] += d2 @ h1.T
            self.views[3] += d2.sum(1)
            np.matmul(W2.T, d2, out=d1)
            np.multiply(h1, h1, out=h1)
            np.multiply(d1, np.subtract(1, h1, out=h1), out=d1)
            self.views[0] += d1 @ x.T
            self.views[1] += d1.sum(1)


params, m, v = INIT.copy(), np.zeros_like(INIT), np.zeros_like(INIT)
PARAMS = views(params)
chunks = [(np.ascontiguousarray(X[i : i + CHUNK].T), np.ascontiguousarray(Y[i : i + CHUNK].T))
          for i in range(0, N, CHUNK)]
shares = [Share(chunks[i :: args.threads]) for i in range(args.threads)]
pool = ThreadPoolExecutor(args.threads - 1) if args.threads > 1 else None
step = 0


def gradient():
    others = [pool.submit(share.run) for share in shares[1:]]
    shares[0].run()
    for other in others:
        other.result()
    return sum(share.grads for share in shares) / INIT.dtype.type(N)


def run(times):
    global step
    for _ in range(times):
        g = gradient()
        step += 1
        m[:] = 0.9 * m + 0.1 * g
        v[:] = 0.999 * v + 0.001 * g * g
        params[:] -= 1e-3 * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)


def check(steps):
    global step
    params[:], m[:], v[:], step = INIT, 0, 0, 0
    run(steps)
    gradient()
    return [sum(share.loss for share in shares) / N]


worker.serve(args, {"epoch": worker.Task(run, check)})
