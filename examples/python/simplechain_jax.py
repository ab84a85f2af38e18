"""A chain as a function of JAX: `jit`, `vmap`, `scan`, forward and reverse mode, and second derivatives.

    net = simplechain_jax.function(Chain(library(), "field"))
    y = net(x, params)

`x` has the shape `(.., input_len)`, `params` the shape `(param_count,)`; both are float32, or both float64. For the CPU.

Every handler of the library is a primitive. `jax.custom_jvp` would give forward mode, `jax.custom_vjp` reverse mode, and a function can
have one of the two; a primitive has a rule for its derivative, and one for its transpose, where it is linear. Then JAX derives the
rest. Derivatives above the second are an error.
"""

import functools

import jax
import jax.numpy as jnp
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

# What an argument or a result holds: its last dimension.
X, P, Y = "input_len", "param_count", "output_len"
CALLS = {
    "forward": ((X, P), (Y,)),
    "jvp": ((X, P, X, P), (Y,)),
    "jvp_input": ((X, P, X), (Y,)),
    "jvp_params": ((X, P, P), (Y,)),
    "vjp": ((X, P, Y), (X, P)),
    "vjp_input": ((X, P, Y), (X,)),
    "vjp_params": ((X, P, Y), (P,)),
    "hvp": ((X, P, Y, X, P), (X, P)),
    "second": ((X, P, X, P, X, P), (Y,)),
}
PRIMITIVES = {name: Primitive(f"simplechain_{name}") for name in CALLS}


def function(chain):
    """The function `net(x, params)` of a `simplechain.Chain` that `export_xla!` exports too."""
    for name in CALLS:
        handler = getattr(chain.library, f"{chain.prefix}_xla_{name}")
        jax.ffi.register_ffi_target(target(chain, name), jax.ffi.pycapsule(handler), platform="cpu")

    def net(x, params):
        x, params = jnp.asarray(x), jnp.asarray(params)
        if params.ndim != 1:
            raise TypeError(f"{chain}: parameters have the shape {params.shape}, but need ({chain.param_count},)")
        return call("forward", chain, x, params)[0]

    return net


def target(chain, name):
    return f"simplechain_{chain.prefix}_{chain.fingerprint:016x}_{name}"


def call(name, chain, *arguments):
    return PRIMITIVES[name].bind(*arguments, chain=chain)


def shape_rule(name, *arguments, chain):
    """As the handlers check them: parameters `(*groups, n)`, samples `(*groups, *samples, n)`."""
    roles, results = CALLS[name]
    x, params = arguments[:2]

    def shape(role):
        batch = params.shape[:-1] if role == P else x.shape[:-1]
        return (*batch, getattr(chain, role))

    for argument, role in zip(arguments, roles):
        if argument.dtype not in ("float32", "float64") or argument.dtype != x.dtype:
            types = ", ".join(str(argument.dtype) for argument in arguments)
            raise TypeError(f"{chain}: all arrays are float32, or all float64, but not {types}")
        if argument.shape != shape(role):
            raise TypeError(f"{chain}: an array has the shape {argument.shape}, but needs {shape(role)}")
    return [jax.core.ShapedArray(shape(role), x.dtype) for role in results]


def run(name, *arguments, chain):
    """Outside `jit`, a compiled program of this call alone."""
    with jax.disable_jit(False):
        return compiled(name, chain)(*arguments)


@functools.cache
def compiled(name, chain):
    return jax.jit(functools.partial(call, name, chain))


def batching_rule(name, arguments, dims, *, chain):
    """A new dimension is one of groups if parameters or their cotangents have it, else one of samples."""
    roles, results = CALLS[name]
    size = next(a.shape[dim] for a, dim in zip(arguments, dims) if dim is not None)
    groups = P in results or any(dim is not None for role, dim in zip(roles, dims) if role == P)
    place = 0 if groups else arguments[1].ndim - 1

    def move(argument, role, dim):
        if role == P and not groups:
            return argument
        if dim is not None:
            return jnp.moveaxis(argument, dim, place)
        shape = (*argument.shape[:place], size, *argument.shape[place:])
        return jnp.broadcast_to(jnp.expand_dims(argument, place), shape)

    outputs = call(name, chain, *map(move, arguments, roles, dims))
    return outputs, [place] * len(outputs)


def is_zero(tangent):
    return type(tangent) is ad.Zero


def add(a, b):
    return [x if is_zero(y) else y if is_zero(x) else x + y for x, y in zip(a, b)]


def push(chain, x, params, x_dot, params_dot):
    """The Jacobian-vector product."""
    if is_zero(params_dot):
        return call("jvp_input", chain, x, params, x_dot)
    if is_zero(x_dot):
        return call("jvp_params", chain, x, params, params_dot)
    return call("jvp", chain, x, params, x_dot, params_dot)


def curve(chain, x, params, y_bar, x_dot, params_dot):
    """The product with the Hessian of `y_bar^T y`."""
    return call("hvp", chain, x, params, y_bar, *map(ad.instantiate_zeros, (x_dot, params_dot)))


def third(*tangents):
    if not all(map(is_zero, tangents)):
        raise NotImplementedError("third derivatives of a chain")


def forward_jvp(primals, tangents, *, chain):
    return call("forward", chain, *primals), push(chain, *primals, *tangents)


