"""The records as pictures."""
import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.ticker import FuncFormatter  # noqa: E402

from . import peers  # noqa: E402

COLORS = {peers.OURS: "#c0392b", "gemm": "#7f8c8d", "faer": "#8e44ad", "NumPy": "#2980b9", "PyTorch": "#e67e22"}
PANELS = (
    ("matrix_exponential", "epoch", 1, "Training 4-32-16-4\n1 thread, an epoch"),
    ("matrix_exponential", "epoch", 2, "Training 4-32-16-4\n2 threads, an epoch"),
    ("lenet", "epoch", 1, "Training LeNet-5\n1 thread, an image"),
    ("lenet", "epoch", 2, "Training LeNet-5\n2 threads, an image"),
    ("one_sample", "4-32-16-4/forward", 1, "4-32-16-4, one sample\nforward"),
    ("one_sample", "4-32-16-4/vjp", 1, "4-32-16-4, one sample\nforward and all gradients"),
    ("neural_ode", "batch_1", 1, "Neural ODE, 1 trajectory\na training step"),
    ("neural_ode", "batch_20", 1, "Neural ODE, 20 trajectories\na training step"),
    ("neural_ode", "batch_1_tsit5", 1, "Neural ODE by Tsit5, 1 trajectory\na training step"),
    ("neural_ode", "batch_20_tsit5", 1, "Neural ODE by Tsit5, 20 trajectories\na training step"),
    ("pinn", "points_256", 1, "Burgers' equation, 256 points\na training step"),
    ("pinn", "points_2000", 1, "Burgers' equation, 2000 points\na training step"),
)
SIZES = {
    "matmul": ("Matrix times matrix", "GFLOP/s", lambda n, s: 2 * n**3 / s * 1e-9),
    "matvec": ("Vector times matrix", "GFLOP/s", lambda n, s: 2 * n**2 / s * 1e-9),
    "tanh": ("tanh of every element", "elements a ns", lambda n, s: n / s * 1e-9),
}


def draw(results, directory):
    """Gives the names of the files."""
    files = []
    if panels := [panel for panel in PANELS if fastest(results, panel)]:
        overview(results, panels, directory / "peers.png")
        files.append("peers.png")
    for what in SIZES:
        if records := [record for record in results["records"] if record["task"].startswith(f"{what}/")]:
            sizes(what, records, directory / f"{what}.png")
            files.append(f"{what}.png")
    if records := [record for record in results["records"] if record["workload"] == "width"]:
        widths(records, results["machine"]["cpu"], directory / "width.png")
        files.append("width.png")
    return files


def fastest(results, panel):
    """[(peer, record of its fastest way)], the fastest last."""
    workload, task, threads, _ = panel
    best = {}
    for record in results["records"]:
        if (record["workload"], record["task"], record["threads"]) == (workload, task, threads):
            if record["peer"] not in best or record["time"] < best[record["peer"]]["time"]:
                best[record["peer"]] = record
    return sorted(best.items(), key=lambda item: -item[1]["time"])


def overview(results, panels, path):
    rows = (len(panels) + 1) // 2
    figure, axes = plt.subplots(rows, 2, figsize=(11, 2.9 * rows), squeeze=False, layout="constrained")
    for axis, panel in zip(axes.flat, panels):
        bars = fastest(results, panel)
        for place, (peer, record) in enumerate(bars):
            axis.barh(place, record["time"], color=COLORS.get(peer, "#95a5a6") if peer == peers.OURS else "#95a5a6")
            text = f" {record['time']:,.3g} {record['unit']}" if record["time"] < 1000 else f" {record['time']:,.0f} {record['unit']}"
            if peer != peers.OURS and "ratio" in record:
                text += f", {record['ratio']:.3g}x"
            axis.text(record["time"], place, text, va="center", fontsize=8)
        axis.set_yticks(range(len(bars)), [peer for peer, _ in bars], fontsize=8)
        axis.set_xscale("log")
        times = [record["time"] for _, record in bars]
        axis.set_xlim(min(times) / 2, max(times) * max(4, (max(times) / min(times)) ** 0.45))
        axis.set_title(panel[3], fontsize=10)
        axis.tick_params(axis="x", labelsize=8)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes.flat[len(panels):]:
        axis.axis("off")
    figure.suptitle(f"Time on {results['machine']['cpu']}, {results['date']}: shorter is better", fontsize=11)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def sizes(what, records, path):
    title, unit, rate = SIZES[what]
    figure, axis = plt.subplots(figsize=(8, 5), layout="constrained")
    for peer in dict.fromkeys(record["peer"] for record in records):
        for how, line in (("into", "-"), ("new", "--")):
            points = sorted((int(record["task"].split("/")[1]), record["time"] * 1e-6) for record in records
                            if record["peer"] == peer and record["task"].endswith(how))
            label = peer if how == "into" else f"{peer}, into new memory"
            axis.plot([n for n, _ in points], [rate(n, seconds) for n, seconds in points], line, marker="o",
                      markersize=3, color=COLORS[peer], label=label, linewidth=2 if peer == peers.OURS else 1.2)
    axis.set_xscale("log", base=2)
    axis.set_yscale("log")
    axis.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:.0f}"))
    axis.set_xlabel("size")
    axis.set_ylabel(f"{unit}: higher is better")
    axis.set_title(f"{title}, f32, 1 thread")
    axis.grid(alpha=0.25)
    axis.legend(fontsize=8)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def widths(records, cpu, path):
    """Time per parameter, and in a batch per sample."""
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), layout="constrained")
    for axis, kind, title, samples in ((axes[0], "sample", "one sample", 1), (axes[1], "batch", "a batch of 512", 512)):
        for what, line, name in (("forward", "-", "forward"), ("vjp", "--", "with all gradients")):
            for peer in (peers.OURS, "NumPy"):
                points = sorted((int(record["task"].split("/")[1]), record["time"] * 1e3) for record in records
                                if record["peer"] == peer and record["task"].startswith(f"{kind}_{what}/"))
                axis.plot([n for n, _ in points], [ns / (n * n * samples) for n, ns in points], line, marker="o",
                          markersize=3, color=COLORS[peer], label=f"{peer}, {name}",
                          linewidth=2 if peer == peers.OURS else 1.2)
        axis.set_xscale("log", base=2)
        axis.set_yscale("log")
        axis.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:.0f}"))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda t, _: f"{t:g}"))
        axis.set_xlabel("width of the layer")
        axis.set_title(title, fontsize=10)
        axis.grid(alpha=0.25)
    axes[0].set_ylabel("ns per parameter: lower is better")
    axes[1].set_ylabel("ns per parameter and sample")
    axes[0].legend(fontsize=8)
    figure.suptitle(f"A layer n => dense(id, n), f32, 1 thread, {cpu}", fontsize=11)
    figure.savefig(path, dpi=110)
    plt.close(figure)
