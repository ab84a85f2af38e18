"""What must be there before anything is measured: an environment for Python, the programs, and what the machine is."""
import ctypes.util
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from . import peers

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "peers"


def in_environment():
    """Goes on in the virtual environment, which is made first if it is not there."""
    venv = WORK / "venv"
    requirements = HERE / "requirements.txt"
    python = venv / "bin" / "python"
    stamp = venv / "requirements.sha256"
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making {venv.relative_to(ROOT)} and installing requirements.txt (minutes, some GB)", flush=True)
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        if subprocess.run([*install, "-r", requirements]).returncode:
            lines = [line for line in requirements.read_text().splitlines() if line and line[0] != "#"]
            for line in lines:  # one that fails costs no other
                if subprocess.run([*install, line]).returncode:
                    print(f"{line}: not installed", flush=True)
        stamp.write_text(wanted)
    if Path(sys.prefix) != venv:
        os.execv(python, [python, *sys.argv])


def build(wanted):
    """{peer: command of its worker, or why there is none} for the peers that are wanted."""
    return {peer: builder(peer)(peer) for peer in wanted}


def builder(peer):
    if peer in peers.RUST:
        return rust
    if peer in peers.CPP:
        return cpp
    return julia if peer == peers.JULIA else python


def rust(peer):
    binary = {"plain Rust": "plain"}.get(peer, peer)
    print(f"building {peer}", flush=True)
    command = ["cargo", "build", "--quiet", "--release", "--locked", "--bin", binary]
    if binary not in (peers.OURS, "plain"):
        command += ["--features", binary]
    target = WORK / "rust"
    environment = os.environ | {"CARGO_TARGET_DIR": str(target)}
    if shutil.which("cargo") is None:
        return "cargo not found"
    if subprocess.run(command, cwd=HERE / "rust", env=environment).returncode:
        return "does not build"
    return [target / "release" / binary]


def cpp(peer):
    compiler = peers.CPP[peer]
    if shutil.which(compiler) is None:
        return f"{compiler} not found"
    program = WORK / f"matrix_exponential_{compiler}"
    flags = ["-std=c++20", "-O3", "-march=native", "-ffast-math",
             "-mprefer-vector-width=512", "-pthread"]
    command = [compiler, *flags, HERE / "cpp" / "matrix_exponential.cpp", "-o", program]
    return [program] if subprocess.run(command).returncode == 0 else f"{compiler} fails"


def julia(_):
    if shutil.which("julia") is None:
        return "julia not found"
    command = ["julia", f"--project={HERE / 'julia'}", HERE / "julia" / "worker.jl"]
    if subprocess.run([*command[:2], "-e", "import SimpleChains"], stderr=subprocess.DEVNULL).returncode:
        return f"not installed: julia --project={HERE.relative_to(ROOT)}/julia -e 'import Pkg; Pkg.instantiate()'"
    return command


def python(peer):
    module = peers.PYTHON[peer]
    if subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode:
        return f"{module} not installed"
    return [sys.executable, module]


def jemalloc():
    """The path of the library, or None."""
    name = ctypes.util.find_library("jemalloc")
    places = [Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/local/lib")]
    found = [place / name for place in places if name and (place / name).exists()]
    return found[0] if found else None


def commit():
    """Of this repository; empty where there is no git."""
    try:
        done = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def machine():
    """What to write beside the figures."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.split()
    return {
        "cpu": model,
        "cpus": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "rustc": rustc[1] if len(rustc) > 1 else "",
        "python": platform.python_version(),
        "jemalloc": str(jemalloc() or ""),
    }
