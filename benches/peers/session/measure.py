"""Workers are started one after the other, checked, and then asked in turn, round by round."""
import json
import os
import statistics
import subprocess
import tempfile
import time

from . import peers, setup


SETTLE = 0.01  # seconds, in which the threads of the peer before give up waiting for more work


class Failure(Exception):
    """Why a worker gave nothing."""


class Worker:
    """A process that does one workload in one way."""

    def __init__(self, command, workload, way, threads, data):
        if len(command) == 1:
            program = [command[0], workload]
        elif way.peer == peers.JULIA:
            program = [*command, workload]
        else:
            script = setup.HERE / "python" / f"{workload}_{command[1]}.py"
            program = [command[0], script, workload]
        environment = os.environ | {"RAYON_NUM_THREADS": str(threads), "JULIA_NUM_THREADS": str(threads),
                                    "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": str(threads)}
        if way.jemalloc:
            environment["LD_PRELOAD"] = str(setup.jemalloc())
        options = ["--data", data, "--threads", str(threads), "--variant", way.variant]
        self.errors = tempfile.TemporaryFile("w+")
        self.way = way
        begin = time.monotonic()
        self.process = subprocess.Popen([*program, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.errors, text=True, env=environment)
        self.hello = self.answer()
        # From a fresh process to the end of the first call, data included.
        self.fresh_s = time.monotonic() - begin

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            # A panic's message is before its notes.
            lines = [line.strip() for line in self.errors if line.strip() and not line.startswith("note:")]
            # Julia's is the first, before where it happened.
            said = [line for line in lines if line.startswith("ERROR:")][:1] or lines[-1:]
            raise Failure(said[0] if said else f"ended with {self.process.returncode}")
        return json.loads(line)

    def ask(self, request, task, number):
        try:
            print(request, task, number, file=self.process.stdin, flush=True)
        except BrokenPipeError:
            pass  # what is read says why
        return self.answer()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Session:
    """Measures, and collects a record for every workload, task, number of threads and way."""

    def __init__(self, commands, data, images, quick, log):
        self.commands, self.data, self.images, self.quick, self.log = commands, data, images, quick, log
        self.records, self.skipped, self.versions = [], [], {}

    def start(self, workload, way, threads):
        command = self.commands.get(way.peer, "not wanted")
        if way.jemalloc and setup.jemalloc() is None:
            command = "jemalloc not found"
        if isinstance(command, str):
            raise Failure(command)
        return Worker(command, workload.name, way, threads, self.data)

    def run(self, workload, ways):
        references = self.references(workload)
        for threads in workload.threads:
            workers = []
            for way in ways:
                workers += self.started(workload, way, threads)
            if self.quick:
                workers += self.stand_ins(workload, ways, threads, workers)
            try:
                self.compare(workload, threads, workers, references)
            finally:
                for worker in workers:
                    worker.close()

    def started(self, workload, way, threads):
        """Its worker, if it starts."""
        self.log(f"{workload.name}, {threads} thread{'s' * (threads > 1)}: starting {way}")
        try:
            return [self.start(workload, way, threads)]
        except Failure as failure:
            self.skip(workload, way, failure)
            return []

    def stand_ins(self, workload, ways, threads, workers):
        """Of every peer whose ways in a quick session do not start (without jemalloc, say), the next way that does."""
        for peer in dict.fromkeys(way.peer for way in ways):
            if isinstance(self.commands.get(peer), str) or any(worker.way.peer == peer for worker in workers):
                continue
            for way in workload.ways:
                if way.peer == peer and way not in ways:
                    self.log(f"{workload.name}: {way} in its place")
                    if found := self.started(workload, way, threads):
                        yield from found
                        break

    def skip(self, workload, way, why):
        self.log(f"{workload.name}: {way} left out: {why}")
        self.skipped.append({"workload": workload.name, "way": str(way), "why": str(why)})

    def references(self, workload):
        """{(task, steps): numbers} in float64."""
        numbers = {}
        for way in workload.references:
            try:
                worker = self.start(workload, way, 1)
            except Failure as failure:
                self.skip(workload, way, f"no reference to compare with: {failure}")
                continue
            numbers |= {(task, steps): worker.ask("check", task, steps)["values"]
                        for task in worker.hello["tasks"] for steps in workload.checks}
            worker.close()
        return numbers

    def compare(self, workload, threads, workers, references):
        records = {}
        for worker in list(workers):
            self.versions |= {name: version.strip() for name, version in worker.hello["versions"].items()}
            try:
                for task in worker.hello["tasks"]:
                    records[worker, task] = self.check(workload, threads, worker, task, references)
            except Failure as failure:
                self.drop(workload, workers, worker, failure)

        tasks = dict.fromkeys(task for worker in workers for task in worker.hello["tasks"])
        budget, rounds = workload.seconds[self.quick], workload.rounds[self.quick]
        for round in range(rounds):
            self.log(f"{workload.name}, {threads} thread{'s' * (threads > 1)}: round {round + 1} of {rounds}")
            for task in tasks:
                for worker in [worker for worker in workers if task in worker.hello["tasks"]]:
                    time.sleep(SETTLE)
                    try:
                        seconds = worker.ask("measure", task, budget)["seconds"]
                        records[worker, task]["rounds"].append(statistics.median(seconds))
                    except Failure as failure:
                        self.drop(workload, workers, worker, failure)
        ours = {task: record["rounds"] for (worker, task), record in records.items() if worker.way.peer == peers.OURS}
        for (worker, task), record in records.items():
            if worker in workers:
                self.finish(workload, record, ours.get(task))

    def drop(self, workload, workers, worker, failure):
        self.skip(workload, worker.way, failure)
        workers.remove(worker)

    def check(self, workload, threads, worker, task, references):
        way = worker.way
        record = {"workload": workload.name, "task": task, "threads": threads, "peer": way.peer,
                  "variant": way.variant, "jemalloc": way.jemalloc, "first_call_s": worker.hello["first_call_s"], "fresh_s": worker.fresh_s,
                  "rounds": []}
        differences = []
        for steps in workload.checks:
            values = worker.ask("check", task, steps)["values"]
            # A chained task computes what the plain one does.
            reference = references.get((task.removesuffix("_chained"), steps))
            if workload.final:
                record[f"loss_{steps}"] = values[0]
            if reference is None and not workload.references:
                reference = references.setdefault((task, steps), values)
            if reference and way.comparable:
                scale = max(map(abs, reference))
                differences.append(max(abs(a - b) for a, b in zip(values, reference, strict=True)) / scale)
        if differences:
            record["difference"] = max(differences)
            record["same_work"] = record["difference"] <= workload.tolerance
            if not record["same_work"]:
                self.log(f"{workload.name}: {way} differs from the reference by {record['difference']:.1e} in {task}")
        if workload.final and not self.quick and threads == workload.threads[0]:
            record["final_steps"] = workload.final
            record["final_loss"] = worker.ask("check", task, workload.final)["values"][0]
        return record

    def finish(self, workload, record, ours):
        """`ours` are the seconds of our rounds."""
        seconds, items = record.pop("rounds"), self.images if workload.name == "lenet" else 1
        scale = workload.scale / items
        record |= {"unit": workload.unit, "time": statistics.median(seconds) * scale,
                   "fastest": min(seconds) * scale, "slowest": max(seconds) * scale}
        if ours:
            # Round by round, so that what slows the whole machine down does not count.
            record["ratio"] = statistics.median(peer / us for peer, us in zip(seconds, ours))
        self.records.append(record)