# With the places of the directions of `x` and `params` among the arguments.
def jvp_jvp(name, x_at, params_at, primals, tangents, *, chain):
    x, params, *directions = primals
    x_dot, params_dot, *slopes = tangents
    outputs = call(name, chain, *primals)
    result = [ad.Zero(jax.typeof(outputs[0]).to_tangent_aval())]
    if not all(map(is_zero, slopes)):
        zeros = [ad.instantiate_zeros(slope) for slope in slopes]
        result = call(name, chain, x, params, *zeros)
    if not (is_zero(x_dot) and is_zero(params_dot)):
        v = [
            jnp.zeros_like(primal) if at is None else directions[at]
            for primal, at in ((x, x_at), (params, params_at))
        ]
        w = map(ad.instantiate_zeros, (x_dot, params_dot))
        result = add(result, call("second", chain, x, params, *v, *w))
    return outputs, result


def jvp_transpose(name, x_at, params_at, cotangents, x, params, *directions, chain):
    wanted = [at is not None and ad.is_undefined_primal(directions[at]) for at in (x_at, params_at)]
    call_name = {(True, True): "vjp", (True, False): "vjp_input", (False, True): "vjp_params"}[tuple(wanted)]
    bars = call(call_name, chain, x, params, *cotangents)
    return [None, None, *(bars.pop(0) if ad.is_undefined_primal(d) else None for d in directions)]


def vjp_jvp(name, primals, tangents, *, chain):
    x, params, y_bar = primals
    x_dot, params_dot, y_bar_dot = tangents
    outputs = call(name, chain, *primals)
    result = [ad.Zero(jax.typeof(output).to_tangent_aval()) for output in outputs]
    if not is_zero(y_bar_dot):
        result = call(name, chain, x, params, y_bar_dot)
    if not (is_zero(x_dot) and is_zero(params_dot)):
        both = dict(zip((X, P), curve(chain, x, params, y_bar, x_dot, params_dot)))
        result = add(result, [both[role] for role in CALLS[name][1]])
    return outputs, result


def vjp_transpose(name, cotangents, x, params, y_bar, *, chain):
    directions = {X: ad.Zero(None), P: ad.Zero(None)}
    directions.update(zip(CALLS[name][1], cotangents))
    return [None, None, *push(chain, x, params, directions[X], directions[P])]


def hvp_jvp(primals, tangents, *, chain):
    x, params, y_bar, *directions = primals
    third(*tangents[:2])
    y_bar_dot, *slopes = tangents[2:]
    outputs = call("hvp", chain, *primals)
    result = [ad.Zero(jax.typeof(output).to_tangent_aval()) for output in outputs]
    if not is_zero(y_bar_dot):
        result = curve(chain, x, params, y_bar_dot, *directions)
    if not all(map(is_zero, slopes)):
        result = add(result, curve(chain, x, params, y_bar, *slopes))
    return outputs, result


def hvp_transpose(cotangents, x, params, y_bar, *directions, chain):
    cotangents = [ad.instantiate_zeros(cotangent) for cotangent in cotangents]
    if ad.is_undefined_primal(y_bar):
        [bar] = call("second", chain, x, params, *directions, *cotangents)
        return [None, None, bar, None, None]
    # A Hessian is symmetric.
    bars = call("hvp", chain, x, params, y_bar, *cotangents)
    return [None, None, None, *bars]


def second_jvp(primals, tangents, *, chain):
    third(*tangents[:2])
    outputs = call("second", chain, *primals)
    result = [ad.Zero(jax.typeof(outputs[0]).to_tangent_aval())]
    for at in (2, 4):
        pair = tangents[at : at + 2]
        if not all(map(is_zero, pair)):
            arguments = list(primals)
            arguments[at : at + 2] = map(ad.instantiate_zeros, pair)
            result = add(result, call("second", chain, *arguments))
    return outputs, result


def second_transpose(cotangents, x, params, *directions, chain):
    first = any(map(ad.is_undefined_primal, directions[:2]))
    given = directions[2:] if first else directions[:2]
    bars = call("hvp", chain, x, params, *cotangents, *given)
    return [None, None, *bars, None, None] if first else [None, None, None, None, *bars]


for name, primitive in PRIMITIVES.items():
    primitive.multiple_results = True
    primitive.def_abstract_eval(functools.partial(shape_rule, name))
    primitive.def_impl(functools.partial(run, name))
    batching.primitive_batchers[primitive] = functools.partial(batching_rule, name)

    def lowering(context, *arguments, chain, name=name):
        return jax.ffi.ffi_lowering(target(chain, name))(context, *arguments)

    mlir.register_lowering(primitive, lowering, platform="cpu")

ad.primitive_jvps[PRIMITIVES["forward"]] = forward_jvp
for name, places in {"jvp": (0, 1), "jvp_input": (0, None), "jvp_params": (None, 0)}.items():
    ad.primitive_jvps[PRIMITIVES[name]] = functools.partial(jvp_jvp, name, *places)
    ad.primitive_transposes[PRIMITIVES[name]] = functools.partial(jvp_transpose, name, *places)
for name in ("vjp", "vjp_input", "vjp_params"):
    ad.primitive_jvps[PRIMITIVES[name]] = functools.partial(vjp_jvp, name)
    ad.primitive_transposes[PRIMITIVES[name]] = functools.partial(vjp_transpose, name)
ad.primitive_jvps[PRIMITIVES["hvp"]] = hvp_jvp
ad.primitive_transposes[PRIMITIVES["hvp"]] = hvp_transpose
ad.primitive_jvps[PRIMITIVES["second"]] = second_jvp
ad.primitive_transposes[PRIMITIVES["second"]] = second_transpose
