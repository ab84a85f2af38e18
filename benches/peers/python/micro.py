"""What the workers of the workload `micro` share; ../rust/src/micro.rs is the same in Rust."""
import numpy as np
import worker

SIZES = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)


def numbers(seed, count):
    """Numbers within (-1, 1) that every language can make: a linear congruential generator (Knuth)."""
    a, c = np.uint32(1664525), np.uint32(1013904223)
    # Blocks double: the second half of a block is the first, as many steps later.
    with np.errstate(over="ignore"):
        states = (np.array([seed], np.uint32) * a + c).astype(np.uint32)
        factor, offset = a, c
        while len(states) < count:
            states = np.concatenate([states, states * factor + offset])
            factor, offset = factor * factor, factor * offset + offset
    return ((states[:count] >> np.uint32(8)).astype("f8") / (1 << 23) - 1).astype("f4")


def matrices(n):
    return [numbers(seed, n * n).reshape(n, n) for seed in (1, 2)]


def tasks(make, to_numpy):
    """The tasks of every size; the first four numbers of a result are what is compared."""
    return {f"{what}/{n}/{how}": worker.calls(call, lambda call=call: to_numpy(call()).ravel()[:4])
            for n in SIZES for what, how, call in make(n)}
