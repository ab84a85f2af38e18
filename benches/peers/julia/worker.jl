# SimpleChains.jl: a worker of the protocol that ../README.md describes, for its versions 0.2 and 0.4.
#
# It stores parameters as simplechain does: weights input by input (`W[o, i]`, column-major), then biases; kernels as the
# files have them. Its squared loss is a mean before 0.2.5, and a sum since, whose gradient it doubles and divides by the number of samples:
# Adam does not see the factor.

using SimpleChains
using StrideArrays: StrideArray

# `pkgversion` is new in Julia 1.9.
function version_of(package)
    for line in eachline(joinpath(pkgdir(package), "Project.toml"))
        found = match(r"^version *= *\"(.*)\"", line)
        found === nothing || return VersionNumber(found.captures[1])
    end
    error("no version of $package")
end

const RELEASE = version_of(SimpleChains)
const IS_SUM = RELEASE >= v"0.2.5"
const HAS_VALGRAD = RELEASE >= v"0.4.5"

struct Task
    run::Function      # run(times)
    check::Function    # check(steps) -> numbers
    granule::Int
end

function option(name, default)
    at = findfirst(==("--" * name), ARGS)
    at === nothing ? default : ARGS[at + 1]
end

const THREADS = parse(Int, option("threads", "1"))
const DATA = joinpath(option("data", ""), ARGS[1])

numbers(name) = copy(reinterpret(Float32, read(joinpath(DATA, name))))

# From output by output to input by input; `rest` is what follows.
function dense(file, widths, params = Float32[])
    rest = file
    for (i, o) in zip(widths[1:end-1], widths[2:end])
        append!(params, vec(permutedims(reshape(rest[1:i*o], i, o))))
        append!(params, rest[i*o+1:i*o+o])
        rest = rest[i*o+o+1:end]
    end
    isempty(rest) || error("too many parameters")
    params
end

# Back again.
function by_output(params, widths)
    out, rest = Float32[], params
    for (i, o) in zip(widths[1:end-1], widths[2:end])
        append!(out, vec(permutedims(reshape(rest[1:i*o], o, i))))
        append!(out, rest[i*o+1:i*o+o])
        rest = rest[i*o+o+1:end]
    end
    out
end

mlp(widths) = SimpleChain(
    static(widths[1]),
    (TurboDense(tanh, width) for width in widths[2:end-1])...,
    TurboDense(identity, widths[end]),
)

# A column for every thread.
gradients(params) = THREADS == 1 ? similar(params) : similar(params, length(params), THREADS)

function matrix_exponential()
    X, Y = reshape(numbers("x.f32"), 4, :), reshape(numbers("y.f32"), 4, :)
    init = dense(numbers("init.f32"), (4, 32, 16, 4))
    chain = SimpleChains.add_loss(mlp((4, 32, 16, 4)), SquaredLoss(Y))
    params, G = copy(init), gradients(init)
    run(times) = SimpleChains.train_unbatched!(G, params, chain, X, SimpleChains.ADAM(1e-3), times)
    function check(steps)
        copyto!(params, init)
        steps > 0 && run(steps)
        [chain(X, params) / (IS_SUM ? size(X, 2) : 1)]
    end
    Dict("epoch" => Task(run, check, 50))
end

function lenet()
    images(name) = reshape(Float32.(read(joinpath(DATA, name))) ./ 255.0f0, 28, 28, 1, :)
    labels(name) = UInt32.(read(joinpath(DATA, name))) .+ UInt32(1)
    X, Y = images("images.u8"), labels("labels.u8")
    Xtest, Ytest = images("test_images.u8"), labels("test_labels.u8")
    file = numbers("init.f32")
    convolutions = 6 * 25 + 6 + 16 * 150 + 16
    init = dense(file[convolutions+1:end], (256, 120, 84, 10), file[1:convolutions])
    net = SimpleChain(
        (static(28), static(28), static(1)),
        SimpleChains.Conv(SimpleChains.relu, (5, 5), 6),
        SimpleChains.MaxPool(2, 2),
        SimpleChains.Conv(SimpleChains.relu, (5, 5), 16),
        SimpleChains.MaxPool(2, 2),
        Flatten(3),
        TurboDense(SimpleChains.relu, 120),
        TurboDense(SimpleChains.relu, 84),
        TurboDense(identity, 10),
    )
    params, G = copy(init), gradients(init)
    train(X, Y, epochs) = SimpleChains.train_batched!(
        G, params, SimpleChains.add_loss(net, LogitCrossEntropyLoss(Y)), X, SimpleChains.ADAM(3e-4), epochs;
        batchsize = 128,
    )
    function loss()
        logits = net(Xtest, params)
        mean = 0.0
        for s in axes(logits, 2)
            top = maximum(view(logits, :, s))
            mean += top + log(sum(exp(z - top) for z in view(logits, :, s))) - logits[Ytest[s], s]
        end
        mean / size(logits, 2)
    end
    # The first epoch is in the order of the data.
    function check(steps)
        copyto!(params, init)
        images = 128 * steps
        whole = repeat(1:length(Y), cld(max(images, 1), length(Y)))[1:images]
        steps > 0 && train(X[:, :, :, whole], Y[whole], 1)
        [loss()]
    end
    Dict("epoch" => Task(times -> train(X, Y, times), check, 1))
