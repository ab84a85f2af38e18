// Data, drawing and buttons. The network is in the WebAssembly module: see `src/lib.rs`.

const MODULE = "target/wasm32-unknown-unknown/release/web.wasm";
const X = [-3, 3];
const Y = [-1.6, 1.6];
const POINTS = 150;
/// Milliseconds of training between two frames: the page stays responsive.
const SLICE = 12;
/// So few points are drawn large, over the curve.
const FEW = 50;
/// After so many epochs the training pauses.
const EPOCHS = 20_000;
/// Losses that are drawn; when there are more, every second one is dropped.
const LOSSES = 600;

const CURVES = {
    "sine": (x) => Math.sin(2 * x),
    "chirp": (x) => Math.sin((x + 3) ** 2 / 2),
    "damped wave": (x) => 1.3 * Math.exp(-0.6 * (x + 3)) * Math.cos(5 * x),
    "step": (x) => (x < -1 ? -0.8 : x < 1 ? 0.6 : -0.1),
    "kink": (x) => 1.2 - Math.abs(x),
    "only my points": null,
};

const element = (id) => document.getElementById(id);

let network;
let seed = 0;
/// The colors of the page, as a canvas takes them.
let colors = {};
let points = [];
let running = false;
let epoch = 0;
let end = EPOCHS;
/// Epochs of a slice, from how long the last one took.
let pace = 1;
/// `[epoch, mean squared error]`, every `stride` slices.
let losses = [];
let [stride, slices] = [1, 0];
let speed = NaN;

/// Uniform numbers from a seed (mulberry32), so that the page looks the same whenever it is loaded.
function generator(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
}

function addPoint(x, y) {
    points.push([x, y]);
    network.add_point(x, y);
}

/// New points of the chosen curve.
function sample() {
    const [curve, noise] = [CURVES[element("curve").value], Number(element("noise").value)];
    const uniform = generator(7);
    points = [];
    network.clear_points();
    for (let i = 0; curve && i < POINTS; i++) {
        const x = X[0] + (X[1] - X[0]) * uniform();
        const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
        addPoint(x, curve(x) + noise * normal);
    }
    show();
}

function reset() {
    network.reset(++seed);
    network.set_rate(Number(element("rate").value));
    [epoch, end, losses, stride, slices, speed] = [0, EPOCHS, [], 1, 0, NaN];
    show();
}

/// Of the network as it is.
function meanSquaredError() {
    return points.reduce((sum, [x, y]) => sum + (network.predict(x) - y) ** 2, 0) / points.length;
}

function say(text) {
    element("message").textContent = text;
}

function start() {
    if (epoch >= end) end += EPOCHS;
    running = true;
    say("");
    show();
    slice();
}

function stop() {
    running = false;
    show();
}

/// Trains for some milliseconds.
function slice() {
    if (!running) return;
    if (points.length === 0) {
        stop();
        say("There are no points yet: click into the plot.");
        return;
    }
    const count = Math.min(pace, end - epoch);
    const before = performance.now();
    const loss = 2 * network.train(count); // the library's is half of it
    const milliseconds = Math.max(performance.now() - before, 0.05);
    if (Number.isNaN(loss)) {
        stop();
        say("The training diverged: take a lower learning rate.");
        return;
    }
    epoch += count;
    const now = (1000 * count * points.length) / milliseconds;
    speed = Number.isNaN(speed) ? now : 0.9 * speed + 0.1 * now;
    pace = Math.max(1, Math.round(Math.min(2 * pace, (pace * SLICE) / milliseconds)));
    if (slices++ % stride === 0) losses.push([epoch, loss]);
    if (losses.length > LOSSES) {
        losses = losses.filter((_, i) => i % 2 === 0);
        stride *= 2;
    }
    if (epoch >= end) running = false;
    show(loss);
    requestAnimationFrame(slice);
}

/// A canvas of the size that it has on the screen, and the functions from numbers to its pixels.
function plot(id, [x0, x1], [y0, y1], margin) {
    const canvas = element(id);
    const { clientWidth: width, clientHeight: height } = canvas;
    const ratio = window.devicePixelRatio;
    [canvas.width, canvas.height] = [width * ratio, height * ratio];
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.font = getComputedStyle(document.body).font.replace(/\d+px/, "12px");
    context.lineJoin = "round";
    const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
    const toX = (x) => margin.left + ((x - x0) / (x1 - x0)) * w;
    const toY = (y) => margin.top + ((y1 - y) / (y1 - y0)) * h;
    return { context, width, height, toX, toY, right: margin.left + w, bottom: margin.top + h, left: margin.left };
}

/// They are other ones in a dark scheme.
function readColors() {
    const probe = document.createElement("span");
    document.body.append(probe);
    for (const name of ["line", "quiet", "point", "target", "curve", "loss"]) {
        probe.style.color = `var(--${name})`;
        colors[name] = getComputedStyle(probe).color;
    }
    probe.remove();
}

function line({ context, toX, toY }, points, name, width) {
    context.beginPath();
    for (const [x, y] of points) context.lineTo(toX(x), toY(y));
    context.strokeStyle = colors[name];
    context.lineWidth = width;
    context.stroke();
}

