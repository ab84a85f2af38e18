#!/usr/bin/env python3
"""What a step costs in many processes, computed from measured pieces and the numbers of a network: the tables in `README.md`.

    python3 model.py
"""

import math

# Microseconds of a sample (one thread of Zen 4), bytes of the parameters, samples of a tile, microseconds of adding a chunk's gradient and of Adam (Zen 5).
NETWORKS = {
    "4-32-16-4": (0.0493, 756 * 4, 320, 0.031, 0.13),
    "LeNet-5": (12.4, 44_426 * 4, 64, 3.1, 5.4),
}
# Latency [us] and bandwidth of a process [bytes/us].
FABRICS = {"100 Gb/s, 2 us": (2.0, 12_500.0), "10 Gb/s, 20 us": (20.0, 1250.0)}
# Microseconds that a process spends on a message that it posts.
POST = 0.5
# Bytes of all parts from which on Open MPI sends them round a ring.
RING = 50_000


def communication(processes, chunks, size, latency, bandwidth):
    if processes == 1:
        return 0.0
    others = (processes - 1) / processes
    own = math.ceil(chunks / processes)
    exchange = (processes - 1) * POST + latency + own * size * others / bandwidth
    hops = processes - 1 if size > RING else math.ceil(math.log2(processes))
    return exchange + hops * latency + size / bandwidth


def step(network, processes, batch, chunks, fabric):
    """Microseconds of a step, and those of its communication."""
    sample, size, _, add, optimizer = NETWORKS[network]
    spent = communication(processes, chunks, size, *FABRICS[fabric])
    work = math.ceil(chunks / processes) * batch / chunks * sample
    return work + chunks * add / processes + optimizer + spent, spent


def batch_with(efficiency, network, processes, fabric):
    """The smallest batch, in as many chunks as processes, of whose step this share is work on samples."""
    sample, _, tile, *_ = NETWORKS[network]
    rest = step(network, processes, 0, processes, fabric)[0]
    return max(processes * rest / sample * efficiency / (1 - efficiency), processes * tile)


def main():
    print("| | processes | fabric | communication [us] | batch at 50 % | at 90 % |\n|---|---|---|---|---|---|")
    for network in NETWORKS:
        for fabric in FABRICS:
            for processes in (64, 256, 1024):
                spent = step(network, processes, 0, processes, fabric)[1]
                batches = (batch_with(share, network, processes, fabric) for share in (0.5, 0.9))
                half, most = (f"{float(f'{batch:.2g}'):,.0f}".replace(",", " ") for batch in batches)
                print(f"| {network} | {processes} | {fabric} | {spent:.0f} | {half} | {most} |")
    print("\n| | processes | fabric | step [us] | communication [us] | speed-up |\n|---|---|---|---|---|---|")
    for network, batch, chunks in (("4-32-16-4", 10_000, 32), ("LeNet-5", 8192, 64)):
        for fabric in FABRICS:
            for processes in (2, 8, 64):
                time, spent = step(network, processes, batch, chunks, fabric)
                gain = step(network, 1, batch, chunks, fabric)[0] / time
                print(f"| {network}, {batch} | {processes} | {fabric} | {time:.0f} | {spent:.0f} | {gain:.1f} |")


if __name__ == "__main__":
    main()
