#!/usr/bin/env python3
"""Checks the manifest of `examples/population_sharded` by the schema of Kubernetes, and runs its container's command as an Indexed Job would.

    python3 .ci/job.py

There is no cluster here: the pods are processes with the container's environment, of which some are killed and one is started twice.
The schema is that of `kubernetes_validate` on PyPI. Says `NOT RUN` where that cannot be had.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

from report import PROGRAMS, ROOT, build_programs, check, environment, finish

PACKAGE = "population_sharded"
MANIFEST = ROOT / "examples" / PACKAGE / "job.yaml"
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


def main():
    python = environment("the manifest for Kubernetes", "kubernetes_validate")
    manifest = python and read(python)
    if manifest:
        build_programs()
        with tempfile.TemporaryDirectory() as folder:
            one, several = pathlib.Path(folder, "one"), pathlib.Path(folder, "several")
            fit = [PROGRAMS / PACKAGE, "fit", "--directory", one]
            subprocess.run(fit, check=True, stdout=subprocess.DEVNULL)
            job = Job(manifest, several)
            check(job.run(KILLS), "all indices of the job succeed")
            check(job.failures > 0, f"after {job.failures} pods were killed")
            check(merge(several) == merge(one) is not None, "their results are those of one process")
    finish()


if __name__ == "__main__":
    sys.exit(main())
