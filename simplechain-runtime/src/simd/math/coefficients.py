#!/usr/bin/env python3
"""Prints `constants.rs`: minimax coefficients of the elementary functions.

    pip install mpmath
    python3 coefficients.py > constants.rs && rustfmt --edition 2024 constants.rs

Each polynomial is fitted with Remez exchange in 60 digits and rounded to the number type; then pairs of
coefficients move by last places while that helps. The errors in the comments are those of the result.
"""

import struct

from mpmath import atanh, cos, erfc, exp, expm1, log, lu_solve, matrix, mp, mpf, pi, sin, sqrt, tanh

mp.dps = 60


def minimax(f, powers, weight, a, b, grid=401):
    """c that minimises max |weight(x) (sum c_i x^powers_i - f(x))| on [a, b], and that maximum."""
    n = len(powers)
    chebyshev = lambda t: (a + b) / 2 - (b - a) / 2 * cos(pi * t)
    points = [chebyshev(mpf(i) / grid) for i in range(grid + 1)]
    rows = [([x**p for p in powers], f(x), weight(x)) for x in points]
    nodes = [grid * (2 * i + 1) // (2 * (n + 1)) for i in range(n + 1)]
    for _ in range(40):
        system, rhs = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, k in enumerate(nodes):
            basis, value, w = rows[k]
            for j in range(n):
                system[i, j] = basis[j]
            system[i, n] = (-1) ** i / w
            rhs[i] = value
        c = lu_solve(system, rhs)
        error = [w * (sum(c[j] * basis[j] for j in range(n)) - value) for basis, value, w in rows]
        peaks = []  # the largest error in each run of one sign
        for k in range(grid + 1):
            if not peaks or (error[k] > 0) != (error[peaks[-1]] > 0):
                peaks.append(k)
            elif abs(error[k]) > abs(error[peaks[-1]]):
                peaks[-1] = k
        while len(peaks) > n + 1:
            peaks.pop(0 if abs(error[peaks[0]]) < abs(error[peaks[-1]]) else -1)
        worst = max(abs(e) for e in error)
        if len(peaks) < n + 1 or worst <= abs(c[n]) * (1 + mpf("1e-3")):
            break
        nodes = peaks
    return list(c)[:n], worst


class Type:
    """A number type: how many coefficients each function needs, and rounding."""

    def __init__(self, name, bits, **sizes):
        self.name, self.bits, self.sizes = name, bits, sizes

    def round(self, x):
        if x == 0:
            return mpf(0)
        with mp.workprec(self.bits):
            return +x

    def fit(self, f, powers, weight, a, b):
        a, b = mpf(a), mpf(b)
        c = [self.round(c) for c in minimax(f, powers, weight, a, b)[0]]
        # Errors in half last places of 1, and how a last place of each coefficient changes them.
        points = [a + (b - a) * i / 401 for i in range(402)]
        unit = mpf(2) ** self.bits
        errors = [float(unit * weight(x) * (sum(c * x**p for c, p in zip(c, powers)) - f(x))) for x in points]
        places = [mpf(2) ** (mp.mag(c) - self.bits) for c in c]
        steps = [[float(unit * weight(x) * u * x**p) for x in points] for u, p in zip(places, powers)]
        worst = lambda errors: max(map(abs, errors))
        # Moves of one or two coefficients by a last place, while that helps.
        moves = [((i, s),) for i in range(len(c)) for s in (-1, 1)]
        moves += [(m, n) for (m,) in moves for (n,) in moves if m[0] < n[0]]
        while True:
            trials = []
            for move in moves:
                trial = list(errors)
                for i, sign in move:
                    trial = [e + sign * d for e, d in zip(trial, steps[i])]
                trials.append((worst(trial), move, trial))
            least, move, trial = min(trials)
            if least > 0.98 * worst(errors):
                return c, worst(errors)
            errors = trial
            for i, sign in move:
                c[i] += sign * places[i]


def literal(t, x):
    """The shortest decimal that rounds to x."""
    if t.name == "f64":
        return repr(float(x))
    x = struct.unpack("f", struct.pack("f", float(x)))[0]
    digits = next(d for d in range(6, 10) if struct.unpack("f", struct.pack("f", float(f"{x:.{d}g}")))[0] == x)
    return repr(float(f"{x:.{digits}g}"))


def functions():
    """(constant, doc, f, power of coefficient i, weight, interval), all but the first two for a number type"""
    tiny = mpf("1e-9")
    half_ln2 = log(2) / 2 * mpf("1.0001")
    eighth_turn = pi / 4 * mpf("1.001")
    yield (
        "TANH",
        "`(tanh(w) - w) / w^3` in `w^2` for `|w| <= 0.275`",
        lambda t: lambda w: tanh(w) - w,
        lambda i: 2 * i + 3,
        lambda t: lambda w: 1 / tanh(w),
        lambda t: (tiny, mpf("0.275")),
    )
    yield (
        "EXP",
        "`(e^r - 1 - r) / r^2` in `r` for `|r| <= ln(2)/2`, relative to `e^r - 1`",
        lambda t: lambda r: expm1(r) - r,
        lambda i: i + 2,
        lambda t: lambda r: 1 / abs(expm1(r)),
        lambda t: (-half_ln2, half_ln2),
    )
    for name, limit in (("LN_1P", mpf(1) / 3), ("LN", mpf("0.1716"))):
        yield (
            name,
            f"`(2 atanh(s) - 2 s) / s^3` in `s^2` for `|s| <= {float(limit):.4g}`, relative to `2 atanh(s)`",
            lambda t: lambda s: 2 * atanh(s) - 2 * s,
            lambda i: 2 * i + 3,
            lambda t: lambda s: 1 / (2 * atanh(s)),
            lambda t, limit=limit: (tiny, limit),
        )
    yield (
        "SIN",
        "`(sin(r) - r) / r^3` in `r^2` for `|r| <= pi/4`, relative to `sin(r)`",
        lambda t: lambda r: sin(r) - r,
        lambda i: 2 * i + 3,
        lambda t: lambda r: 1 / sin(r),
        lambda t: (tiny, eighth_turn),
    )
    yield (
        "COS",
        "`(cos(r) - 1) / r^2` in `r^2` for `|r| <= pi/4`, relative to `cos(r)`",
        lambda t: lambda r: cos(r) - 1,
        lambda i: 2 * i + 2,
        lambda t: lambda r: 1 / cos(r),
        lambda t: (tiny, eighth_turn),
    )
    yield (
        "NORMAL_TAIL",
        "`(a + c) e^(a^2/2) P(X > a)` for normal `X`, in `v = a / (a + c) - 1/4`, up to `a =` [`GELU_LIMIT`](Self::GELU_LIMIT)",
        lambda t: lambda v: normal_tail(v),
        lambda i: i,
        lambda t: lambda v: 1 / normal_tail(v),
        lambda t: (mpf(-0.25), GELU_LIMIT[t.name] / (GELU_LIMIT[t.name] + TAIL_SCALE) - mpf(0.25)),
    )


GELU_LIMIT = {"f32": mpf("14.6"), "f64": mpf("38.7")}
TAIL_SCALE = mpf(3)


def normal_tail(v):
    w = v + mpf(0.25)
    a = TAIL_SCALE * w / (1 - w)
    return (a + TAIL_SCALE) * exp(a * a / 2) * erfc(a / sqrt(2)) / 2


def scalars(t):
    """(constant, doc, value)"""
    fraction = t.bits - 1
    f32 = t.name == "f32"
    shift = mpf(3) * 2 ** (fraction - 1)
    split = lambda x: (t.round(x), t.round(x - t.round(x)), t.round(x - t.round(x) - t.round(x - t.round(x))))
    ln2, ln2_low, _ = split(log(2))
    quarter = split(pi / 2)
    yield "SHIFT", "`1.5 * 2^f`, f the bits of the fraction: adding it leaves an integer in the low bits", shift
    yield (
        "SHIFT_HALF_EXP2",
        "[`SHIFT`](Self::SHIFT) and the stored exponent of 1/2: adding it to `n` leaves the exponent of `2^(n-1)` in the low bits",
        shift + (126 if f32 else 1022),
    )
    yield "SHIFT_MAX_EXP2", "[`SHIFT`](Self::SHIFT) + the exponent of the largest power of two", shift + (127 if f32 else 1023)
    yield "SPLIT", "`2^h + 1`, h half the bits of a number, rounded up: splits it into halves", 2 ** (12 if f32 else 27) + 1
    yield "LOG2_E", "1 / ln 2", 1 / log(2)
    yield "LN_2", "ln 2", ln2
    yield "LN_2_LOW", "ln 2 - [`LN_2`](Self::LN_2)", ln2_low
    for i, (name, part) in enumerate(zip(("HIGH", "MIDDLE", "LOW"), quarter)):
        yield f"FRAC_PI_2_{name}", f"Part {i + 1} of three whose sum is pi / 2", part
    yield "FRAC_2_PI", "2 / pi", 2 / pi
    yield "FRAC_1_SQRT_2PI", "1 / sqrt(2 pi)", 1 / sqrt(2 * pi)
    gelu = sqrt(2 / pi) * 2
    for name, value in (("1", gelu), ("3", gelu * mpf("0.044715"))):
        high, low, _ = split(value)
        yield f"GELU_TANH_{name}", f"Coefficient of `x^{name}` in `2 sqrt(2/pi) (x + 0.044715 x^3)`", high
        yield f"GELU_TANH_{name}_LOW", "What rounding left of it", low
    yield "TANH_LIMIT", "`tanh` rounds to 1 from here on", mpf("9.1") if f32 else mpf("19.1")
    yield "EXP_MIN", "`e^x` rounds to 0 up to here", mpf(-104) if f32 else mpf(-746)
    yield "EXP_MAX", "`e^x` overflows from here on", mpf(89) if f32 else mpf(710)
    yield "SILU_LIMIT", "`silu(-x)` and its derivative round to 0 from here on", mpf(109) if f32 else mpf(753)
    yield "GELU_TANH_LIMIT", "`gelu_tanh(-x)` and its derivative round to 0 from here on", mpf("11.05") if f32 else mpf("21.7")
    yield "GELU_LIMIT", "`gelu(-x)` and its derivative round to 0 from here on", GELU_LIMIT[t.name]
    yield "TAIL_SCALE", "`c` of [`NORMAL_TAIL`](Self::NORMAL_TAIL)", TAIL_SCALE
    yield "SIN_LIMIT", "`sin` and `cos` reduce arguments up to here in vectors", mpf(2) ** 17
    yield "SMALLEST_NORMAL", "The smallest normal number", mpf(2) ** (-126 if f32 else -1022)


SIZES = {
    "TANH": (3, 7),
    "EXP": (5, 11),
    "LN_1P": (4, 10),
    "LN": (3, 7),
    "SIN": (3, 6),
    "COS": (3, 6),
    "NORMAL_TAIL": (11, 24),
}


def main():
    types = [Type("f32", 24), Type("f64", 53)]
    print("//! Minimax coefficients; printed by `coefficients.py`, which also says how they are found.")
    print("#![allow(clippy::excessive_precision, clippy::approx_constant)] // as printed: one table, two number types\n")
    print("/// What the functions know of their number type: polynomials, constant term first.")
    print("pub trait Constants: Sized + 'static {")
    table = list(functions())
    for name, doc, _ in scalars(types[0]):
        print(f"    /// {doc}.\n    const {name}: Self;")
    for name, doc, *_ in table:
        print(f"    /// {doc}.\n    const {name}: &'static [Self];")
    print("}\n")
    for which, t in enumerate(types):
        print(f"impl Constants for {t.name} {{")
        for name, _, value in scalars(t):
            print(f"    const {name}: Self = {literal(t, value)};")
        for name, _, f, power, weight, interval in table:
            powers = [power(i) for i in range(SIZES[name][which])]
            a, b = interval(t)
            c, worst = t.fit(f(t), powers, weight(t), a, b)
            print(f"    // Error of the polynomial: {float(worst):.2g} * 2^-{t.bits}.")
            print(f"    const {name}: &'static [Self] = &[{', '.join(literal(t, x) for x in c)}];")
        print("}")


if __name__ == "__main__":
    main()
