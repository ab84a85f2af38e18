"""Burgers' equation by a network 2-20-20-1 in JAX.

Variants are ways to the residual `u_t + u u_x - nu u_xx`: nested, jvp of jvp, and jvp; jet, Taylor mode (jax.experimental.jet),
and jvp; columns, the coefficients of u, u_x, u_xx and u_t by hand, side by side as columns, so that each layer is one product.
With /curve all by the derivatives along (x + s, t - s^2 / (2 nu)), of which the second is u_xx - u_t / nu. nested/float64 is
the reference."""
import worker
from training_jax import DTYPE, args, jax, jnp, numbers, parameters, task

from jax.experimental.jet import jet

NU = 0.01 / jnp.pi
INIT, layers_of = parameters(2, 20, 20, 1)
CURVE = "curve" in args.options


def net(layers, points):
    for w, b in layers[:-1]:
        points = jnp.tanh(points @ w.T + b)
    w, b = layers[-1]
    return (points @ w.T + b)[..., 0]


def directions(points):
    x, t = jnp.zeros_like(points).at[:, 0].set(1), jnp.zeros_like(points).at[:, 1].set(1)
    return x, t


def slope(f, x, x_dot):
    return jax.jvp(f, (x,), (x_dot,))[1]


def nested(layers, points):
    x, t = directions(points)
    if CURVE:
        def along(s):
            return net(layers, points + s[:, None] * x - (s * s / (2 * NU))[:, None] * t)

        zero, one = jnp.zeros(len(points), DTYPE), jnp.ones(len(points), DTYPE)
        (u, u_x), (_, second) = jax.jvp(lambda s: jax.jvp(along, (s,), (one,)), (zero,), (one,))
        return u * u_x - NU * second

    def along_x(points):
        return jax.jvp(lambda points: net(layers, points), (points,), (x,))

    (u, u_x), (_, u_xx) = jax.jvp(along_x, (points,), (x,))
    return slope(lambda points: net(layers, points), points, t) + u * u_x - NU * u_xx


def taylor_mode(layers, points):
    x, t = directions(points)
    u, (u_x, second) = jet(lambda points: net(layers, points), (points,), ((x, -t / NU if CURVE else 0 * t),))
    u_t = 0 if CURVE else slope(lambda points: net(layers, points), points, t)
    return u_t + u * u_x - NU * second


def columns(layers, points):
    x, t = directions(points)
    h = jnp.concatenate([points, x, -t / NU] if CURVE else [points, x, 0 * t, t]).T
    for w, b in layers[:-1]:
        value, first, second, *rest = jnp.split(w @ h, h.shape[1] // len(points), 1)
        y = jnp.tanh(value + b[:, None])
        d = 1 - y * y
        h = jnp.concatenate([y, d * first, d * (second - 2 * y * first * first), *(d * u_t for u_t in rest)], 1)
    w, b = layers[-1]
    u, u_x, second, *rest = jnp.split((w @ h)[0], h.shape[1] // len(points))
    return (u + b) * u_x - NU * second + sum(rest)


residual = {"nested": nested, "jet": taylor_mode, "columns": columns}[args.options[0]]


def steps(count):
    inside = numbers(f"inside_{count}.f32").reshape(-1, 2)
    boundary = numbers(f"boundary_{count}.f32").reshape(-1, 3)

    def loss(params):
        layers = layers_of(params)
        off = net(layers, boundary[:, :2]) - boundary[:, 2]
        return jnp.mean(residual(layers, inside) ** 2) + jnp.mean(off**2)

    return task(loss, INIT, 1e-3)


worker.serve(args, {f"points_{count}": steps(count) for count in (256, 2000)})
