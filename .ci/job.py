#!/usr/bin/env python3
"""Runs the script for Slurm of `examples/population_sharded` as a job array would, and the container's command of its manifest as an Indexed Job.

    python3 .ci/job.py

There is no cluster here: tasks and pods are processes with the environment that they would have, of which some pods are killed and one is started twice.
The manifest is checked by the schema of Kubernetes, that of `kubernetes_validate` on PyPI. Says `NOT RUN` where that cannot be had.
"""

import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time

from report import PROGRAMS, ROOT, build_programs, check, environment, finish

PACKAGE = "population_sharded"
MANIFEST = ROOT / "examples" / PACKAGE / "job.yaml"
SCRIPT = ROOT / "examples" / PACKAGE / "slurm.sh"
KILLS = 12
# Prints the manifest as JSON if it is valid, with no field that the schema does not know.
VALIDATE = """
import json, sys, yaml, kubernetes_validate as schema
manifest = yaml.safe_load(open(sys.argv[1]))
print("Kubernetes", schema.validate(manifest, schema.latest_version(), strict=True), file=sys.stderr)
print(json.dumps(manifest))
"""


def read(python):
    """The manifest, if it is valid."""
    done = subprocess.run([python, "-c", VALIDATE, MANIFEST], stdout=subprocess.PIPE, text=True)
    check(done.returncode == 0, f"{MANIFEST.name} is what Kubernetes takes")
    return json.loads(done.stdout) if done.returncode == 0 else None


class Job:
    """The controller of an Indexed Job, with this directory as its volume."""

    def __init__(self, manifest, directory):
        self.spec = manifest["spec"]
        pod = self.spec["template"]["spec"]
        [container] = pod["containers"]
        [mount] = container["volumeMounts"]
        program, *arguments = container["command"]
        arguments = [str(directory) if argument == mount["mountPath"] else argument for argument in arguments]
        self.command = [PROGRAMS / program, *arguments]
        self.variables = {variable["name"]: variable["value"] for variable in container["env"]}
        self.restarts = pod["restartPolicy"] == "OnFailure"
        self.failures = 0

    def start(self, index):
        variables = dict(self.variables, JOB_COMPLETION_INDEX=str(index))
        return subprocess.Popen(self.command, env=variables, stdout=subprocess.DEVNULL)

    def run(self, kills):
        """Runs all pods, and kills some; returns whether all indices have succeeded."""
        draw = random.Random(0)
        waiting = list(range(self.spec["completions"]))
        # Kubernetes may start a second pod of an index.
        running = [(0, self.start(0))]
        while waiting or running:
            while waiting and len(running) < self.spec["parallelism"]:
                running.append((waiting[0], self.start(waiting.pop(0))))
            time.sleep(0.05)
            if kills:
                kills -= 1
                draw.choice(running)[1].kill()
            ended = [(index, pod) for index, pod in running if pod.poll() is not None]
            running = [(index, pod) for index, pod in running if pod.returncode is None]
            for index, pod in ended:
                if pod.returncode:
                    self.failures += 1
                    waiting.append(index)
            if self.failures > self.spec["backoffLimit"] or self.failures and not self.restarts:
                for _, pod in running:
                    pod.kill()
                return False
        return True


def merge(directory):
    csv = directory / "subjects.csv"
    command = [PROGRAMS / PACKAGE, "merge", "--directory", directory, "--csv", csv]
    done = subprocess.run(command, stdout=subprocess.DEVNULL)
    return csv.read_text() if done.returncode == 0 else None


def job_array(directory):
    """Runs all tasks of the script for Slurm, one after the other, in a directory with what it needs of a checkout. Where the results are, and the
    number of fits that each task made."""
    program = directory / "target" / "release" / PACKAGE
    program.parent.mkdir(parents=True)
    program.symlink_to((PROGRAMS / PACKAGE).absolute())
    script = SCRIPT.read_text()
    [first, last] = re.search(r"^#SBATCH --array=(\d+)-(\d+)$", script, re.MULTILINE).groups()
    tasks = range(int(first), int(last) + 1)
    fits = []
    for task in tasks:
        variables = {
            "SLURM_JOB_ID": str(100 + task),
            "SLURM_ARRAY_JOB_ID": "100",
            "SLURM_ARRAY_TASK_ID": str(task),
            "SLURM_ARRAY_TASK_MIN": first,
            "SLURM_ARRAY_TASK_MAX": last,
            "SLURM_ARRAY_TASK_COUNT": str(len(tasks)),
            "SLURM_ARRAY_TASK_STEP": "1",
            "SLURM_CPUS_PER_TASK": "1",
        }
        done = subprocess.run(["bash", SCRIPT], cwd=directory, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True)
        fits += map(int, re.findall(rf"^shard {task} of {len(tasks)}: (\d+) fits", done.stdout, re.MULTILINE))
    return directory / "results", fits


def indexed_job(manifest, directory, expected):
    job = Job(manifest, directory)
    check(job.run(KILLS), "all indices of the job succeed")
    check(job.failures > 0, f"after {job.failures} pods were killed")
    check(merge(directory) == expected, "their results are those of one process")


def main():
    build_programs()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([PROGRAMS / PACKAGE, "fit", "--directory", folder / "one"], check=True, stdout=subprocess.DEVNULL)
        expected = merge(folder / "one")
        check(bool(expected), "results of one process")
        results, fits = job_array(folder / "slurm")
        subjects = expected.count("\n") - 1
        check(sum(fits) == subjects, f"{len(fits)} tasks of the job array made {min(fits)} to {max(fits)} of {subjects} fits each")
        check(merge(results) == expected, "their results are those of one process")
        python = environment("the manifest for Kubernetes", "kubernetes_validate")
        if manifest := python and read(python):
            indexed_job(manifest, folder / "several", expected)
    finish()


if __name__ == "__main__":
    sys.exit(main())