end

function one_sample()
    tasks = Dict{String,Task}()
    for name in ("4-32-16-4", "2-50-50-2", "3-64-64-1")
        widths = Tuple(parse.(Int, split(name, "-")))
        params = dense(numbers(joinpath(name, "init.f32")), widths)
        # Columns of static size are its fastest form.
        x, y_bar = [column(numbers(joinpath(name, file))) for file in ("x.f32", "y_bar.f32")]
        net = mlp(widths)
        y = vec(Array(net(x, params)))
        tasks["$name/forward"] = Task(times -> calls(net, x, params, times), _ -> vec(Array(net(x, params))), 1)
        if HAS_VALGRAD
            # The gradient of the squared loss with this target is `y_bar`.
            chain = SimpleChains.add_loss(net, SquaredLoss(y .- vec(Array(y_bar))))
            x_vector, params_bar = vec(Array(x)), similar(params)
            x_bar = similar(x_vector)
            vjp = times -> gradient_calls((x_bar, params_bar), chain, x_vector, params, times)
            all = () -> (vjp(1); [y; x_bar; by_output(params_bar, widths)])
        else
            vjp = times -> pullback_calls(net, x, params, y_bar, times)
            # What it returns lies in the chain's memory until the next call.
            all = function ()
                _, x_bar, params_bar = vjp(1)
                [y; vec(Array(x_bar)); by_output(vec(Array(params_bar)), widths)]
            end
        end
        tasks["$name/vjp"] = Task(vjp, _ -> all(), 1)
    end
    tasks
end

function column(values)
    column = StrideArray{Float32}(undef, (static(length(values)), static(1)))
    column .= values
end

# Functions of their own: types are known inside.
function calls(net, x, params, times)
    sum = 0.0f0
    for _ in 1:times
        sum += first(net(x, params))
    end
    sum
end

function gradient_calls(bars, chain, x, params, times)
    for _ in 1:times
        valgrad!(bars, chain, x, params)
    end
end

function pullback_calls(net, x, params, y_bar, times)
    local bars
    for _ in 1:times
        _, pullback = SimpleChains.ChainRulesCore.rrule(net, x, params)
        bars = pullback(y_bar)
    end
    bars
end

function measure(task, budget)
    seconds(times) = @elapsed task.run(times)
    times = task.granule
    took = seconds(times)
    while took < 1e-3
        times *= 2
        took = seconds(times)
    end
    took > budget && return [took / times]
    start, samples = time(), Float64[]
    while isempty(samples) || time() - start < budget
        push!(samples, seconds(times) / times)
    end
    samples
end

list(values) = "[" * join(values, ", ") * "]"

function serve(tasks)
    first = @elapsed foreach(task -> task.run(task.granule), values(tasks))
    versions = "{\"Julia\": \"$VERSION\", \"SimpleChains.jl\": \"$RELEASE\"}"
    println("{\"tasks\": ", list(repr.(collect(keys(tasks)))), ", \"first_call_s\": $first, \"versions\": $versions}")
    flush(stdout)
    for line in eachline(stdin)
        request, name, number = split(line)
        task = tasks[name]
        if request == "check"
            println("{\"values\": ", list(Float64.(task.check(parse(Int, number)))), "}")
        else
            println("{\"seconds\": ", list(measure(task, parse(Float64, number))), "}")
        end
        flush(stdout)
    end
end

workloads = Dict("matrix_exponential" => matrix_exponential, "lenet" => lenet, "one_sample" => one_sample)
serve(workloads[ARGS[1]]())
