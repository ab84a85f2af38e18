#!/usr/bin/env python3
"""Prints reference values for the `f64` functions: name, x and y rounded to f64 as bits, and what rounding took
from y in last places (in last places, because next to a subnormal number it would not be one itself).

    pip install mpmath
    python3 math_reference.py 60 > math_reference.txt

The number says how many inputs of each kind: even over the range where the function is curved, and even over
the exponents. More of them: `SIMPLECHAIN_MATH_REFERENCE=file cargo test --release --test math f64`.
"""

import random
import struct
import sys

from mpmath import cos, erfc, exp, expm1, log, log1p, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 90


def gate(v):
    return 1 / (1 + exp(-v))


def gelu_tanh_argument(x):
    return 2 * sqrt(2 / pi) * (x + mpf("0.044715") * x**3)


def gelu_tanh_derivative(x):
    v = gelu_tanh_argument(x)
    slope = 2 * sqrt(2 / pi) * (1 + 3 * mpf("0.044715") * x**2)
    return gate(v) * (1 + x * gate(-v) * slope)


# name: function, the range where it is curved, the range of exponents of x
FUNCTIONS = {
    "tanh": (tanh, (-20, 20), (-40, 5)),
    "exp": (exp, (-745.2, 709.78), (-40, 10)),
    "exp_m1": (expm1, (-40, 709.78), (-40, 10)),
    "ln": (log, (0, 4), (-1074, 1023)),
    "sigmoid": (gate, (-745.2, 40), (-40, 10)),
    "softplus": (lambda x: log1p(exp(x)), (-745.2, 40), (-40, 10)),
    "silu": (lambda x: x * gate(x), (-752, 40), (-40, 10)),
    "gelu": (lambda x: x * erfc(-x / sqrt(2)) / 2, (-38.6, 9), (-40, 6)),
    "gelu_tanh": (lambda x: x * gate(gelu_tanh_argument(x)), (-21.6, 7), (-40, 5)),
    "elu": (lambda x: x if x > 0 else expm1(x), (-40, 1), (-40, 10)),
    "sin": (sin, (-131072, 131072), (-40, 1023)),
    "cos": (cos, (-131072, 131072), (-40, 1023)),
    "softplus_derivative": (gate, (-745.2, 40), (-40, 10)),
    "silu_derivative": (lambda x: gate(x) * (1 + x * gate(-x)), (-40, 40), (-40, 10)),
    "gelu_derivative": (lambda x: erfc(-x / sqrt(2)) / 2 + x * exp(-x * x / 2) / sqrt(2 * pi), (-9, 9), (-40, 6)),
    "gelu_tanh_derivative": (gelu_tanh_derivative, (-9, 9), (-40, 5)),
    "elu_derivative": (lambda x: mpf(1) if x > 0 else exp(x), (-745.2, 1), (-40, 10)),
    "sin_derivative": (cos, (-131072, 131072), (-40, 20)),
}


def bits(x):
    return struct.pack(">d", x).hex()


def split(y):
    """y as f64, rounded once also to a subnormal number, and what is left in last places of that."""
    if y == 0:
        return 0.0, 0.0
    places = max(mp.mag(y) - 53, -1074)
    digits = mp.ldexp(y, -places)
    rounded = mp.nint(digits)
    return float(mp.ldexp(rounded, places)), float(digits - rounded)


def main():
    count = int(sys.argv[1])
    for name, (f, (low, high), (least, most)) in FUNCTIONS.items():
        rng = random.Random(name)
        xs = [rng.uniform(low, high) for _ in range(count)]
        xs += [rng.gauss(0, 2) for _ in range(count)]
        xs += [rng.choice((-1, 1)) * rng.uniform(1, 2) * 2.0 ** rng.randint(least, most) for _ in range(count)]
        for x in xs:
            if name == "ln":
                x = abs(x)
            y = f(mpf(x))
            if abs(y) > sys.float_info.max:
                continue
            rounded, left = split(y)
            print(name, bits(x), bits(rounded), f"{left:.4f}")


main()
