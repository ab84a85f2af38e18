"""Products of matrices, of a vector and a matrix, and tanh, by size, in NumPy."""
import worker

args = worker.arguments()
import micro  # noqa: E402
import numpy as np  # noqa: E402


def tasks(n):
    a, b = micro.matrices(n)
    c = np.zeros_like(a)
    yield "matmul", "into", lambda: np.matmul(a, b, out=c)
    yield "matmul", "new", lambda: a @ b
    yield "matvec", "into", lambda: np.dot(a[0], b, out=c[0])
    yield "matvec", "new", lambda: a[0] @ b
    yield "tanh", "into", lambda: np.tanh(a[0], out=c[0])
    yield "tanh", "new", lambda: np.tanh(a[0])


worker.serve(args, micro.tasks(tasks, lambda result: result))
