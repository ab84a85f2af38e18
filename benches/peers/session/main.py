"""The command line, and the order of a session."""
import argparse
import datetime
import json
import os
import shlex
import sys
import time
from pathlib import Path

from . import peers, setup

SUBSET = setup.ROOT / "examples" / "lenet_mnist" / "mnist"


def arguments():
    workloads, names = peers.names()
    parser = argparse.ArgumentParser(
        prog="run.py", description="Measure simplechain beside its peers, in turn, on the same data and work.",
        epilog=f"NAME is one of the workloads {', '.join(workloads)} or of the peers {', '.join(names)}.")
    parser.add_argument("--quick", action="store_true", help="one way for each peer, fewer rounds: minutes")
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="only this workload or peer; may be given several times")
    parser.add_argument("--mnist", type=Path, default=SUBSET, metavar="DIR",
                        help="the files of MNIST; without, the subset of the example (4000 images)")
    parser.add_argument("--out", type=Path, default=setup.WORK / "results", metavar="DIR",
                        help="for results.json, tables.md and the plots [default: target/peers/results]")
    args = parser.parse_args()
    for name in args.only:
        if name.lower() not in {known.lower() for known in (*workloads, *names)}:
            parser.error(f"no workload or peer `{name}`; there are {', '.join((*workloads, *names))}")
    if not args.mnist.is_dir():
        parser.error(f"--mnist: no directory {args.mnist}")
    return args


def chosen(args):
    """[(workload, ways)]; a peer is measured beside us."""
    only = {name.lower() for name in args.only}
    workloads, names = ({name.lower() for name in kind} & only for kind in peers.names())
    for workload in peers.WORKLOADS:
        ways = [way for way in workload.ways if not names or way.peer.lower() in names]
        if not ways or workloads and workload.name not in workloads:
            continue
        ways = [way for way in workload.ways if way.peer == peers.OURS or way in ways]
        yield workload, [way for way in ways if way.quick or not args.quick]


def main():
    args = arguments()
    setup.in_environment()
    from . import data, measure, plots, report

    begin = time.monotonic()

    def log(text):
        print(f"{time.monotonic() - begin:6.0f} s  {text}", flush=True)

    plan = list(chosen(args))
    wanted = dict.fromkeys(way.peer for workload, ways in plan
                           for way in (*ways, *workload.references))
    commands = setup.build(wanted)
    log("writing the inputs")
    images = data.write(setup.WORK / "data", args.mnist)
    session = measure.Session(commands, setup.WORK / "data", images, args.quick, log)
    for workload, ways in plan:
        session.run(workload, ways)

    results = {
        "date": datetime.date.today().isoformat(),
        "command": shlex.join(["python3", os.path.relpath(sys.argv[0], setup.ROOT), *sys.argv[1:]]),
        "commit": setup.commit(), "machine": setup.machine(), "versions": session.versions, "images": images,
        "minutes": round((time.monotonic() - begin) / 60, 1),
        "records": session.records, "skipped": session.skipped,
    }
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    tables = report.tables(results)
    (args.out / "tables.md").write_text(tables)
    print("\n" + tables)
    for name in ("results.json", "tables.md", *plots.draw(results, args.out)):
        log(f"wrote {args.out / name}")
    different = [record for record in session.records if not record.get("same_work", True)]
    return 1 if different else 0
