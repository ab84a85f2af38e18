#!/usr/bin/env python3
"""The chain as an external function of CasADi, beside the same network as CasADi's own expressions.

    cargo build --release -p c_example
    python3 examples/c/casadi_check.py target/release/libmatexp.so      # pip install casadi
"""

import argparse
import ctypes
import pathlib

import casadi as ca
import numpy as np

INPUTS, LAYERS, OUTPUTS = 4, [(4, 32), (32, 16), (16, 4)], 4


def initial_parameters(library):
    """Those of seed 1, by the C interface."""
    c = ctypes.CDLL(library)
    c.matexp_param_count.restype = ctypes.c_size_t
    params = np.empty(c.matexp_param_count())
    code = c.matexp_init_f64(ctypes.c_uint64(1), params.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(params.size))
    assert code == 0, code
    return params


def network(x, params):
    """The chain in expressions: each layer has its weights by columns, then its biases."""
    at = 0
    for index, (inputs, outputs) in enumerate(LAYERS):
        weights = params[at : at + inputs * outputs].reshape((outputs, inputs), order="F")
        bias = params[at + inputs * outputs : at + inputs * outputs + outputs]
        at += (inputs + 1) * outputs
        x = ca.mtimes(ca.DM(weights), x) + ca.DM(bias)
        if index < 2:
            x = ca.tanh(x)
    assert at == len(params)
    return x


def derivatives(name, y, x, y_bar):
    """Value, Jacobian, products in both modes, and gradient and Hessian of a function of y."""
    direction = ca.MX.sym("direction", INPUTS)
    scalar = ca.dot(y_bar, y) + ca.sumsqr(y)
    hessian, gradient = ca.hessian(scalar, x)
    results = [y, ca.jacobian(y, x), ca.jtimes(y, x, direction), ca.jtimes(y, x, y_bar, True), gradient, hessian]
    names = ["value", "Jacobian", "forward product", "reverse product", "gradient", "Hessian"]
    return ca.Function(name, [x, y_bar, direction], results), names


def compare(f, params):
    """The largest difference of each result, over some inputs."""
    x, y_bar = ca.MX.sym("x", INPUTS), ca.MX.sym("y_bar", OUTPUTS)
    ours, names = derivatives("ours", f(x, params), x, y_bar)
    theirs, _ = derivatives("theirs", network(x, params), x, y_bar)
    random = np.random.default_rng(1)
    largest = dict.fromkeys(names, 0.0)
    for _ in range(20):
        arguments = [random.normal(size=size) for size in (INPUTS, OUTPUTS, INPUTS)]
        for name, a, b in zip(names, ours(*arguments), theirs(*arguments)):
            a, b = np.array(a), np.array(b)
            assert a.shape == b.shape, name
            largest[name] = max(largest[name], np.abs(a - b).max() / (1 + np.abs(b).max()))
    return largest


def jacobian_by_itself(f, params):
    """The function `jac_matexp`, which CasADi calls where it wants the whole matrix."""
    jacobian = f.jacobian()
    x = np.array([0.1, -0.2, 0.3, 0.4])
    ours = np.array(jacobian(x, params, 0)[0])
    symbol = ca.MX.sym("x", INPUTS)
    theirs = np.array(ca.Function("j", [symbol], [ca.jacobian(network(symbol, params), symbol)])(x))
    return np.abs(ours - theirs).max()


def control(f, params):
    """Optimal control: 10 steps of x+ = x + 0.1 (f(x) + B u) from x0 to near 0, by ipopt with exact Hessians; once with ours, once with
    CasADi's own network."""
    solutions = []
    for right_hand_side in (lambda x: f(x, params), lambda x: network(x, params)):
        problem = ca.Opti()
        x, u = problem.variable(INPUTS, 11), problem.variable(2, 10)
        for k in range(10):
            force = ca.vertcat(u[0, k], 0, u[1, k], 0)
            problem.subject_to(x[:, k + 1] == x[:, k] + 0.1 * (right_hand_side(x[:, k]) + force))
        problem.subject_to(x[:, 0] == [1, -1, 0.5, 0.2])
        problem.subject_to(problem.bounded(-2, ca.vec(u), 2))
        problem.minimize(ca.sumsqr(x) + 0.1 * ca.sumsqr(u))
        problem.solver("ipopt", {"print_time": False}, {"print_level": 0, "sb": "yes", "tol": 1e-10})
        solution = problem.solve()
        solutions.append((solution.value(u), solution.stats()["iter_count"]))
    (ours, iterations), (theirs, others) = solutions
    assert iterations == others, (iterations, others)
    return np.abs(ours - theirs).max(), iterations


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("library", type=pathlib.Path)
    library = str(parser.parse_args().library.resolve())
    f, params = ca.external("matexp", library), initial_parameters(library)
    print(f"CasADi {ca.__version__}: {f}")
    assert f.is_diff_in() == [True, False]
    largest = compare(f, params)
    largest["jac_matexp"] = jacobian_by_itself(f, params)
    largest["optimal control"], iterations = control(f, params)
    for name, difference in largest.items():
        print(f"{name:16} {difference:.1e}")
    print(f"ipopt: {iterations} iterations")
    limits = {name: 1e-12 for name in largest} | {"optimal control": 1e-8}
    wrong = [name for name, difference in largest.items() if not difference <= limits[name]]
    assert not wrong, wrong


main()
