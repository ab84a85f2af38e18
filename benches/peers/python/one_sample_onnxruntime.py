"""One sample forward through small networks in ONNX Runtime, input and output bound to the session."""
import worker

args = worker.arguments()
import numpy as np  # noqa: E402
import onnxruntime as ort  # noqa: E402
from onnx import TensorProto, helper, numpy_helper  # noqa: E402


def session(layers):
    nodes, constants, value = [], [], "x"
    for i, (weights, biases) in enumerate(layers):
        constants += [numpy_helper.from_array(weights, f"w{i}"), numpy_helper.from_array(biases, f"b{i}")]
        last = i == len(layers) - 1
        out = "y" if last else f"z{i}"
        nodes.append(helper.make_node("Gemm", [value, f"w{i}", f"b{i}"], [out], transB=1))
        if not last:
            nodes.append(helper.make_node("Tanh", [out], [f"h{i}"]))
        value = f"h{i}"
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width])
            for name, width in (("x", layers[0][0].shape[1]), ("y", layers[-1][0].shape[0]))]
    graph = helper.make_graph(nodes, "network", ends[:1], ends[1:], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = ort.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = args.threads, 1
    return ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def task(name):
    layers, x, _ = worker.network(args, name)
    run = session(layers)
    y = ort.OrtValue.ortvalue_from_numpy(np.empty((1, len(layers[-1][1])), "f4"))
    binding = run.io_binding()
    binding.bind_cpu_input("x", x[None])
    binding.bind_ortvalue_output("y", y)
    return worker.calls(lambda: run.run_with_iobinding(binding), lambda: y.numpy()[0])


worker.serve(args, {f"{name}/forward": task(name) for name in worker.NETWORKS})