function drawGrid({ context, toX, toY, left, right, bottom }, xs, ys, nameX, nameY) {
    context.strokeStyle = colors.line;
    context.fillStyle = colors.quiet;
    context.lineWidth = 1;
    context.textAlign = "center";
    for (const x of xs) context.fillText(nameX(x), toX(x), bottom + 16);
    context.textAlign = "right";
    for (const y of ys) {
        context.beginPath();
        context.moveTo(left, Math.round(toY(y)) + 0.5);
        context.lineTo(right, Math.round(toY(y)) + 0.5);
        context.stroke();
        context.fillText(nameY(y), left - 7, toY(y) + 4);
    }
}

function range(from, to, step) {
    return Array.from({ length: Math.floor((to - from) / step + 1.001) }, (_, i) => from + i * step);
}

/// The next of 1, 2, 5, 10, 20, ..
function roundStep(least) {
    const power = 10 ** Math.floor(Math.log10(least));
    return power * [1, 2, 5, 10].find((digit) => digit * power >= least);
}

const MARGIN = { left: 36, right: 14, top: 8, bottom: 22 };

function drawFit() {
    const fit = plot("fit", X, Y, MARGIN);
    drawGrid(fit, range(-3, 3, 1), range(-1.5, 1.5, 0.5), String, (y) => y.toFixed(1));
    const { context, toX, toY } = fit;
    context.save();
    context.beginPath();
    context.rect(fit.left, 0, fit.right - fit.left, fit.bottom);
    context.clip();
    const xs = range(...X, (X[1] - X[0]) / 400);
    const curve = CURVES[element("curve").value];
    if (curve) line(fit, xs.map((x) => [x, curve(x)]), "target", 2);
    const learned = xs.map((x) => [x, network.predict(x)]);
    if (points.length < FEW) line(fit, learned, "curve", 3);
    context.fillStyle = colors.point;
    for (const [x, y] of points) {
        context.beginPath();
        context.arc(toX(x), toY(y), points.length < FEW ? 5 : 3, 0, 2 * Math.PI);
        context.fill();
    }
    if (points.length >= FEW) line(fit, learned, "curve", 3);
    context.restore();
}

function drawLosses() {
    const logs = losses.map(([epoch, loss]) => [epoch, Math.log10(Math.max(loss, 1e-9))]);
    const values = logs.map(([, log]) => log);
    const low = Math.floor(Math.min(-2, ...values));
    const high = Math.ceil(Math.max(0, ...values));
    const last = Math.max(epoch, 100);
    const plotted = plot("losses", [0, last], [low, high], { ...MARGIN, left: 42 });
    const nameX = (x) => (x < 1e4 ? String(x) : `${x / 1000}k`);
    drawGrid(plotted, range(0, last, roundStep(last / 4)), range(low, high, Math.ceil((high - low) / 5)), nameX, (y) => (y === 0 ? "1" : `1e${y}`));
    line(plotted, logs, "loss", 2);
}

function show(loss) {
    drawFit();
    drawLosses();
    element("start").textContent = running ? "Stop" : epoch > 0 ? "Continue" : "Start";
    element("progress").value = 1 - (end - epoch) / EPOCHS;
    element("epoch").textContent = epoch.toLocaleString("en");
    element("count").textContent = points.length;
    element("speed").textContent = Number.isNaN(speed) ? "–" : `${(speed / 1e6).toFixed(2)} million`;
    loss ??= meanSquaredError();
    element("loss").textContent = Number.isNaN(loss) ? "–" : loss.toExponential(2);
}

function listen() {
    element("start").addEventListener("click", () => (running ? stop() : start()));
    element("reset").addEventListener("click", reset);
    element("curve").addEventListener("input", sample);
    element("noise").addEventListener("input", sample);
    element("rate").addEventListener("input", () => network.set_rate(Number(element("rate").value)));
    element("fit").addEventListener("click", ({ offsetX, offsetY }) => {
        const { clientWidth, clientHeight } = element("fit");
        const [w, h] = [clientWidth - MARGIN.left - MARGIN.right, clientHeight - MARGIN.top - MARGIN.bottom];
        const x = X[0] + ((offsetX - MARGIN.left) / w) * (X[1] - X[0]);
        const y = Y[1] - ((offsetY - MARGIN.top) / h) * (Y[1] - Y[0]);
        addPoint(x, y);
        say("");
        show();
    });
    window.addEventListener("resize", () => show());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
        readColors();
        show();
    });
}

async function load() {
    const response = await fetch(MODULE);
    if (!response.ok) throw new Error(`${MODULE} is not there: run \`cargo build --release\` in this folder`);
    const bytes = await response.arrayBuffer();
    const { instance } = await WebAssembly.instantiate(bytes);
    network = instance.exports;
    for (const name of Object.keys(CURVES)) element("curve").append(new Option(name));
    element("params").textContent = network.param_count().toLocaleString("en");
    element("size").textContent = `${Math.round(bytes.byteLength / 1000)} kB`;
    readColors();
    listen();
    reset();
    sample();
    for (const id of ["start", "reset"]) element(id).disabled = false;
}

load().catch((error) => say(error.message));
