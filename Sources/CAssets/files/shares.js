// Sliders beside the numbers of a form of shares: one is moved, and the others keep what they have of the rest. The server draws
// what the shares make of the manifest while they are moved.

import { make, tell } from "./dom.js";
import { address, load } from "./view.js";

const numbers = (form) => [...form.querySelectorAll("input[type=number]")];

/** A slider for each number; it shows what the number says. */
function upgrade() {
    for (const form of document.querySelectorAll("form.shares")) {
        for (const number of numbers(form)) {
            const label = number.closest("label");
            const slider = label.querySelector("input[type=range]")
                ?? label.appendChild(make("input", { type: "range", min: 0, max: 100, step: 1, "data-own": true,
                    "aria-label": `Share of ${label.dataset.key}`, value: number.value }));
            if (slider !== document.activeElement) slider.value = number.value;
        }
    }
}

/** What each had when the slider was taken hold of. */
let before = null;
let waiting = null;

document.addEventListener("input", (event) => {
    const form = event.target.closest("form.shares");
    if (!form || event.target.type !== "range") return;
    const fields = numbers(form);
    before ??= fields.map((field) => field.valueAsNumber || 0);
    const moved = fields.indexOf(event.target.closest("label").querySelector("input[type=number]"));
    const shares = divide(before, moved, event.target.valueAsNumber);
    fields.forEach((field, place) => {
        field.value = shares[place];
        if (place !== moved) field.closest("label").querySelector("input[type=range]").value = shares[place];
    });
    // As it moves, but not more often than can be looked at.
    waiting ??= setTimeout(() => { waiting = null; load(address(form)).catch((error) => tell(error.message)); }, 120);
});

/** A slider was let go. Where that has changed something view.js draws what it came to, and the address says it. */
function settle(event) {
    if (event.target.type !== "range" || !event.target.closest("form.shares")) return;
    before = null;
    if (event.type !== "change") return;
    clearTimeout(waiting);
    waiting = null;
}

for (const kind of ["change", "pointerup", "keyup", "focusout"]) document.addEventListener(kind, settle);

/** The rest of 100 to the others as they had it, in whole percents. */
function divide(shares, moved, value) {
    const rest = shares.reduce((sum, share, place) => place === moved ? sum : sum + share, 0);
    const exact = shares.map((share, place) => place === moved ? value
        : rest > 0 ? (100 - value) * share / rest : (100 - value) / (shares.length - 1));
    const whole = exact.map(Math.floor);
    const order = exact.map((share, place) => place).filter((place) => place !== moved)
        .sort((a, b) => (exact[b] - whole[b]) - (exact[a] - whole[a]));
    let missing = 100 - whole.reduce((sum, share) => sum + share, 0);
    for (let turn = 0; missing > 0 && order.length > 0; turn++, missing--) whole[order[turn % order.length]]++;
    return whole;
}

upgrade();
document.addEventListener("martlet:drawn", upgrade);
