"""One sample through small networks by hand in NumPy, with buffers that are made once.

Variants: default; float64, the reference for the others."""
import worker

args = worker.arguments()
import numpy as np  # noqa: E402

DTYPE = "f8" if args.variant == "float64" else "f4"


class Network:
    def __init__(self, name):
        self.layers, self.x, self.y_bar = worker.network(args, name, DTYPE)
        self.values = [np.empty_like(biases) for _, biases in self.layers]
        self.grads = [(np.empty_like(weights), np.empty_like(biases)) for weights, biases in self.layers]
        self.x_bar = np.empty_like(self.x)

    def forward(self):
        h = self.x
        for (weights, biases), out in zip(self.layers, self.values):
            np.dot(weights, h, out=out)
            np.add(out, biases, out=out)
            if out is not self.values[-1]:
                np.tanh(out, out=out)
            h = out

    def vjp(self):
        self.forward()
        bar = self.y_bar
        for i in range(len(self.layers) - 1, -1, -1):
            h = self.values[i - 1] if i else self.x
            weights_bar, biases_bar = self.grads[i]
            np.multiply(bar[:, None], h[None, :], out=weights_bar)
            biases_bar[:] = bar
            bar = bar @ self.layers[i][0]
            if i:
                bar *= 1 - h * h
        self.x_bar[:] = bar

    def output(self):
        return self.values[-1]

    def outputs(self):
        grads = [numbers.ravel() for layer in self.grads for numbers in layer]
        return np.concatenate([self.output(), self.x_bar, *grads])


tasks = {}
for name in worker.NETWORKS:
    network = Network(name)
    tasks[f"{name}/forward"] = worker.calls(network.forward, network.output)
    tasks[f"{name}/vjp"] = worker.calls(network.vjp, network.outputs)
worker.serve(args, tasks)
