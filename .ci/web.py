#!/usr/bin/env python3
"""Builds `examples/web`, opens it in headless Chromium, and trains the network in it.

    python3 .ci/web.py
    python3 .ci/web.py --screenshots DIR    # keeps pictures of the page

Says `NOT RUN` where Chromium or the target is missing.
"""

import argparse
import base64
import contextlib
import functools
import gzip
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

from report import ROOT, TARGET, check, finish, missing

EXAMPLE = ROOT / "examples" / "web"
WASM = "wasm32-unknown-unknown"
# As in the example's `.cargo/config.toml`.
SIMD128 = "-C target-feature=+simd128"
# Where the page looks for it.
MODULE = pathlib.Path("target", WASM, "release", "web.wasm")
MAX_KILOBYTES = 60
CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def cargo(*arguments, flags):
    """In the example's own workspace."""
    environment = dict(os.environ, CARGO_TARGET_DIR=str(TARGET / "web"), RUSTFLAGS=flags)
    if subprocess.run(["cargo", *arguments], cwd=EXAMPLE, env=environment).returncode:
        sys.exit(f"failed: cargo {' '.join(arguments)}")


def build(flags):
    """The module, compiled with these flags, as bytes."""
    cargo("build", "--release", "--locked", "--target", WASM, flags=flags)
    return (TARGET / "web" / WASM / "release" / "web.wasm").read_bytes()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@contextlib.contextmanager
def serve(folder):
    handler = functools.partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("localhost", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


class Browser:
    """A session of ChromeDriver, by the WebDriver protocol."""

    def __init__(self, driver, profile):
        self.driver = driver
        options = {"args": [*CHROMIUM, f"--user-data-dir={profile}", "--window-size=1280,900"]}
        capabilities = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        created = self.post("/session", {"capabilities": {"alwaysMatch": capabilities}})
        self.session = f"/session/{created['sessionId']}"

    def post(self, path, body):
        request = urllib.request.Request(self.driver + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            sys.exit(f"ChromeDriver: {error.read().decode()}")

    def open(self, url):
        self.post(f"{self.session}/url", {"url": url})

    def run(self, script):
        return self.post(f"{self.session}/execute/sync", {"script": script, "args": []})

    def text(self, name):
        return self.run(f"return document.getElementById('{name}').textContent")

    def number(self, name):
        return float(self.text(name).replace(",", ""))

    def click(self, name):
        self.run(f"document.getElementById('{name}').click()")

    def choose(self, name, value):
        self.run(f"const it = document.getElementById('{name}'); it.value = '{value}'; it.dispatchEvent(new Event('input'))")

    def darken(self):
        media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
        self.post(f"{self.session}/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": media})

    def resize(self, width, height):
        self.post(f"{self.session}/window/rect", {"width": width, "height": height})

    def wait(self, condition, seconds=30):
        """Whether it comes true in time."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if condition():
                return True
            time.sleep(0.05)
        return False

    def faults(self):
        log = self.post(f"{self.session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in log]

    def picture(self, path):
        request = self.driver + f"{self.session}/screenshot"
        with urllib.request.urlopen(request, timeout=60) as response:
            path.write_bytes(base64.b64decode(json.load(response)["value"]))

    def close(self):
        request = urllib.request.Request(self.driver + self.session, method="DELETE")
        urllib.request.urlopen(request, timeout=60).close()


@contextlib.contextmanager
def browse(folder):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}", "--silent"], stdout=subprocess.DEVNULL)
    try:
        url = f"http://localhost:{port}"
        for _ in range(100):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/status", timeout=5):
                break
            time.sleep(0.1)
        browser = Browser(url, pathlib.Path(folder, "profile"))
        try:
            yield browser
        finally:
            browser.close()
    finally:
        driver.terminate()
        driver.wait()


def try_page(browser, url, pictures):
    browser.open(url)
    check(browser.wait(lambda: browser.run("return !document.getElementById('start').disabled")), "the page loads the module")
    check(browser.number("count") == 150, "it begins with points of a curve")

    first = browser.number("loss")
    browser.click("start")
    check(browser.text("start") == "Stop", "it is training")
    check(browser.wait(lambda: browser.number("epoch") >= 2000), "it makes 2000 epochs")
    browser.click("start")
    epochs, last = browser.number("epoch"), browser.number("loss")
    print(f"{epochs:.0f} epochs: {first} -> {last}, {browser.text('speed')} samples a second")
    check(last < 0.1 * first and last < 0.02, "the loss falls")
    time.sleep(0.2)
    check(browser.number("epoch") == epochs, "it stops")
    pictures and browser.picture(pictures / "trained.png")

    browser.click("start")
    check(browser.wait(lambda: browser.number("epoch") > epochs), "it continues")
    browser.click("reset")
    check(browser.number("epoch") < epochs and browser.text("start") == "Stop", "it starts anew")
    browser.choose("curve", "only my points")
    check(browser.wait(lambda: "no points" in browser.text("message")), "it says that there are no points, and stops")
    browser.run(
        "const canvas = document.getElementById('fit');"
        "const { left, top, width, height } = canvas.getBoundingClientRect();"
        "for (const [x, y] of [[0.2, 0.3], [0.35, 0.7], [0.5, 0.3], [0.65, 0.7], [0.8, 0.5]])"
        "    canvas.dispatchEvent(new MouseEvent('click', { clientX: left + x * width, clientY: top + y * height }));"
    )
    check(browser.number("count") == 5, "a click adds a point")
    browser.click("reset")
    browser.click("start")
    browser.darken()
    check(browser.wait(lambda: browser.number("epoch") >= 20_000), "it pauses after 20 000 epochs")
    check(browser.number("loss") < 1e-3 and browser.text("start") == "Continue", "it learns these points")
    browser.resize(420, 1400)
    check(browser.run("return document.documentElement.scrollWidth <= window.innerWidth"), "it fits on a small screen")
    pictures and browser.picture(pictures / "small.png")
    faults = browser.faults()
    check(not faults, f"nothing is wrong in the console {faults or ''}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--screenshots", type=pathlib.Path, metavar="DIR", help="where to put pictures of the page")
    pictures = parser.parse_args().screenshots
    if missing("the web page", target=WASM):
        return
    cargo("fmt", "--check", flags="")
    cargo("clippy", "--release", "--locked", "--target", WASM, "--", "-D", "warnings", flags=SIMD128)
    modules = {"without vectors": build(""), "with simd128": build(SIMD128)}
    for name, module in modules.items():
        kilobytes = len(gzip.compress(module)) / 1000
        print(f"web.wasm {name}: {len(module) / 1000:.1f} kB, gzipped {kilobytes:.1f} kB")
        check(kilobytes < MAX_KILOBYTES, f"{name} it has less than {MAX_KILOBYTES} kB")
    if not missing("the web page in a browser", "chromium", "chromedriver"):
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            site = pathlib.Path(folder, "site")
            (site / MODULE).parent.mkdir(parents=True)
            for file in ["index.html", "page.js"]:
                shutil.copy(EXAMPLE / file, site)
            (site / MODULE).write_bytes(modules["with simd128"])
            with serve(site) as url, browse(folder) as browser:
                try_page(browser, url, pictures)
    finish()


if __name__ == "__main__":
    main()
