#!/usr/bin/env python3
"""What examples and trainings do when something fails around them: a closed pipe, Ctrl-C, no memory, no space on the disk.

    python3 .ci/faults.py
"""

import json
import os
import pty
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from report import EXAMPLES, PROGRAMS, ROOT, TARGET, build_programs, check, finish, not_run

# Short enough here; those that print while they train are long enough to see the end of the pipe.
SHORT = {
    "matrix_exponential": ["--epochs", "5", "--rounds", "3", "--samples", "100"],
    "lenet_mnist": ["--epochs", "1"],
    "neural_ode": ["--steps", "20"],
    "lotka_volterra_ude": ["--adam", "5", "--lbfgs", "5"],
    "policy_kHz": ["--train", "2", "--ticks", "100"],
    "pinn_burgers": ["--steps", "3", "--points", "20"],
    "optimizers": ["--seconds", "0.05"],
}
# The same for examples that are packages; the last is a workspace of its own.
PACKAGES = {
    "with_argmin": [],
    "with_basin": [],
    "with_levenberg_marquardt": [],
    "population_pk": ["--subjects", "8", "--steps", "2"],
    "tabular_csv": ["--epochs", "2"],
}
DIFFSOL = TARGET / "neural_ode_diffsol" / "debug" / "neural-ode-diffsol"


def build():
    build_programs()
    command = ["cargo", "build", "--manifest-path", "examples/neural_ode_diffsol/Cargo.toml", "--locked"]
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "neural_ode_diffsol"))
    subprocess.run(command, cwd=ROOT, check=True, env=environment)


def closed_pipe(program, arguments):
    """Nobody reads: the pipe is closed before the first line."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([program, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    check(done.returncode == 0 and not done.stderr, f"{program.name} with a closed pipe ends in silence {done.stderr[:200]}")


def full_output(name, arguments):
    with open("/dev/full", "w") as full:
        done = subprocess.run([EXAMPLES / name, *arguments], stdout=full, stderr=subprocess.PIPE, text=True)
    check(done.returncode == 1 and "No space left" in done.stderr and "panicked" not in done.stderr, f"{name} on a full device says so")


def interrupted(program, arguments, seconds):
    """Ctrl-C on a terminal after some seconds: exit code, what the terminal shows, and whether its settings are as before."""
    master, slave = pty.openpty()
    before = subprocess.run(["stty", "-a"], stdin=slave, capture_output=True).stdout
    process = subprocess.Popen([program, *arguments], stdin=slave, stdout=slave, stderr=slave, env=dict(os.environ, TERM="xterm"))
    shown, start, is_pressed = b"", time.monotonic(), False
    os.set_blocking(master, False)
    while process.poll() is None and time.monotonic() < start + 120:
        if not is_pressed and time.monotonic() > start + seconds:
            process.send_signal(signal.SIGINT)
            is_pressed = True
        try:
            shown += os.read(master, 1 << 16)
        except BlockingIOError:
            time.sleep(0.01)
    if process.poll() is None:
        process.kill()
    code = process.wait()
    try:
        shown += os.read(master, 1 << 16)
    except OSError:
        pass
    after = subprocess.run(["stty", "-a"], stdin=slave, capture_output=True).stdout
    os.close(slave)
    os.close(master)
    text = shown.decode(errors="replace")
    is_restored = before == after and text.count("\x1b[?25l") <= text.count("\x1b[?25h")
    return code, text, is_restored


def interrupts(directory):
    saved = directory / "losses.json"
    arguments = ["--epochs", "10000000", "--rounds", "1", "--samples", "1000", "--threads", "2", "--json", str(saved)]
    code, _, is_restored = interrupted(EXAMPLES / "matrix_exponential", arguments, 2)
    check(code == 130 and is_restored, f"matrix_exponential, Ctrl-C: exit code {code}, terminal as before")
    check(json.loads(saved.read_text())["epochs"] > 0, "matrix_exponential, Ctrl-C: the results until then are written")

    kept = ["--checkpoints", str(directory / "lenet"), "--threads", "2"]
    code, _, is_restored = interrupted(EXAMPLES / "lenet_mnist", [*kept, "--epochs", "100000"], 3)
    check(code == 130 and is_restored, f"lenet_mnist, Ctrl-C: exit code {code}, terminal as before")
    names = [path.name for path in (directory / "lenet").iterdir()]
    check(any(name.endswith(".safetensors") for name in names), "lenet_mnist, Ctrl-C: a checkpoint is there")
    code, text, _ = interrupted(EXAMPLES / "lenet_mnist", [*kept, "--epochs", "100000"], 3)
    check(code == 130 and "goes on from" in text, "lenet_mnist goes on from it")

    network = directory / "houses.safetensors"
    arguments = ["--epochs", "10000000", "--patience", "4000000000", "--threads", "2", "--save", str(network)]
    code, text, is_restored = interrupted(PROGRAMS / "tabular_csv", arguments, 2)
    check(code == 130 and is_restored, f"tabular_csv, Ctrl-C: exit code {code}, terminal as before")
    check(network.exists(), "tabular_csv, Ctrl-C: the network is saved")


def no_memory(directory):
    """The address space is limited below what the data take: an allocation that fails aborts a Rust program, with a message."""
    program = EXAMPLES / "matrix_exponential"
    arguments = ["--samples", "10000000", "--epochs", "1", "--rounds", "1", "--threads", "1"]
    command = ["sh", "-c", 'ulimit -c 0; ulimit -v 300000; exec "$0" "$@"', program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    is_said = "memory allocation of" in done.stderr and "panicked" not in done.stderr
    check(done.returncode == -signal.SIGABRT and is_said, f"no memory for the data: {done.stderr.strip()[:100]}")


def full_disk(directory):
    """Checkpoints on a file system of 64 KB."""
    place = directory / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    try:
        is_mounted = subprocess.run(mount, capture_output=True).returncode == 0
    except FileNotFoundError:
        is_mounted = False
    if not is_mounted:
        return not_run("checkpoints on a full disk", "only root may mount a small file system")
    try:
        command = [EXAMPLES / "lenet_mnist", "--epochs", "1", "--checkpoints", place / "run"]
        done = subprocess.run(command, capture_output=True, text=True)
        check(done.returncode == 1 and "space" in done.stderr, f"a full disk: {done.stderr.strip()[:160]}")
        check(not list((place / "run").iterdir()), "a full disk: nothing half-written is left")
    finally:
        subprocess.run(["umount", place], check=True)


def main():
    build()
    for name, arguments in SHORT.items():
        closed_pipe(EXAMPLES / name, arguments)
    for name, arguments in PACKAGES.items():
        closed_pipe(PROGRAMS / name, arguments)
    closed_pipe(DIFFSOL, ["--steps", "1"])
    full_output("matrix_exponential", SHORT["matrix_exponential"])
    with tempfile.TemporaryDirectory() as directory:
        interrupts(Path(directory))
        no_memory(Path(directory))
        full_disk(Path(directory))
    finish()


if __name__ == "__main__":
    main()
