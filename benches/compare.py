#!/usr/bin/env python3
"""What became slower, by more than the noise.

    cargo bench --bench limits -- --json before.jsonl      # one commit
    cargo bench --bench limits -- --json after.jsonl       # another, on the same machine
    python3 benches/compare.py before.jsonl after.jsonl

Both files are those of `limits`: the first line says where the figures are from, every other has the median of every round. Of two
files the medians over rounds are compared, as a ratio. Its noise is three standard errors, which come from the spread of the rounds, and
at least FLOOR: the machine drifts between two runs. For a smaller difference, run both programs in turn. Ends with 1 if anything became slower.
"""

import argparse
import json
import statistics
import sys

FLOOR = 0.03
KEY = ("workload", "shape", "kernel", "simd", "threads")


def read(path):
    """The first line, and {key: seconds by round}."""
    with open(path) as file:
        lines = [json.loads(line) for line in file]
    if not lines or lines[0].get("workload") != "origin":
        sys.exit(f"{path}: no figures of `cargo bench --bench limits -- --json`, or of a version that did not say where they are from")
    series = {tuple(line.get(name) for name in KEY): line["seconds_by_round"] for line in lines[1:] if "seconds_by_round" in line}
    return lines[0], series


def relative_error(rounds):
    """The standard error of the median of rounds, relative to it: by the median deviation, which outliers do not move."""
    median = statistics.median(rounds)
    deviation = statistics.median(abs(seconds - median) for seconds in rounds)
    return 1.4826 * deviation * 1.2533 / len(rounds) ** 0.5 / median


def compare(before, after):
    """(key, seconds before, ratio, noise) of all that is in both."""
    for key in before.keys() & after.keys():
        first, second = statistics.median(before[key]), statistics.median(after[key])
        noise = 3 * (relative_error(before[key]) ** 2 + relative_error(after[key]) ** 2) ** 0.5
        yield key, first, second / first, max(FLOOR, noise)


def main():
    parser = argparse.ArgumentParser(description="What became slower from one file to the other.")
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("--all", action="store_true", help="print also what has not changed")
    arguments = parser.parse_args()
    (origin, before), (other, after) = read(arguments.before), read(arguments.after)
    for name in ("cpu", "rustc"):
        if origin[name] != other[name]:
            print(f"attention: another {name}: {origin[name]}, and {other[name]}")
    print(f"{origin['commit']} ({origin['date']}) and {other['commit']} ({other['date']}), {other['cpu']}\n")
    rows = sorted(compare(before, after), key=lambda row: -row[2])
    slower = [row for row in rows if row[2] > 1 + row[3]]
    faster = [row for row in rows if row[2] < 1 - row[3]]
    for title, part in [("slower", slower), ("faster", faster), *([("all", rows)] if arguments.all else [])]:
        print(f"{title}: {len(part)} of {len(rows)}")
        for key, seconds, ratio, noise in part:
            name = " ".join(str(word) for word in key if word is not None)
            print(f"    {name:<52} {seconds * 1e6:12.3f} us {100 * (ratio - 1):+7.1f} % (noise {100 * noise:.1f} %)")
    for title, missing in [("only before", before.keys() - after.keys()), ("only after", after.keys() - before.keys())]:
        if missing:
            print(f"{title}: {len(missing)}")
    sys.exit(bool(slower))


if __name__ == "__main__":
    main()
