"""The records as tables in Markdown."""
from . import peers


def tables(results):
    lines = [f"# simplechain and its peers, {results['date']}", "", setting(results), ""]
    for workload in peers.WORKLOADS:
        records = [record for record in results["records"] if record["workload"] == workload.name]
        if records and workload.name not in ("micro", "width"):
            lines += [f"## {workload.title}", "", *best(workload, records), "", *every(workload, records), ""]
    if results["skipped"]:
        left_out = (f"- {skip['workload']}: {skip['way']}: {skip['why']}" for skip in results["skipped"])
        lines += ["## Left out", "", *dict.fromkeys(left_out)]
    return "\n".join(lines) + "\n"


def setting(results):
    machine, versions = results["machine"], results["versions"]
    libraries = ", ".join(f"{name} {version}" for name, version in versions.items())
    return (f"{machine['cpus']} CPUs {machine['cpu']}, {machine['system']}; rustc {machine['rustc']}, Python "
            f"{machine['python']}; {libraries}. `{results['command']}`")


def number(value):
    """Three digits."""
    if value >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}"


def name_of(record):
    way = peers.Way(record["peer"], record["variant"], jemalloc=record["jemalloc"])
    return str(way)


def ratio(record):
    return f"{record['ratio']:.3g}x" if "ratio" in record else ""


def best(workload, records):
    """A row a peer, a column a task and number of threads: its fastest way."""
    columns = list(dict.fromkeys((record["task"], record["threads"]) for record in records
                                 if not record["task"].endswith("_chained")))
    rows = {}
    for record in records:
        # What is chained inside a program is not a call: a row of its own, beside our chained calls.
        chained = record["task"].endswith("_chained")
        if chained and record["peer"] == peers.OURS and len({r["peer"] for r in records if r["task"] == record["task"]}) < 2:
            continue
        row = rows.setdefault(record["peer"] + (", each call needs the one before" if chained else ""), {})
        column = record["task"].removesuffix("_chained"), record["threads"]
        if column not in row or record["time"] < row[column]["time"]:
            row[column] = record

    def heading(task, threads):
        task = "" if task == "epoch" else task.replace("/", " ").replace("_", " ")
        return ", ".join(filter(None, [task, f"{threads} thread{'s' * (threads > 1)}" * (len(workload.threads) > 1)]))

    def cell(record):
        if record is None:
            return ""
        way = "" if record["variant"] == "default" else f" {record['variant']}" + " + jemalloc" * record["jemalloc"]
        return f"{number(record['time'])} {record['unit']}{', ' + ratio(record) if 'ratio' in record else ''}{way}"

    fastest = sorted(rows, key=lambda name: next(iter(rows[name].values()))["time"])
    lines = ["| | " + " | ".join(heading(*column) for column in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name in fastest:
        lines.append(f"| {name} | " + " | ".join(cell(rows[name].get(column)) for column in columns) + " |")
    return lines


def every(workload, records):
    """All ways, with what a single number leaves out."""
    losses = any("loss_100" in record for record in records)
    final = next((record["final_steps"] for record in records if "final_steps" in record), None)
    heading = ["way", "task", "threads", workload.unit, "fastest - slowest round", "ratio", "first call, s", "fresh process, s"]
    heading += ["loss after 100 steps"] * losses + [f"after {final}"] * (final is not None) + ["off the reference"]
    lines = ["<details><summary>Every way</summary>", "", "| " + " | ".join(heading) + " |", "|---" * len(heading) + "|"]
    for record in records:
        row = [name_of(record), record["task"], record["threads"], number(record["time"]),
               f"{number(record['fastest'])} - {number(record['slowest'])}", ratio(record),
               f"{record['first_call_s']:.2g}", f"{record['fresh_s']:.2g}"]
        row += [f"{record['loss_100']:.6g}"] if losses else []
        row += [f"{record['final_loss']:.4g}" if "final_loss" in record else ""] * (final is not None)
        row.append(difference(record))
        lines.append("| " + " | ".join(map(str, row)) + " |")
    return [*lines, "", "</details>"]


def difference(record):
    if "difference" not in record:
        return "not compared"
    return f"{record['difference']:.0e}" + ("" if record["same_work"] else " **not the same**")
