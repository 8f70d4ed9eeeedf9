// What charts gain with scripts on: a line under the pointer that all charts of the page share, with the values there; a stretch
// is dragged over is looked at more closely, and a double click goes back; Escape lets go. The server draws; the address says what.

import { address, show } from "./view.js";

const isShared = "[data-view] figure.chart";

/** `low high kind`, as the server has written it on the figure. */
function scale(words) {
    const [low, high, kind] = words.split(" ");
    const ends = [Number(low), Number(high)];
    const isLog = kind === "logarithm";
    return {
        kind,
        value: (part) => isLog ? 10 ** (Math.log10(ends[0]) + part * (Math.log10(ends[1]) - Math.log10(ends[0])))
            : ends[0] + part * (ends[1] - ends[0]),
        part: (value) => isLog ? (Math.log10(value) - Math.log10(ends[0])) / (Math.log10(ends[1]) - Math.log10(ends[0]))
            : (value - ends[0]) / (ends[1] - ends[0]),
    };
}

const digits = new Intl.NumberFormat("en", { maximumSignificantDigits: 4, useGrouping: false });

function words(value, kind) {
    if (kind === "time") return new Date(value).toISOString().slice(0, 19).replace("T", " ");
    if (kind === "duration") {
        const seconds = value / 1000;
        return seconds < 90 ? `${digits.format(seconds)} s` : seconds < 5400 ? `${digits.format(seconds / 60)} min` : `${digits.format(seconds / 3600)} h`;
    }
    return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential(3) : digits.format(value);
}

const plot = (figure) => figure.querySelector(":scope > svg");
const part = (figure, event) => {
    const box = plot(figure).getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
};

/** Where curves are at a place of the plot: of each the point that is nearest. */
function nearest(figure, at) {
    const found = new Map();
    for (const line of figure.querySelectorAll("polyline:not(.ground)")) {
        for (const point of line.points) {
            const distance = Math.abs(point.x - at * 1000);
            const name = line.classList[0];
            if (!found.has(name) || distance < found.get(name).distance) found.set(name, { distance, x: point.x / 1000, y: 1 - point.y / 1000 });
        }
    }
    return found;
}

/** A layer over a figure's plot, made when it is first needed; it is the script's own. */
function layer(figure) {
    let own = figure.querySelector(":scope > .pointer");
    if (!own) {
        own = document.createElement("div");
        own.className = "pointer";
        own.dataset.own = "";
        own.setAttribute("aria-hidden", "true");
        own.append(document.createElement("i"), document.createElement("b"), document.createElement("p"));
        figure.append(own);
    }
    const box = plot(figure).getBoundingClientRect();
    const frame = figure.getBoundingClientRect();
    own.style.left = `${box.left - frame.left}px`;
    own.style.top = `${box.top - frame.top}px`;
    own.style.width = `${box.width}px`;
    own.style.height = `${box.height}px`;
    return own;
}

function point(value, source) {
    for (const figure of document.querySelectorAll(`${isShared}[data-x]`)) {
        if (!plot(figure)) continue;
        const x = scale(figure.dataset.x);
        const at = x.part(value);
        const own = layer(figure);
        own.hidden = !(at >= 0 && at <= 1);
        if (own.hidden) continue;
        const y = scale(figure.dataset.y);
        own.querySelector("i").style.left = `${at * 100}%`;
        const names = [...figure.querySelectorAll(".legend li")];
        const text = [...nearest(figure, at)].map(([name, place]) => {
            const item = names.find((each) => each.classList.contains(name));
            const title = names.length > 1 ? `${item?.firstElementChild?.textContent ?? ""} ` : "";
            return `${title}${words(y.value(place.y), y.kind)}`;
        });
        const label = own.querySelector("p");
        label.textContent = figure === source ? `${words(value, x.kind)}: ${text.join(", ")}` : text.join(", ");
        label.classList.toggle("left", at > 0.5);
        label.style.left = `${at * 100}%`;
    }
}

const clear = () => document.querySelectorAll(".chart > .pointer").forEach((own) => (own.hidden = true));

let drag = null;

document.addEventListener("pointermove", (event) => {
    const figure = drag?.figure ?? event.target.closest?.(`${isShared}[data-x]`);
    if (!figure || !figure.isConnected || !plot(figure)) return drag ? undefined : clear();
    const at = part(figure, event);
    point(scale(figure.dataset.x).value(at), figure);
    if (!drag) return;
    const band = layer(figure).querySelector("b");
    band.style.left = `${Math.min(drag.at, at) * 100}%`;
    band.style.width = `${Math.abs(at - drag.at) * 100}%`;
});

document.addEventListener("pointerdown", (event) => {
    const figure = event.target.closest?.(`${isShared}[data-x]`);
    if (!figure || event.button !== 0 || !event.target.closest("svg")) return;
    event.preventDefault();
    // Its end is told of wherever it is.
    plot(figure).setPointerCapture(event.pointerId);
    drag = { figure, at: part(figure, event) };
});

document.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { figure, at } = drag;
    letGo();
    // It may have been drawn anew meanwhile, without curves.
    if (!figure.isConnected || !plot(figure)) return;
    const end = part(figure, event);
    if (Math.abs(end - at) < 0.02) return;
    const x = scale(figure.dataset.x);
    stretch(figure, x.value(Math.min(at, end)), x.value(Math.max(at, end)));
});

document.addEventListener("pointercancel", letGo);

function letGo() {
    const band = drag?.figure.querySelector(":scope > .pointer b");
    if (band) band.style.width = "0";
    drag = null;
}

/** Shows the curves from one place to another; all of them when there are none. */
function stretch(figure, from, to) {
    const form = figure.closest("[data-view]").querySelector("form");
    form.elements.from.value = from ?? "";
    form.elements.to.value = to ?? "";
    show(address(form), { push: true });
}

document.addEventListener("dblclick", (event) => {
    const figure = event.target.closest?.(isShared);
    if (figure && event.target.closest("svg")) stretch(figure);
});

document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    letGo();
    clear();
});
