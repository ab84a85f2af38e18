"""Products of matrices, of a vector and a matrix, and tanh, by size, in PyTorch without autograd."""
import worker

args = worker.arguments()
torch = worker.torch(args)
import micro  # noqa: E402

torch.inference_mode().__enter__()


def tasks(n):
    a, b = (torch.from_numpy(numbers) for numbers in micro.matrices(n))
    c = torch.zeros_like(a)
    x, y, bt = a[0].clone(), torch.zeros(n), b.T
    yield "matmul", "into", lambda: torch.mm(a, b, out=c)
    yield "matmul", "new", lambda: torch.mm(a, b)
    yield "matvec", "into", lambda: torch.mv(bt, x, out=y)
    yield "matvec", "new", lambda: torch.mv(bt, x)
    yield "tanh", "into", lambda: torch.tanh(x, out=y)
    yield "tanh", "new", lambda: torch.tanh(x)


worker.serve(args, micro.tasks(tasks, lambda result: result.numpy()))
